import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatChange, formatCount, formatDays, formatPercent, UNKNOWN } from "../model/format";
import { panelProps, usePanel } from "../model/panel_hook";
import { Panel } from "./panel";

/** More than the stage before had is no share of it. */
function isSkipped(stage) {
    return stage.rate !== null && stage.rate > 1;
}

/** From touch to won: numbers, rates, times, and the step that loses most. */
export class Funnel extends Component {
    static template = "roi_dashboard.Funnel";
    static components = { Panel };
    static props = panelProps;

    setup() {
        this.panel = usePanel(this.props, "get_funnel", [
            "date_from",
            "date_to",
            "compare",
            "model_id",
        ]);
    }

    get title() {
        return _t("Funnel");
    }

    get subtitle() {
        return _t("Each stage by the day it was reached; share of the stage before.");
    }

    get stages() {
        const { stages, leak } = this.panel.data;
        const largest = Math.max(...stages.map((stage) => stage.count), 1);
        return stages.map((stage, index) => ({
            ...stage,
            isLeak: index > 0 && leak === index - 1,
            width: stage.count ? Math.max(2, (100 * stage.count) / largest) : 0,
            countText: formatCount(stage.count),
            rateText: isSkipped(stage) ? UNKNOWN : stage.rate === null ? "" : formatPercent(stage.rate),
            rateHelp: isSkipped(stage) ? _t("More than in the stage before: leads can skip it.") : "",
            changeText:
                stage.rate !== null && stage.rate_before !== null && !isSkipped(stage)
                    ? formatChange("percent", stage.rate - stage.rate_before)
                    : "",
            daysText: stage.days === null || stage.days === undefined ? "" : formatDays(stage.days),
        }));
    }

    getSpoken(stage) {
        const parts = [`${stage.label}: ${stage.countText}`];
        if (stage.rateHelp) {
            parts.push(stage.rateHelp);
        } else if (stage.rateText) {
            parts.push(_t("%s of the stage before", stage.rateText));
        }
        if (stage.daysText) {
            parts.push(_t("after %s, median", stage.daysText));
        }
        if (stage.isLeak) {
            parts.push(_t("most is lost here"));
        }
        return parts.join(", ");
    }

    open(stage) {
        this.props.onOpen({
            model: "marketing.roi.report",
            domain: stage.open,
            name: stage.label,
        });
    }
}
