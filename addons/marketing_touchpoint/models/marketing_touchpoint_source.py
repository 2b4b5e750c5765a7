from odoo import api, fields, models
from odoo.tools import SQL


class MarketingTouchpointSource(models.Model):
    """How far one native table has been read into the log.

    No row may be lost, not even one written by a transaction that commits long after a younger
    one. Odoo stamps ``write_date`` with the start of the transaction, so every row that is still
    invisible was written by a transaction that is running now or starts later: its ``write_date``
    is at or after the oldest running transaction's start, the ``horizon``. A pass may move the
    watermark up to a horizon that was read *before* its own snapshot, and no further.
    """

    _name = "marketing.touchpoint.source"
    _description = "Touchpoint Source"
    _order = "code"
    _rec_name = "code"

    code = fields.Char(required=True, readonly=True)
    name = fields.Char(string="What Is Read", compute="_compute_name")
    watermark = fields.Datetime(
        string="Read Up To",
        readonly=True,
        help="Everything written before this moment is in the log.",
    )
    horizon = fields.Datetime(
        readonly=True,
        help="Oldest transaction still running when the last pass ended.",
    )
    pass_horizon = fields.Datetime(
        readonly=True, help="Where the watermark goes when the current pass is through."
    )
    position = fields.Integer(
        readonly=True, help="Last record read in a pass that is not through yet; 0 between passes."
    )
    last_run = fields.Datetime(readonly=True)
    last_count = fields.Integer(
        string="Touches Changed", readonly=True, help="Touches added or corrected by the last pass."
    )

    _code_unique = models.Constraint("UNIQUE (code)", "There is one watermark per source.")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_name(self):
        models_by_code = {
            spec.code: spec.res_model
            for spec in self.env["marketing.touchpoint"]._get_fact_sources()
        }
        for source in self:
            model = models_by_code.get(source.code)
            # sudo: names of models are for administrators only
            source.name = (
                self.env["ir.model"].sudo()._get(model).name if model else self.env._("People")
            )

    @api.model
    def _read_horizon(self):
        """Start of the oldest transaction running in this database, this one included.

        One second is taken off: some clients truncate the time they write.
        """
        [(horizon,)] = self.env.execute_query(
            SQL(
                """
                SELECT (LEAST(now(), min(xact_start)) AT TIME ZONE 'UTC') - interval '1 second'
                  FROM pg_stat_activity
                 WHERE datname = current_database()
                   AND xact_start IS NOT NULL
                   AND pid <> pg_backend_pid()
                """
            )
        )
        return horizon

    @api.model
    def _record_horizon(self):
        """Remember the horizon for the next pass of every source."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                "UPDATE marketing_touchpoint_source SET horizon = %s RETURNING id",
                self._read_horizon(),
            )
        )
        self.invalidate_model(["horizon"])

    @api.model
    def _ensure(self, codes):
        """Create the missing watermark rows."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO marketing_touchpoint_source (code, position, last_count)
                SELECT missing.code, 0, 0 FROM unnest(%s) AS missing (code)
                 WHERE NOT EXISTS (SELECT 1 FROM marketing_touchpoint_source known
                                    WHERE known.code = missing.code)
                    ON CONFLICT (code) DO NOTHING
                RETURNING id
                """,
                list(codes),
            )
        )

    @api.model
    def _start_or_resume(self, code):
        """Lock a source and tell where its pass stands; None when somebody else reads it."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                UPDATE marketing_touchpoint_source
                   SET pass_horizon = CASE WHEN position = 0 THEN horizon ELSE pass_horizon END,
                       last_count = CASE WHEN position = 0 THEN 0 ELSE last_count END,
                       last_run = now() AT TIME ZONE 'UTC'
                 WHERE id IN (SELECT id FROM marketing_touchpoint_source
                               WHERE code = %s FOR UPDATE SKIP LOCKED)
             RETURNING watermark, position
                """,
                code,
            )
        )
        return rows[0] if rows else None

    @api.model
    def _advance(self, code, position, count):
        """Everything up to this record is in the log."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_touchpoint_source
                   SET position = %s, last_count = last_count + %s
                 WHERE code = %s
             RETURNING id
                """,
                position,
                count,
                code,
            )
        )

    @api.model
    def _finish_pass(self, code):
        """The pass is through: what was committed before it began never needs reading again."""
        self.env.execute_query(
            SQL(
                """
                UPDATE marketing_touchpoint_source
                   SET watermark = COALESCE(pass_horizon, watermark), position = 0
                 WHERE code = %s
             RETURNING id
                """,
                code,
            )
        )

    def action_read_again(self):
        """Forget the watermark: the next pass compares every record with the log."""
        self.check_access("write")
        self.write({"watermark": False, "position": 0, "pass_horizon": False})
        self.env["marketing.touchpoint"]._wake_ingestion()
