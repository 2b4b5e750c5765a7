from . import assignment_simulation, lead_score_suggestion
from . import lead_score_suggestion
