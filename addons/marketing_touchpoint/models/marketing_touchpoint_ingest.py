import logging
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from .fact_source import FactSource

_logger = logging.getLogger(__name__)

BATCH_SIZE = 100_000
WAKE_KEY = "marketing_touchpoint.wake_ingestion"

# Columns that follow the native record on every pass. Who it was is only ever completed.
FOLLOWED = (
    "date",
    "name",
    "campaign_id",
    "source_id",
    "medium_id",
    "mailing_id",
    "link_id",
)


class MarketingTouchpointIngest(models.Model):
    """Ingestion: native rows become touches, in sets, since a stored watermark."""

    _inherit = "marketing.touchpoint"

    # ------------------------------------------------------------
    # Entry points
    # ------------------------------------------------------------

    @api.model
    def _wake_ingestion(self):
        """Have the job run soon: what hooks on native records call, once per transaction."""
        precommit = self.env.cr.precommit
        if not precommit.data.get(WAKE_KEY):
            precommit.data[WAKE_KEY] = True
            precommit.add(self._trigger_ingestion)

    @api.model
    def _trigger_ingestion(self):
        """Wake the job up, unless somebody else just did.

        A wake-up the running job has already taken is being deleted, hence locked, and does not
        count: what is committed now may be too late for that run. One that is free is held until
        we commit, so that the run it starts sees our rows.
        """
        # sudo: whoever clicks a link or edits a lead may not read scheduled actions
        cron = self.env.ref("marketing_touchpoint.ir_cron_ingest").sudo()
        self.env["ir.cron.trigger"].flush_model()
        pending = self.env.execute_query(
            SQL(
                """
                SELECT 1 FROM ir_cron_trigger
                 WHERE cron_id = %s AND call_at <= %s
                   FOR KEY SHARE SKIP LOCKED LIMIT 1
                """,
                cron.id,
                fields.Datetime.now(),
            )
        )
        if not pending:
            cron._trigger()

    @api.model
    def _ingest_all(self):
        """Read every source up to now, within the current transaction."""
        self.env.flush_all()
        for spec in self._prepare_sources():
            while self._ingest_batch(spec):
                pass
        self._identify_people()
        self.env["marketing.touchpoint.source"]._record_horizon()
        self.env.invalidate_all(flush=False)

    @api.model
    def _cron_ingest(self):
        """Read every source, committing batch by batch; stop when the cron's time is up.

        A source that fails is rolled back and logged, the others are read all the same, and the
        job shows as failed in the end.
        """
        cron = self.env["ir.cron"]
        specs = self._prepare_sources()
        # read and commit the horizon first: the passes below have younger snapshots
        self.env["marketing.touchpoint.source"]._record_horizon()
        left = cron._commit_progress(remaining=len(specs) + 1)
        failure = None
        for step in [*(partial(self._ingest_batch, spec) for spec in specs), self._identify_people]:
            try:
                while left and step():
                    left = cron._commit_progress()
            except Exception as error:
                self.env.cr.rollback()
                _logger.exception("A source of marketing touchpoints could not be read")
                failure = error
            if not left:
                return
            left = cron._commit_progress(1)
        if failure:
            raise failure

    @api.model
    def _cron_sweep(self):
        """Once a day: compare the log with what was deleted behind its back."""
        cron = self.env["ir.cron"]
        specs = self._get_fact_sources()
        cron._commit_progress(remaining=len(specs))
        for spec in specs:
            self._sweep_deleted(spec)
            if not cron._commit_progress(1):
                break

    @api.model
    def _sweep_deleted(self, spec: FactSource):
        """Touches whose record is gone, by cascade or by cleaning jobs that no hook sees.

        What happened stays in the log, marked; what only its record made true is taken back.
        """
        orphans = self._query_ids(
            SQL(
                """
                SELECT t.id FROM marketing_touchpoint t
                 WHERE t.res_model = %s AND t.kind IN %s AND NOT t.source_deleted
                   AND NOT EXISTS (SELECT 1 FROM %s AS s WHERE s.id = t.res_id)
                """,
                spec.res_model,
                spec.kinds,
                SQL.identifier(self.env[spec.res_model]._table),
            )
        )
        if not spec.keep_deleted:
            self._delete_touches(orphans)
        elif orphans:
            self._query_ids(
                SQL(
                    """UPDATE marketing_touchpoint
                          SET source_deleted = TRUE, write_date = now() AT TIME ZONE 'UTC'
                        WHERE id = ANY(%s) RETURNING id""",
                    orphans,
                )
            )
        self.invalidate_model()

    # ------------------------------------------------------------
    # One source
    # ------------------------------------------------------------

    @api.model
    def _prepare_sources(self):
        specs = self._get_fact_sources()
        self.env["marketing.touchpoint.source"]._ensure(
            [spec.code for spec in specs] + [self._people_code()]
        )
        return specs

    @api.model
    def _ingest_batch(self, spec: FactSource) -> bool:
        """Read the next batch of a source. True while the pass is not through."""
        state = self.env["marketing.touchpoint.source"]._start_or_resume(spec.code)
        if state is None:  # another process is reading this source right now
            return False
        window = spec.window(state["watermark"])
        batch = self._next_batch(spec, window, state["position"])
        if batch is None:
            self.env["marketing.touchpoint.source"]._finish_pass(spec.code)
            return False
        position, is_last = batch
        rows = SQL("s.id > %s AND s.id <= %s AND %s", state["position"], position, window)
        touch_ids = self._write_facts(spec, rows)
        touch_ids = list({*touch_ids, *self._detect_machines(spec, rows)})
        self.env["marketing.touchpoint.source"]._advance(spec.code, position, len(touch_ids))
        if touch_ids:
            self._touchpoints_changed(touch_ids)
        if is_last:
            self.env["marketing.touchpoint.source"]._finish_pass(spec.code)
        return not is_last

    @api.model
    def _next_batch(self, spec, window, position):
        """The last id of the next batch and whether nothing follows it."""
        table = SQL.identifier(self.env[spec.res_model]._table)
        [(last_id, count)] = self.env.execute_query(
            SQL(
                """
                SELECT max(id), count(*)
                  FROM (SELECT s.id FROM %s AS s WHERE s.id > %s AND %s ORDER BY s.id LIMIT %s) b
                """,
                table,
                position,
                window,
                BATCH_SIZE,
            )
        )
        return (last_id, count < BATCH_SIZE) if count else None

    @api.model
    def _write_facts(self, spec: FactSource, rows: SQL) -> list[int]:
        """Bring the log in line with the given native rows; return touches added or corrected."""
        changed = []
        if self._is_known(spec):
            self._delete_void_touches(spec, rows)
            changed += self._correct_touches(spec, rows)
        changed += self._insert_touches(spec, rows)
        return changed

    @api.model
    def _is_known(self, spec: FactSource) -> bool:
        """Whether the log may already hold touches of this source."""
        return bool(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM marketing_touchpoint WHERE res_model = %s LIMIT 1",
                    spec.res_model,
                )
            )
        )

    @api.model
    def _facts_query(self, spec: FactSource, rows: SQL, where: SQL) -> SQL:
        """Native rows as touches: one row per record and kind."""
        return SQL(
            """
            SELECT fact.kind, s.id AS res_id, fact.date::timestamp,
                   %(campaign)s::int AS campaign_id, %(source)s::int AS source_id,
                   %(medium)s::int AS medium_id, %(mailing)s::int AS mailing_id,
                   %(link)s::int AS link_id, %(name)s::varchar AS name,
                   %(email)s::varchar AS email_normalized, %(partner)s::int AS partner_id,
                   %(lead)s::int AS lead_id, %(company)s::int AS company_id
              FROM %(table)s AS s %(joins)s
        CROSS JOIN LATERAL (VALUES %(facts)s) AS fact (kind, date)
             WHERE %(rows)s AND %(where)s
            """,
            campaign=spec.campaign,
            source=spec.source,
            medium=spec.medium,
            mailing=spec.mailing,
            link=spec.link,
            name=spec.name,
            email=spec.email,
            partner=spec.partner,
            lead=spec.lead,
            company=spec.company,
            table=SQL.identifier(self.env[spec.res_model]._table),
            joins=spec.joins,
            facts=SQL(", ").join(
                SQL("(%s, (%s)::timestamp)", kind, date) for kind, date in spec.facts
            ),
            rows=rows,
            where=where,
        )

    @api.model
    def _delete_void_touches(self, spec, rows):
        """Take back touches whose record no longer says so: a mail that bounced, an order
        cancelled, a meeting moved into the future."""
        void = self._facts_query(spec, rows, SQL("fact.date IS NULL"))
        touch_ids = self._query_ids(
            SQL(
                """
                SELECT t.id
                  FROM marketing_touchpoint t
                  JOIN (%s) AS fact ON t.res_id = fact.res_id AND t.kind = fact.kind
                 WHERE t.res_model = %s
                """,
                void,
                spec.res_model,
            )
        )
        self._delete_touches(touch_ids)

    @api.model
    def _delete_touches(self, touch_ids):
        if touch_ids:
            self._touchpoints_changed(touch_ids)
            self._query_ids(
                SQL("DELETE FROM marketing_touchpoint WHERE id = ANY(%s) RETURNING id", touch_ids)
            )

    @api.model
    def _correct_touches(self, spec, rows):
        """Bring touches we already have up to date. Who it was is completed or, when the record
        itself names somebody else now, corrected; the address stays the one used at the time."""
        facts = self._facts_query(spec, rows, SQL("fact.date IS NOT NULL"))
        followed = SQL(", ").join(
            SQL("%s = fact.%s", SQL.identifier(name), SQL.identifier(name)) for name in FOLLOWED
        )
        old = SQL(", ").join(SQL("t.%s", SQL.identifier(name)) for name in FOLLOWED)
        new = SQL(", ").join(SQL("fact.%s", SQL.identifier(name)) for name in FOLLOWED)
        return self._query_ids(
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET %(followed)s,
                       partner_id = COALESCE(fact.partner_id, t.partner_id),
                       lead_id = COALESCE(fact.lead_id, t.lead_id),
                       company_id = COALESCE(fact.company_id, t.company_id),
                       email_normalized = COALESCE(t.email_normalized, fact.email_normalized),
                       source_deleted = FALSE,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM (%(facts)s) AS fact
                 WHERE t.res_model = %(res_model)s
                   AND t.res_id = fact.res_id AND t.kind = fact.kind
                   AND (%(old)s, t.partner_id, t.lead_id, t.company_id, t.email_normalized)
                       IS DISTINCT FROM
                       (%(new)s, COALESCE(fact.partner_id, t.partner_id),
                        COALESCE(fact.lead_id, t.lead_id),
                        COALESCE(fact.company_id, t.company_id),
                        COALESCE(t.email_normalized, fact.email_normalized))
             RETURNING t.id
                """,
                followed=followed,
                facts=facts,
                res_model=spec.res_model,
                old=old,
                new=new,
            )
        )

    @api.model
    def _insert_touches(self, spec, rows):
        """Add the touches we do not have yet, with the people their addresses stand for."""
        facts = self._facts_query(spec, rows, SQL("fact.date IS NOT NULL"))
        return self._query_ids(
            SQL(
                """
                WITH fact AS MATERIALIZED (%(facts)s),
                     address AS (
                         SELECT DISTINCT email_normalized FROM fact
                          WHERE partner_id IS NULL OR lead_id IS NULL
                     ),
                     contact AS (%(contacts)s),
                     prospect AS (%(prospects)s),
                     memory AS (%(memory)s)
                INSERT INTO marketing_touchpoint (
                    date, kind, name, campaign_id, source_id, medium_id, mailing_id, link_id,
                    email_normalized, partner_id, lead_id, company_id, res_model, res_id,
                    is_bot, source_deleted, create_date, write_date)
                SELECT fact.date, fact.kind, fact.name, fact.campaign_id, fact.source_id,
                       fact.medium_id, fact.mailing_id, fact.link_id, fact.email_normalized,
                       COALESCE(fact.partner_id, prospect.partner_id, contact.id,
                                memory.partner_id),
                       COALESCE(fact.lead_id, prospect.id, memory.lead_id),
                       COALESCE(fact.company_id, prospect.company_id, memory.company_id),
                       %(res_model)s, fact.res_id,
                       FALSE, FALSE, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM fact
             LEFT JOIN contact ON fact.partner_id IS NULL
                   AND contact.email_normalized = fact.email_normalized
                   AND (contact.company_id = fact.company_id
                        OR contact.company_id IS NULL OR fact.company_id IS NULL)
             LEFT JOIN prospect ON %(guess_lead)s AND fact.lead_id IS NULL
                   AND prospect.email_normalized = fact.email_normalized
                   AND (prospect.company_id = fact.company_id
                        OR prospect.company_id IS NULL OR fact.company_id IS NULL)
                   AND (prospect.partner_id = fact.partner_id
                        OR prospect.partner_id IS NULL OR fact.partner_id IS NULL)
             LEFT JOIN memory ON %(guess_lead)s AND prospect.id IS NULL AND contact.id IS NULL
                   AND fact.partner_id IS NULL AND fact.lead_id IS NULL
                   AND memory.email_normalized = fact.email_normalized
                   AND (memory.company_id = fact.company_id
                        OR memory.company_id IS NULL OR fact.company_id IS NULL)
                    ON CONFLICT (res_model, res_id, kind) DO NOTHING
             RETURNING id
                """,
                facts=facts,
                contacts=self._contacts_by_address(SQL("SELECT email_normalized FROM address")),
                prospects=self._leads_by_address(SQL("SELECT email_normalized FROM address")),
                memory=self._people_remembered(SQL("SELECT email_normalized FROM address")),
                guess_lead=SQL("TRUE") if spec.guess_lead else SQL("FALSE"),
                res_model=spec.res_model,
            )
        )

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    @api.model
    def _contacts_by_address(self, addresses: SQL) -> SQL:
        """One contact per address: an active one before an archived one, then the oldest."""
        return SQL(
            """
            SELECT DISTINCT ON (p.email_normalized) p.email_normalized, p.id, p.company_id
              FROM res_partner p
             WHERE p.email_normalized IN (%s)
          ORDER BY p.email_normalized, p.active DESC, p.id
            """,
            addresses,
        )

    @api.model
    def _leads_by_address(self, addresses: SQL) -> SQL:
        """One lead per address: an open one before a closed one, then the youngest."""
        return SQL(
            """
            SELECT DISTINCT ON (l.email_normalized)
                   l.email_normalized, l.id, l.partner_id, l.company_id
              FROM crm_lead l
             WHERE l.email_normalized IN (%s)
          ORDER BY l.email_normalized, (l.active AND l.won_status = 'pending') DESC,
                   l.create_date DESC, l.id DESC
            """,
            addresses,
        )

    @api.model
    def _people_remembered(self, addresses: SQL) -> SQL:
        """Who used an address in the log before: its owner may have another one by now."""
        return SQL(
            """
            SELECT DISTINCT ON (o.email_normalized)
                   o.email_normalized, o.lead_id, o.partner_id, o.company_id
              FROM marketing_touchpoint o
             WHERE o.email_normalized IN (%s)
               AND (o.lead_id IS NOT NULL OR o.partner_id IS NOT NULL)
          ORDER BY o.email_normalized, o.date DESC, o.id DESC
            """,
            addresses,
        )

    @api.model
    def _people_code(self):
        return "people"

    @api.model
    def _identify_people(self):
        """Give touches the people that became known since: an address that became a contact or
        a lead, a lead that became a contact. Nobody is ever taken off a touch."""
        state = self.env["marketing.touchpoint.source"]._start_or_resume(self._people_code())
        if state is None:
            return
        since = state["watermark"]
        touch_ids = []
        for query in self._identify_queries(
            SQL("l.write_date >= %s", since) if since else SQL("TRUE"),
            SQL("p.write_date >= %s", since) if since else SQL("TRUE"),
        ):
            touch_ids += self._query_ids(query)
        source = self.env["marketing.touchpoint.source"]
        source._advance(self._people_code(), 0, len(touch_ids))
        source._finish_pass(self._people_code())
        if touch_ids:
            self._touchpoints_changed(list(set(touch_ids)))

    @api.model
    def _identify_queries(self, leads_changed: SQL, contacts_changed: SQL) -> list[SQL]:
        """Updates, in order, that complete the people of touches; a hook for bridges."""
        known_leads = self._leads_by_address(
            SQL("SELECT l.email_normalized FROM crm_lead l WHERE %s", leads_changed)
        )
        known_contacts = self._contacts_by_address(
            SQL("SELECT p.email_normalized FROM res_partner p WHERE %s", contacts_changed)
        )
        return [
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET lead_id = known.id,
                       partner_id = COALESCE(t.partner_id, known.partner_id),
                       company_id = COALESCE(t.company_id, known.company_id),
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM (%s) AS known
                 WHERE t.lead_id IS NULL AND t.kind <> 'order'
                   AND t.email_normalized = known.email_normalized
                   AND (t.company_id = known.company_id
                        OR t.company_id IS NULL OR known.company_id IS NULL)
                   AND (t.partner_id = known.partner_id
                        OR t.partner_id IS NULL OR known.partner_id IS NULL)
             RETURNING t.id
                """,
                known_leads,
            ),
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = l.partner_id, write_date = now() AT TIME ZONE 'UTC'
                  FROM crm_lead l
                 WHERE t.lead_id = l.id AND t.partner_id IS NULL
                   AND l.partner_id IS NOT NULL AND %s
             RETURNING t.id
                """,
                leads_changed,
            ),
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = known.id, write_date = now() AT TIME ZONE 'UTC'
                  FROM (%s) AS known
                 WHERE t.partner_id IS NULL
                   AND t.email_normalized = known.email_normalized
                   AND (t.company_id = known.company_id
                        OR t.company_id IS NULL OR known.company_id IS NULL)
             RETURNING t.id
                """,
                known_contacts,
            ),
        ]

    def _complete_people(self):
        """Find the people of typed touches: address from lead or contact, and back."""
        if not self:
            return
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        self.flush_recordset()
        mine = SQL("SELECT t.email_normalized FROM marketing_touchpoint t WHERE %s", self._mine())
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_touchpoint t
                   SET partner_id = COALESCE(t.partner_id, l.partner_id),
                       email_normalized = COALESCE(
                           t.email_normalized, l.email_normalized, p.email_normalized),
                       company_id = COALESCE(t.company_id, l.company_id, c.company_id)
                  FROM marketing_touchpoint o
             LEFT JOIN crm_lead l ON l.id = o.lead_id
             LEFT JOIN res_partner p ON p.id = COALESCE(o.partner_id, l.partner_id)
             LEFT JOIN utm_campaign c ON c.id = o.campaign_id
                 WHERE o.id = t.id AND %s
             RETURNING t.id
                """,
                self._mine(),
            )
        )
        for known, lead, partner in (
            (self._leads_by_address(mine), SQL("known.id"), SQL("known.partner_id")),
            (self._contacts_by_address(mine), SQL("NULL"), SQL("known.id")),
        ):
            self.env.execute_query(
                SQL(
                    """
                    UPDATE marketing_touchpoint t
                       SET lead_id = COALESCE(t.lead_id, %(lead)s),
                           partner_id = COALESCE(t.partner_id, %(partner)s)
                      FROM (%(known)s) AS known
                     WHERE %(mine)s AND t.email_normalized = known.email_normalized
                       AND (t.company_id = known.company_id
                            OR t.company_id IS NULL OR known.company_id IS NULL)
                       AND (t.partner_id = %(partner)s
                            OR t.partner_id IS NULL OR %(partner)s IS NULL)
                 RETURNING t.id
                    """,
                    lead=lead,
                    partner=partner,
                    known=known,
                    mine=self._mine(),
                )
            )
        self.invalidate_recordset(["partner_id", "lead_id", "email_normalized", "company_id"])
        self._touchpoints_changed(self.ids)

    def _mine(self):
        return SQL("t.id IN %s", tuple(self.ids))

    # ------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------

    @api.model
    def _touchpoints_changed(self, touch_ids: list[int]):
        """Hook: these touches were added, corrected, identified, or are about to be deleted.

        Called in the same transaction, once per set, by every path that changes the log.
        """

    def _query_ids(self, query: SQL) -> list[int]:
        return [touch_id for (touch_id,) in self.env.execute_query(query)]

    @api.model
    def _get_fact_sources(self) -> list[FactSource]:
        """Hook for bridges: every native table the log is read from."""
        return [
            self._mailing_trace_source(),
            self._link_click_source(),
            self._lead_source(),
            self._order_source(),
            self._meeting_source(),
            self._call_source(),
        ]

    @api.model
    def _sql_normalized_email(self, expression: SQL) -> SQL:
        """An address column that is not normalised, the way normalised ones are stored."""
        return SQL(
            """lower(substring(%s from '([^\\s<>"]+@[^\\s<>"]+)'))""",
            expression,
        )

    @api.model
    def _sql_translated(self, expression: SQL) -> SQL:
        """A translated name in the language of the system user, so that it does not change with
        whoever happens to start the ingestion."""
        lang = self.env.ref("base.user_root").lang or "en_US"
        return SQL(
            "COALESCE(%(name)s ->> %(lang)s, %(name)s ->> 'en_US')", name=expression, lang=lang
        )

    @api.model
    def _mailing_trace_source(self):
        """Emails of a mailing: sent, opened, clicked, replied.

        A mail that bounced or failed was not received, whatever its sending date says; one that
        was opened after all was. Clicks come from the link clicks, which know the link; a trace
        that is marked clicked without any such row stands for itself.
        """
        return FactSource(
            code="mailing_trace",
            res_model="mailing.trace",
            facts=(
                (
                    "mail_sent",
                    SQL(
                        """CASE WHEN s.trace_status IN ('pending', 'sent', 'open', 'reply')
                           THEN COALESCE(s.sent_datetime, s.create_date) END"""
                    ),
                ),
                ("mail_open", SQL("s.open_datetime")),
                (
                    "mail_click",
                    SQL(
                        """CASE WHEN s.links_click_datetime IS NOT NULL AND NOT EXISTS (
                                SELECT 1 FROM link_tracker_click lc
                                 WHERE lc.mailing_trace_id = s.id)
                           THEN s.links_click_datetime END"""
                    ),
                ),
                ("mail_reply", SQL("s.reply_datetime")),
            ),
            only=SQL("s.trace_type = 'mail' AND s.is_test_trace IS NOT TRUE"),
            joins=SQL(
                """
                  LEFT JOIN mailing_mailing m ON m.id = s.mass_mailing_id
                  LEFT JOIN utm_campaign c ON c.id = m.campaign_id
                  LEFT JOIN crm_lead l ON s.model = 'crm.lead' AND l.id = s.res_id
                  LEFT JOIN res_partner p ON s.model = 'res.partner' AND p.id = s.res_id
                """
            ),
            campaign=SQL("m.campaign_id"),
            source=SQL("m.source_id"),
            medium=SQL("m.medium_id"),
            mailing=SQL("m.id"),
            name=SQL("m.subject"),
            email=SQL("s.email"),
            partner=SQL("COALESCE(p.id, l.partner_id)"),
            lead=SQL("l.id"),
            company=SQL("COALESCE(l.company_id, c.company_id)"),
            trace=SQL("s.id"),
        )

    @api.model
    def _link_click_source(self):
        """Clicks on tracked links. A link in an email names who it was sent to; any other click
        is anonymous and stays so."""
        return FactSource(
            code="link_click",
            res_model="link.tracker.click",
            facts=(
                ("mail_click", SQL("CASE WHEN tr.trace_type = 'mail' THEN s.create_date END")),
                ("link_click", SQL("CASE WHEN tr.id IS NULL THEN s.create_date END")),
            ),
            joins=SQL(
                """
                  JOIN link_tracker lt ON lt.id = s.link_id
                  LEFT JOIN mailing_trace tr
                    ON tr.id = s.mailing_trace_id AND tr.is_test_trace IS NOT TRUE
                  LEFT JOIN mailing_mailing m ON m.id = tr.mass_mailing_id
                  LEFT JOIN utm_campaign c ON c.id = COALESCE(lt.campaign_id, m.campaign_id)
                  LEFT JOIN crm_lead l ON tr.model = 'crm.lead' AND l.id = tr.res_id
                  LEFT JOIN res_partner p ON tr.model = 'res.partner' AND p.id = tr.res_id
                """
            ),
            campaign=SQL("c.id"),
            source=SQL("COALESCE(lt.source_id, m.source_id)"),
            medium=SQL("COALESCE(lt.medium_id, m.medium_id)"),
            mailing=SQL("m.id"),
            link=SQL("lt.id"),
            name=SQL("COALESCE(NULLIF(lt.label, ''), lt.url)"),
            email=SQL("tr.email"),
            partner=SQL("COALESCE(p.id, l.partner_id)"),
            lead=SQL("l.id"),
            company=SQL("COALESCE(l.company_id, c.company_id)"),
            trace=SQL("s.mailing_trace_id"),
        )

    @api.model
    def _lead_source(self):
        """A lead arrived, by whatever way."""
        return FactSource(
            code="lead_created",
            res_model="crm.lead",
            facts=(("lead_created", SQL("s.create_date")),),
            joins=SQL("LEFT JOIN utm_campaign c ON c.id = s.campaign_id"),
            campaign=SQL("s.campaign_id"),
            source=SQL("s.source_id"),
            medium=SQL("s.medium_id"),
            name=SQL("s.name"),
            email=SQL("s.email_normalized"),
            partner=SQL("s.partner_id"),
            lead=SQL("s.id"),
            company=SQL("COALESCE(s.company_id, c.company_id)"),
        )

    @api.model
    def _order_source(self):
        """A quotation became an order; cancelling the order takes the touch back."""
        return FactSource(
            code="order",
            res_model="sale.order",
            facts=(("order", SQL("CASE WHEN s.state = 'sale' THEN s.date_order END")),),
            joins=SQL("LEFT JOIN res_partner p ON p.id = s.partner_id"),
            campaign=SQL("s.campaign_id"),
            source=SQL("s.source_id"),
            medium=SQL("s.medium_id"),
            name=SQL("s.name"),
            email=SQL("p.email_normalized"),
            partner=SQL("s.partner_id"),
            lead=SQL("s.opportunity_id"),
            company=SQL("s.company_id"),
            guess_lead=False,
            keep_deleted=False,
        )

    @api.model
    def _meeting_source(self):
        """A meeting about a lead took place: one that is still to come is not a touch yet."""
        return FactSource(
            code="meeting",
            res_model="calendar.event",
            facts=(
                (
                    "meeting",
                    SQL(
                        """CASE WHEN s.active AND l.id IS NOT NULL
                                 AND s.start <= now() AT TIME ZONE 'UTC' THEN s.start END"""
                    ),
                ),
            ),
            changed=lambda since: SQL(
                """(s.write_date >= %(since)s
                    OR s.start BETWEEN %(since)s AND now() AT TIME ZONE 'UTC')""",
                since=since,
            ),
            joins=self._lead_joins(SQL("s.opportunity_id")),
            name=SQL("s.name"),
            keep_deleted=False,
            **self._lead_columns(),
        )

    @api.model
    def _call_source(self):
        """A call planned on a lead was done. Done activities know the day, not the hour: a call
        done on the day it was planned counts from that moment, any other from midnight."""
        return FactSource(
            code="call",
            res_model="mail.activity",
            facts=(
                (
                    "call",
                    SQL(
                        """CASE WHEN NOT s.active AND s.date_done IS NOT NULL
                                 AND at.category = 'phonecall' AND l.id IS NOT NULL
                           THEN GREATEST(s.date_done::timestamp, s.create_date) END"""
                    ),
                ),
            ),
            only=SQL("s.res_model = 'crm.lead'"),
            joins=SQL(
                "LEFT JOIN mail_activity_type at ON at.id = s.activity_type_id %s",
                self._lead_joins(SQL("s.res_id")),
            ),
            name=SQL("COALESCE(NULLIF(s.summary, ''), s.res_name)"),
            keep_deleted=False,
            **self._lead_columns(),
        )

    @api.model
    def _lead_joins(self, lead_id: SQL) -> SQL:
        """The lead a record belongs to, and its campaign."""
        return SQL(
            """
              LEFT JOIN crm_lead l ON l.id = %s
              LEFT JOIN utm_campaign c ON c.id = l.campaign_id
            """,
            lead_id,
        )

    @api.model
    def _lead_columns(self) -> dict:
        """What a touch takes over from the lead it belongs to."""
        return {
            "campaign": SQL("l.campaign_id"),
            "source": SQL("l.source_id"),
            "medium": SQL("l.medium_id"),
            "email": SQL("l.email_normalized"),
            "partner": SQL("l.partner_id"),
            "lead": SQL("l.id"),
            "company": SQL("COALESCE(l.company_id, c.company_id)"),
        }
