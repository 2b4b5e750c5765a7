import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatMoney, formatShortMoney } from "../model/format";
import { panelProps, usePanel } from "../model/panel_hook";
import { ChoiceMenu } from "../control/choice_menu";
import { Panel } from "./panel";

/** Channels: what was spent, and what two attribution models credit them with. */
export class ChannelTable extends Component {
    static template = "roi_dashboard.ChannelTable";
    static components = { ChoiceMenu, Panel };
    static props = panelProps;

    setup() {
        this.panel = usePanel(this.props, "get_channels", [
            "date_from",
            "date_to",
            "model_id",
            "model2_id",
        ]);
    }

    get title() {
        return _t("Channels");
    }

    get subtitle() {
        return _t("Spend, and revenue under two attribution models.");
    }

    get columns() {
        const { model, model2 } = this.panel.data;
        return [
            { name: "cost", label: _t("Spend") },
            { name: "credit", label: model },
            { name: "credit2", label: model2 },
        ];
    }

    get rows() {
        const { rows, currency_id } = this.panel.data;
        const names = ["cost", "credit", "credit2"];
        const largest = Math.max(...rows.flatMap((row) => names.map((name) => row[name])), 1);
        return rows.map((row) => ({
            id: row.id,
            name: row.name,
            cells: names.map((name) => ({
                name,
                value: row[name],
                domain: row[`open_${name}`],
                width: Math.max(row[name] > 0 ? 1 : 0, (100 * row[name]) / largest),
                text: formatMoney(row[name], currency_id),
                short: formatShortMoney(row[name], currency_id),
            })),
        }));
    }

    open(row, cell) {
        const column = this.columns.find((item) => item.name === cell.name);
        this.props.onOpen({
            model: "marketing.roi.report",
            domain: cell.domain,
            name: `${row.name}, ${column.label}`,
        });
    }
}
