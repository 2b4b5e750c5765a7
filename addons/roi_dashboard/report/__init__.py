from . import marketing_roi_benchmark, marketing_roi_report, marketing_roi_report_facts
