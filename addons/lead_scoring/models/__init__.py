# ruff: noqa: I001 (the order is the order of registration: mixins first)
from . import lead_score_limit_mixin
from . import lead_score_model
from . import lead_score_group
from . import lead_score_rule
from . import lead_score_line
from . import crm_lead
