from . import event_registration, marketing_touchpoint
