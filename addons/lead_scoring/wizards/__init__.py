from . import assignment_simulation, lead_score_suggestion
