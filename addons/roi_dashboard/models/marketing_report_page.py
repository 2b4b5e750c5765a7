from odoo import api, fields, models
from odoo.tools.misc import format_amount, format_date, formatLang

from ..tools.dashboard import share_of_step
from ..tools.formulas import difference, growth, ratio_value

UNKNOWN = "—"
KPIS = (
    "cost_planned",
    "cost_actual",
    "revenue_invoiced",
    "roi",
    "roas",
    "lead_count",
    "cost_per_lead",
    "conversion_count",
    "new_customer_count",
    "cac",
    "pipeline_weighted",
    "win_rate",
)
# Less of these is better.
LOWER_IS_BETTER = ("cost_per_lead", "cost_per_opportunity", "cost_per_win", "cac", "cycle_days")
NEUTRAL = ("cost_planned", "cost_actual")
MOST_MONTHS = 18


class MarketingReportPage(models.AbstractModel):
    """Blocks of figures as a page shows them: key figures, months, funnel, campaigns, channels.

    The same blocks make the PDF reports, the campaign review and the shared page. Texts are
    ready to print in the reader's language; widths are percentages for bars.
    """

    _name = "marketing.report.page"
    _description = "Blocks of Marketing Pages"

    @api.model
    def _get_blocks(self, domain, domain_before=None, campaign_limit=12):
        return {
            "kpis": self._get_kpis(domain, domain_before),
            "months": self._get_months(domain),
            "funnel": self._get_funnel(domain),
            "campaigns": self._get_groups(domain, "campaign_id", campaign_limit),
            "channels": self._get_groups(domain, "medium_id", campaign_limit, "revenue_invoiced"),
        }

    # ------------------------------------------------------------------ blocks

    @api.model
    def _get_kpis(self, domain, domain_before=None):
        figures = self.env["marketing.report.figures"]
        total = figures._get_total(domain)
        before = figures._get_total(domain_before) if domain_before else None
        names = [name for name in KPIS if name in total or name in figures._get_ratios()]
        return [self._prepare_kpi(name, total, before) for name in names]

    def _prepare_kpi(self, name, total, before):
        figures = self.env["marketing.report.figures"]
        value = self._get_value(name, total)
        earlier = self._get_value(name, before) if before is not None else None
        return {
            "name": name,
            "label": figures._get_label(name),
            "help": figures._get_help(name),
            "value": value,
            "text": self._format(name, value),
            "before_text": self._format(name, earlier) if before is not None else "",
            "change_text": self._compare(name, value, earlier) if before is not None else "",
            "tone": self._get_tone(name, difference(value, earlier)),
        }

    def _compare(self, name, value, earlier):
        """A rate changes by points, as on the dashboard; everything else by a share."""
        if self.env["marketing.report.figures"]._get_kind(name) != "percent":
            return self._format_change(growth(value, earlier))
        points = difference(value, earlier)
        if points is None:
            return UNKNOWN
        sign = "+" if points > 0 else ""
        return self.env._(
            "%(change)s pts", change=f"{sign}{formatLang(self.env, 100 * points, digits=1)}"
        )

    def _get_value(self, name, sums):
        figures = self.env["marketing.report.figures"]
        ratio = figures._get_ratios().get(name)
        if ratio:
            return ratio_value(ratio, sums, figures._get_needs(name))
        return sums[name]

    @api.model
    def _get_tone(self, name, change):
        if not change or name in NEUTRAL:
            return ""
        return "good" if (change > 0) != (name in LOWER_IS_BETTER) else "bad"

    @api.model
    def _get_months(self, domain):
        groups = self.env["marketing.report.figures"]._get_sums(
            domain, ["date:month"], ["cost_actual", "revenue_invoiced"]
        )
        groups = sorted(
            (group for group in groups if group[0][0] and any(group[1].values())),
            key=lambda group: group[0][0],
        )[-MOST_MONTHS:]
        top = max((abs(value) for _keys, sums in groups for value in sums.values()), default=0)
        return [
            {
                "label": format_date(self.env, month, date_format="yyyy-MM"),
                "cost_text": self._format("cost_actual", sums["cost_actual"]),
                "revenue_text": self._format("revenue_invoiced", sums["revenue_invoiced"]),
                "cost_width": self._get_width(sums["cost_actual"], top),
                "revenue_width": self._get_width(sums["revenue_invoiced"], top),
            }
            for (month,), sums in groups
        ]

    @api.model
    def _get_funnel(self, domain):
        figures = self.env["marketing.report.figures"]
        names = figures._get_funnel_measures()
        total = figures._get_total(domain, names)
        top = max(total.values(), default=0)
        steps, before = [], None
        for name in names:
            rate = share_of_step(total[name], before)
            steps.append(
                {
                    "label": figures._get_label(name),
                    "text": self._format(name, total[name]),
                    "rate_text": self._format_rate(rate) if before is not None else "",
                    "width": self._get_width(total[name], top),
                }
            )
            before = total[name]
        return steps

    @api.model
    def _get_groups(self, domain, groupby, limit, by="cost_actual"):
        """The largest campaigns or channels, and what the others are together."""
        figures = self.env["marketing.report.figures"]
        groups = [
            (keys[0], sums)
            for keys, sums in figures._get_sums(domain, [groupby])
            if any(sums[name] for name in ("cost_actual", "revenue_invoiced", "lead_count"))
        ]
        groups.sort(key=lambda group: (-group[1][by], -group[1]["revenue_invoiced"]))
        shown = [
            # sudo: the name of what a readable row is about, as lists show it
            (key.sudo().display_name if key else self.env._("Without"), sums)
            for key, sums in groups[:limit]
        ]
        rest = groups[limit:]
        if rest:
            sums = {name: sum(group[1][name] for group in rest) for name in rest[0][1]}
            shown.append((self.env._("%(count)s others", count=len(rest)), sums))
        top = max((abs(sums[by]) for _label, sums in shown), default=0)
        return [
            {
                "label": label,
                "width": self._get_width(sums[by], top),
                **{
                    f"{name}_text": self._format(name, self._get_value(name, sums))
                    for name in (
                        "cost_planned",
                        "cost_actual",
                        "revenue_invoiced",
                        "roi",
                        "lead_count",
                        "cost_per_lead",
                        "conversion_count",
                    )
                },
            }
            for label, sums in shown
        ]

    # ------------------------------------------------------------------ texts

    @api.model
    def _format(self, name, value):
        """A figure as a person reads it; a dash when there is none."""
        if value is None:
            return UNKNOWN
        kind = self.env["marketing.report.figures"]._get_kind(name)
        if kind == "money":
            return format_amount(self.env, value, self.env.company.currency_id)
        if kind == "percent":
            return self._format_rate(value)
        # Shares of a conversion have decimals, whole ones need none.
        is_count = name.endswith("_count")
        digits = 0 if kind == "integer" or is_count and not round(value % 1, 2) % 1 else 2
        return formatLang(self.env, value, digits=digits)

    @api.model
    def _format_rate(self, value):
        return UNKNOWN if value is None else f"{formatLang(self.env, 100 * value, digits=1)} %"

    @api.model
    def _format_change(self, change):
        if change is None:
            return UNKNOWN
        sign = "+" if change > 0 else ""
        return f"{sign}{formatLang(self.env, 100 * change, digits=1)} %"

    @api.model
    def _get_width(self, value, top):
        return round(100 * max(value, 0) / top, 1) if top else 0

    @api.model
    def _get_today_text(self):
        return format_date(self.env, fields.Date.context_today(self))
