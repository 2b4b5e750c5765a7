import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { dashboardActions } from "./dashboard_actions";

/** The menu of everything that can be done with the dashboard as it is shown. */
export class ActionsMenu extends Component {
    static template = "roi_dashboard.ActionsMenu";
    static components = { Dropdown, DropdownItem };
    static props = { query: Object, setup: Object };

    get actions() {
        return dashboardActions
            .getEntries()
            .map(([key, action]) => ({ key, ...action }))
            .filter(
                (action) => !action.isAvailable || action.isAvailable(this.env, this.props.setup)
            )
            .sort((one, other) => (one.sequence || 50) - (other.sequence || 50));
    }

    run(action) {
        const { domain, options } = this.props.query;
        return action.run(this.env, { domain, options }, this.props.setup);
    }
}
