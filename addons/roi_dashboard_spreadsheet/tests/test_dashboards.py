import base64
import json

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open

from odoo.addons.mail.tests.common import mail_new_test_user
from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
)

NAMES = ("marketing_overview", "campaign_review")


@tagged("post_install", "-at_install")
class TestMarketingDashboards(TransactionCase):
    """The published dashboards ask for what there is, and are shown to whom they may be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dashboards = {
            name: cls.env.ref(f"roi_dashboard_spreadsheet.spreadsheet_dashboard_{name}")
            for name in NAMES
        }
        users = {
            "marketer": "marketing_campaign_ext.group_campaign_user",
            "finance": "marketing_campaign_ext.group_campaign_finance",
            "salesman": "sales_team.group_sale_salesman",
        }
        cls.users = {
            name: mail_new_test_user(
                cls.env, login=f"sheet_{name}", groups=f"base.group_user,{group}"
            )
            for name, group in users.items()
        }

    def _data(self, name):
        return json.loads(base64.b64decode(self.dashboards[name].spreadsheet_binary_data))

    def test_odoo_finds_the_files_valid(self):
        """The constraint of Odoo's own spreadsheets: models, fields and menus exist."""
        for name in NAMES:
            with self.subTest(dashboard=name):
                data = self._data(name)
                self.assertEqual(set(fields_in_spreadsheet(data)), {"marketing.roi.report"})
                self.assertTrue(menus_xml_ids_in_spreadsheet(data))
                self.dashboards[name]._check_spreadsheet_data()

    def test_every_measure_is_one_of_the_report_a_marketer_sees(self):
        report = self.env["marketing.roi.report"].with_user(self.users["marketer"])
        for name in NAMES:
            for model_fields in fields_in_spreadsheet(self._data(name)).values():
                for field in model_fields:
                    with self.subTest(dashboard=name, field=field):
                        path = report._fields[field.split(":")[0]]
                        self.assertTrue(report._has_field_access(path, "read"))

    def test_every_pivot_and_chart_is_answered(self):
        report = self.env["marketing.roi.report"].with_user(self.users["finance"])
        for name in NAMES:
            data = self._data(name)
            for pivot in data["pivots"].values():
                groupby = [
                    ":".join(filter(None, (row["fieldName"], row.get("granularity"))))
                    for row in pivot["rows"]
                ]
                measures = [
                    f"{measure['fieldName']}:{measure.get('aggregator', 'sum')}"
                    for measure in pivot["measures"]
                ]
                with self.subTest(dashboard=name, pivot=pivot["name"]):
                    report.formatted_read_group(pivot["domain"], groupby, measures)
            for chart in odoo_charts(data):
                with self.subTest(dashboard=name, chart=chart["id"]):
                    report.formatted_read_group(
                        chart["searchParams"]["domain"],
                        chart["metaData"]["groupBy"],
                        [f"{chart['metaData']['measure']}:sum"],
                    )

    def test_cells_name_pivots_and_measures_that_are_there(self):
        for name in NAMES:
            data = self._data(name)
            known = {
                (number, measure["id"])
                for number, pivot in data["pivots"].items()
                for measure in pivot["measures"]
            }
            used = set()
            for sheet in data["sheets"]:
                for cell in sheet["cells"].values():
                    if "PIVOT.VALUE(" in cell:
                        number, measure = cell.split("PIVOT.VALUE(")[1].split(",")[:2]
                        used.add((number, measure.split('"')[1]))
            with self.subTest(dashboard=name):
                self.assertTrue(used)
                self.assertFalse(used - known)

    def test_heads_of_tables_are_translated(self):
        """The name of a pivot and names given to its measures would stay English for everybody."""
        for name in NAMES:
            data = self._data(name)
            for pivot in data["pivots"].values():
                for measure in pivot["measures"]:
                    self.assertNotIn("userDefinedName", measure)
            tables = {
                (sheet["name"], place): cell
                for sheet in data["sheets"]
                for place, cell in sheet["cells"].items()
                if cell.startswith("=PIVOT(")
            }
            self.assertTrue(tables)
            for (sheet_name, place), cell in tables.items():
                with self.subTest(dashboard=name, place=place):
                    self.assertTrue(
                        cell.endswith(", FALSE)"), "the pivot brings no head of its own"
                    )
                    sheet = next(sheet for sheet in data["sheets"] if sheet["name"] == sheet_name)
                    head = f"{place[0]}{int(place[1:]) - 1}"
                    self.assertTrue(sheet["cells"][head].startswith("=_t("))

    def test_samples_need_no_data(self):
        for name in NAMES:
            with file_open(self.dashboards[name].sample_dashboard_file_path) as stream:
                sample = json.load(stream)
            with self.subTest(dashboard=name):
                self.assertFalse(sample["pivots"] or sample["lists"] or odoo_charts(sample))
                self.assertNotIn("PIVOT", json.dumps(sample["sheets"]))
                self.assertEqual(
                    [sheet["name"] for sheet in sample["sheets"]],
                    [sheet["name"] for sheet in self._data(name)["sheets"]],
                )

    def test_marketers_and_finance_see_them_and_salespeople_do_not(self):
        for dashboard in self.dashboards.values():
            for name in ("marketer", "finance"):
                self.assertTrue(
                    dashboard.with_user(self.users[name])._get_serialized_readonly_dashboard()
                )
            with self.assertRaises(AccessError):
                dashboard.with_user(self.users["salesman"]).read(["name"])
