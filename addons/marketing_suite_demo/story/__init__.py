"""The demo story: fourteen months of one invented company, told through Odoo's own flows."""

import warnings

from . import (
    aftercare,
    answers,
    campaigns,
    events,
    leads,
    mailings,
    people,
    products,
    public_pool,
    sales,
    spending,
    visits,
    wrap_up,
)
from .narrator import Story

CHAPTERS = (
    people,
    products,
    campaigns,
    spending,
    mailings,
    events,
    leads,
    visits,
    sales,
    wrap_up,
    aftercare,
    public_pool,
    answers,
)


def tell(env, today=None):
    """Tell the story once; a database that knows it already is left as it is."""
    story = Story(env, today)
    if not story.is_told():
        with warnings.catch_warnings():
            # Odoo checks addresses of websites with a function that Werkzeug deprecated
            warnings.simplefilter("ignore", DeprecationWarning)
            story.tell(CHAPTERS)
    return story
