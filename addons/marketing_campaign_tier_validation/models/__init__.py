from . import marketing_budget_revision, tier_definition, utm_campaign
