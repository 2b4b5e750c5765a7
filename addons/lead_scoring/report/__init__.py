from . import lead_assignment_report, lead_response_report
