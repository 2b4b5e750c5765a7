from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

FITS = ("A", "B", "C")


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
        self.env["crm.lead"].flush_model()
        leads = SQL(
            """
            SELECT lead.id
              FROM crm_lead lead
             WHERE lead.id IN %(leads)s AND COALESCE(LEFT(lead.score_grade, 1), '') = %(fit)s
               AND lead.source_id IS NOT DISTINCT FROM %(source)s
             ORDER BY lead.id DESC
            """,
            leads=self._get_created_leads(scope),
            fit=fit,
            source=source_id or None,
        )
        return self._open_leads(leads, self.env._("Leads, fit %(fit)s", fit=fit or "—"))

    @api.model
    def _panel_quality(self, scope):
        """The leads created in the period, by source; won and lost are what became of them."""
        sources = defaultdict(lambda: dict.fromkeys((*FITS, "", "won", "lost"), 0))
        for row in self._read_quality(scope):
            source = sources[row["source_id"] or False]
            source[row["fit"]] += row["leads"]
            source["won"] += row["won"]
            source["lost"] += row["lost"]
        rows = [self._prepare_source(scope, key, values) for key, values in sources.items()]
        rows.sort(key=lambda row: (-row["leads"], row["name"]))
        return {"rows": rows, "is_empty": not rows}

    @api.model
    def _get_created_leads(self, scope):
        return self._lead_ids_sql(scope.at(scope.span) & Domain("fact", "=", "lead"))

    @api.model
    def _read_quality(self, scope):
        self.env["crm.lead"].flush_model()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT lead.source_id, COALESCE(LEFT(lead.score_grade, 1), '') AS fit,
                       COUNT(*) AS leads,
                       COUNT(*) FILTER (WHERE lead.won_status = 'won') AS won,
                       COUNT(*) FILTER (WHERE lead.won_status = 'lost') AS lost
                  FROM crm_lead lead
                 WHERE lead.id IN %s
                 GROUP BY 1, 2
                """,
                self._get_created_leads(scope),
            )
        )

    @api.model
    def _prepare_source(self, scope, source_id, values):
        # sudo: a row of the report that one may see shows the name of its source
        source = self.env["utm.source"].sudo().browse(source_id or [])
        closed = values["won"] + values["lost"]
        rows = scope.at(scope.span) & Domain("source_id", "=", source.id)
        return {
            "id": source.id,
            "name": source.name or self.env._("No source"),
            "leads": sum(values[fit] for fit in (*FITS, "")),
            "mix": [{"fit": fit, "count": values[fit]} for fit in (*FITS, "") if values[fit]],
            "closed": closed,
            "win_rate": values["won"] / closed if closed else None,
            "open": self._rows_of(rows, "lead_count"),
        }
