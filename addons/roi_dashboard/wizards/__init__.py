from . import marketing_campaign_merge
from . import marketing_roi_comparison
from . import marketing_path_analysis
