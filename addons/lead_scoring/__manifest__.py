{
    "name": "Lead Scoring and Assignment",
    "summary": "Explainable lead scores from versioned rules, fair assignment and follow-up",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "category": "Sales/CRM",
    "license": "LGPL-3",
    "depends": ["marketing_touchpoint"],
    "data": [
        "security/ir.model.access.csv",
        "security/lead_score_security.xml",
        "views/lead_score_model_views.xml",
        "views/crm_lead_score_views.xml",
        "views/lead_scoring_menus.xml",
    ],
    "demo": [],
    "installable": True,
}
