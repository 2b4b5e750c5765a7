from . import (
    test_attribution,
    test_budget_simulation,
    test_campaign,
    test_comparison,
    test_freeze,
    test_reference,
    test_report,
    test_revenue,
    test_rights,
    test_totals,
    test_tours,
    test_wake,
)
