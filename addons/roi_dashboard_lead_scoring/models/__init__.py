from . import (
    marketing_dashboard,
    marketing_dashboard_quality,
    marketing_roi_stale_day,
    marketing_roi_total,
)
