from . import test_qualified_targets
