from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail.tests.common import mail_new_test_user

NOON = datetime(2026, 3, 1, 12)


@tagged("post_install", "-at_install")
class RoiCommon(AccountTestInvoicingCommon):
    """A company with two campaigns, A and B, one customer, and an untaxed product.

    Touches are typed in (offline) unless a test says otherwise; orders are confirmed through
    Odoo's own flow and then dated. Day 0 is 1 March 2026, noon.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.marketer = cls._create_user("roi_marketer", "group_campaign_user")
        cls.manager = cls._create_user("roi_manager", "group_campaign_manager")
        cls.finance = cls._create_user("roi_finance", "group_campaign_finance")
        cls.campaign_a, cls.campaign_b = cls.env["utm.campaign"].create(
            [{"title": name, "company_id": cls.company.id} for name in ("Campaign A", "Campaign B")]
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@roi.example"}
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Thing",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 100.0,
                "standard_price": 40.0,
                "taxes_id": [Command.clear()],
                "supplier_taxes_id": [Command.clear()],
            }
        )
        cls.last = cls.env.ref("roi_dashboard.model_last_touch")
        cls.linear = cls.env.ref("roi_dashboard.model_linear")
        cls.Run = cls.env["marketing.attribution.run"]
        cls.Report = cls.env["marketing.roi.report"]

    @classmethod
    def get_default_groups(cls):
        """The user who prepares the world: sells, invoices and manages campaigns."""
        groups = super().get_default_groups()
        for xmlid in (
            "sales_team.group_sale_manager",
            "marketing_campaign_ext.group_campaign_manager",
            "marketing_campaign_ext.group_campaign_finance",
        ):
            groups |= cls.env.ref(xmlid)
        return groups

    @classmethod
    def _create_user(cls, login, group, **values):
        return mail_new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,marketing_campaign_ext.{group}",
            company_id=values.pop("company_id", cls.company.id),
            **values,
        )

    # ------------------------------------------------------------------ documents

    def _create_touch(self, days, campaign=None, partner=None, **values):
        # sudo: people type in offline touches only, the world needs all kinds
        return (
            self.env["marketing.touchpoint"]
            .sudo()
            .create(
                {
                    "date": NOON + timedelta(days=days),
                    "kind": "offline",
                    "campaign_id": (campaign or self.campaign_a).id,
                    "partner_id": (self.customer if partner is None else partner).id,
                    **values,
                }
            )
        )

    def _create_order(self, amount=100.0, days=0, partner=None, product=None, quantity=1, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or self.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = NOON + timedelta(days=days)
        return order

    def _invoice(self, orders, days=0, post=True):
        invoice = orders._create_invoices()
        invoice.invoice_date = (NOON + timedelta(days=days)).date()
        if post:
            invoice.action_post()
        return invoice

    def _refund(self, invoice, days=5, amount=None):
        date = (NOON + timedelta(days=days)).date()
        refund = invoice._reverse_moves([{"invoice_date": date, "date": date}])
        if amount is not None:
            refund.invoice_line_ids.price_unit = amount
        refund.action_post()
        return refund

    def _create_bill(self, amount, distribution, days=0, **values):
        """A posted vendor bill distributed over campaigns: ``{campaign: percent}``."""
        distribution = {
            str(campaign._ensure_analytic_account().id): percent
            for campaign, percent in distribution.items()
        }
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.partner_b.id,
                "company_id": self.company.id,
                "invoice_date": (NOON + timedelta(days=days)).date(),
                "date": (NOON + timedelta(days=days)).date(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Advertising",
                            "account_id": self.company_data["default_account_expense"].id,
                            "price_unit": amount,
                            "quantity": 1,
                            "tax_ids": [Command.clear()],
                            "analytic_distribution": distribution,
                        }
                    )
                ],
                **values,
            }
        )
        bill.action_post()
        return bill

    def _create_lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "team_id": False,
                **values,
            }
        )

    def _create_foreign_company(self):
        """A company whose currency is worth half of ours, and a quarter from June."""
        currency = self.env["res.currency"].create(
            {
                "name": "ZZZ",
                "symbol": "Z",
                "rounding": 0.01,
                "rate_ids": [
                    Command.create({"name": "2026-01-01", "rate": 2.0, "company_id": False}),
                    Command.create({"name": "2026-06-01", "rate": 4.0, "company_id": False}),
                ],
            }
        )
        return self.setup_other_company(name="Foreign", currency_id=currency.id)["company"]

    def _create_foreign_invoice(self, company):
        env = self.env(context={"allowed_company_ids": company.ids})
        order = env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": company.id,
                "campaign_id": self.campaign_a.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product.id, "price_unit": 100, "tax_ids": []}
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = NOON
        invoice = order._create_invoices()
        invoice.invoice_date = NOON.date()
        invoice.action_post()
        return invoice

    def _set_created(self, record, days):
        self.env.flush_all()
        self.env.cr.execute(
            f'UPDATE "{record._table}" SET create_date = %s WHERE id = %s',
            [NOON + timedelta(days=days), record.id],
        )
        record.invalidate_recordset()

    # ------------------------------------------------------------------ answers

    def _conversion(self, document):
        name = "order_id" if document._name == "sale.order" else "lead_id"
        return self.env["marketing.attribution.conversion"].search([(name, "=", document.id)])

    def _weights(self, document, model):
        """Weight per touch of a conversion, in order of time; ``None`` stands for no touch."""
        credits = self.env["marketing.attribution.credit"].search(
            [
                ("conversion_id", "=", self._conversion(document).id),
                ("model_id", "=", model.id),
            ],
            order="touch_date, touchpoint_id",
        )
        return {credit.touchpoint_id: credit.weight for credit in credits}

    def _revenue(self, model=None, campaign=None, measure="revenue_invoiced", domain=()):
        """A measure of the report for a campaign (``False``: what no campaign can claim)."""
        domain = [("company_id", "=", self.company.id), *domain]
        if campaign is not None:
            domain.append(("campaign_id", "=", campaign and campaign.id))
        if model:
            domain.append(("model_id", "=", model.id))
        [(value,)] = self.Report._read_group(domain, [], [f"{measure}:sum"])
        return value or 0.0

    def _ratio(self, name, campaign=None, domain=()):
        domain = [("company_id", "=", self.company.id), *domain]
        if campaign:
            domain.append(("campaign_id", "=", campaign.id))
        [(value,)] = self.Report._read_group(domain, [], [f"{name}:avg"])
        return value

    def assertRevenue(self, expected, **kwargs):
        self.assertAlmostEqual(self._revenue(**kwargs), expected, places=6)
