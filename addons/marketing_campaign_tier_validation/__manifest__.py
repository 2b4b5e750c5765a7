{
    "name": "Marketing Campaigns: Tier Validation",
    "summary": "Campaigns are approved by the tiers of the OCA tier validation",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "AGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["marketing_campaign_ext", "base_tier_validation"],
    "data": ["views/utm_campaign_views.xml"],
    "installable": True,
    "auto_install": True,
}
