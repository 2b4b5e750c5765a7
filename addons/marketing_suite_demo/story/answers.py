"""Last chapter: who earned the revenue, by every published attribution model."""

from . import wrap_up


def tell(story):
    wrap_up.ingest_touches(story)
    story.env["marketing.attribution.run"]._run()
