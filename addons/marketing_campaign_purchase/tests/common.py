from datetime import date, datetime

from odoo.fields import Command

from odoo.addons.marketing_campaign_ext.tests.common_money import CampaignMoneyCommon


class CommitmentCommon(CampaignMoneyCommon):
    """The world of campaign money with a service that is bought by the hundred."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("purchase.group_purchase_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchaser = cls._create_money_user("money_purchaser", "purchase.group_purchase_user")
        cls.media = cls.env["product.product"].create(
            {
                "name": "Media Hour",
                "type": "service",
                "purchase_method": "purchase",
                "supplier_taxes_id": [Command.clear()],
                "categ_id": cls.product_category.id,
            }
        )

    @classmethod
    def _create_order(cls, quantity, price, shares, *, confirm=True, user=None, **values):
        """An order of one line, distributed by ``shares`` (campaign -> percent)."""
        line_values = values.pop("line_values", {})
        order = (
            cls.env["purchase.order"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "partner_id": cls.partner_a.id,
                    "date_order": datetime(2026, 3, 2, 12),
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.media.id,
                                "name": "Media",
                                "product_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                                "analytic_distribution": {
                                    cls._key(campaign): percent
                                    for campaign, percent in shares.items()
                                },
                                **line_values,
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.button_confirm()
        return order

    @classmethod
    def _bill_order(cls, order, quantity, price=None, *, move_type="in_invoice", post=True):
        """Bill (or refund) some quantity of the only line of an order."""
        line = order.order_line
        bill = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": order.partner_id.id,
                "currency_id": order.currency_id.id,
                "invoice_date": date(2026, 3, 15),
                "date": date(2026, 3, 15),
                "invoice_line_ids": [
                    Command.create(
                        {
                            **line._prepare_account_move_line(),
                            "quantity": quantity,
                            "price_unit": line.price_unit if price is None else price,
                            "analytic_distribution": line.analytic_distribution,
                        }
                    )
                ],
            }
        )
        if post:
            bill.action_post()
        return bill
