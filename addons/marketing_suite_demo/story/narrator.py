import gc
import logging
import time

from odoo import Command, api, fields
from odoo.tools import SQL

from ..tools.plot import Plot
from ..tools.timeline import Timeline

_logger = logging.getLogger(__name__)

# Where the story keeps the identifiers of its records: not an addon, so that uninstalling the
# demo leaves a company's books alone and installing it again finds them told already.
NAMESPACE = "__marketing_demo__"

# History is not written for records that were born in the past, and nobody gets mail.
QUIET = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_activity_quick_update": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
    "lang": "en_US",
}


class Story:
    """What every chapter shares: the plot, the days, and the records told so far."""

    def __init__(self, env, today=None):
        self.env = env(user=api.SUPERUSER_ID, su=True, context={**env.context, **QUIET})
        self.timeline = Timeline(today or fields.Date.today())
        self.plot = Plot()
        self.chinese = "zh_CN" in dict(self.env["res.lang"].get_installed())
        self._records = {}

    # ------------------------------------------------------------------ chapters
    def tell(self, chapters):
        # Odoo itself, a million objects that stay, need not be looked through at every rest.
        gc.collect()
        gc.freeze()
        try:
            for chapter in chapters:
                self._tell_chapter(chapter)
        finally:
            gc.unfreeze()

    def _tell_chapter(self, chapter):
        started, queries = time.monotonic(), self.env.cr.sql_log_count
        chapter.tell(self)
        self.rest()
        _logger.info(
            "Demo story, chapter %s: %.1f s, %d queries",
            chapter.__name__.rsplit(".", 1)[-1],
            time.monotonic() - started,
            self.env.cr.sql_log_count - queries,
        )

    def rest(self):
        """Write what is pending and let go of what nobody needs.

        Odoo looks through all living environments at each ``with_context``, and they live until
        the garbage collector finds them: without a rest now and then, the story gets slower with
        every page.
        """
        self.env.flush_all()
        gc.collect()

    def is_told(self) -> bool:
        return bool(self.env.ref(f"{NAMESPACE}.company_de", raise_if_not_found=False))

    # ------------------------------------------------------------------ records by key
    def keep(self, kind: str, keys, records):
        """Remember records under their key, in the story and by external identifier."""
        pairs = list(zip(keys, records, strict=True))
        for key, record in pairs:
            self._records[kind, key] = record
        self.env["ir.model.data"].create(
            [
                {
                    "module": NAMESPACE,
                    "name": f"{kind}_{key}".replace(".", "_"),
                    "model": record._name,
                    "res_id": record.id,
                    "noupdate": True,
                }
                for key, record in pairs
            ]
        )
        return records

    def get(self, kind: str, key: str):
        return self._records[kind, key]

    def all(self, kind: str) -> dict:
        return {key: record for (k, key), record in self._records.items() if k == kind}

    # ------------------------------------------------------------------ who and where
    def in_company(self, key: str, model: str):
        """The model as seen from one company."""
        return (
            self.env[model]
            .with_company(self.get("company", key))
            .with_context(allowed_company_ids=self.get("company", key).ids)
        )

    def as_user(self, login: str, records):
        """The records in the hands of a person of the cast, with no more rights than theirs."""
        user = self.get("user", login)
        companies = user.company_id | user.company_ids
        return records.with_user(user).with_context(**QUIET, allowed_company_ids=companies.ids)

    # ------------------------------------------------------------------ words and days
    def translate(self, records, field: str, texts):
        """Give the records their Chinese words, when the database speaks Chinese."""
        if not self.chinese:
            return
        for record, text in zip(records, texts, strict=True):
            record.update_field_translations(field, {"zh_CN": text})

    def backdate(self, moments: dict, *columns: str):
        """Move dates that Odoo sets itself to where they belong in the story.

        One statement per model and column set; ``create_date`` unless columns are named.
        """
        if not moments:
            return
        self.env.flush_all()
        records = list(moments)
        model = self.env[records[0]._name]
        assignments = SQL(", ").join(
            SQL("%s = told.moment", SQL.identifier(column))
            for column in columns or ("create_date",)
        )
        self.env.cr.execute(
            SQL(
                "UPDATE %s AS record SET %s FROM unnest(%s::int[], %s::timestamp[]) "
                "AS told(id, moment) WHERE record.id = told.id",
                SQL.identifier(model._table),
                assignments,
                [record.id for record in records],
                [moments[record] for record in records],
            )
        )
        model.invalidate_model(flush=False)


def plain_groups(env, xmlids):
    """The groups that exist in this database, as commands."""
    groups = (env.ref(xmlid, raise_if_not_found=False) for xmlid in xmlids)
    return [Command.link(group.id) for group in groups if group]
