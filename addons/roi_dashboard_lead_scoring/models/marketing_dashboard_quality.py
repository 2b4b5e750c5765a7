from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

FITS = ("A", "B", "C")
# Every mailing is a source: the report lists them all.
LISTED = 100


class MarketingDashboard(models.AbstractModel):
    """Lead quality by source: what grades it delivers, and how many of its leads are won."""

    _inherit = "marketing.dashboard"

    @api.model
    @api.readonly
    def get_quality(self, domain=None, options=None):
        return self._get_panel("quality", domain, options)

    @api.model
    @api.readonly
    def get_quality_leads(self, domain=None, options=None, source_id=False, fit=None):
        """What to open for one source and fit (A, B, C or "" for leads without a grade)."""
        if fit not in (*FITS, "") or not isinstance(source_id, int):
            raise UserError(self.env._("There is no source and grade “%(fit)s”.", fit=fit))
        scope = self._get_scope(domain, options)
        leads = self._lead_ids_sql(
            scope.at(scope.span) & Domain("fact", "=", "lead"),
            SQL(
                "COALESCE(LEFT(lead.score_grade, 1), '') = %s"
                " AND lead.source_id IS NOT DISTINCT FROM %s",
                fit,
                source_id or None,
            ),
        )
        return self._open_leads(leads, self.env._("Leads, fit %(fit)s", fit=fit or "—"))

    @api.model
    def _panel_quality(self, scope):
        """The leads created in the period, by source; won and lost are what became of them."""
        sources = defaultdict(lambda: dict.fromkeys((*FITS, "", "won", "lost"), 0))
        counts = self._read_by(
            scope.at(scope.span) & Domain("fact", "=", "lead"),
            ["source_id", "lead_fit", "lead_outcome"],
            ["lead_count:sum"],
        )
        for (source, fit, outcome), values in counts.items():
            leads = int(values["lead_count:sum"] or 0)
            sources[source.id][fit or ""] += leads
            if outcome in ("won", "lost"):
                sources[source.id][outcome] += leads
        ranked = sorted(sources, key=lambda key: (-self._count_leads(sources[key]), key))
        # sudo: a row of the report that one may see shows the name of its source
        listed = self.env["utm.source"].sudo().browse(filter(None, ranked[:LISTED]))
        names = {source.id: source.name for source in listed}
        rows = [self._prepare_source(scope, key, names, sources[key]) for key in ranked[:LISTED]]
        rows.sort(key=lambda row: (-row["leads"], row["name"]))
        return {"rows": rows, "is_empty": not rows}

    @api.model
    def _count_leads(self, values):
        return sum(values[fit] for fit in (*FITS, ""))

    @api.model
    def _prepare_source(self, scope, source_id, names, values):
        closed = values["won"] + values["lost"]
        rows = scope.at(scope.span) & Domain("source_id", "=", source_id)
        return {
            "id": source_id,
            "name": names.get(source_id) or self.env._("No source"),
            "leads": self._count_leads(values),
            "mix": [{"fit": fit, "count": values[fit]} for fit in (*FITS, "") if values[fit]],
            "closed": closed,
            "win_rate": values["won"] / closed if closed else None,
            "open": self._rows_of(rows, "lead_count"),
        }
