import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePanel } from "../model/panel_hook";
import { formatSpan } from "../model/period";
import { KpiCard } from "./kpi_card";

/** The cards on top. */
export class KpiRow extends Component {
    static template = "roi_dashboard.KpiRow";
    static components = { KpiCard };
    static props = { query: Object, count: Number, onOpen: Function, onEmpty: Function };

    setup() {
        this.panel = usePanel(this.props, "get_kpis", [
            "date_from",
            "date_to",
            "compare",
            "model_id",
        ]);
    }

    /**
     * One row for up to eight cards where there is room, else two; the first fills a gap. The same
     * while waiting, so that nothing moves when the cards come.
     */
    get layout() {
        const count = this.panel.data?.cards.length || this.props.count;
        const half = Math.ceil(count / 2);
        return {
            style: `--roi-columns: ${count > 8 ? half : count}; --roi-columns-half: ${half}`,
            isOdd: count % 2 === 1,
            isLong: count > 8,
            numbers: [...Array(count).keys()],
        };
    }

    get isEmpty() {
        return this.panel.data?.is_empty;
    }

    get beforeLabel() {
        const before = this.panel.data?.before;
        return before ? _t("Compared with %s", formatSpan(before)) : "";
    }
}
