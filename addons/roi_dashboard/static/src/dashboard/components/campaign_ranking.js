import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
    formatCount,
    formatMoney,
    formatPercent,
    formatShortMoney,
} from "../model/format";
import { panelProps, usePanel } from "../model/panel_hook";
import { Panel } from "./panel";

const FIRST = 8;

/** Campaigns by their return, each with its budget and whether it can be judged yet. */
export class CampaignRanking extends Component {
    static template = "roi_dashboard.CampaignRanking";
    static components = { Panel };
    static props = panelProps;

    setup() {
        this.panel = usePanel(this.props, "get_campaigns", ["date_from", "date_to", "model_id"]);
        this.state = useState({ isOpen: false });
    }

    get title() {
        return _t("Campaigns");
    }

    get subtitle() {
        return _t("Best return first; who cannot be judged yet comes after.");
    }

    /** Heads of columns; on a phone each figure carries its own. */
    get labels() {
        return { revenue: _t("Revenue"), roi: _t("ROI"), leads: _t("Leads") };
    }

    get hasMore() {
        return this.panel.data.rows.length > FIRST;
    }

    get rows() {
        const { rows, currency_id } = this.panel.data;
        let rank = 0;
        const all = rows.map((row) => ({
            ...row,
            rank: row.id && !row.flag && row.roi !== null ? ++rank : "",
            budgetBar: this.getBudgetBar(row, currency_id),
            costText: formatMoney(row.cost, currency_id),
            costShort: formatShortMoney(row.cost, currency_id),
            revenueText: formatMoney(row.revenue, currency_id),
            revenueShort: formatShortMoney(row.revenue, currency_id),
            roiText: formatPercent(row.roi),
            leadsText: formatCount(row.leads),
            mood: row.roi === null || row.flag ? "neutral" : row.roi < 0 ? "bad" : "good",
        }));
        return this.state.isOpen ? all : all.slice(0, FIRST);
    }

    /** Spent and promised as shares of the budget, or of what they are when they exceed it. */
    getBudgetBar(row, currencyId) {
        const used = row.cost + row.committed;
        const scale = Math.max(row.budget, used) || 1;
        const amounts = {
            cost: formatShortMoney(row.cost, currencyId),
            committed: formatShortMoney(row.committed, currencyId),
            budget: formatShortMoney(row.budget, currencyId),
        };
        return {
            spent: Math.max(0, (100 * row.cost) / scale),
            promised: Math.max(0, (100 * row.committed) / scale),
            isOver: row.budget > 0 && used > row.budget + 0.005,
            text: row.budget
                ? _t("%(cost)s of %(budget)s", amounts)
                : _t("%(cost)s, no budget", amounts),
            title: _t(
                "Spent %(cost)s, promised %(committed)s, planned %(budget)s in this period",
                amounts
            ),
        };
    }

    getFlagText(flag) {
        return {
            too_young: _t("Too young"),
            too_little: _t("Too little data"),
        }[flag];
    }

    getFlagHelp(flag) {
        return {
            too_young: _t("Younger than the usual time from first touch to order."),
            too_little: _t("Fewer than five conversions in this period prove nothing."),
        }[flag];
    }

    open(row, name) {
        this.props.onOpen({
            model: "marketing.roi.report",
            domain: row[name],
            name: row.name,
        });
    }

    openCampaign(row) {
        this.props.onOpen({ model: "utm.campaign", id: row.id, name: row.name });
    }
}
