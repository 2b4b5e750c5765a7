from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.mail.tests.common import mail_new_test_user

from .common_money import CampaignMoneyCommon


@tagged("post_install", "-at_install")
class TestInvoiceForm(CampaignMoneyCommon):
    def test_a_salesperson_opens_the_invoice_of_the_own_order(self):
        seller = mail_new_test_user(
            self.env,
            login="invoice_seller",
            groups="base.group_user,sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create(
                {
                    "partner_id": self.partner_a.id,
                    "order_line": [
                        Command.create({"product_id": self.product_a.id, "price_unit": 100.0})
                    ],
                }
            )
        )
        order.action_confirm()
        order.order_line.qty_delivered = 1.0
        invoice = order._create_invoices()
        self.env.flush_all()
        self.env.invalidate_all()
        form = Form(invoice.with_user(seller))  # reads every field the form shows
        self.assertEqual(form.partner_id, self.partner_a)
