{
    "name": "Marketing Campaigns: Plan, Budget and Cost",
    "summary": "Plan, approve, spend and follow campaigns; costs come from the ledger",
    "version": "19.0.1.0.0",
    "author": "Campaign to Cash",
    "website": "https://github.com/campaign-to-cash/suite",
    "license": "LGPL-3",
    "category": "Marketing/Campaigns",
    "depends": ["sale_crm", "mass_mailing_sale", "account"],
    "data": [
        "security/marketing_campaign_ext_groups.xml",
        "security/ir.model.access.csv",
        "security/marketing_campaign_ext_rules.xml",
        "data/account_analytic_plan_data.xml",
        "data/marketing_cost_category_data.xml",
        "data/marketing_campaign_type_data.xml",
        "views/marketing_campaign_ext_menus.xml",
        "views/marketing_budget_line_views.xml",
        "views/marketing_campaign_type_views.xml",
        "wizards/marketing_campaign_refuse_views.xml",
        "views/utm_campaign_views.xml",
    ],
    "demo": [
        "demo/marketing_campaign_ext_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "marketing_campaign_ext/static/src/scss/marketing_campaign_ext.scss",
        ],
    },
    "installable": True,
    "application": True,
}
