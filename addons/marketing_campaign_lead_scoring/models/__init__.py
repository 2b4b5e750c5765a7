from . import marketing_campaign_target, utm_campaign
