{
    "name": "Marketing Campaigns: Qualified Leads",
    "summary": "Targets of campaigns in marketing and sales qualified leads",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["marketing_campaign_ext", "lead_scoring"],
    "installable": True,
    "auto_install": True,
}
