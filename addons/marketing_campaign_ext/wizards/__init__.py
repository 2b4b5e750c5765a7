from . import (
    marketing_budget_exception_wizard,
    marketing_campaign_from_template,
    marketing_campaign_merge,
    marketing_campaign_refuse,
    marketing_cost_import,
    marketing_cost_map,
    marketing_cost_settle,
    marketing_cost_spread,
    marketing_data_health,
    marketing_data_health_fix,
    marketing_tie_out_assign,
)
