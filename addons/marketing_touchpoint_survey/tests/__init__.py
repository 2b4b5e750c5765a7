from . import test_touchpoint_survey
