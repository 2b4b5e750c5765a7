import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.path_attribution import TooFewPathsError, channel_credit, read_paths
from ..tools.weights import rounded_to_sum

METHODS = [
    ("first", "First Touch"),
    ("last", "Last Touch"),
    ("linear", "Linear"),
    ("u_shaped", "U-Shaped"),
    ("j_shaped", "J-Shaped"),
    ("inverse_j", "Inverse J"),
    ("time_decay", "Time Decay"),
    ("markov", "Markov Chain"),
    ("shapley", "Shapley Value"),
]
DECIMALS = 6


class MarketingPathAnalysis(models.TransientModel):
    """Paths of a file under every model side by side.

    A file has a heading and rows ``path;conversions;value;nulls``, the path with its channels in
    order: ``email > event > search``. A data-driven model that finds too little to learn from is
    left out, and it is said why. Nothing of it is kept.
    """

    _name = "marketing.path.analysis"
    _description = "Path Analysis"

    file = fields.Binary(string="File with Paths", attachment=False)
    filename = fields.Char()
    delimiter = fields.Selection(
        [(";", "Semicolon"), (",", "Comma"), ("\t", "Tab")], default=";", required=True
    )
    separator = fields.Char(string="Between Channels", default=">", required=True)
    markov_order = fields.Integer(string="Order of the Markov Chain", default=1)
    min_conversions = fields.Integer(string="Conversions Needed", default=100)
    line_ids = fields.One2many("marketing.path.analysis.line", "analysis_id")

    def action_analyse(self):
        self.ensure_one()
        paths = self._read_file()
        self.line_ids.unlink()
        lines, refused = [], {}
        for method, _label in METHODS:
            try:
                lines += self._prepare_lines(method, self._get_credit(paths, method))
            except TooFewPathsError as error:
                refused[method] = error
        self.env["marketing.path.analysis.line"].create(lines)
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Channels under Every Model"),
            "res_model": "marketing.path.analysis.line",
            "view_mode": "pivot,list,graph",
            "views": [(False, "pivot"), (False, "list"), (False, "graph")],
            "domain": [("analysis_id", "=", self.id)],
        }
        return self._tell_refusals(refused, action) if refused else action

    def _prepare_lines(self, method, credit):
        """Rows of one model, rounded so that they still add up to all conversions and value."""
        channels = sorted(credit, key=lambda channel: (-credit[channel][0], str(channel)))
        columns = [
            rounded_to_sum([credit[channel][index] for channel in channels], DECIMALS)
            for index in range(2)
        ]
        return [
            {
                "analysis_id": self.id,
                "method": method,
                "channel": channel,
                "conversions": conversions,
                "value": value,
            }
            for channel, conversions, value in zip(channels, *columns, strict=True)
        ]

    def _tell_refusals(self, refused, action):
        """Open the table, and say which models are not in it and why."""
        labels = dict(
            self.env["marketing.path.analysis.line"]
            ._fields["method"]
            ._description_selection(self.env)
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Too little to learn from"),
                "message": "\n".join(
                    self.env._(
                        "%(model)s: %(found)s conversions, %(needed)s are needed.",
                        model=labels[method],
                        found=f"{error.found:g}",
                        needed=f"{error.needed:g}",
                    )
                    for method, error in refused.items()
                ),
                "next": action,
            },
        }

    def _read_file(self):
        if not self.file:
            raise UserError(self.env._("Choose a file with paths first."))
        try:
            text = base64.b64decode(self.file).decode("utf-8-sig")
            paths = read_paths(text.splitlines(), self.delimiter, self.separator)
        except UnicodeDecodeError as error:
            raise UserError(self.env._("The file is not text in UTF-8.")) from error
        except ValueError as error:
            raise UserError(
                self.env._("The file cannot be read. %(reason)s", reason=error)
            ) from error
        if not paths:
            raise UserError(self.env._("The file has no paths."))
        return paths

    def _get_credit(self, paths, method):
        options = {}
        if method in ("markov", "shapley"):
            options["min_conversions"] = self.min_conversions
        if method == "markov":
            options["order"] = self.markov_order
        try:
            return channel_credit(paths, method, **options)
        except TooFewPathsError:
            raise
        except ValueError as error:
            raise UserError(
                self.env._("The paths cannot be computed. %(reason)s", reason=error)
            ) from error

    @api.constrains("markov_order")
    def _check_markov_order(self):
        if any(not 1 <= analysis.markov_order <= 3 for analysis in self):
            raise UserError(self.env._("The order of a Markov chain is 1, 2 or 3."))


class MarketingPathAnalysisLine(models.TransientModel):
    """What one channel is credited with under one model."""

    _name = "marketing.path.analysis.line"
    _description = "Channel Credit"
    _order = "id"

    analysis_id = fields.Many2one(
        "marketing.path.analysis", required=True, ondelete="cascade", index=True
    )
    method = fields.Selection(METHODS, string="Model", readonly=True)
    channel = fields.Char(readonly=True)
    conversions = fields.Float(readonly=True, digits=(16, DECIMALS))
    value = fields.Float(readonly=True, digits=(16, DECIMALS))

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        """Every model shares out the same conversions: their sum over models means nothing."""
        answer = super()._read_grouping_sets(domain, grouping_sets, aggregates, order)
        for groupby, rows in zip(grouping_sets, answer, strict=True):
            if "method" not in groupby:
                rows[:] = [self._hide_sums(row, len(groupby), aggregates) for row in rows]
        return answer

    @staticmethod
    def _hide_sums(row, width, aggregates):
        values = (
            False if aggregate.endswith(":sum") else value
            for aggregate, value in zip(aggregates, row[width:], strict=True)
        )
        return (*row[:width], *values)
