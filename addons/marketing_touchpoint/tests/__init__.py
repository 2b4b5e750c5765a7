from . import test_http
from . import test_ingest
from . import test_people
from . import test_rights
from . import test_wake
