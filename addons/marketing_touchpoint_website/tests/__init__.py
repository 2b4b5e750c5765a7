from . import test_touchpoint_website
