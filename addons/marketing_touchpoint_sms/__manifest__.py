{
    "name": "Marketing Touchpoints: SMS Marketing",
    "summary": "Clicks on links in text messages in the touchpoint log",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing",
    "depends": ["marketing_touchpoint", "mass_mailing_sms"],
    "auto_install": True,
    "installable": True,
}
