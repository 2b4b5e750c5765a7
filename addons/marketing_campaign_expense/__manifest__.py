{
    "name": "Marketing Campaigns: Expenses",
    "summary": "Approved expenses are committed campaign money until they are posted",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["marketing_campaign_ext", "hr_expense"],
    "data": [],
    "auto_install": True,
    "installable": True,
}
