from . import marketing_roi_report
