from datetime import datetime, timedelta

from odoo.tests import TransactionCase

from odoo.addons.mail.tests.common import mail_new_test_user


class TouchpointCommon(TransactionCase):
    """A small world.

    One campaign with one mailing. Ada is a contact with a mailbox of her own; Bob is only a lead;
    Zoe is an address on a mailing list. Sam sells (own leads only), Max manages sales, Mia does
    marketing, Ann keeps the books and has no business in the log.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.Touch = cls.env["marketing.touchpoint"]
        # leads created on a database with enrichment must not call out
        cls.env["ir.config_parameter"].sudo().set_param("crm.iap.lead.enrich.setting", "manual")
        cls.sam = mail_new_test_user(
            cls.env, login="touch_sam", groups="sales_team.group_sale_salesman"
        )
        cls.max = mail_new_test_user(
            cls.env, login="touch_max", groups="sales_team.group_sale_manager"
        )
        cls.mia = mail_new_test_user(
            cls.env, login="touch_mia", groups="mass_mailing.group_mass_mailing_user"
        )
        cls.ann = mail_new_test_user(cls.env, login="touch_ann", groups="base.group_user")
        cls.campaign = cls.env["utm.campaign"].create({"title": "Touch Spring"})
        cls.mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "Touch Offer",
                "campaign_id": cls.campaign.id,
                "mailing_model_id": cls.env["ir.model"]._get_id("mailing.contact"),
                "body_html": "<p>Hello</p>",
            }
        )
        cls.ada = cls.env["res.partner"].create(
            {"name": "Ada", "email": "Ada <Ada@Touch.example.com>"}
        )
        cls.bob_lead = cls.env["crm.lead"].create(
            {
                "name": "Bob wants some",
                "email_from": "bob@touch.example.com",
                "user_id": cls.sam.id,
                "campaign_id": cls.campaign.id,
            }
        )
        cls.zoe = cls.env["mailing.contact"].create(
            {"name": "Zoe", "email": "zoe@touch.example.com"}
        )
        cls.sent_at = datetime(2026, 3, 2, 9, 0)

    @classmethod
    def _create_trace(cls, record, **values):
        """A delivered email of the mailing to a contact, lead or mailing contact."""
        return cls.env["mailing.trace"].create(
            {
                "mass_mailing_id": cls.mailing.id,
                "model": record._name,
                "res_id": record.id,
                "email": record.email_normalized,
                "trace_status": "sent",
                "sent_datetime": cls.sent_at,
                **values,
            }
        )

    @classmethod
    def _create_link(cls, url="https://www.example.com/touch", **values):
        # a title keeps the tracker from fetching the page
        return cls.env["link.tracker"].create(
            {"url": url, "title": "Touch", "campaign_id": cls.campaign.id, **values}
        )

    @classmethod
    def _ingest(cls):
        cls.env["marketing.touchpoint"]._ingest_all()

    def _touches(self, records, kind=None):
        """The touches read from the given records."""
        domain = [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.Touch.search(domain, order="date, id")

    def assertTouches(self, records, *kinds):
        """The log holds exactly these kinds for the records, once each."""
        self.assertEqual(
            sorted(self._touches(records).mapped("kind")), sorted(kinds), records._name
        )

    def _snapshot(self):
        """Every stored value of every touch."""
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM marketing_touchpoint ORDER BY id")
        return self.env.cr.fetchall()

    def _age(self, records, days=30):
        """Make records look written long ago, as a committed past would."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET write_date = %s WHERE id IN %s",  # noqa: S608
            (datetime.now() - timedelta(days=days), tuple(records.ids)),
        )
        records.invalidate_recordset()

    def _settle(self):
        """Ingest twice: the second pass may trust the horizon of the first."""
        self._ingest()
        self._ingest()
