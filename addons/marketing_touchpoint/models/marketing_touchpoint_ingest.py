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
        cron = self.env.ref("marketing_touchpoint.ir_cron_ingest", raise_if_not_found=False)
        if not cron:  # at the end of an uninstallation
            return
        # sudo: whoever clicks a link or edits a lead may not read scheduled actions
        cron = cron.sudo()
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
