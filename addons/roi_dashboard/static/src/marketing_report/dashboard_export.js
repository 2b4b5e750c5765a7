import { _t } from "@web/core/l10n/translation";
import { Domain } from "@web/core/domain";
import { registry } from "@web/core/registry";

/** The dialog for a report of what the dashboard shows: its filter, period and models. */
function askForReport(env, { domain, options }, kind) {
    return env.services.action.doAction("roi_dashboard.marketing_report_export_action_new", {
        additionalContext: {
            default_kind: kind,
            default_domain: new Domain(domain).toString(),
            default_date_from: options.date_from || false,
            default_date_to: options.date_to || false,
            default_model_id: options.model_id || false,
            default_compare_model_id: options.model2_id || false,
        },
    });
}

const KINDS = [
    ["workbook", _t("Get a Workbook (XLSX)"), "fa-file-excel-o"],
    ["review", _t("Get a Review (PDF)"), "fa-file-pdf-o"],
    ["rows", _t("Get the Rows (CSV)"), "fa-file-text-o"],
];

KINDS.forEach(([kind, label, icon], index) => {
    registry.category("marketing_roi_actions").add(`report_${kind}`, {
        label,
        icon,
        sequence: 10 + index,
        run: (env, query) => askForReport(env, query, kind),
    });
});

registry.category("marketing_roi_actions").add("share", {
    label: _t("Share by Link"),
    icon: "fa-link",
    sequence: 20,
    // Who may recompute is a marketer; the company's setting is checked when it is saved.
    isAvailable: (env, setup) => setup.can_recompute,
    run: (env, { domain, options }) =>
        env.services.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Shared Page"),
            res_model: "marketing.share",
            views: [[false, "form"]],
            context: {
                default_period: "fixed",
                default_date_from: options.date_from,
                default_date_to: options.date_to,
                default_model_id: options.model_id || false,
                default_domain: new Domain(domain).toString(),
            },
        }),
});
