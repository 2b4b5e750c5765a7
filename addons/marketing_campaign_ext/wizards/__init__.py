from . import marketing_campaign_from_template
from . import marketing_campaign_merge
from . import marketing_campaign_refuse
from . import marketing_budget_exception_wizard
