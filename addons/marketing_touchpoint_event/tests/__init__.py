from . import test_touchpoint_event
