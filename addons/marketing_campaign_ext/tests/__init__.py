from . import test_campaign_approval
from . import test_campaign_budget
from . import test_campaign_lifecycle
from . import test_campaign_programme
from . import test_campaign_rights
from . import test_cost_booked
from . import test_cost_figures
