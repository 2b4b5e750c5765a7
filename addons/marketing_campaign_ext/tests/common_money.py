from datetime import date

from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import mail_new_test_user

MODULE = "marketing_campaign_ext"


class CampaignMoneyCommon(AccountTestInvoicingCommon):
    """A company with a ledger, two approved campaigns and the people who look at their money.

    "Spring" has a budget of 1 000 (March) and "Autumn" of 500; both have analytic accounts, a
    bill reaches them through the distribution of its lines. A marketer, a manager, a finance
    reader and an accountant each see their part; a stranger belongs to another company, whose
    francs are worth half as much until 2026-03-31 and a quarter from April on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.company_data["company"]
        cls.currency = cls.company.currency_id
        cls.gold = cls.setup_other_currency("CHF", rates=[("2026-01-01", 2.0), ("2026-04-01", 4.0)])
        cls.marketer = cls._create_money_user("money_marketer", f"{MODULE}.group_campaign_user")
        cls.manager = cls._create_money_user("money_manager", f"{MODULE}.group_campaign_manager")
        cls.finance = cls._create_money_user("money_finance", f"{MODULE}.group_campaign_finance")
        cls.accountant = cls._create_money_user(
            "money_accountant",
            f"account.group_account_user,{MODULE}.group_campaign_finance",
        )
        cls.ads, cls.stand = cls.env["marketing.cost.category"].create(
            [{"name": "Test Ads"}, {"name": "Test Stand"}]
        )
        cls.spring = cls._create_money_campaign("Test Spring", 1000.0)
        cls.autumn = cls._create_money_campaign("Test Autumn", 500.0)

    @classmethod
    def get_default_groups(cls):
        """The user who builds the world keeps the books and manages campaigns."""
        return super().get_default_groups() | cls.quick_ref(f"{MODULE}.group_campaign_manager")

    @classmethod
    def _create_money_user(cls, login, groups, company=None):
        company = company or cls.company
        return mail_new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _create_money_campaign(cls, title, budget, company=None, state="running", **values):
        company = company or cls.company
        campaign = cls.env["utm.campaign"].create(
            {
                "title": title,
                "user_id": cls.marketer.id,
                "company_id": company.id,
                "date_start": date(2026, 3, 1),
                "date_end": date(2026, 3, 31),
                "budget_line_ids": [Command.create({"category_id": cls.ads.id, "amount": budget})]
                if budget
                else [],
                **values,
            }
        )
        campaign._ensure_analytic_account()
        # The life of a campaign is tested elsewhere; here it only has to be there.
        campaign.sudo().state = {"running": "submitted"}.get(state, state)
        if state == "running":
            campaign.sudo().state = "approved"
            campaign.sudo().state = "running"
        return campaign

    @classmethod
    def _key(cls, *campaigns):
        """Key of an analytic distribution."""
        return ",".join(str(campaign.analytic_account_id.id) for campaign in campaigns)

    @classmethod
    def _create_bill(cls, amount, shares, *, post=True, move_type="in_invoice", **values):
        """A vendor document of one line, distributed by ``shares`` (campaign -> percent)."""
        line_values = values.pop("line_values", {})
        bill = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.partner_a.id,
                "invoice_date": values.pop("invoice_date", date(2026, 3, 10)),
                "date": values.pop("date", date(2026, 3, 10)),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Advertising",
                            "quantity": 1,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                            "account_id": cls.company_data["default_account_expense"].id,
                            "analytic_distribution": {
                                cls._key(campaign): percent for campaign, percent in shares.items()
                            },
                            **line_values,
                        }
                    )
                ],
                **values,
            }
        )
        if post:
            bill.action_post()
        return bill

    def _figures(self, campaign, user=None, **context):
        """The campaign as the user reads it, computed afresh."""
        campaign = campaign.with_user(user or self.marketer).with_context(**context)
        campaign.invalidate_recordset()
        return campaign

    def assertCosts(self, campaign, user=None, **expected):
        """Check the money of a campaign, by short names: ``booked=600`` is ``cost_booked``."""
        seen = self._figures(campaign, user)
        actual = {
            name: seen[name if name.startswith("budget") else f"cost_{name}"] for name in expected
        }
        for name, value in expected.items():
            self.assertAlmostEqual(actual[name], value, 6, f"{campaign.title}: {name} of {actual}")

    def _rows(self, campaign, *states, user=None):
        """Rows of the cost report behind a figure."""
        return (
            self.env["marketing.cost.report"]
            .with_user(user or self.marketer)
            .search([("campaign_id", "=", campaign.id), ("state", "in", states)])
        )
