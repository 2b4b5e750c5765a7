from . import (
    campaign_money_sql,
    marketing_campaign_ledger,
    marketing_cost_report,
    marketing_cost_report_fact,
    marketing_cost_report_scope,
    marketing_tie_out,
)
