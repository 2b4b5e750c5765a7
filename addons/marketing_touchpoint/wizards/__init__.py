from . import marketing_touchpoint_import
