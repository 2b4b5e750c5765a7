from . import tier_definition, utm_campaign
