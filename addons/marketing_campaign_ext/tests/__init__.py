from . import test_campaign_budget
from . import test_campaign_lifecycle
from . import test_campaign_programme
from . import test_campaign_rights
