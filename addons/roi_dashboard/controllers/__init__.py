from . import marketing_share
