from . import test_touchpoint_sms
