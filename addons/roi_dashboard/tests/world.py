"""A generated world, written straight into the tables: many orders, invoices and touches.

The same seed gives the same world. Companies keep their books in currencies with two, two and no
decimals. About every tenth invoice stands for two orders, every fifth is followed by a credit
note; firms have several contacts; touches know a lead, a contact, an address, or several of them.
"""

import random
from datetime import datetime, timedelta

START = datetime(2025, 1, 1)
DAYS = 500
KINDS = ("mail_sent", "mail_open", "mail_click", "link_click", "lead_created", "offline")


class World:
    def __init__(self, env, seed, conversions, touches):
        self.env = env
        self.random = random.Random(seed)
        self.stamp = env.cr.now() - timedelta(days=2)
        self.campaigns = env["utm.campaign"].create(
            [{"title": f"World {seed} campaign {number}"} for number in range(12)]
        )
        self.mediums = [env.ref("utm.utm_medium_direct").id, env.ref("utm.utm_medium_email").id]
        self.companies = self._create_companies(seed)
        env.flush_all()
        self._create_people(seed, max(4, conversions * 2 // 3))
        self._create_leads(conversions // 2)
        self._create_orders(conversions)
        self._create_invoices()
        self._create_touches(touches)
        env.invalidate_all()

    # ------------------------------------------------------------------ pieces

    def _insert(self, table, columns, rows):
        if not rows:
            return []
        names = ", ".join(f'"{column}"' for column in columns)
        return [
            row[0]
            for row in self.env.cr.execute_values(
                f"INSERT INTO {table} ({names}) VALUES %s RETURNING id",
                rows,
                page_size=2000,
                fetch=True,
            )
        ]

    def _create_companies(self, seed):
        Currency = self.env["res.currency"]
        companies = self.env["res.company"]
        for number, rounding in enumerate((0.01, 0.01, 1.0)):
            currency = Currency.create(
                {"name": f"{chr(65 + seed % 26)}Q{number}", "symbol": "¤", "rounding": rounding}
            )
            self.env["res.currency.rate"].create(
                [
                    {
                        "currency_id": currency.id,
                        "name": START + timedelta(days=100 * step),
                        "company_id": False,
                        "rate": 1 + number + step / 7,
                    }
                    for step in range(5)
                ]
            )
            companies |= companies.create(
                {"name": f"World {seed} company {number}", "currency_id": currency.id}
            )
        self.journals = {
            company.id: self.env["account.journal"]
            .create({"name": "Sales", "code": "WSAL", "type": "sale", "company_id": company.id})
            .id
            for company in companies
        }
        self.account = (
            self.env["account.account"].sudo().search([("account_type", "=", "income")], limit=1).id
            or self.env["account.account"]
            .create({"name": "World income", "code": "999999", "account_type": "income"})
            .id
        )
        return companies

    def _create_people(self, seed, count):
        columns = (
            "name",
            "complete_name",
            "email",
            "email_normalized",
            "active",
            "type",
            "is_company",
            "parent_id",
            "autopost_bills",
            "create_date",
            "write_date",
        )
        firms = max(1, count // 5)

        def row(number, parent=None):
            mail = f"p{number}@world{seed}.example" if self.random.random() < 0.9 else None
            name = f"Person {number}"
            return (
                name,
                name,
                mail,
                mail,
                True,
                "contact",
                parent is None,
                parent,
                "ask",
                self.stamp,
                self.stamp,
            )

        self.firms = self._insert("res_partner", columns, [row(i) for i in range(firms)])
        people = [row(firms + i, self.random.choice(self.firms)) for i in range(count - firms)]
        self.partners = self.firms + self._insert("res_partner", columns, people)
        self.env.cr.execute(
            "UPDATE res_partner SET commercial_partner_id = COALESCE(parent_id, id)"
            " WHERE id = ANY(%s)",
            [self.partners],
        )
        self.env.cr.execute(
            "SELECT id, email_normalized FROM res_partner WHERE id = ANY(%s)", [self.partners]
        )
        self.emails = dict(self.env.cr.fetchall())

    def _moment(self, low=0.0, high=DAYS):
        seconds = int(self.random.uniform(low, high) * 86400)
        return START + timedelta(seconds=seconds)

    def _create_leads(self, count):
        columns = (
            "name",
            "type",
            "active",
            "partner_id",
            "email_from",
            "email_normalized",
            "company_id",
            "won_status",
            "probability",
            "create_date",
            "write_date",
            "date_conversion",
            "date_closed",
            "stage_id",
            "expected_revenue",
        )
        stage = self.env["crm.stage"].search([], limit=1).id
        rows = []
        for number in range(count):
            partner = self.random.choice(self.partners)
            created = self._moment(0, DAYS - 90)
            converted = created + timedelta(days=self.random.uniform(0, 40))
            mail = self.emails[partner]
            rows.append(
                (
                    f"Lead {number}",
                    "opportunity",
                    True,
                    partner,
                    mail,
                    mail,
                    self.random.choice(self.companies.ids),
                    "won",
                    100.0,
                    created,
                    self.stamp,
                    converted,
                    converted + timedelta(days=30),
                    stage,
                    500.0,
                )
            )
        self.leads = list(zip(self._insert("crm_lead", columns, rows), rows, strict=True))

    def _create_orders(self, count):
        columns = (
            "name",
            "state",
            "partner_id",
            "partner_invoice_id",
            "partner_shipping_id",
            "company_id",
            "currency_id",
            "currency_rate",
            "date_order",
            "amount_untaxed",
            "opportunity_id",
            "create_date",
            "write_date",
        )
        leads = iter(self.leads)
        rows, amounts = [], []
        for number in range(count):
            lead = next(leads, None) if number % 2 else None
            partner = lead[1][3] if lead else self.random.choice(self.partners)
            company = lead[1][6] if lead else self.random.choice(self.companies.ids)
            currency = self.random.choice(self.companies).currency_id
            date = lead[1][12] if lead else self._moment()
            lines = [self._amount() for _line in range(self.random.randint(1, 3))]
            amounts.append(lines)
            rate = self.random.choice((1.0, 0.5, 1.37))
            rows.append(
                (
                    f"W{number}",
                    "sale",
                    partner,
                    partner,
                    partner,
                    company,
                    currency.id,
                    rate,
                    date,
                    round(sum(lines), 2),
                    lead and lead[0],
                    self.stamp,
                    self.stamp,
                )
            )
        orders = self._insert("sale_order", columns, rows)
        line_columns = (
            "order_id",
            "name",
            "product_uom_qty",
            "price_unit",
            "price_subtotal",
            "customer_lead",
            "display_type",
            "is_downpayment",
            "product_id",
            "product_uom_id",
            "create_date",
            "write_date",
        )
        product = self.env["product.product"].create({"name": "World", "type": "service"})
        self.orders = []
        flat = [
            (
                order,
                "Line",
                1.0,
                amount,
                amount,
                0.0,
                None,
                False,
                product.id,
                product.uom_id.id,
                self.stamp,
                self.stamp,
            )
            for order, lines in zip(orders, amounts, strict=True)
            for amount in lines
        ]
        line_ids = iter(self._insert("sale_order_line", line_columns, flat))
        for order, row, lines in zip(orders, rows, amounts, strict=True):
            self.orders.append((order, row, [(next(line_ids), amount) for amount in lines]))

    def _amount(self):
        return round(
            self.random.choice((0.01, 0.05, 1, 99.99, 1000)) * self.random.randint(1, 99), 2
        )

    def _create_invoices(self):
        """Moves with balanced journal items, posted; balances in whole company units."""
        decimals = {company.id: company.currency_id.decimal_places for company in self.companies}
        moves, lines = [], []
        pending = {}
        for order, row, order_lines in self.orders:
            company = row[5]
            if self.random.random() < 0.1:
                continue
            grouped = pending.pop(company, [])
            if not grouped and self.random.random() < 0.1:
                pending[company] = [(order, row, order_lines)]
                continue
            batch = [*grouped, (order, row, order_lines)]
            date = max(entry[1][8] for entry in batch).date() + timedelta(days=3)
            self._add_move(moves, lines, "out_invoice", company, date, batch, decimals, 1.0)
            if self.random.random() < 0.2:
                share = self.random.choice((1.0, 0.5, 1 / 3))
                later = date + timedelta(days=self.random.randint(1, 120))
                self._add_move(moves, lines, "out_refund", company, later, batch, decimals, -share)
        columns = (
            "name",
            "journal_id",
            "currency_id",
            "state",
            "move_type",
            "auto_post",
            "date",
            "invoice_date",
            "company_id",
            "partner_id",
            "commercial_partner_id",
            "amount_total_signed",
            "amount_residual_signed",
            "create_date",
            "write_date",
        )
        move_ids = self._insert("account_move", columns, moves)
        self._insert_lines(move_ids, lines)

    def _add_move(self, moves, lines, kind, company, date, batch, decimals, share):
        total = 0.0
        for _order, row, order_lines in batch:
            for line, amount in order_lines:
                value = round(amount / row[7] * share, decimals[company])
                total += value
                lines.append((len(moves), line, company, date, -value))
        partner = batch[0][1][2]
        currency = self.env["res.company"].browse(company).currency_id.id
        paid = self.random.choice((0.0, 0.5, 1.0))
        moves.append(
            (
                f"W/{kind}/{len(moves)}",
                self.journals[company],
                currency,
                "posted",
                kind,
                "no",
                date,
                date,
                company,
                partner,
                partner,
                total,
                total * (1 - paid),
                self.stamp,
                self.stamp,
            )
        )

    def _insert_lines(self, move_ids, lines):
        columns = (
            "move_id",
            "currency_id",
            "display_type",
            "account_id",
            "company_id",
            "company_currency_id",
            "date",
            "balance",
            "amount_currency",
            "debit",
            "credit",
            "quantity",
            "parent_state",
            "name",
            "journal_id",
            "create_date",
            "write_date",
        )
        currency = {company.id: company.currency_id.id for company in self.companies}
        rows = [
            (
                move_ids[index],
                currency[company],
                "product",
                self.account,
                company,
                currency[company],
                date,
                balance,
                balance,
                max(balance, 0.0),
                max(-balance, 0.0),
                1.0,
                "posted",
                "Line",
                self.journals[company],
                self.stamp,
                self.stamp,
            )
            for index, _line, company, date, balance in lines
        ]
        item_ids = self._insert("account_move_line", columns, rows)
        self.env.cr.execute_values(
            "INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id) VALUES %s",
            [(item, line[1]) for item, line in zip(item_ids, lines, strict=True)],
            page_size=2000,
        )
        self.items = [(row[4], row[7]) for row in rows]

    def _create_touches(self, count):
        columns = (
            "date",
            "kind",
            "name",
            "campaign_id",
            "medium_id",
            "email_normalized",
            "partner_id",
            "lead_id",
            "company_id",
            "is_bot",
            "source_deleted",
            "create_date",
            "write_date",
        )
        rows = []
        orders = self.orders
        for number in range(count):
            order = self.random.choice(orders)[1]
            partner = order[2]
            date = order[8] - timedelta(seconds=int(self.random.expovariate(1 / 30) * 86400))
            if self.random.random() < 0.1:
                date = order[8] + timedelta(days=self.random.uniform(0, 5))
            how = self.random.random()
            rows.append(
                (
                    date,
                    self.random.choice(KINDS),
                    f"Touch {number}",
                    self.random.choice([*self.campaigns.ids, None]),
                    self.random.choice([*self.mediums, None]),
                    self.emails[partner] if how < 0.6 else None,
                    partner if how > 0.4 else None,
                    order[10] if self.random.random() < 0.3 else None,
                    self.random.choice([None, None, order[5], self.companies.ids[0]]),
                    self.random.random() < 0.05,
                    False,
                    self.stamp,
                    self.stamp,
                )
            )
        self._insert("marketing_touchpoint", columns, rows)
