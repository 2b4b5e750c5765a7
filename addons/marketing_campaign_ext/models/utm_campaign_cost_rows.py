from odoo import models
from odoo.tools import formatLang

from .utm_campaign import FINANCE, MANAGER

# What a figure is made of: the states of its rows, and the column of the list that adds up to it
FIGURE_ROWS = {
    "budget_amount": (["planned"], "amount_campaign"),
    "budget_remaining": (
        ["planned", "committed", "booked", "accrued"],
        "amount_remaining_campaign",
    ),
    "cost_committed": (["committed"], "amount_campaign"),
    "cost_draft": (["draft"], "amount_campaign"),
    "cost_booked": (["booked"], "amount_campaign"),
    "cost_paid": (["booked"], "amount_paid_campaign"),
    "cost_accrued": (["accrued"], "amount_campaign"),
    "cost_actual": (["booked", "accrued"], "amount_campaign"),
}
# Rows of a list; the footer of a longer one adds up a page of it, unless it is grouped.
PAGE = 80
SPENT = (["committed", "booked", "accrued"], "amount_campaign")
# Views that show another amount than the whole of each row
VARIANTS = {"amount_remaining_campaign": "remaining", "amount_paid_campaign": "paid"}


class UtmCampaign(models.Model):
    """Every figure opens its rows: with the same rights, in the same currency, to the cent."""

    _inherit = "utm.campaign"

    def action_open_budget(self):
        return self._action_open_figure("budget_amount")

    def action_open_committed(self):
        return self._action_open_figure("cost_committed")

    def action_open_draft_bills(self):
        return self._action_open_figure("cost_draft")

    def action_open_booked(self):
        return self._action_open_figure("cost_booked")

    def action_open_paid(self):
        return self._action_open_figure("cost_paid")

    def action_open_accrued(self):
        return self._action_open_figure("cost_accrued")

    def action_open_actual(self):
        return self._action_open_figure("cost_actual")

    def action_open_forecast(self):
        return self._action_open_figure("cost_forecast")

    def action_open_remaining(self):
        return self._action_open_figure("budget_remaining")

    def action_open_budget_total(self):
        return self._action_open_figure("budget_amount_total")

    def action_open_committed_total(self):
        return self._action_open_figure("cost_committed_total")

    def action_open_draft_total(self):
        return self._action_open_figure("cost_draft_total")

    def action_open_booked_total(self):
        return self._action_open_figure("cost_booked_total")

    def action_open_paid_total(self):
        return self._action_open_figure("cost_paid_total")

    def action_open_accrued_total(self):
        return self._action_open_figure("cost_accrued_total")

    def action_open_actual_total(self):
        return self._action_open_figure("cost_actual_total")

    def action_open_forecast_total(self):
        return self._action_open_figure("cost_forecast_total")

    def action_open_remaining_total(self):
        return self._action_open_figure("budget_remaining_total")

    def action_open_all_costs(self):
        return self._action_open_costs(
            ["planned", "committed", "draft", "booked", "accrued"],
            self.env._("Plan and Costs"),
            "child_of",
            first="pivot",
        )

    def action_open_ledger(self):
        """Costs and revenue of the campaign and its programme, for finance."""
        action = self._get_ledger_action(self.env._("%s: Ledger", self.title))
        action["context"]["search_default_group_kind"] = True
        return action

    def action_open_revenue(self):
        """The rows that the invoiced revenue sums; whoever counts it otherwise opens other rows."""
        self.ensure_one()
        label = self._fields["revenue_amount_total"]._description_string(self.env)
        if not self.env["marketing.campaign.ledger"].has_access("read"):
            return self._notify_hidden_revenue(label)
        action = self._get_ledger_action(f"{self.title}: {label}")
        action["domain"].append(("kind", "=", "invoiced"))
        action["context"]["search_default_group_date"] = self._is_longer_than_a_page(action)
        return action

    def _get_ledger_action(self, name):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "marketing_campaign_ext.marketing_campaign_ledger_action"
            ),
            "name": name,
            "display_name": name,
            "domain": [("campaign_id", "child_of", self.id)],
            # rows of all companies count in the currency of the campaign
            "context": {"marketing_cost_campaign": self.id},
        }

    def _notify_hidden_revenue(self, label):
        """A marketer knows the total; the invoices it is made of are for finance."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": f"{self.title}: {label}",
                "message": self.env._(
                    "%(amount)s stand in invoices that only finance may list.",
                    amount=formatLang(
                        self.env, self.revenue_amount_total, currency_obj=self.currency_id
                    ),
                ),
                "type": "info",
            },
        }

    # ------------------------------------------------------------------ rows of one figure

    def _action_open_figure(self, fname):
        """The rows that a figure sums, own or of the whole programme."""
        self.ensure_one()
        suffix = "_total" if fname.endswith("_total") else ""
        title = self._fields[fname]._description_string(self.env)
        if fname == f"cost_forecast{suffix}":
            (states, measure), title = self._get_forecast_rows(suffix)
        else:
            states, measure = FIGURE_ROWS[fname.removesuffix("_total")]
        return self._action_open_costs(
            states, title, "child_of" if suffix else "=", measure=measure
        )

    def _get_forecast_rows(self, suffix):
        """What the forecast consists of: the plan, or what is spent and committed beyond it."""
        spent = self[f"cost_committed{suffix}"] + self[f"cost_actual{suffix}"]
        if self.currency_id.compare_amounts(self[f"cost_forecast{suffix}"], spent) > 0:
            return FIGURE_ROWS["budget_amount"], self.env._("Forecast (as planned)")
        return SPENT, self.env._("Forecast (spent and committed)")

    def _action_open_costs(self, states, title, scope="=", first="list", measure="amount_campaign"):
        """The rows behind a figure; what the user may not read is named, not dropped silently."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "marketing_campaign_ext.marketing_cost_report_action"
        )
        domain = [("campaign_id", scope, self.id), ("state", "in", states)]
        name = f"{self.title}: {title}{self._describe_hidden_costs(domain, measure)}"
        views = {kind: view_id for view_id, kind in action["views"]}
        if variant := VARIANTS.get(measure):
            for kind in ("list", "kanban"):
                xmlid = f"marketing_campaign_ext.marketing_cost_report_view_{kind}_{variant}"
                views[kind] = self.env.ref(xmlid).id
        action.update(
            name=name,
            display_name=name,
            domain=domain,
            # the rows of a programme count in the currency of its total
            context={"marketing_cost_campaign": self.id},
            views=[
                (views[kind], kind)
                for kind in sorted(
                    ("list", "kanban", "pivot", "graph"), key=lambda kind: kind != first
                )
            ],
        )
        if first == "list":
            by_state = len(states) > 1
            action["context"].update(
                search_default_group_state=by_state,
                search_default_group_date=not by_state and self._is_longer_than_a_page(action),
            )
        return action

    def _is_longer_than_a_page(self, action):
        """Whether a list is to be grouped for its footer to be the total."""
        model = self.env[action["res_model"]].with_context(**action["context"])
        return model.search_count(action["domain"], limit=PAGE + 1) > PAGE

    def _describe_hidden_costs(self, domain, measure):
        """Say how much of a total stands in rows that only finance and managers may read."""
        if self.env.user.has_group(FINANCE) or self.env.user.has_group(MANAGER):
            return ""
        # sudo: only a sum leaves this method, and it is part of a total the user already sees
        hidden = (
            self.env["marketing.cost.report"]
            .sudo()
            .with_context(marketing_cost_campaign=self.id)
            ._read_group(
                [
                    *domain,
                    ("is_people_cost", "=", True),
                    ("company_id", "in", self.env.companies.ids),
                ],
                [],
                [f"{measure}:sum"],
            )[0][0]
        )
        if not hidden:
            return ""
        return self.env._(
            " (people cost of %(amount)s not listed)",
            amount=formatLang(self.env, hidden, currency_obj=self.currency_id),
        )
