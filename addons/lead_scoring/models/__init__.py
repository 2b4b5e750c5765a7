# ruff: noqa: I001 (the order is the order of registration: mixins first)
from . import lead_score_limit_mixin
from . import lead_score_model
from . import lead_score_model_life
from . import lead_score_model_scope
from . import lead_score_group
from . import lead_score_rule
from . import lead_score_line
from . import lead_score_result
from . import lead_score_history
from . import lead_score_crossing
from . import lead_score_trigger
from . import lead_score_queue
from . import lead_score_run
from . import lead_score_engine
from . import lead_score_engine_rules
from . import lead_score_engine_results
from . import lead_score_engine_due
from . import lead_score_engine_story
from . import lead_score_engine_store
from . import lead_score_evidence
from . import lead_score_backtest
from . import lead_score_backtest_measure
from . import lead_score_backtest_report
from . import marketing_touchpoint
from . import res_config_settings  # how long history is kept
from . import ir_model_fields  # fields that rules look at
from . import res_partner  # contacts behind scored leads
from . import crm_lead
from . import lead_assignment_pool
from . import lead_assignment_pool_member
from . import lead_assignment_absence
from . import lead_assignment_rule
from . import lead_assignment_decision
from . import lead_assignment_writer
from . import lead_assignment_engine
from . import lead_followup_notice
from . import lead_followup_policy
from . import lead_followup_clock
from . import lead_followup_engine
from . import crm_lead_assignment
from . import crm_lead_followup
from . import crm_lost_reason
from . import crm_team
