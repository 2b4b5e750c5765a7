from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import get_lang

from ..tools.calendar_periods import period_start, shift
from ..tools.formulas import growth, measures_of, ratio_value
from ..tools.robust import median, robust_z

SUBJECT_FIELDS = {"total": [], "campaign": ["campaign_id"], "medium": ["medium_id"]}
COST = "cost_actual"


class MarketingAlertRule(models.Model):
    """Judging: a few queries per company, however many rules and campaigns there are.

    Rules over the same subject, period and model share one query of sums by subject and period;
    everything else is arithmetic.
    """

    _inherit = "marketing.alert.rule"

    @api.model
    def _cron_check(self):
        companies = self.search([]).grouped("company_id")
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company, rules in companies.items():
            rules.with_context(allowed_company_ids=company.ids)._run_checks()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _run_checks(self):
        """Judge the rules, keep and tell what they found; return the alerts."""
        alerts = self.env["marketing.alert"]
        for company, rules in self.grouped("company_id").items():
            rules = rules.with_context(allowed_company_ids=company.ids).with_company(company)
            alerts |= rules._run_company_checks()
        return alerts

    def _run_company_checks(self):
        today = fields.Date.context_today(self)
        resting = self._get_resting(today)
        found = []
        for rules in self.grouped(lambda rule: rule._get_series_key()).values():
            series = rules._read_series(today)
            for rule in rules:
                found += [
                    vals
                    for vals in rule._judge(series, today)
                    if (rule.id, vals["campaign_id"], vals["medium_id"]) not in resting
                ]
        alerts = self.env["marketing.alert"].create(found)
        alerts._tell()
        return alerts

    def _get_resting(self, today):
        """Rules and subjects told of so lately that they rest."""
        rows = self.env["marketing.alert"]._read_group(
            [("rule_id", "in", self.ids)],
            ["rule_id", "campaign_id", "medium_id"],
            ["date:max"],
        )
        return {
            (rule.id, campaign.id, medium.id)
            for rule, campaign, medium, last in rows
            if last.date() + timedelta(days=rule.cooldown_days) > today
        }

    # ------------------------------------------------------------------ figures

    def _get_series_key(self):
        """Rules with the same key are answered by the same query."""
        campaigns = self.campaign_ids.ids if self.subject != "campaign" else []
        return (self.subject, self.unit, self.model_id, tuple(campaigns))

    def _get_current_start(self, today):
        """Start of the period that is not over yet; the one before it is judged."""
        return period_start(today, self[:1].unit, int(get_lang(self.env).week_start))

    def _get_history_count(self):
        counts = {"threshold": 0, "change": 1}
        return max(counts.get(rule.kind, rule.history_count) for rule in self)

    def _read_series(self, today):
        """Sums by subject and period of all measures these rules need: one query."""
        unit, subject = self[:1].unit, self[:1].subject
        current = self._get_current_start(today)
        domain = [
            ("company_id", "=", self.env.company.id),
            ("date", ">=", shift(current, unit, -self._get_history_count() - 1)),
            ("date", "<", current),
        ]
        if self[:1].model_id:
            domain.append(("model_id", "=", self[:1].model_id.id))
        if subject != "campaign" and self.campaign_ids:
            domain.append(("campaign_id", "child_of", self.campaign_ids.ids))
        rows = self.env["marketing.report.figures"]._get_sums(
            domain, [*SUBJECT_FIELDS[subject], f"date:{unit}"], sorted(self._get_needed())
        )
        series = defaultdict(dict)
        for keys, sums in rows:
            series[keys[0] if len(keys) == 2 else None][keys[-1]] = sums
        return series

    def _get_needed(self):
        ratios = self.env["marketing.roi.report"]._get_ratios()
        needed = {COST}
        for rule in self:
            for expression in ratios.get(rule.measure, (rule.measure,)):
                needed.update(measures_of(expression))
        return needed

    def _get_figure(self, sums):
        """The measure from sums; None when it does not exist."""
        figures = self.env["marketing.report.figures"]
        ratio = self.env["marketing.roi.report"]._get_ratios().get(self.measure)
        if ratio:
            return ratio_value(ratio, sums, figures._get_needs(self.measure))
        return sums[self.measure]

    # ------------------------------------------------------------------ judging

    def _judge(self, series, today):
        """Values of the alerts of one rule."""
        current = self._get_current_start(today)
        last = shift(current, self.unit, -1)
        # Campaigns are compared by path: no query per subject.
        chosen = {f"/{campaign.id}/" for campaign in self.campaign_ids}
        for record, periods in series.items():
            if self.subject != "total" and not record:
                continue
            if self.subject == "campaign" and chosen:
                path = f"/{record.parent_path}"
                if not any(marker in path for marker in chosen):
                    continue
            sums = periods.get(last)
            if sums is None and min(periods) < last:
                sums = dict.fromkeys(next(iter(periods.values())), 0.0)
            if sums is None or sums[COST] < self.minimum_cost:
                continue
            verdict = self._get_verdict(sums, self._get_history(periods, last))
            if verdict:
                yield self._prepare_alert_vals(record, last, current, verdict)

    def _get_history(self, periods, last):
        """Figures of the earlier periods, latest first, since the subject began."""
        first = min(periods)
        empty = dict.fromkeys(next(iter(periods.values())), 0.0)
        history, start = [], shift(last, self.unit, -1)
        while start >= first and len(history) < max(self.history_count, 1):
            history.append(self._get_figure(periods.get(start, empty)))
            start = shift(start, self.unit, -1)
        return history

    def _get_verdict(self, sums, history):
        """``(value, reference, size)`` when the rule is broken."""
        value = self._get_figure(sums)
        if value is None:
            return None
        return getattr(self, f"_verdict_{self.kind}")(value, history)

    def _verdict_threshold(self, value, _history):
        factor = self._get_factor()
        limit = self.limit_value / factor
        broken = value > limit if self.direction == "above" else value < limit
        return (value, limit, value - limit) if broken else None

    def _verdict_change(self, value, history):
        before = history[0] if history else None
        change = growth(value, before)
        if change is None or not self._is_beyond(100 * change):
            return None
        return (value, before, change)

    def _verdict_deviation(self, value, history):
        known = [item for item in history if item is not None]
        score = robust_z(value, known)
        if score is None or not self._is_beyond(score):
            return None
        return (value, median(known), score)

    def _is_beyond(self, size):
        return (self.direction in ("above", "both") and size >= self.limit_value) or (
            self.direction in ("below", "both") and size <= -self.limit_value
        )

    def _get_factor(self):
        """Rates are typed in percent."""
        kind = self.env["marketing.report.figures"]._get_kind(self.measure)
        return 100 if kind == "percent" else 1

    def _prepare_alert_vals(self, record, start, current, verdict):
        value, reference, size = verdict
        return {
            "rule_id": self.id,
            "company_id": self.company_id.id,
            "campaign_id": self.subject == "campaign" and record.id,
            "medium_id": self.subject == "medium" and record.id,
            "date_from": start,
            "date_to": current - timedelta(days=1),
            "value": value,
            "reference": reference,
            "size": size,
        }
