from uuid import uuid4

from odoo import api, models
from odoo.tools import SQL

CHUNK = 2000


class MarketingReportStream(models.AbstractModel):
    """Rows of the ROI report, read through a cursor of the database a few at a time.

    The query is the one the list view runs, with the reader's rights and rules; only one chunk of
    it is in memory at any time.
    """

    _name = "marketing.report.stream"
    _description = "Rows of Marketing Reports"

    @api.model
    def _iterate(self, domain, names):
        """Tuples of the named fields in order of date; many2one fields as names."""
        report = self.env["marketing.roi.report"]
        report.check_access("read")
        query = report._search(domain, order="date, id")
        columns = [report._field_to_sql(report._table, name, query) for name in names]
        selection = {
            name: dict(report.fields_get([name], ["selection"])[name]["selection"])
            for name in names
            if report._fields[name].type == "selection"
        }
        cursor = SQL.identifier(f"marketing_rows_{uuid4().hex}")
        self.env.flush_all()
        self.env.cr.execute(
            SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, query.select(*columns))
        )
        fetch = SQL("FETCH FORWARD %s FROM %s", SQL(str(CHUNK)), cursor)
        while rows := self.env.execute_query(fetch):
            yield from self._name_values(rows, names, selection)
        # After an error the end of the transaction closes it.
        self.env.cr.execute(SQL("CLOSE %s", cursor))

    def _name_values(self, rows, names, selection):
        """Ids become names, codes become words, amounts become numbers."""
        report = self.env["marketing.roi.report"]
        columns = list(zip(*rows, strict=True))
        for index, name in enumerate(names):
            field = report._fields[name]
            if field.type == "many2one":
                labels = self._get_labels(field.comodel_name, columns[index])
                columns[index] = [labels.get(value) for value in columns[index]]
            elif name in selection:
                columns[index] = [selection[name].get(value, value) for value in columns[index]]
            elif field.type in ("monetary", "float"):
                columns[index] = [
                    None if value is None else float(value) for value in columns[index]
                ]
        return zip(*columns, strict=True)

    def _get_labels(self, model, ids):
        """Names of records; those of a chunk are not kept for the next."""
        # sudo: the name of what a readable row is about, as lists show it
        records = self.env[model].sudo().with_context(active_test=False)
        records = records.browse({value for value in ids if value}).exists()
        labels = {record.id: record.display_name for record in records}
        records.invalidate_recordset(flush=False)
        return labels
