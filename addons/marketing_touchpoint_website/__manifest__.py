{
    "name": "Marketing Touchpoints: Website",
    "summary": "Page views of known visitors in the touchpoint log",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing",
    "depends": ["marketing_touchpoint", "website_crm"],
    "auto_install": True,
    "installable": True,
}
