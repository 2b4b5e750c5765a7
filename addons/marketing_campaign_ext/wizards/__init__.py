from . import marketing_campaign_refuse
