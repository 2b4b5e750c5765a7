import { Component, onWillStart } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { WithSearch } from "@web/search/with_search/with_search";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { DashboardView } from "./dashboard_view";
import { DashboardSearchModel } from "./model/dashboard_search_model";
import { readEntries } from "./model/dashboard_state";
import { isDark } from "./model/theme";

const PATH = "marketing-roi";

/**
 * The client action: who may see the dashboard, whether there is anything to see yet, and what
 * was looked at when the reader left or somebody sent a link.
 */
export class MarketingRoiDashboard extends Component {
    static template = "roi_dashboard.MarketingRoiDashboard";
    static components = { DashboardView, Layout, WithSearch };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.isDark = isDark();
        this.source = this.getSource();
        onWillStart(() => this.load());
    }

    /** Back from the records: as it was left. From an address: as it says. Else as usual. */
    getSource() {
        if (this.props.state) {
            return this.props.state;
        }
        const isAddressed = [PATH, this.props.action.id].includes(router.current.action);
        return isAddressed ? router.current : {};
    }

    async load() {
        try {
            this.info = await this.orm.call("marketing.dashboard", "get_setup", []);
        } catch (error) {
            if (error.exceptionName !== "odoo.exceptions.AccessError") {
                throw error;
            }
            this.info = null;
        }
    }

    get isFresh() {
        return this.info && !this.info.has_facts;
    }

    get refusal() {
        return _t("What campaigns cost and bring is for marketers and finance.");
    }

    get searchProps() {
        const entries = readEntries(this.source);
        return {
            resModel: "marketing.roi.report",
            searchViewId: this.info.search_view_id,
            loadIrFilters: true,
            searchMenuTypes: ["filter", "favorite"],
            SearchModel: DashboardSearchModel,
            searchModelArgs: { entries },
            context: {},
        };
    }
}

registry.category("actions").add("roi_dashboard.marketing_roi", MarketingRoiDashboard);
