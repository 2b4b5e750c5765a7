import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { Domain } from "@web/core/domain";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** "Get a Report" in the gear of the ROI report: the filter of the screen goes along. */
export class MarketingReportMenu extends Component {
    static template = "roi_dashboard.MarketingReportMenu";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    async onSelected() {
        const { domain } = this.env.searchModel;
        await this.action.doAction("roi_dashboard.marketing_report_export_action_new", {
            additionalContext: {
                default_domain: new Domain(domain).toString(),
                // the filter of the report says the period
                default_date_from: false,
                default_date_to: false,
            },
        });
    }
}

registry.category("cogMenu").add(
    "marketing-report-menu",
    {
        Component: MarketingReportMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: ({ config, searchModel }) =>
            searchModel.resModel === "marketing.roi.report" &&
            ["pivot", "graph", "list"].includes(config.viewType),
    },
    { sequence: 20 }
);
