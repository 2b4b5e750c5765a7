from . import marketing_campaign_type
from . import marketing_cost_category
from . import marketing_cost_line
from . import utm_mixin
from . import utm_campaign
from . import utm_campaign_budget
from . import utm_campaign_cost
from . import marketing_budget_line
