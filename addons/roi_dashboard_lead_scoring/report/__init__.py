from . import marketing_roi_benchmark, marketing_roi_report
