from . import test_http, test_import, test_ingest, test_machine, test_people, test_rights, test_wake
