import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Panel } from "@roi_dashboard/dashboard/components/panel";
import { formatCount, formatPercent } from "@roi_dashboard/dashboard/model/format";
import { panelProps, usePanel } from "@roi_dashboard/dashboard/model/panel_hook";
import { dashboardPanels } from "@roi_dashboard/dashboard/panels";

const FIRST = 7;

/** Lead quality by source: the mix of grades, and how many of the closed leads were won. */
export class LeadQuality extends Component {
    static template = "roi_dashboard_lead_scoring.LeadQuality";
    static components = { Panel };
    static props = panelProps;

    setup() {
        this.orm = useService("orm");
        this.panel = usePanel(this.props, "get_quality", ["date_from", "date_to", "model_id"]);
        this.state = useState({ isOpen: false });
    }

    get title() {
        return _t("Lead Quality by Source");
    }

    get subtitle() {
        return _t("Leads created in the period, by fit; won of those closed so far.");
    }

    get legend() {
        return [
            { fit: "A", label: _t("Fit A") },
            { fit: "B", label: _t("Fit B") },
            { fit: "C", label: _t("Fit C") },
            { fit: "", label: _t("No grade") },
        ];
    }

    get rows() {
        const rows = this.panel.data.rows.map((row) => ({
            ...row,
            leadsText: formatCount(row.leads),
            winText: formatPercent(row.win_rate),
            closedText: _t("%s closed", formatCount(row.closed)),
            mix: row.mix.map((part) => ({
                ...part,
                width: (100 * part.count) / row.leads,
                text: _t("%(label)s: %(count)s leads", {
                    label: this.legend.find((item) => item.fit === part.fit).label,
                    count: formatCount(part.count),
                }),
            })),
        }));
        return this.state.isOpen ? rows : rows.slice(0, FIRST);
    }

    open(row) {
        this.props.onOpen({ model: "marketing.roi.report", domain: row.open, name: row.name });
    }

    async openFit(row, part) {
        const { domain, options } = this.props.query;
        this.props.onOpen(
            await this.orm.call("marketing.dashboard", "get_quality_leads", [
                domain,
                options,
                row.id,
                part.fit,
            ])
        );
    }
}

dashboardPanels.add("quality", LeadQuality, { sequence: 60 });
