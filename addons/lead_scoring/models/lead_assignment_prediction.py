import json

from odoo import api, models
from odoo.tools import SQL


class LeadAssignmentPrediction(models.AbstractModel):
    """Odoo's predictive probability of leads that joined another team, in sets.

    Odoo's own formula over all of them at once, as in its nightly job; then one statement
    writes what ``_compute_probabilities``, and the revenues computed from it, would write.
    The ORM would read a thousand leads a statement and write a hundred.
    """

    _name = "lead.assignment.prediction"
    _description = "Predictive Probability of Assigned Leads"

    @api.model
    def _renew(self, leads):
        """Estimate these open leads anew; a probability set by hand stays."""
        # Odoo sets leads in a stage that counts as won to 100 %, and with that closes them
        won = leads.search([("id", "in", leads.ids), ("stage_id.is_won", "=", True)])
        for name in ("probability", "automated_probability"):
            self.env.add_to_compute(leads._fields[name], won)
        estimated = (leads - won)._pls_get_naive_bayes_probabilities(batch_mode=True)
        probabilities = estimated[0] if estimated else {}
        if probabilities:
            self._write(probabilities)

    def _write(self, probabilities: dict[int, float]):
        """Amounts are rounded as the currency of the lead's company wants it."""
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead lead
                   SET automated_probability = news.automated,
                       probability = news.probability,
                       prorated_revenue = %(prorated)s,
                       recurring_revenue_monthly_prorated = %(monthly)s,
                       recurring_revenue_prorated = %(recurring)s
                  FROM (SELECT known.id, fact.automated, currency.rounding,
                               CASE WHEN ROUND(COALESCE(known.probability, 0)::numeric, 2)
                                       = ROUND(COALESCE(known.automated_probability, 0)::numeric, 2)
                                    THEN fact.automated ELSE known.probability END AS probability
                          FROM JSONB_TO_RECORDSET(%(facts)s::jsonb)
                               AS fact(id int, automated float8)
                          JOIN crm_lead known ON known.id = fact.id
                     LEFT JOIN res_company company ON company.id = known.company_id
                          JOIN res_currency currency
                            ON currency.id = COALESCE(company.currency_id, %(currency)s)) AS news
                 WHERE lead.id = news.id
                   AND (lead.automated_probability, lead.probability)
                       IS DISTINCT FROM (news.automated, news.probability)
             RETURNING lead.id
                """,
                prorated=_share("expected_revenue"),
                monthly=_share("recurring_revenue_monthly"),
                recurring=_share("recurring_revenue"),
                facts=json.dumps(
                    [{"id": lead, "automated": value} for lead, value in probabilities.items()]
                ),
                currency=self.env.company.currency_id.id,
            )
        )
        self.env["crm.lead"].browse([lead for (lead,) in rows]).invalidate_recordset(
            [
                "automated_probability", "is_automated_probability", "probability",
                "prorated_revenue", "recurring_revenue_monthly_prorated",
                "recurring_revenue_prorated",
            ]
        )  # fmt: skip


def _share(amount: str) -> SQL:
    """The part of an amount that the probability leaves."""
    return SQL(
        "ROUND(COALESCE(lead.%s, 0) * news.probability::numeric / 100 / news.rounding)"
        " * news.rounding",
        SQL.identifier(amount),
    )
