from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.allocation import pair_changes


class MarketingBudgetSimulation(models.TransientModel):
    """Turn a simulated distribution into drafts that take the usual way of approval.

    Money that moves becomes budget transfers between approved or running campaigns of the two
    channels; money on top of the present total, or taken away, becomes budget revisions. Nothing
    is submitted, and nothing takes more from a campaign than it has left: what finds no campaign
    is said.
    """

    _inherit = "marketing.budget.simulation"

    def action_save(self):
        """Draft transfers and revisions, and show them."""
        self.ensure_one()
        moves, rest = pair_changes(
            {line: line.change_amount for line in self.line_ids}, self.currency_id.decimal_places
        )
        if not moves and not rest:
            raise UserError(self.env._("Nothing was moved: change the new amount of a channel."))
        purse = {line: line._get_purse() for line in self.line_ids}
        transfers = self.env["marketing.budget.transfer"]
        unplaced = []
        for giver, receiver, amount in moves:
            made, missing = self._draft_transfers(giver, receiver, amount, purse)
            transfers |= made
            if self.currency_id.compare_amounts(missing, 0.0) > 0:
                unplaced.append((giver, receiver, missing))
        revisions = self.env["marketing.budget.revision"]
        for line, change in rest.items():
            revision = self._draft_revision(line, change, purse)
            if not revision:
                unplaced.append((line, line, abs(change)))
            revisions |= revision
        return self._show_drafts(transfers, revisions, unplaced)

    def _draft_transfers(self, giver, receiver, amount, purse):
        """Take from the fullest campaigns first; answers the drafts and what was not there."""
        target = receiver._get_target()
        vals_list = []
        for source in purse[giver] if target else []:
            taken = self.currency_id.round(min(amount, source["available"]))
            if taken <= 0 or source["campaign"] == target[0]:
                continue
            vals_list.append(
                {
                    "source_campaign_id": source["campaign"].id,
                    "source_category_id": source["category"].id,
                    "target_campaign_id": target[0].id,
                    "target_category_id": target[1].id,
                    "amount": taken,
                    "reason": self._get_reason(giver, receiver),
                }
            )
            source["available"] -= taken
            amount -= taken
        return self.env["marketing.budget.transfer"].create(vals_list), amount

    def _draft_revision(self, line, change, purse):
        """More or less money for the channel as a whole: a revision of its largest campaign."""
        campaigns = [source["campaign"] for source in purse[line] if source["available"] > -change]
        target = line._get_target() if change > 0 else None
        campaign = target[0] if target else (campaigns[0] if campaigns and change < 0 else None)
        if not campaign:
            return self.env["marketing.budget.revision"]
        revision = self.env["marketing.budget.revision"]._draft_for(campaign)
        revision.reason = self._get_reason(line, line)
        rest = change
        for budget in revision.line_ids.sorted(lambda budget: (budget.date_to, budget.id))[::-1]:
            step = max(rest, -budget.amount_after)
            budget.amount_after += step
            rest -= step
        return revision

    def _get_reason(self, giver, receiver):
        """What the simulation expects and from what evidence, kept with the draft."""
        channels = giver | receiver
        return self.env._(
            "Budget simulation of %(date)s for %(months)s months (%(channels)s). The whole change "
            "is expected to bring %(leads)s leads and %(revenue)s of revenue. Evidence: "
            "%(evidence)s.",
            date=fields.Date.to_string(fields.Date.context_today(self)),
            months=self.months,
            channels=" → ".join(channels.mapped("name")),
            leads=self.leads_change_text,
            revenue=self.revenue_change_text,
            evidence="; ".join(
                f"{line.name}: {line._explain(self.objective)}" for line in channels
            ),
        )

    def _show_drafts(self, transfers, revisions, unplaced):
        if not transfers and not revisions:
            raise UserError(self._explain_unplaced(unplaced))
        records = transfers or revisions
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Drafts of the Simulation"),
            "res_model": records._name,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", records.ids)],
        }
        message = self.env._(
            "%(transfers)s transfers and %(revisions)s revisions drafted. Submit them when you are "
            "sure.",
            transfers=len(transfers),
            revisions=len(revisions),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": f"{message} {self._explain_unplaced(unplaced)}".strip(),
                "type": "warning" if unplaced else "success",
                "sticky": bool(unplaced),
                "next": action,
            },
        }

    def _explain_unplaced(self, unplaced):
        if not unplaced:
            return ""
        return self.env._(
            "Without a campaign that could give or take it: %s. Only approved and running "
            "campaigns have a budget to move.",
            "; ".join(
                f"{self.currency_id.format(amount)} ({giver.name} → {receiver.name})"
                for giver, receiver, amount in unplaced
            ),
        )


class MarketingBudgetSimulationLine(models.TransientModel):
    """The campaigns of a channel that can give or take budget."""

    _inherit = "marketing.budget.simulation.line"

    def _get_open_campaigns(self):
        company = self.simulation_id.company_id
        return self.campaign_ids.filtered(
            lambda campaign: (
                campaign.state in ("approved", "running") and campaign.company_id == company
            )
        )

    def _get_purse(self):
        """What can be taken: campaign, category and amount, the fullest campaign first.

        A campaign gives no more than it has left, a category no more than its budget.
        """
        self.ensure_one()
        purse = []
        for campaign in self._get_open_campaigns().sorted("budget_remaining", reverse=True):
            left = campaign.budget_remaining
            for category, lines in campaign.budget_line_ids.grouped("category_id").items():
                available = min(left, sum(lines.mapped("amount")))
                if available > 0:
                    purse.append(
                        {"campaign": campaign, "category": category, "available": available}
                    )
                    left -= available
        return purse

    def _get_target(self):
        """The campaign with the longest time to go, and its largest category."""
        self.ensure_one()
        campaigns = self._get_open_campaigns().filtered("budget_line_ids")
        if not campaigns:
            return None
        today = fields.Date.context_today(self)
        campaign = campaigns.sorted(lambda c: (c.date_end or today, c.budget_amount))[-1]
        budgets = campaign.budget_line_ids.grouped("category_id")
        return campaign, max(budgets, key=lambda key: sum(budgets[key].mapped("amount")))
