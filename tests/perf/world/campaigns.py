"""Campaigns over 24 months in programmes of ten, each with its analytic account, its budget (with
the suite), its tracked links."""

PROGRAMME = 10  # campaigns of a programme, the first one being the programme itself
LENGTH = 60  # days a campaign runs


def campaign_start(world, number: str) -> str:
    """SQL: the first day of a campaign, they start evenly over the history."""
    return f"({world.begin} + ({number} - 1) * (730 - {LENGTH}) / {world.size.campaigns})"


def build_campaigns(world) -> None:
    size, setting = world.size, world.setting
    start = campaign_start(world, "g")
    world.insert(
        "account_analytic_account",
        {
            "id": "g",
            "name": "jsonb_build_object('en_US', 'Campaign ' || g)",
            "plan_id": str(setting.plan),
            "root_plan_id": str(setting.plan),
            "company_id": str(setting.company),
            "active": "TRUE",
        },
        f"generate_series(1, {size.campaigns}) g",
    )
    stage = world.env["utm.stage"].search([], limit=1).id
    first = world.block("utm_campaign")
    programme = f"((g - 1) / {PROGRAMME} * {PROGRAMME} + 1)"
    is_programme = f"(g - 1) % {PROGRAMME} = 0"
    columns = {
        "id": "g",
        "name": "'campaign-' || g",
        "title": "jsonb_build_object('en_US', 'Campaign ' || g)",
        "user_id": "2",
        "stage_id": str(stage),
        "active": "TRUE",
        "is_auto_campaign": "FALSE",
        "ab_testing_completed": "FALSE",
        "ab_testing_winner_selection": "'opened_ratio'",
        "ab_testing_sms_winner_selection": "'clicks_ratio'",
        "company_id": str(setting.company),
        "color": "0",
        "create_date": start,
        # the suite's own
        "state": f"CASE WHEN {start} + {LENGTH} < {world.end} THEN 'done' ELSE 'running' END",
        "date_start": start,
        "date_end": f"{start} + {LENGTH - 1}",
        "date_approved": start,
        "parent_id": f"CASE WHEN {is_programme} THEN NULL ELSE {first} + {programme} END",
        "parent_path": f"CASE WHEN {is_programme} THEN ({first} + g) || '/' "
        f"ELSE ({first} + {programme}) || '/' || ({first} + g) || '/' END",
        "analytic_account_id": f"{world.block('account_analytic_account')} + g",
        "is_template": "FALSE",
    }
    world.insert(
        "utm_campaign",
        world.only_known("utm_campaign", columns),
        f"generate_series(1, {size.campaigns}) g",
    )
    if world.has("marketing_budget_line"):
        _build_budgets(world)
    _build_links(world)


def _build_budgets(world) -> None:
    """Six lines a campaign: three categories in its first and its second month."""
    first = world.block("utm_campaign")
    categories = world.env["marketing.cost.category"].search([], order="id").ids
    start = campaign_start(world, "c")
    half = LENGTH // 2
    world.insert(
        "marketing_budget_line",
        world.only_known(
            "marketing_budget_line",
            {
                "id": "(c - 1) * 6 + l",
                "campaign_id": f"{first} + c",
                "category_id": f"(ARRAY{categories})[1 + pg_temp.pick(c * 6 + l % 3, 4, "
                f"{len(categories)})]",
                "date_from": f"{start} + (l - 1) / 3 * {half}",
                "date_to": f"{start} + ((l - 1) / 3 + 1) * {half} - 1",
                "amount": "500 + pg_temp.pick(c * 6 + l, 5, 40) * 100",
                "company_id": str(world.setting.company),
                "sequence": "10",
            },
        ),
        f"generate_series(1, {world.size.campaigns}) c, generate_series(1, 6) l",
    )
    if world.has("utm_campaign", "budget_amount"):
        world.run(
            "UPDATE utm_campaign c SET budget_amount = b.amount FROM ("
            "SELECT campaign_id, SUM(amount) AS amount FROM marketing_budget_line GROUP BY 1"
            ") b WHERE b.campaign_id = c.id"
        )


def _build_links(world) -> None:
    """One link per campaign that is not in a mailing: a banner, a post."""
    first = world.block("utm_campaign")
    world.insert(
        "link_tracker",
        {
            "id": "g",
            "url": "'https://www.example.com/landing/' || g",
            "title": "'Landing page ' || g",
            "campaign_id": f"{first} + g",
            "count": "0",
            "create_date": campaign_start(world, "g"),
        },
        f"generate_series(1, {world.size.campaigns}) g",
    )
    world.insert(
        "link_tracker_code",
        {"id": "g", "link_id": f"{world.block('link_tracker')} + g", "code": "'b' || g"},
        f"generate_series(1, {world.size.campaigns}) g",
    )
