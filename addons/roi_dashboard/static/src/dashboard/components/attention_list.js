import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatCount, formatMoney, formatShortMoney } from "../model/format";
import { panelProps, usePanel } from "../model/panel_hook";
import { Panel } from "./panel";

const ICONS = {
    over_budget: "fa-exclamation-circle",
    no_cost: "fa-file-text-o",
    no_revenue: "fa-line-chart",
    stale_leads: "fa-clock-o",
    breaches: "fa-bell-o",
};

/** What somebody should look at now. */
export class AttentionList extends Component {
    static template = "roi_dashboard.AttentionList";
    static components = { Panel };
    static props = panelProps;

    setup() {
        this.panel = usePanel(this.props, "get_attention", ["date_from", "date_to", "model_id"]);
    }

    get title() {
        return _t("Needs Attention");
    }

    getIcon(item) {
        return ICONS[item.key] || "fa-info-circle";
    }

    /** More than can be opened are not counted to the end. */
    getCount(item) {
        return item.is_more ? `${formatCount(item.count)}+` : formatCount(item.count);
    }

    getAmount(row) {
        return row.amount === null ? "" : formatShortMoney(row.amount, this.panel.data.currency_id);
    }

    getExact(row) {
        return row.amount === null ? "" : formatMoney(row.amount, this.panel.data.currency_id);
    }

    openRow(row) {
        this.props.onOpen({ model: row.model, id: row.id, name: row.name });
    }
}
