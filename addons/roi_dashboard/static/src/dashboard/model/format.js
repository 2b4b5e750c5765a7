import { _t } from "@web/core/l10n/translation";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { user } from "@web/core/user";

/** What is not known is not zero. */
export const UNKNOWN = "—";

const formats = new Map();

/** A number format of the reader's language: compact ones write 万 and 亿 in Chinese. */
function intl(options) {
    const key = JSON.stringify(options);
    if (!formats.has(key)) {
        let format;
        try {
            format = new Intl.NumberFormat(user.lang, options);
        } catch {
            format = new Intl.NumberFormat("en", options);
        }
        formats.set(key, format);
    }
    return formats.get(key);
}

function isUnknown(value) {
    return value === null || value === undefined || value === false;
}

function withSymbol(text, currencyId) {
    const currency = getCurrency(currencyId);
    if (!currency) {
        return text;
    }
    return currency.position === "after"
        ? `${text}\u00a0${currency.symbol}`
        : `${currency.symbol}\u00a0${text}`;
}

export function formatCount(value) {
    return isUnknown(value) ? UNKNOWN : intl({ maximumFractionDigits: 1 }).format(value);
}

/** To the cent, as everywhere else in Odoo. */
export function formatMoney(value, currencyId) {
    return isUnknown(value) ? UNKNOWN : formatCurrency(value, currencyId);
}

/** Short enough for a card, an axis or a bar; the exact amount is in the tooltip. */
export function formatShortMoney(value, currencyId) {
    if (isUnknown(value)) {
        return UNKNOWN;
    }
    const compact = intl({ notation: "compact", maximumFractionDigits: 1 });
    const isShortened = compact.formatToParts(value).some((part) => part.type === "compact");
    if (isShortened) {
        return withSymbol(compact.format(value), currencyId);
    }
    const digits = Math.abs(value) < 100 && value % 1 ? 2 : 0;
    return withSymbol(
        intl({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
        currencyId
    );
}

export function formatPercent(value) {
    if (isUnknown(value)) {
        return UNKNOWN;
    }
    const digits = Math.abs(value) < 0.1 && value ? 1 : 0;
    return intl({ style: "percent", maximumFractionDigits: digits }).format(value);
}

export function formatValue(kind, value, currencyId) {
    if (isUnknown(value)) {
        return UNKNOWN;
    }
    switch (kind) {
        case "money":
            return formatMoney(value, currencyId);
        case "percent":
            return formatPercent(value);
        case "ratio":
            return intl({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
        case "hours":
            return _t("%s h", intl({ maximumFractionDigits: 1 }).format(value));
        default:
            return formatCount(value);
    }
}

export function formatShort(kind, value, currencyId) {
    return kind === "money"
        ? formatShortMoney(value, currencyId)
        : formatValue(kind, value, currencyId);
}

/** A change: points for rates, percent for everything else. */
export function formatChange(kind, change) {
    if (isUnknown(change)) {
        return UNKNOWN;
    }
    if (kind === "percent") {
        const points = intl({ maximumFractionDigits: 0, signDisplay: "exceptZero" });
        return _t("%s pts", points.format(100 * change));
    }
    if (Math.abs(change) >= 10) {
        return _t("%s×", intl({ maximumFractionDigits: 0 }).format(change + 1));
    }
    return intl({
        style: "percent",
        maximumFractionDigits: 0,
        signDisplay: "exceptZero",
    }).format(change);
}

export function formatDays(days) {
    return _t("%s days", intl({ maximumFractionDigits: days < 10 ? 1 : 0 }).format(days));
}
