from . import test_qualified_leads, test_quality, test_response_card
