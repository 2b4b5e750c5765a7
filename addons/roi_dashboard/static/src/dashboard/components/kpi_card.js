import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatChange, formatPercent, formatShort, formatValue } from "../model/format";
import { Sparkline } from "./sparkline";

/** One figure: what it is, how it changed, how it got there, and what it should be. */
export class KpiCard extends Component {
    static template = "roi_dashboard.KpiCard";
    static components = { Sparkline };
    static props = {
        card: Object,
        currencyId: Number,
        onOpen: Function,
    };

    get short() {
        return formatShort(this.props.card.kind, this.props.card.value, this.props.currencyId);
    }

    get exact() {
        return formatValue(this.props.card.kind, this.props.card.value, this.props.currencyId);
    }

    get before() {
        return formatValue(this.props.card.kind, this.props.card.before, this.props.currencyId);
    }

    get change() {
        const { kind, change } = this.props.card;
        return formatChange(kind, change);
    }

    get hasChange() {
        return this.props.card.change !== null;
    }

    get direction() {
        return Math.sign(Math.round(this.props.card.change * 1000));
    }

    /** Whether the change is good news, bad news or neither. */
    get mood() {
        const { better } = this.props.card;
        if (!better || !this.direction) {
            return "neutral";
        }
        return (better === "up") === this.direction > 0 ? "good" : "bad";
    }

    get target() {
        const { target, kind } = this.props.card;
        if (!target) {
            return null;
        }
        const value = formatShort(kind, target.value, this.props.currencyId);
        const known = target.rate !== null;
        const isBudget = kind === "money";
        return {
            width: known ? Math.max(0, Math.min(100, 100 * target.rate)) : 0,
            isOver: isBudget && known && target.rate > 1,
            isMissed: !isBudget && known && target.rate < 1,
            text:
                isBudget && known
                    ? _t("%(label)s %(target)s · %(rate)s", {
                          label: target.label,
                          target: value,
                          rate: formatPercent(target.rate),
                      })
                    : _t("%(label)s %(target)s", { label: target.label, target: value }),
        };
    }

    /** Everything the card shows, in words. */
    get spoken() {
        const parts = [`${this.props.card.label}: ${this.exact}`];
        if (this.hasChange) {
            parts.push(_t("%(change)s against %(before)s", { change: this.change, before: this.before }));
        }
        if (this.target) {
            parts.push(this.target.text);
        }
        return parts.join(", ");
    }
}
