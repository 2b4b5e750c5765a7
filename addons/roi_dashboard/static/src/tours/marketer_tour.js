import { markup } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** A marketer's first hour: plan a campaign with a budget, submit it, ask where money works best. */
registry.category("web_tour.tours").add("marketing_marketer_tour", {
    url: "/odoo",
    steps: () => [
        {
            // Odoo's own step for this menu shows itself to nobody: it is for automatic runs.
            isActive: ["community", "desktop"],
            trigger: ".o_navbar_apps_menu button:enabled",
            content: _t("All apps are in this menu."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_app[data-menu-xmlid='marketing_campaign_ext.menu_campaign_root']",
            content: markup(_t("Plan, spend and see what it brought: all in <b>Campaigns</b>.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_kanban_view .o-kanban-button-new",
            content: markup(_t("<b>Plan your first campaign.</b>")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_view .oe_title .o_field_widget[name='title'] textarea, .o_form_view .oe_title .o_field_widget[name='title'] input",
            content: _t("Give it a name that colleagues understand. Links get an identifier of their own."),
            tooltipPosition: "bottom",
            run: "edit Guided tour: spring webinar",
        },
        {
            trigger: ".o_notebook .nav-link[name='budget']",
            content: markup(_t("Money is planned by category and period, under <b>Budget</b>.")),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='budget_line_ids'] .o_field_x2many_list_row_add a",
            content: _t("Add what the campaign is going to cost."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='budget_line_ids'] .o_selected_row .o_field_widget[name='amount'] input",
            content: _t("How much? Category and period can wait."),
            tooltipPosition: "top",
            run: "edit 1000",
        },
        {
            trigger: ".o_form_button_save",
            content: _t("Save: nothing is asked of anybody yet."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_saved button[name='action_submit'], .o_form_view:not(:has(.o_form_dirty)) button[name='action_submit']",
            content: markup(_t("<b>Submit</b> when the plan is ready: those who may approve are asked, and the budget is locked.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current[data-value='submitted']",
        },
        {
            trigger: ".o_menu_sections [data-menu-xmlid='marketing_campaign_ext.menu_campaign_finance']",
            content: markup(_t("While it waits: under <b>Money</b> is what was planned, ordered and spent.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu [data-menu-xmlid='roi_dashboard.menu_budget_simulator']",
            content: markup(_t("The <b>Budget Simulator</b> says, from your own past, where the next money works best.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name='action_optimise']",
            content: _t("With some months of cost and leads, this finds the best distribution. That is all for a start!"),
            tooltipPosition: "bottom",
            run: "hover",
        },
    ],
});
