import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { formatFloat, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { floatField } from "@web/views/fields/float/float_field";
import { monetaryField } from "@web/views/fields/monetary/monetary_field";
import { percentageField } from "@web/views/fields/percentage/percentage_field";

/**
 * A ratio without a basis is unknown, which is not the same as zero: a pivot and the groups of a
 * list show a dash for it.
 */
const UNKNOWN = "—";

function known(format) {
    return (value, options) =>
        value === null || value === undefined || value === false ? UNKNOWN : format(value, options);
}

const formatters = registry.category("formatters");
formatters.add("known_percentage", known(formatPercentage));
formatters.add(
    "known_monetary",
    known((value, options) =>
        formatMonetary(value, { currencyId: user.activeCompany?.currency_id, ...options })
    )
);
formatters.add("known_float", known(formatFloat));

const fields = registry.category("fields");
fields.add("known_percentage", percentageField);
fields.add("known_monetary", monetaryField);
fields.add("known_float", floatField);
