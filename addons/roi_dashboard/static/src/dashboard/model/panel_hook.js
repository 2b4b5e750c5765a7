import { onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";

/**
 * What every panel is given: what is looked at, how to open records, and the choice of the model
 * to show beside the first one.
 */
export const panelProps = { query: Object, onOpen: Function, beside: Object };

/**
 * The data of one panel: asked for when one of its own inputs changes, and only then. Answers
 * that come too late are forgotten, errors stay in the panel, and what is on screen stays there
 * until the new answer has come.
 *
 * @param {Object} props of the component; `query` is { domain, options, version }
 * @param {string} method of `marketing.dashboard`
 * @param {string[]} optionNames the options this panel depends on
 */
export function usePanel(props, method, optionNames) {
    const orm = useService("orm");
    const keepLast = new KeepLast();
    const panel = useState({ data: null, error: null, isLoading: true, retry: null });
    let key = null;

    async function load({ domain, options, version }) {
        const needed = Object.fromEntries(optionNames.map((name) => [name, options[name]]));
        const nextKey = JSON.stringify([domain, needed, version]);
        if (nextKey === key) {
            return;
        }
        key = nextKey;
        panel.isLoading = true;
        panel.error = null;
        try {
            const data = await keepLast.add(
                orm.silent.call("marketing.dashboard", method, [domain, needed])
            );
            Object.assign(panel, { data, isLoading: false });
        } catch (error) {
            key = null;
            panel.error = error.data?.message || _t("The server did not answer.");
            panel.isLoading = false;
        }
    }

    let current = props.query;
    panel.retry = () => load(current);
    onWillStart(() => {
        // Not awaited: the panel shows its skeleton meanwhile.
        load(current);
    });
    onWillUpdateProps((nextProps) => {
        current = nextProps.query;
        load(current);
    });
    return panel;
}
