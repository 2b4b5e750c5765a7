from . import test_http, test_ingest, test_people, test_rights, test_wake
