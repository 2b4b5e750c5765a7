from odoo import api, models

WAKE_KEY = "roi_dashboard.wake_attribution"


class MarketingAttributionRun(models.Model):
    """Documents and touches that change wake the job; it computes, they do not."""

    _inherit = "marketing.attribution.run"

    @api.model
    def _wake(self):
        """Have the job run soon, once per transaction however many documents change."""
        precommit = self.env.cr.precommit
        if not precommit.data.get(WAKE_KEY):
            precommit.data[WAKE_KEY] = True
            precommit.add(self._trigger)

    @api.model
    def _trigger(self):
        # The job is gone already when this runs at the end of an uninstallation.
        cron = self.env.ref("roi_dashboard.ir_cron_attribution", raise_if_not_found=False)
        if cron:
            # sudo: whoever posts an invoice may not read scheduled actions
            cron.sudo()._trigger()


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        self._wake_attribution()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._wake_attribution()
        return result

    def _wake_attribution(self):
        if any(move.is_sale_document(include_receipts=True) for move in self):
            self.env["marketing.attribution.run"]._wake()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_confirm(self):
        result = super().action_confirm()
        self.env["marketing.attribution.run"]._wake()
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.env["marketing.attribution.run"]._wake()
        return result


class MarketingTouchpoint(models.Model):
    _inherit = "marketing.touchpoint"

    @api.model
    def _touchpoints_changed(self, touch_ids):
        result = super()._touchpoints_changed(touch_ids)
        if touch_ids:  # any deleted record asks for its touches; most have none
            self.env["marketing.attribution.run"]._wake()
        return result
