import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const SECONDS_BETWEEN_LOOKS = 2;

/** A bar that looks again every few seconds while the report is being made. */
export class MarketingReportProgress extends Component {
    static template = "roi_dashboard.MarketingReportProgress";
    static props = { ...standardFieldProps };

    setup() {
        onMounted(() => {
            this.timer = setInterval(() => this.look(), 1000 * SECONDS_BETWEEN_LOOKS);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name]);
    }

    async look() {
        const { record } = this.props;
        if (record.data.state === "queued" && !document.hidden) {
            await record.load();
        }
    }
}

registry.category("fields").add("marketing_report_progress", {
    component: MarketingReportProgress,
    supportedTypes: ["float"],
    fieldDependencies: [{ name: "state", type: "selection" }],
});
