from . import marketing_campaign_from_template
from . import marketing_campaign_merge
from . import marketing_campaign_refuse
from . import marketing_budget_exception_wizard
from . import marketing_cost_import
from . import marketing_cost_settle
from . import marketing_tie_out_assign
from . import marketing_cost_map
