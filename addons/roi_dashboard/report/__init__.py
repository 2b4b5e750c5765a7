from . import marketing_roi_report
from . import marketing_roi_benchmark
