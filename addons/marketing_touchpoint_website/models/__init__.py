from . import link_tracker, marketing_touchpoint, website_visitor
