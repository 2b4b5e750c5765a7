import csv
import io
import tempfile
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import openpyxl

from odoo.exceptions import AccessError, ValidationError

from odoo.addons.mail.tests.common import mail_new_test_user

from .common import NOON, RoiCommon
from .libreoffice import convert, find_libreoffice
from .workbook_reader import Recalculated

DAY = NOON.date()


class ReportCommon(RoiCommon):
    """Campaign A cost 50 and brought 100 (of which 30 came back), B cost 20 and brought nothing;
    an order of 40 no campaign can claim. In the month before: A cost 10, brought 5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = mail_new_test_user(
            cls.env,
            login="report_salesman",
            groups="base.group_user,sales_team.group_sale_salesman",
            company_id=cls.company.id,
        )

    def setUp(self):
        super().setUp()
        other = self.env["res.partner"].create({"name": "=Stranger", "email": "s@roi.example"})
        self._create_bill(50.0, {self.campaign_a: 100})
        self._create_bill(20.0, {self.campaign_b: 100})
        self._create_bill(10.0, {self.campaign_a: 100}, days=-20)
        self._create_touch(-40)
        self._invoice(self._create_order(5.0, days=-21), days=-20)
        self._create_touch(-1)
        self._refund(self._invoice(self._create_order(100.0), days=1), amount=30.0)
        self._invoice(self._create_order(40.0, partner=other), days=2)
        lead = self._create_lead(campaign_id=self.campaign_a.id)
        self._set_created(lead, 0)
        self.Run._run()

    def _export(self, kind="workbook", user=None, **values):
        user = user or self.finance
        return (
            self.env["marketing.report.export"]
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids, lang=user.lang)
            .create(
                {
                    "kind": kind,
                    "date_from": DAY,
                    "date_to": DAY + timedelta(days=30),
                    "company_id": self.company.id,
                    "company_ids": [(6, 0, self.company.ids)],
                    **values,
                }
            )
        )

    def _content(self, export):
        # sudo: the test looks at the file itself
        return io.BytesIO(export.attachment_id.sudo().raw)

    def _workbook(self, **values):
        export = self._export(**values)
        export.action_get()
        return Recalculated(self._content(export))


class TestMarketingReport(ReportCommon):
    """Files say what the report says, to the cent."""

    def assertMeasures(self, row, domain):
        """A recalculated row is what the report answers, for every measure and ratio."""
        figures = self.env["marketing.report.figures"].with_user(self.finance)
        names = {name: f"{name}:sum" for name in figures._get_measures()}
        ratios = {**figures._get_ratios(), **figures._get_lifetime_ratios()}
        self.assertIn("ltv_cac", ratios)
        names |= {name: f"{name}:avg" for name in ratios}
        [values] = self.Report.with_user(self.finance)._read_group(domain, [], list(names.values()))
        for name, value in zip(names, values, strict=True):
            with self.subTest(measure=name):
                shown = row[figures._get_label(name)]
                if name in ratios and (value is None or value is False):
                    self.assertEqual(shown, "—")
                else:
                    self.assertAlmostEqual(shown, float(value or 0), places=6)

    def test_recalculated_totals_equal_the_report(self):
        book = self._workbook()
        period = [
            ("company_id", "=", self.company.id),
            ("date", ">=", DAY),
            ("date", "<=", DAY + timedelta(days=30)),
        ]
        for sheet in ("Campaigns", "Channels", "Months"):
            with self.subTest(sheet=sheet):
                self.assertMeasures(book.row(sheet, "Total"), period)
        self.assertMeasures(
            book.row("Campaigns", "Campaign A"), [*period, ("campaign_id", "=", self.campaign_a.id)]
        )
        self.assertEqual(book.row("Campaigns", "Campaign A")["ROI"], 0.4)
        self.assertEqual(book.row("Campaigns", "Total")["Invoiced Revenue"], 110)

    def test_what_is_stored_is_what_is_computed(self):
        """A reader that does not recalculate sees the same figures."""
        book = self._workbook(compare_model_id=self.linear.id)
        formulas = book.formulas()
        self.assertGreater(len(formulas), 150)
        for sheet, address in formulas:
            shown = book.shown[sheet][address].value
            computed = book.value(sheet, address)
            with self.subTest(cell=f"{sheet}!{address}"):
                if isinstance(shown, str):
                    self.assertEqual(computed, shown)
                else:
                    self.assertAlmostEqual(computed, shown, places=6)

    def test_libreoffice_opens_and_recalculates_to_the_same_figures(self):
        """A file that it must repair is not opened without its screens."""
        program = find_libreoffice()
        if not program:
            self.skipTest("LibreOffice is not installed")
        excel = "xlsx:Calc MS Excel 2007 XML"
        export = self._export()
        export.action_get()
        content = self._content(export)
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "bare.xlsx"
            openpyxl.load_workbook(content).save(source)  # without the stored values
            sheet = convert(program, source, f"{folder}/sheet", "ods")
            again = convert(program, sheet, f"{folder}/again", excel)
            again = openpyxl.load_workbook(again, data_only=True)
            # The file as it is given out, with its charts.
            source = Path(folder) / "given.xlsx"
            source.write_bytes(content.getvalue())
            given = convert(program, source, f"{folder}/given", excel)
            given = openpyxl.load_workbook(given, data_only=True)
        made = openpyxl.load_workbook(content)
        self.assertEqual(given.sheetnames, made.sheetnames)
        self.assertEqual(
            [len(sheet._charts) for sheet in given], [len(sheet._charts) for sheet in made]
        )
        self.assertTrue(any(sheet._charts for sheet in given))
        book = Recalculated(content)
        for sheet, address in book.formulas():
            shown, other = book.shown[sheet][address].value, again[sheet][address].value
            with self.subTest(cell=f"{sheet}!{address}"):
                if isinstance(shown, str):
                    self.assertEqual(other, shown)
                else:
                    self.assertAlmostEqual(other, shown, places=6)

    def test_the_overview_compares_with_the_period_before(self):
        book = self._workbook(date_to=(NOON + timedelta(days=19)).date())
        cost = book.row("Overview", "Cost")
        self.assertEqual((cost["Period"], cost["Period Before"], cost["Change"]), (70, 10, 60))
        self.assertEqual(cost["Change in %"], 6)
        roi = book.row("Overview", "ROI")
        self.assertAlmostEqual(roi["Period Before"], -0.5)
        lead = book.row("Overview", "Cost per Lead")
        self.assertEqual((lead["Period Before"], lead["Change"]), ("—", "—"))

    def test_screen_workbook_and_page_show_the_same(self):
        dates = {"date_from": DAY, "date_to": DAY + timedelta(days=30)}
        export = self._export(**dates)
        export.action_get()
        book = Recalculated(self._content(export))
        reader = export._as_reader()
        cards = reader.env["marketing.dashboard"].get_kpis(
            [],
            {name: day.isoformat() for name, day in dates.items()}
            | {"compare": "previous_period", "model_id": reader._get_model().id},
        )["cards"]
        page = {
            kpi["name"]: kpi["value"]
            for kpi in reader.env["marketing.report.page"]._get_kpis(reader._get_domain())
        }
        specs = {kpi["key"]: kpi["spec"] for kpi in reader.env["marketing.dashboard"]._get_kpis()}
        compared = 0
        for card in cards:
            name = specs.get(card["key"], "").split(":")[0]
            label = name and reader.env["marketing.report.figures"]._get_label(name)
            overview = {cell.value for cell in book.book["Overview"]["A"]}
            if label not in overview:
                continue
            compared += 1
            row = book.row("Overview", label)
            with self.subTest(figure=name):
                for column, key in (("Period", "value"), ("Period Before", "before")):
                    if card[key] is None:
                        self.assertEqual(row[column], "—")
                    else:
                        self.assertAlmostEqual(row[column], card[key], places=6)
                if name in page and card["value"] is not None:
                    self.assertAlmostEqual(page[name], card["value"], places=6)
        self.assertGreaterEqual(compared, 5)

    def test_sheets_agree(self):
        book = self._workbook()
        page = book.book["Overview"]
        checks = [cell.row for cell in page["A"] if "−" in str(cell.value)]
        self.assertEqual(len(checks), 5)
        for row in checks:
            self.assertEqual(book.value("Overview", f"B{row}"), 0)

    def test_the_ledger_holds_each_document(self):
        book = self._workbook(has_rows=True)
        self.assertEqual(book.row("Cost Ledger", "Total")["Cost"], 70)
        ledger = list(book.shown["Cost Ledger"].iter_rows(min_row=5, values_only=True))
        self.assertEqual([row[1] for row in ledger[:2]], ["Campaign A", "Campaign B"])
        self.assertEqual(book.row("Rows", "Total")["Invoiced Revenue"], 110)

    def test_margin_is_in_the_workbook_of_finance_only(self):
        headers = {
            user.login: {cell.value for cell in self._workbook(user=user).book["Campaigns"][4]}
            for user in (self.finance, self.marketer)
        }
        for title in ("Gross Margin", "ROMI"):
            self.assertIn(title, headers["roi_finance"])
            self.assertNotIn(title, headers["roi_marketer"])

    def test_csv_is_for_spreadsheets_and_computes_nothing(self):
        export = self._export("rows", user=self.marketer)
        export.action_get()
        content = self._content(export).read()
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        self.assertEqual(len(rows), export.row_count)
        self.assertEqual(sum(float(row["Invoiced Revenue"]) for row in rows), 110)
        self.assertEqual(sum(float(row["Cost"]) for row in rows), 70)
        self.assertIn("'=Stranger", {row["Partner"] for row in rows})
        self.assertNotIn("Gross Margin", rows[0])

    def test_rows_are_not_kept_a_second_time_to_search_in(self):
        export = self._export("rows", user=self.marketer)
        export.action_get()
        # sudo: the test looks at the file itself
        attachment = export.attachment_id.sudo()
        self.assertEqual(attachment.mimetype, "text/csv;charset=utf-8")
        self.assertFalse(attachment.index_content)

    def test_rows_are_read_a_few_at_a_time(self):
        report = self.Report.with_user(self.marketer)
        domain = [("company_id", "=", self.company.id)]
        names = ["date", "campaign_id", "cost_actual", "revenue_invoiced"]
        with patch("odoo.addons.roi_dashboard.models.marketing_report_stream.CHUNK", new=2):
            rows = list(report.env["marketing.report.stream"]._iterate(domain, names))
        expected = [
            (row.date, row.campaign_id.display_name or None, row.cost_actual, row.revenue_invoiced)
            for row in report.search(domain, order="date, id")
        ]
        self.assertGreater(len(rows), 5)
        self.assertEqual(rows, expected)

    def test_a_filter_of_the_screen_goes_along(self):
        domain = str([("campaign_id", "=", self.campaign_b.id)])
        book = self._workbook(domain=domain)
        self.assertEqual(book.row("Campaigns", "Total")["Cost"], 20)
        book = self._workbook(campaign_ids=[(6, 0, self.campaign_a.ids)])
        self.assertEqual(book.row("Campaigns", "Total")["Cost"], 50)
        with self.assertRaises(ValidationError):
            self._export(domain="[('password', '=', 1)]")
        with self.assertRaises(ValidationError):
            self._export(domain="__import__('os')")

    def test_another_model_answers_when_asked(self):
        self._create_touch(-0.5, self.campaign_b)
        self.Run._run()
        shown = []
        for model in (self.linear, self.last):
            expected = self._revenue(model, self.campaign_b, domain=[("date", ">=", DAY)])
            row = self._workbook(model_id=model.id).row("Campaigns", "Campaign B")
            self.assertEqual(row["Invoiced Revenue"], expected)
            shown.append(expected)
        self.assertNotEqual(*shown)

    def test_a_salesperson_gets_no_report(self):
        with self.assertRaises(AccessError):
            self._export(user=self.salesman)

    def test_who_lost_the_role_gets_nothing(self):
        export = self._export(user=self.marketer)
        # sudo: the administrator takes the role
        self.marketer.sudo().group_ids -= self.env.ref("marketing_campaign_ext.group_campaign_user")
        with self.assertRaises(AccessError):
            export.sudo()._make()

    def test_reports_are_ones_own(self):
        export = self._export(user=self.marketer)
        export.action_get()
        with self.assertRaises(AccessError):
            export.with_user(self.manager).read(["name"])
        with self.assertRaises(AccessError):
            export.attachment_id.with_user(self.manager).read(["raw"])
        mine = self._export(user=self.manager, user_id=self.finance.id, state="done")
        self.assertEqual((mine.user_id, mine.state), (self.manager, "draft"))

    def test_other_companies_stay_out(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self._create_user(
            "report_outsider",
            "group_campaign_user",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        export = self._export(user=outsider, company_id=other.id, company_ids=[(6, 0, other.ids)])
        export.action_get()
        self.assertEqual(Recalculated(self._content(export)).row("Campaigns", "Total")["Cost"], 0)
        # sudo: somebody writes companies into the report that are not the reader's
        export.sudo().write({"company_ids": [(6, 0, self.company.ids)]})
        with self.assertRaises(AccessError):
            export._as_reader()

    def test_who_works_in_several_companies_gets_the_report_of_one(self):
        """Only one is chosen in the menu; the others cannot be read just now."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.finance.sudo().company_ids |= other
        self.env.flush_all()
        self.env.invalidate_all()
        exports = self.env["marketing.report.export"].with_user(self.finance)
        export = exports.with_context(allowed_company_ids=self.company.ids).create(
            {
                "date_from": DAY,
                "date_to": DAY + timedelta(days=30),
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        export.action_get()
        self.assertTrue(export.attachment_id)
        self.assertEqual(export._as_reader().company_ids, self.company)

    def test_amounts_are_in_the_currency_asked_for(self):
        """A second company keeps its books in another currency: amounts convert at their date."""
        currency = self.env["res.currency"].create(
            {
                "name": "ROC",
                "symbol": "RC",
                "rate_ids": [(0, 0, {"name": "2020-01-01", "rate": 4.0})],
            }
        )
        other = self.env["res.company"].create({"name": "Abroad", "currency_id": currency.id})
        # sudo: the administrator gives access to the second company
        self.finance.sudo().company_ids += other
        book = self._workbook(company_id=other.id, company_ids=[(6, 0, (self.company | other).ids)])
        rate = self.company.currency_id._get_conversion_rate(
            self.company.currency_id, currency, other, DAY
        )
        self.assertAlmostEqual(
            book.row("Campaigns", "Campaign B")["Cost"], currency.round(20 * rate), places=2
        )

    def test_pages_tell_the_same(self):
        export = self._export("review")
        html = (
            self.env["ir.actions.report"]
            .with_user(self.finance)
            ._render_qweb_html("roi_dashboard.marketing_period_review_report", export.ids)[0]
            .decode()
        )
        for text in ("Campaign A", "Campaign B", "70.00", "110.00", "57.1", "Without"):
            self.assertIn(text, html)
        html = (
            self.env["ir.actions.report"]
            .with_user(self.marketer)
            ._render_qweb_html(
                "roi_dashboard.marketing_campaign_sheet_report", self.campaign_a.ids
            )[0]
            .decode()
        )
        self.assertIn("60.00", html)
        self.assertIn("75.00", html)
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.salesman)._render_qweb_html(
                "roi_dashboard.marketing_campaign_sheet_report", self.campaign_a.ids
            )
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.marketer)._render_qweb_html(
                "roi_dashboard.marketing_period_review_report", export.ids
            )

    def test_the_review_is_a_pdf(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            self.skipTest("wkhtmltopdf is not installed")
        export = self._export("review").with_context(force_report_rendering=True)
        export.action_get()
        self.assertTrue(self._content(export).read().startswith(b"%PDF"))
