import { Component } from "@odoo/owl";

/**
 * The frame around a panel: title, skeleton, error with a way to try again, or nothing to show.
 */
export class Panel extends Component {
    static template = "roi_dashboard.Panel";
    static props = {
        title: String,
        subtitle: { type: String, optional: true },
        panel: Object,
        className: { type: String, optional: true },
        skeleton: { type: String, optional: true },
        emptyText: { type: String, optional: true },
        slots: Object,
    };
    static defaultProps = { className: "", skeleton: "rows", subtitle: "" };

    /** A chart of five columns, or about as many lines as a panel has. */
    get skeletonBars() {
        return [...Array(this.props.skeleton === "chart" ? 5 : 8).keys()];
    }

    get hasData() {
        return this.props.panel.data && !this.props.panel.error;
    }
}
