"""Last chapter: who earned the revenue, by every published attribution model, and what people
learned from it."""

from . import wrap_up

# campaign: (who writes it, verdict, learned, what went well, what did not)
REVIEWS = {
    "fair_spring": (
        "marketer",
        "repeat",
        "<p>The deals came from appointments made before the fair, not from the aisle. Invite "
        "technical directors four weeks ahead, and send their minutes within two days.</p>",
        "<p>Live leak demonstration every full hour.</p>",
        "<p>Two thirds of the brochures went back home with us.</p>",
    ),
    "radio": (
        "marketer",
        "stop",
        "<p>Nobody could be traced back to the spots: no code, no number of its own. If we ever "
        "do it again, then with a page of its own and only around a fair.</p>",
        "",
        "<p>13,800 euros without a single lead.</p>",
    ),
    "cn_expo": (
        "marketer.cn",
        "repeat",
        "<p>现场扫码登记的线索当天回访，成交率明显更高；下次把回访人员安排到展台旁边。</p>",
        "<p>与物业协会合办的小型研讨会座无虚席。</p>",
        "<p>宣传资料准备过多。</p>",
    ),
}


def tell(story):
    wrap_up.ingest_touches(story)
    story.env["marketing.attribution.run"]._run()
    _review(story)


def _review(story):
    """What campaigns taught, published for whoever plans the next one."""
    for key, (author, verdict, learned, went_well, went_badly) in REVIEWS.items():
        review = story.as_user(author, story.env["marketing.campaign.review"]).create(
            {
                "campaign_id": story.get("campaign", key).id,
                "user_id": story.get("user", author).id,
                "verdict": verdict,
                "learned": learned,
                "went_well": went_well,
                "went_badly": went_badly,
            }
        )
        review.action_publish()
        story.keep("review", (key,), review.with_env(story.env))
