from . import (
    marketing_attribution_conversion,
    marketing_attribution_credit,
    marketing_attribution_lock,
    marketing_attribution_model,
    marketing_attribution_revenue,
    marketing_attribution_run,
    marketing_attribution_run_conversions,
    marketing_attribution_run_credits,
    marketing_attribution_run_revenue,
    res_company,
    res_config_settings,
    utm_campaign,
)
