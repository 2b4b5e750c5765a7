from . import lead_score_suggestion
