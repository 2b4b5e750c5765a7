from . import test_attribution
from . import test_campaign
from . import test_revenue
from . import test_comparison
from . import test_freeze
from . import test_report
from . import test_rights
from . import test_reference
