from odoo import api, models
from odoo.tools import SQL

DEFAULTS = {
    "burst_links": 3,
    "burst_seconds": 10,
    "trap_minutes": 10,
    "delivery_seconds": 0,
}

# Judgement by a person stands: machines are only looked for among the rest.
OPEN_TO_JUDGEMENT = SQL("t.bot_reason IS DISTINCT FROM 'manual' AND t.human_confirmed IS NOT TRUE")


class MarketingTouchpointMachine(models.Model):
    """Machines are not people: scanners and proxies open mails and follow links, too.

    A touch of an email is by a machine, in this order, when

    * ``honeypot``: the hidden link of the same email was followed about that time;
    * ``agent``: the program calls itself something in the list of known agents;
    * ``burst``: several distinct links of the email were followed within seconds;
    * ``before_delivery``: it came before the email was handed over;

    and an open when it came together with such a click. The facts stay with the native records,
    so the verdict can be recomputed with other thresholds at any time.
    """

    _inherit = "marketing.touchpoint"

    @api.model
    def _machine_thresholds(self) -> dict[str, int]:
        # sudo: thresholds are settings; the job and whoever clicks may not read parameters
        parameters = self.env["ir.config_parameter"].sudo()
        return {
            name: int(parameters.get_param(f"marketing_touchpoint.{name}", default))
            for name, default in DEFAULTS.items()
        }

    @api.model
    def _check_machines_again(self):
        """Have the job judge every open and click anew."""
        # sudo: watermarks are moved by administrators only; this only reads again
        self.env["marketing.touchpoint.source"].sudo().search(
            [("code", "in", ["mailing_trace", "link_click"])]
        ).write({"watermark": False, "position": 0, "pass_horizon": False})
        self._wake_ingestion()

    @api.model
    def _detect_machines(self, spec, rows: SQL) -> list[int]:
        """Judge the emails that the given native rows belong to; return the touches changed."""
        if spec.trace is None:
            return []
        verdicts = self._machine_verdicts(spec, rows)
        return self._query_ids(
            SQL(
                """
                WITH affected AS MATERIALIZED (
                         SELECT DISTINCT %(trace)s AS id FROM %(table)s s
                          WHERE %(rows)s AND %(trace)s IS NOT NULL),
                     %(verdicts)s,
                     accused AS (
                         SELECT t.id, v.reason
                           FROM verdict v
                           JOIN marketing_touchpoint t
                             ON t.res_model = v.res_model AND t.res_id = v.res_id
                            AND (v.kind IS NULL OR t.kind = v.kind)),
                     acquitted AS (
                         SELECT t.id
                           FROM marketing_touchpoint t
                           JOIN (SELECT 'mailing.trace' AS res_model, id AS res_id FROM affected
                                  UNION ALL
                                 SELECT 'link.tracker.click', c.id
                                   FROM link_tracker_click c
                                   JOIN affected a ON a.id = c.mailing_trace_id) own
                             ON t.res_model = own.res_model AND t.res_id = own.res_id
                          WHERE t.is_bot AND t.id NOT IN (SELECT id FROM accused))
                UPDATE marketing_touchpoint t
                   SET is_bot = (judged.reason IS NOT NULL), bot_reason = judged.reason,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM (SELECT id, reason FROM accused
                         UNION ALL
                        SELECT id, NULL FROM acquitted) AS judged
                 WHERE t.id = judged.id AND %(open)s
                   AND (t.is_bot, t.bot_reason)
                       IS DISTINCT FROM (judged.reason IS NOT NULL, judged.reason)
             RETURNING t.id
                """,
                trace=spec.trace,
                table=SQL.identifier(self.env[spec.res_model]._table),
                rows=rows,
                verdicts=verdicts,
                open=OPEN_TO_JUDGEMENT,
            )
        )

    @api.model
    def _machine_verdicts(self, spec, rows: SQL) -> SQL:
        """CTEs up to ``verdict (res_model, res_id, kind, reason)`` for the affected emails."""
        limits = self._machine_thresholds()
        anonymous = SQL()
        if spec.res_model == "link.tracker.click":
            anonymous = SQL(
                """
                UNION ALL
                SELECT 'link.tracker.click', s.id, NULL, 'agent'
                  FROM link_tracker_click s
                 WHERE %s AND s.mailing_trace_id IS NULL AND %s
                """,
                rows,
                self._sql_known_agent(SQL("s.user_agent")),
            )
        return SQL(
            """
            trace AS (
                SELECT tr.id, tr.create_date AS queued, tr.sent_datetime AS sent,
                       tr.open_datetime AS at, tr.trap_datetime AS trap,
                       tr.open_user_agent AS agent
                  FROM mailing_trace tr JOIN affected a ON a.id = tr.id),
            click AS (
                SELECT c.id, trace.id AS trace_id, c.link_id, c.create_date AS at,
                       c.user_agent AS agent, trace.queued, trace.sent, trace.trap
                  FROM link_tracker_click c JOIN trace ON trace.id = c.mailing_trace_id),
            burst AS (
                SELECT DISTINCT later.id
                  FROM (SELECT first.trace_id, first.at
                          FROM click first
                          JOIN click other ON other.trace_id = first.trace_id
                               AND other.at BETWEEN first.at AND first.at + %(burst)s
                      GROUP BY first.id, first.trace_id, first.at
                        HAVING count(DISTINCT other.link_id) >= %(links)s) AS start
                  JOIN click later ON later.trace_id = start.trace_id
                       AND later.at BETWEEN start.at AND start.at + %(burst)s),
            click_verdict AS (
                SELECT event.id, event.trace_id, event.at,
                       CASE WHEN %(trapped)s THEN 'honeypot'
                            WHEN %(known)s THEN 'agent'
                            WHEN event.id IN (SELECT id FROM burst) THEN 'burst'
                            WHEN %(early)s THEN 'before_delivery' END AS reason
                  FROM click AS event),
            accomplice AS (
                SELECT trace.id, min(cv.reason) AS reason
                  FROM trace
                  JOIN click_verdict cv ON cv.trace_id = trace.id AND cv.reason IS NOT NULL
                       AND cv.at BETWEEN trace.at - %(burst)s AND trace.at + %(burst)s
              GROUP BY trace.id),
            open_verdict AS (
                SELECT event.id,
                       COALESCE(CASE WHEN %(trapped)s THEN 'honeypot'
                                     WHEN %(known)s THEN 'agent' END,
                                accomplice.reason,
                                CASE WHEN %(early)s THEN 'before_delivery' END) AS reason
                  FROM trace AS event
             LEFT JOIN accomplice ON accomplice.id = event.id
                 WHERE event.at IS NOT NULL),
            verdict AS (
                SELECT 'link.tracker.click' AS res_model, id AS res_id, NULL::varchar AS kind,
                       reason
                  FROM click_verdict WHERE reason IS NOT NULL
                 UNION ALL
                SELECT 'mailing.trace', id, 'mail_open', reason
                  FROM open_verdict WHERE reason IS NOT NULL
                %(anonymous)s)
            """,
            burst=SQL("interval %s", f"{limits['burst_seconds']} seconds"),
            links=limits["burst_links"],
            trapped=SQL(
                """event.trap IS NOT NULL
                   AND event.at BETWEEN event.trap - interval %(around)s
                                    AND event.trap + interval %(around)s""",
                around=f"{limits['trap_minutes']} minutes",
            ),
            known=self._sql_known_agent(SQL("event.agent")),
            # a click recorded in the transaction that queued the email says nothing about time
            early=SQL(
                "event.at > event.queued AND event.at < event.sent + interval %s",
                f"{limits['delivery_seconds']} seconds",
            ),
            anonymous=anonymous,
        )

    @api.model
    def _sql_known_agent(self, agent: SQL) -> SQL:
        return SQL(
            """(%(agent)s IS NOT NULL AND EXISTS (
                    SELECT 1 FROM marketing_touchpoint_agent known
                     WHERE known.active
                       AND CASE known.match
                           WHEN 'equals' THEN lower(trim(%(agent)s)) = known.pattern
                           ELSE position(known.pattern IN lower(%(agent)s)) > 0 END))""",
            agent=agent,
        )
