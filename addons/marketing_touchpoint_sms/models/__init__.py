from . import marketing_touchpoint
