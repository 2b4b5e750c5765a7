{
    "name": "Marketing ROI: Spreadsheet Dashboards",
    "summary": "Marketing overview and campaign review in Odoo's Dashboards app",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["roi_dashboard", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "auto_install": True,
    "installable": True,
}
