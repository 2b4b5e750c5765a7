"""Every picture of the documentation: who sees it, where, how large, in which languages.

`make screenshots` takes them from the demo company; a test compares this list with the files and
with the guides, so that no guide shows what nobody can take again. Looks are for looking at only:
the dashboard from top to bottom in each width, theme and language.
"""

from dataclasses import dataclass, field

LANGUAGES = {"en_US": "", "zh_CN": ".zh-CN"}
WIDE = (1440, 900)
TALL = (1440, 1250)
PHONE = (390, 844)


@dataclass(frozen=True)
class Picture:
    """One screen: the action, perhaps a record in it, and what is clicked before the picture.

    ``record`` is the model, the domain and the order that find the record to open, asked with the
    rights of ``login``. ``clicks`` are selectors, clicked one after the other. ``app`` is the menu
    of the app the person comes from, where the action alone does not tell. ``is_whole``: the
    window grows until nothing is left to scroll.
    """

    name: str
    login: str
    action: str
    size: tuple[int, int] = WIDE
    record: tuple[str, list, str] | None = None
    clicks: tuple[str, ...] = ()
    wait: str = ".o_kanban_renderer, .o_form_renderer, .o_list_renderer, .o_pivot table"
    languages: dict[str, str] = field(default_factory=lambda: LANGUAGES)
    app: str = ""
    theme: str = "light"
    is_whole: bool = False

    def files(self):
        """Language and file name of each version."""
        return {code: f"{self.name}{suffix}.png" for code, suffix in self.languages.items()}


def _campaign(title: str):
    return ("utm.campaign", [["title", "=", title]], "id")


# The hottest lead of a salesperson that is still to be won.
HOT_LEAD = (
    "crm.lead",
    [["user_id.login", "=", "jonas"], ["won_status", "=", "pending"], ["score_grade", "!=", False]],
    "score desc, id",
)
CRM_APP = "crm.crm_menu_root"
CAMPAIGNS_APP = "marketing_campaign_ext.menu_campaign_root"
CAMPAIGNS = "marketing_campaign_ext.utm_campaign_action"
SIMULATOR = "roi_dashboard.marketing_budget_simulation_action"
DASHBOARD = ".o_roi_panel canvas"

PICTURES = (
    # The front page
    Picture("campaigns", "manager", CAMPAIGNS),
    Picture("campaign", "manager", CAMPAIGNS, record=_campaign("Launch search ads")),
    Picture("roi", "manager", "roi_dashboard.marketing_roi_report_action"),
    Picture("lead", "jonas", "crm.crm_lead_action_pipeline", record=HOT_LEAD, app=CRM_APP),
    # Marketer
    Picture(
        "from-template",
        "marketer",
        "marketing_campaign_ext.marketing_campaign_from_template_action",
        app=CAMPAIGNS_APP,
    ),
    Picture(
        "budget",
        "marketer",
        CAMPAIGNS,
        TALL,
        _campaign("Spring catalogue"),
        (".o_notebook .nav-link[name=budget]",),
    ),
    Picture("touches", "marketer", "marketing_touchpoint.marketing_touchpoint_action"),
    Picture("simulator", "marketer", SIMULATOR, TALL, clicks=("button[name=action_optimise]",)),
    Picture(
        "simulator-curves",
        "marketer",
        SIMULATOR,
        TALL,
        clicks=(
            "button[name=action_optimise]",
            ".o_notebook .nav-link[name=curves]",
        ),
        wait=".o_cost_curves canvas",
    ),
    # Manager and management
    Picture("dashboard", "manager", "roi_dashboard.action_marketing_roi", TALL, wait=DASHBOARD),
    Picture(
        "dashboard-phone", "manager", "roi_dashboard.action_marketing_roi", PHONE, wait=DASHBOARD
    ),
    Picture(
        "report",
        "manager",
        "roi_dashboard.marketing_report_export_action_new",
        clicks=(".modal-header",),
        wait=".modal-content .o_form_view",
    ),
    Picture("alerts", "manager", "roi_dashboard.marketing_alert_rule_action"),
    Picture("approval", "manager", CAMPAIGNS, record=_campaign("Podcast for building operators")),
    Picture("transfers", "manager", "marketing_campaign_ext.marketing_budget_transfer_action"),
    # Finance
    Picture("costs", "finance", "marketing_campaign_ext.marketing_cost_report_action"),
    Picture("tie-out", "finance", "marketing_campaign_ext.marketing_tie_out_action"),
    Picture("ledger", "finance", "marketing_campaign_ext.marketing_campaign_ledger_action"),
    # Sales manager
    Picture("scores", "sales.manager", "lead_scoring.crm_lead_score_action"),
    Picture(
        "score-rules",
        "sales.manager",
        "lead_scoring.lead_score_model_action",
        TALL,
        ("lead.score.model", [["state", "=", "active"], ["company_id", "=", False]], "id"),
    ),
    Picture("decisions", "sales.manager", "lead_scoring.lead_assignment_decision_action"),
    Picture(
        "responses",
        "sales.manager",
        "lead_scoring.lead_followup_clock_action",
        clicks=(".o_searchview_facet .o_facet_remove",),
    ),
    # Salesperson
    Picture("pipeline", "jonas", "crm.crm_lead_action_pipeline", app=CRM_APP),
    Picture(
        "lead-why",
        "jonas",
        "crm.crm_lead_action_pipeline",
        TALL,
        record=HOT_LEAD,
        clicks=(".o_lead_score_why",),
        app=CRM_APP,
        wait=".o_popover table",
    ),
    # Administrator
    Picture(
        "settings",
        "admin",
        "marketing_campaign_ext.res_config_settings_action",
        TALL,
        wait=".o_setting_box",
    ),
    Picture(
        "roles",
        "admin",
        "base.action_res_users",
        TALL,
        record=("res.users", [["login", "=", "marketer"]], "id"),
    ),
    Picture("attribution-models", "manager", "roi_dashboard.marketing_attribution_model_action"),
)

LOOKS = tuple(
    Picture(
        f"look-{width}-{theme}",
        "manager",
        "roi_dashboard.action_marketing_roi",
        (width, height),
        wait=DASHBOARD,
        theme=theme,
        is_whole=True,
    )
    for width, height in ((1440, 900), (1024, 768), PHONE)
    for theme in ("light", "dark")
)
