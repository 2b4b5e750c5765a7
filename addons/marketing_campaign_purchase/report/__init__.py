from . import marketing_cost_report
