# The gate is a mixin of the documents below: it has to be known first.
from . import marketing_budget_gate

# isort: split
from . import (
    account_move,
    account_move_line,
    marketing_approval_level,
    marketing_budget_exception,
    marketing_budget_line,
    marketing_budget_revision,
    marketing_budget_transfer,
    marketing_campaign_action,
    marketing_campaign_target,
    marketing_campaign_type,
    marketing_cost_alias,
    marketing_cost_category,
    marketing_cost_line,
    res_company,
    res_company_gate,
    res_config_settings,
    utm_campaign,
    utm_campaign_action,
    utm_campaign_alert,
    utm_campaign_alias,
    utm_campaign_approval,
    utm_campaign_budget,
    utm_campaign_cost,
    utm_campaign_gate,
    utm_campaign_mailing,
    utm_campaign_target,
    utm_campaign_template,
    utm_mixin,
)
