{
    "name": "Marketing Campaigns: Purchase Commitments",
    "summary": "Confirmed orders that are not billed yet are committed campaign money",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["marketing_campaign_ext", "purchase"],
    "data": ["views/purchase_order_views.xml"],
    "auto_install": True,
    "installable": True,
}
