from . import marketing_dashboard, marketing_dashboard_quality
