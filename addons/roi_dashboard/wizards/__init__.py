from . import (
    marketing_budget_simulation,
    marketing_budget_simulation_history,
    marketing_budget_simulation_line,
    marketing_budget_simulation_save,
    marketing_budget_simulation_suggestion,
    marketing_campaign_merge,
    marketing_path_analysis,
    marketing_roi_comparison,
)
