from . import test_qualified_leads, test_response_card
