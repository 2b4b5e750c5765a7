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

    /** What the figure should be; a limit is broken above, a goal is missed below. */
    get target() {
        const { target, kind, better } = this.props.card;
        if (!target) {
            return null;
        }
        const { currencyId } = this.props;
        const isKnown = target.rate !== null;
        const parts = { label: target.label, target: formatShort(kind, target.value, currencyId) };
        return {
            isKnown,
            width: isKnown ? Math.max(0, Math.min(100, 100 * target.rate)) : 0,
            isOver: better !== "up" && isKnown && target.rate > 1,
            isMissed: better === "up" && isKnown && target.rate < 1,
            text: this.writeTarget(target, parts),
            help: target.help,
            open: target.open,
        };
    }

    writeTarget({ value, actual, rate, is_share: isShare, detail }, parts) {
        if (value === null) {
            return parts.label;
        }
        if (detail) {
            return _t("%(label)s %(target)s · %(detail)s", { ...parts, detail });
        }
        if (isShare && rate !== null) {
            return _t("%(label)s %(target)s · %(rate)s", { ...parts, rate: formatPercent(rate) });
        }
        if (actual !== null) {
            const { kind } = this.props.card;
            const now = formatShort(kind, actual, this.props.currencyId);
            return _t("%(label)s %(target)s · now %(actual)s", { ...parts, actual: now });
        }
        return _t("%(label)s %(target)s", parts);
    }

    /** Everything the card shows, in words. */
    get spoken() {
        const parts = [`${this.props.card.label}: ${this.exact}`];
        if (this.hasChange) {
            parts.push(_t("%(change)s against %(before)s", { change: this.change, before: this.before }));
        }
        return parts.join(", ");
    }
}
