import {markup} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const CONFIGURATION = ".o_menu_sections [data-menu-xmlid='crm.crm_menu_config']";

function entry(xmlid) {
    return `.o-dropdown--menu [data-menu-xmlid='${xmlid}']`;
}

/** A sales manager's first hour: the rules that score leads, and the rules that give them out. */
registry.category("web_tour.tours").add("lead_scoring_sales_manager_tour", {
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
            trigger: ".o_app[data-menu-xmlid='crm.crm_menu_root']",
            content: markup(_t("Few, good, explained leads, fairly given out: it starts in <b>CRM</b>.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: CONFIGURATION,
            content: _t("You set the rules."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("lead_scoring.menu_lead_score_model"),
            content: markup(_t("<b>Scoring Rules</b> say what makes a lead a good one.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:first .o_data_cell[name='name']",
            content: _t("A starter set is here. It scores nothing until somebody publishes it."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_notebook .nav-link[name='grades']",
            content: markup(
                _t("Points become a grade; from a grade on a lead is ready for sales: see <b>Grade and Qualification</b>.")
            ),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: CONFIGURATION,
            content: _t("Who gets the good leads?"),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("lead_scoring.menu_lead_assignment_pool"),
            content: markup(_t("<b>Pools</b> of people share leads turn by turn, by weight.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_list_view",
        },
        {
            trigger: CONFIGURATION,
            content: _t("And which lead goes to which pool?"),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("lead_scoring.menu_lead_assignment_rule"),
            content: markup(
                _t("<b>Assignment Rules</b>: the first that takes a lead sends it to its pool. They work for teams that choose them, and every decision can be asked why.")
            ),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_list_button_add",
            content: _t("Your first rule starts here. Try it before it works: Assignment Simulation assigns nothing."),
            tooltipPosition: "bottom",
            run: "hover",
        },
    ],
});
