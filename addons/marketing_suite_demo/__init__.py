from . import story


def post_init_hook(env):
    """Tell the story once: see story/ for the chapters."""
    story.tell(env)
