import { markup } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const MONEY = ".o_menu_sections [data-menu-xmlid='marketing_campaign_ext.menu_campaign_finance']";

function entry(xmlid) {
    return `.o-dropdown--menu [data-menu-xmlid='${xmlid}']`;
}

/** Finance's first hour: where every cost stands, whether it ties to the ledger, what it earned. */
registry.category("web_tour.tours").add("marketing_finance_tour", {
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
            content: markup(_t("Budgets and costs of all campaigns are in <b>Campaigns</b>. You read everything and change nothing.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: MONEY,
            content: markup(_t("<b>Money</b> holds what was planned, ordered, booked and accrued.")),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("marketing_campaign_ext.menu_marketing_cost_report"),
            content: markup(_t("<b>Plan and Costs</b>: every cost is one dated row, and every figure opens its rows.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_pivot_view, .o_view_nocontent",
        },
        {
            trigger: MONEY,
            content: _t("Does it tie to the books?"),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("marketing_campaign_ext.menu_marketing_tie_out"),
            content: markup(_t("<b>Tie-out to the Ledger</b>: on campaigns or not, together the balance of the marketing accounts that you choose in the settings.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_list_view",
        },
        {
            trigger: ".o_menu_sections [data-menu-xmlid='marketing_campaign_ext.menu_campaign_reporting']",
            content: _t("And what did it earn?"),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: entry("roi_dashboard.menu_marketing_roi_report"),
            content: markup(_t("Cost from booked bills, revenue from invoice lines net of refunds: the return ties to the cent. Margin is for your eyes only.")),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_pivot_view",
            content: _t("Click a number for its rows, a row for its document."),
            tooltipPosition: "top",
            run: "hover",
        },
    ],
});
