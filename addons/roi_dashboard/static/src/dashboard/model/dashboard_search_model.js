import { Domain } from "@web/core/domain";
import { SearchModel } from "@web/search/search_model";

/**
 * A search model whose query fits into an address: by the names of its filters, not by numbers
 * that the next page load gives anew.
 *
 * Entries: ["filter", name], ["domain", label, domain], ["field", name, operator, value, label],
 * ["favorite", id].
 */
export class DashboardSearchModel extends SearchModel {
    setup(services, args) {
        super.setup(services, args);
        this.entries = args?.entries || null;
    }

    async load(config) {
        await super.load({ ...config, activateFavorite: !this.entries });
        if (this.entries) {
            this.importQuery(this.entries);
        }
    }

    exportQuery() {
        const entries = [];
        for (const element of this.query) {
            const item = this.searchItems[element.searchItemId];
            if (item.type === "favorite") {
                entries.push(["favorite", item.serverSideId]);
            } else if (item.type === "field") {
                const { operator, value, label } = element.autocompleteValue;
                entries.push(["field", item.fieldName, operator, value, label]);
            } else if (item.type === "filter" && item.name) {
                entries.push(["filter", item.name]);
            } else if (item.type === "filter") {
                entries.push(["domain", item.description, new Domain(item.domain).toString()]);
            }
        }
        return entries;
    }

    /** Ask for what an address says; what does not exist (any more) is left out. */
    importQuery(entries) {
        this.blockNotification = true;
        this.query = [];
        for (const entry of entries) {
            this._importEntry(entry);
        }
        this.blockNotification = false;
        this._reset();
    }

    _importEntry([kind, ...values]) {
        const items = Object.values(this.searchItems);
        if (kind === "domain") {
            const [description, domain] = values;
            try {
                new Domain(domain).toList();
            } catch {
                return;
            }
            this.createNewFilters([{ description, domain, invisible: "True" }]);
            return;
        }
        if (kind === "field") {
            const [fieldName, operator, value, label] = values;
            const field = items.find((it) => it.type === "field" && it.fieldName === fieldName);
            if (field) {
                this.addAutoCompletionValues(field.id, { operator, value, label });
            }
            return;
        }
        const wanted = items.find((item) =>
            kind === "favorite"
                ? item.type === "favorite" && item.serverSideId === values[0]
                : item.type === "filter" && item.name === values[0]
        );
        if (wanted) {
            this.toggleSearchItem(wanted.id);
        }
    }
}
