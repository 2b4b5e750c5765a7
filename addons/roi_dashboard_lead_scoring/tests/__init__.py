from . import test_qualified_leads
