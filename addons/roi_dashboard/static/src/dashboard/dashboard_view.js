import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { KpiRow } from "./components/kpi_row";
import { ActionsMenu } from "./control/actions_menu";
import { ChoiceMenu } from "./control/choice_menu";
import { PeriodMenu } from "./control/period_menu";
import { COMPARISONS, getOptions, readState, writeState } from "./model/dashboard_state";
import { isDark } from "./model/theme";
import { dashboardPanels } from "./panels";

/**
 * The dashboard under its search bar: what is looked at, the panels that show it, and the way
 * from a figure to the records behind it.
 */
export class DashboardView extends Component {
    static template = "roi_dashboard.DashboardView";
    static components = { ActionsMenu, ChoiceMenu, KpiRow, Layout, PeriodMenu, SearchBar };
    static props = { setup: Object, source: Object, onState: Function };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.isDark = isDark();
        this.searchBarToggler = useSearchBarToggler();
        this.state = useState(readState(this.props.source, this.props.setup));
        this.favorite = this.favoriteOptions;
        this.view = useState({ query: this.makeQuery() });
        this.publish();
        useBus(this.env.searchModel, "update", () => this.onSearch());
        useSetupAction({
            getLocalState: () => this.address,
            // A favourite keeps the period, comparison and models it was saved with.
            getContext: () => ({ marketing_roi: { ...this.address, filter: undefined } }),
        });
        if (this.favorite) {
            this.applyFavorite();
        }
    }

    // ------------------------------------------------------------------ what is looked at

    get address() {
        return writeState(this.state, this.env.searchModel.exportQuery(), this.props.setup);
    }

    get days() {
        const { date_from, date_to } = this.view.query.options;
        return { date_from, date_to };
    }

    get favoriteOptions() {
        return this.env.searchModel.context.marketing_roi;
    }

    makeQuery() {
        return {
            domain: this.env.searchModel.domain,
            options: getOptions(this.state, this.props.setup),
        };
    }

    refresh() {
        this.view.query = this.makeQuery();
        this.publish();
    }

    publish() {
        this.props.onState(this.address);
    }

    onSearch() {
        const options = this.favoriteOptions;
        const isNew = options && JSON.stringify(options) !== JSON.stringify(this.favorite);
        this.favorite = options;
        if (isNew) {
            this.applyFavorite();
        } else {
            this.refresh();
        }
    }

    applyFavorite() {
        Object.assign(this.state, readState(this.favorite, this.props.setup));
        this.refresh();
    }

    change(values) {
        Object.assign(this.state, values);
        this.refresh();
    }

    showLongPeriod() {
        this.change({ period: "last_12_months", from: false, to: false });
    }

    // ------------------------------------------------------------------ the control panel

    get comparisons() {
        const labels = {
            previous_period: _t("vs Previous Period"),
            previous_year: _t("vs Previous Year"),
            none: _t("No Comparison"),
        };
        return COMPARISONS.map((id) => ({ id, label: labels[id] }));
    }

    get models() {
        return this.props.setup.models.map(({ id, name }) => ({ id, label: name }));
    }

    get secondModel() {
        if (this.state.versus && this.state.versus !== this.state.attribution) {
            return this.state.versus;
        }
        const { default_model_id, default_model2_id } = this.props.setup;
        return default_model2_id === this.state.attribution ? default_model_id : default_model2_id;
    }

    /** The second model, for the panels that show two side by side. */
    get beside() {
        return {
            value: this.secondModel,
            choices: this.models.filter((model) => model.id !== this.state.attribution),
            select: (id) => this.change({ versus: id }),
        };
    }

    get panels() {
        return dashboardPanels
            .getEntries()
            .filter(([name]) => this.props.setup.panels.includes(name))
            .map(([name, Panel]) => ({ name, Panel }));
    }

    // ------------------------------------------------------------------ to the records

    /** Open what a figure is made of: a record, or the rows that sum up to it. */
    async open(target) {
        if (target.lazy) {
            const { domain, options } = this.view.query;
            target = await this.orm.call("marketing.dashboard", "get_records", [
                domain,
                options,
                target.lazy,
            ]);
        }
        const { model, domain, id, name, list_view_id: listViewId } = target;
        if (id) {
            return this.action.doAction({
                type: "ir.actions.act_window",
                name,
                res_model: model,
                res_id: id,
                views: [[false, "form"]],
            });
        }
        const kinds =
            model === "marketing.roi.report" ? ["list", "pivot", "graph"] : ["list", "form"];
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            domain,
            views: kinds.map((kind) => [(kind === "list" && listViewId) || false, kind]),
        });
    }
}
