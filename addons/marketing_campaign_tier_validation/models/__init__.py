from . import tier_definition
from . import utm_campaign
