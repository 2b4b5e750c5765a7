from odoo import models


class MarketingDataHealth(models.TransientModel):
    """What the button beside a finding does: repair, or open what repairs, with the records found.

    Everything runs with the rights of the user who presses it.
    """

    _inherit = "marketing.data.health"

    def action_fix(self):
        self.ensure_one()
        return getattr(self, f"_fix_{self.code}")()

    def action_spread(self):
        """Spread the journal items without a campaign over several."""
        return self._open_wizard("marketing_cost_spread_action", self._find_records())

    def _fix_unassigned(self):
        return self._open_wizard("marketing_tie_out_assign_action", self._find_records())

    def _fix_uncategorised(self):
        return self._open_wizard("marketing_cost_map_action")

    def _fix_no_cost(self):
        return self._open_wizard("marketing_cost_import_action")

    def _fix_old_accrual(self):
        """One bill settles costs of one company and vendor: those of the oldest."""
        lines = self._find_records().sorted("date")
        same = lines.filtered(
            lambda line: (
                (line.company_id, line.partner_id) == (lines[:1].company_id, lines[:1].partner_id)
            )
        )
        return self._open_wizard("marketing_cost_settle_action", same)

    def _fix_variants(self):
        """Merge the first group; the next press finds the next."""
        campaigns = self.env["utm.campaign"].browse(self._get_variants()[0])
        return self._open_wizard("marketing_campaign_merge_action", campaigns)

    def _fix_over_budget(self):
        """A transfer to the campaign that is short of most, of what it is short of."""
        campaign = self._find_records().sorted("budget_remaining")[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transfer Budget"),
            "res_model": "marketing.budget.transfer",
            "views": [(False, "form")],
            "context": {
                "default_target_campaign_id": campaign.id,
                "default_amount": -campaign.budget_remaining,
            },
        }

    def _fix_late_cost(self):
        """Let each campaign end with its last cost."""
        ends = {}
        for row in self._find_records():
            ends[row.campaign_id] = max(ends.get(row.campaign_id, row.date), row.date)
        for campaign, date in ends.items():
            campaign.date_end = date
        return self.action_open_health()

    def _fix_no_budget(self):
        return self._open_campaigns()

    def _fix_no_end(self):
        return self._open_campaigns()

    def _find_records(self):
        check = self._get_check()
        return self.env[check["model"]].search(check["domain"])

    def _open_campaigns(self):
        """The form of a single campaign, else the list, in which several are edited at once."""
        campaigns = self._find_records()
        if len(campaigns) == 1:
            return campaigns._get_records_action()
        return self.action_open()

    def _open_wizard(self, xmlid, records=None):
        action = self.env["ir.actions.act_window"]._for_xml_id(f"marketing_campaign_ext.{xmlid}")
        if records is not None:
            action["context"] = {"active_model": records._name, "active_ids": records.ids}
        return action
