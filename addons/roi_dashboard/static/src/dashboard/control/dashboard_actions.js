import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * What can be done with what is on screen. Other addons add their own:
 *
 *   registry.category("marketing_roi_actions").add("export_xlsx", {
 *       label: _t("Export XLSX"), icon: "fa-file-excel-o", sequence: 10,
 *       isAvailable: (env, setup) => true,            // optional
 *       run: async (env, query, setup) => { ... },    // query: { domain, options }
 *   });
 */
export const dashboardActions = registry.category("marketing_roi_actions");

dashboardActions.add("analysis", {
    label: _t("Analyse in a Pivot"),
    icon: "fa-table",
    sequence: 80,
    run: (env, { domain, options }) =>
        env.services.action.doAction({
            type: "ir.actions.act_window",
            name: _t("ROI Analysis"),
            res_model: "marketing.roi.report",
            views: [
                [false, "pivot"],
                [false, "graph"],
                [false, "list"],
            ],
            domain: [
                ...domain,
                ["model_id", "=", options.model_id],
                ["date", ">=", options.date_from],
                ["date", "<=", options.date_to],
            ],
        }),
});

dashboardActions.add("recompute", {
    label: _t("Recompute now"),
    icon: "fa-refresh",
    sequence: 90,
    isAvailable: (env, setup) => setup.can_recompute,
    run: async (env) =>
        env.services.action.doAction(
            await env.services.orm.call("marketing.attribution.run", "action_recompute", [[]])
        ),
});
