from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ..models.marketing_share import hash_token
from .common import NOON, RoiCommon


@tagged("post_install", "-at_install")
class TestMarketingShare(RoiCommon, HttpCase):
    """March: campaign A cost 50 and brought 100."""

    def setUp(self):
        super().setUp()
        self._create_bill(50.0, {self.campaign_a: 100})
        self._create_touch(-1)
        self._invoice(self._create_order(100.0), days=1)
        self.Run._run()
        self.company.is_marketing_sharing_allowed = True

    def _share(self, user=None, **values):
        return (
            self.env["marketing.share"]
            .with_user(user or self.marketer)
            .create(
                {
                    "name": "For the agency",
                    "company_id": self.company.id,
                    "lang": "en_US",
                    "period": "fixed",
                    "date_from": NOON.date(),
                    "date_to": NOON.date() + timedelta(days=30),
                    **values,
                }
            )
        )

    def _link(self, share):
        action = share.action_make_link()
        token = action["context"]["marketing_share_token"]
        self.assertTrue(share.with_context(**action["context"]).url.endswith(token))
        return token

    def _get(self, token):
        self.env.flush_all()
        self.authenticate(None, None)
        return self.url_open(f"/marketing/shared/{token}")

    def test_it_is_off_until_the_company_allows_it(self):
        self.company.is_marketing_sharing_allowed = False
        with self.assertRaises(UserError):
            self._share()
        self.assertFalse(
            self.env["res.company"].create({"name": "New"}).is_marketing_sharing_allowed
        )

    def test_the_page_shows_totals_without_a_login(self):
        share = self._share()
        answer = self._get(self._link(share))
        self.assertEqual(answer.status_code, 200)
        for text in ("For the agency", "50.00", "100.00", "100.0 %", "noindex"):
            self.assertIn(text, answer.text)
        for text in ("Campaign A", "Customer<", "<script", "Gross Margin"):
            self.assertNotIn(text, answer.text)
        self.assertIn("noindex", answer.headers["X-Robots-Tag"])
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(share.access_count, 1)
        self.assertTrue(share.access_ids.network.endswith((".0", "::")))

    def test_names_of_campaigns_only_when_wanted(self):
        answer = self._get(self._link(self._share(has_campaigns=True)))
        self.assertIn("Campaign A", answer.text)

    def test_closed_links_answer_like_wrong_ones(self):
        share = self._share()
        token = self._link(share)
        wrong = self._get("x" * 43)
        self.assertEqual(wrong.status_code, 404)
        share.action_revoke()
        self.assertEqual(self._get(token).text, wrong.text)
        second = self._share()
        token = self._link(second)
        # sudo: time passes
        second.sudo().date_expiry = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(self._get(token).text, wrong.text)
        self.assertEqual(share.access_count + second.access_count, 0)

    def test_switching_it_off_closes_all(self):
        token = self._link(self._share())
        self.company.is_marketing_sharing_allowed = False
        self.assertEqual(self._get(token).status_code, 404)

    def test_a_link_dies_with_the_role_of_its_maker(self):
        token = self._link(self._share())
        # sudo: the administrator takes the role
        self.marketer.sudo().group_ids -= self.env.ref("marketing_campaign_ext.group_campaign_user")
        self.assertEqual(self._get(token).status_code, 404)

    def test_the_token_is_kept_as_a_hash_and_shown_once(self):
        share = self._share()
        token = self._link(share)
        self.assertEqual(share.sudo().token_hash, hash_token(token))
        self.assertGreaterEqual(len(token), 43)
        with self.assertRaises(UserError):
            share.action_make_link()
        self.assertFalse(share.url)
        with self.assertRaises(AccessError):
            share.read(["token_hash"])

    def test_what_was_given_out_is_not_changed(self):
        share = self._share()
        self._link(share)
        with self.assertRaises(UserError):
            share.has_campaigns = True
        with self.assertRaises(ValidationError):
            self._share(date_expiry=fields.Datetime.now() + timedelta(days=800))

    def test_the_page_speaks_the_language_of_the_link(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search([("name", "=", "roi_dashboard")])._update_translations(
            ["zh_CN"]
        )
        answer = self._get(self._link(self._share(lang="zh_CN")))
        self.assertIn('lang="zh-CN"', answer.text)
        self.assertIn("漏斗", answer.text)

    def test_shares_are_for_marketers(self):
        for user in (self.finance, self._create_salesman()):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._share(user)
        share = self._share()
        self.assertTrue(share.with_user(self.manager).name)
        colleague = self._create_user("share_colleague", "group_campaign_user")
        with self.assertRaises(AccessError):
            share.with_user(colleague).read(["name"])

    def _create_salesman(self):
        return self.env["res.users"].create(
            {
                "name": "Salesman",
                "login": "share_salesman",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [(6, 0, self.env.ref("sales_team.group_sale_salesman").ids)],
            }
        )
