from . import (
    test_assignment_engine,
    test_assignment_tools,
    test_followup,
    test_sales_manager_tour,
    test_score_backtest,
    test_score_due,
    test_score_properties,
    test_score_rules,
    test_score_sets,
    test_score_wakes_assignment,
)
