from . import test_score_rules
from . import test_assignment_engine
from . import test_score_sets
from . import test_score_properties
from . import test_score_backtest
from . import test_followup
from . import test_assignment_tools
