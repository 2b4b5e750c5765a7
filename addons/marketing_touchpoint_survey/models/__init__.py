from . import marketing_touchpoint, survey_user_input
