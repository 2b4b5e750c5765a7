{
    "name": "Marketing ROI: Qualified Leads",
    "summary": "Marketing and sales qualified leads, and what one costs, in the ROI report",
    "version": "19.0.1.1.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["roi_dashboard", "lead_scoring"],
    "data": ["report/marketing_roi_report_views.xml"],
    "assets": {
        "web.assets_backend": ["roi_dashboard_lead_scoring/static/src/lead_quality/*"],
    },
    "auto_install": True,
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
    "installable": True,
}
