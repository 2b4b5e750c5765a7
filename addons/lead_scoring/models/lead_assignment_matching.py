from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class LeadAssignmentMatching(models.AbstractModel):
    """Leads as plain data, and which rules take them: a statement each, however many leads."""

    _name = "lead.assignment.matching"
    _description = "Leads and the Rules That Take Them"

    def _lock_leads(self, leads, *, owned=False) -> dict[int, dict]:
        """Facts of the leads that can be assigned, held until the end of the transaction.

        Held against change, not against being referred to: touches, scores and orders of the
        lead are written meanwhile, and do not make it look as if somebody else handled it.
        """
        domain = self.env["crm.lead"]._get_assignment_candidate_domain(owned=owned)
        return self._read_leads(domain & Domain("id", "in", leads.ids), lock=True)

    def _read_leads(self, domain, *, lock: bool, active_test=True) -> dict[int, dict]:
        # sudo: rules see every lead, whoever runs them
        Lead = self.env["crm.lead"].sudo().with_context(active_test=active_test)
        Lead.flush_model()
        query = Lead._search(domain)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT crm_lead.id, crm_lead.company_id AS company, crm_lead.team_id AS team,
                       crm_lead.country_id AS country, crm_lead.state_id AS state,
                       crm_lead.lang_id AS language, crm_lead.partner_id AS partner,
                       crm_lead.stage_id AS stage, crm_lead.type, crm_lead.create_date AS created,
                       crm_lead.date_closed AS closed,
                       crm_lead.assignment_reason AS reason, crm_lead.assignment_rule_id AS rule,
                       crm_lead.assignment_pool_id AS pool,
                       ARRAY(SELECT rel.tag_id FROM crm_tag_rel rel
                              WHERE rel.lead_id = crm_lead.id) AS tags
                  FROM %(source)s
                 WHERE %(condition)s
              ORDER BY crm_lead.priority DESC NULLS LAST, crm_lead.score DESC NULLS LAST,
                       crm_lead.create_date, crm_lead.id
                  %(lock)s
                """,
                source=query.from_clause,
                condition=query.where_clause or SQL("TRUE"),
                lock=SQL("FOR NO KEY UPDATE OF crm_lead SKIP LOCKED") if lock else SQL(""),
            )
        )
        return {row["id"]: row for row in rows}

    def _match_rules(self, lead_ids, rules) -> dict[int, list[tuple[int, bool]]]:
        """``{lead: [(rule, young enough)]}`` in the order of the rules, in one statement."""
        # sudo: as above
        Lead = self.env["crm.lead"].sudo().with_context(active_test=False)
        selects = []
        for number, rule in enumerate(rules):
            query = Lead._search(rule._get_lead_domain())
            query.add_where(
                SQL("%s IN (SELECT id FROM candidate)", SQL.identifier(query.table, "id"))
            )
            fits = SQL("TRUE")
            if rule.max_age_days:
                oldest = self.env.cr.now() - timedelta(days=rule.max_age_days)
                fits = SQL("%s >= %s", SQL.identifier(query.table, "create_date"), oldest)
            selects.append(
                query.select(
                    SQL.identifier(query.table, "id"),
                    SQL("%s AS number", number),
                    SQL("%s AS fits", fits),
                )
            )
        matches = defaultdict(list)
        if not selects or not lead_ids:
            return matches
        rows = self.env.execute_query(
            SQL(
                """
                WITH candidate AS (SELECT UNNEST(%s) AS id)
                SELECT id, number, fits FROM (%s) AS matched ORDER BY id, number
                """,
                list(lead_ids),
                SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects),
            )
        )
        rule_ids = rules.ids
        for lead, number, fits in rows:
            matches[lead].append((rule_ids[number], fits))
        return matches

    def _get_account_owners(self, partner_ids) -> dict[int, int]:
        """Salesperson of the customer company, else of its latest open lead, by contact."""
        if not partner_ids:
            return {}
        self.env["res.partner"].flush_model(["user_id", "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.id, COALESCE(account.user_id, contact.user_id, latest.user_id)
                  FROM res_partner contact
                  JOIN res_partner account ON account.id = contact.commercial_partner_id
             LEFT JOIN LATERAL (
                       SELECT lead.user_id
                         FROM crm_lead lead
                         JOIN res_partner partner ON partner.id = lead.partner_id
                        WHERE partner.commercial_partner_id = account.id
                          AND lead.user_id IS NOT NULL AND lead.active
                     ORDER BY lead.date_open DESC NULLS LAST, lead.id DESC
                        LIMIT 1) latest ON TRUE
                 WHERE contact.id IN %s
                """,
                tuple(partner_ids),
            )
        )
        return {contact: owner for contact, owner in rows if owner}
