from datetime import date

from odoo.tests import TransactionCase

from odoo.addons.mail.tests.common import mail_new_test_user

MODULE = "marketing_campaign_ext"


class CampaignCommon(TransactionCase):
    """A company with a marketer, a campaign manager, a finance user and a salesperson.

    Two cost categories (ads, stand) stand apart from those that ship as data. Helpers create
    campaigns as the marketer, the least powerful user who may plan one.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.company
        cls.other_company = cls.env["res.company"].create({"name": "Faraway Ltd"})
        cls.marketer = cls._create_user("plan_marketer", f"{MODULE}.group_campaign_user")
        cls.manager = cls._create_user("plan_manager", f"{MODULE}.group_campaign_manager")
        cls.finance = cls._create_user("plan_finance", f"{MODULE}.group_campaign_finance")
        cls.salesman = cls._create_user("plan_sales", "sales_team.group_sale_salesman")
        cls.outsider = cls._create_user("plan_outsider", "base.group_user")
        cls.ads, cls.stand = cls.env["marketing.cost.category"].create(
            [{"name": "Test Ads"}, {"name": "Test Stand"}]
        )

    @classmethod
    def _create_user(cls, login, groups, **values):
        return mail_new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=cls.company.id,
            **values,
        )

    @classmethod
    def _create_campaign(cls, title="Spring Webinar", budget=(), user=None, **values):
        """Create a campaign as ``user``; ``budget`` is a list of (category, amount)."""
        vals = {
            "title": title,
            "user_id": (user or cls.marketer).id,
            "company_id": cls.company.id,
            "date_start": date(2026, 3, 1),
            "date_end": date(2026, 5, 31),
            **values,
        }
        if budget:
            vals["budget_line_ids"] = [
                (0, 0, {"category_id": category.id, "amount": amount})
                for category, amount in budget
            ]
        return cls.env["utm.campaign"].with_user(user or cls.marketer).create(vals)

    def _approve(self, campaign):
        campaign.with_user(self.marketer).action_submit()
        campaign.with_user(self.manager).action_approve()
        return campaign
