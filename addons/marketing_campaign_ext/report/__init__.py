from . import campaign_money_sql, marketing_cost_report
