from . import (
    marketing_report_pages,
    marketing_roi_benchmark,
    marketing_roi_benchmark_review,
    marketing_roi_report,
    marketing_roi_report_facts,
    marketing_roi_report_query,
    marketing_roi_report_ratios,
    marketing_roi_report_reach,
    marketing_roi_report_revenue,
    marketing_roi_report_totals,
)
