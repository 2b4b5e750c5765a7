{
    "name": "Marketing Suite: Demo Company",
    "summary": "Fourteen months of an invented company: campaigns, costs, leads, orders, ROI",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": [
        "marketing_campaign_ext",
        "sale_management",
        "purchase",
        "hr_expense",
        "event_crm",
    ],
    "post_init_hook": "post_init_hook",
    "installable": True,
}
