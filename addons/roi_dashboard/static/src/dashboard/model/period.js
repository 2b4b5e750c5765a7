import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;

/**
 * The periods people ask for. Each gives its first and last day from today's date.
 */
export const PRESETS = [
    {
        id: "this_month",
        label: _t("This Month"),
        days: (today) => [today.startOf("month"), today],
    },
    {
        id: "last_month",
        label: _t("Last Month"),
        days: (today) => {
            const month = today.minus({ months: 1 });
            return [month.startOf("month"), month.endOf("month")];
        },
    },
    {
        id: "last_30_days",
        label: _t("Last 30 Days"),
        days: (today) => [today.minus({ days: 29 }), today],
    },
    {
        id: "last_90_days",
        label: _t("Last 90 Days"),
        days: (today) => [today.minus({ days: 89 }), today],
    },
    {
        id: "this_quarter",
        label: _t("This Quarter"),
        days: (today) => [today.startOf("quarter"), today],
    },
    {
        id: "last_quarter",
        label: _t("Last Quarter"),
        days: (today) => {
            const quarter = today.minus({ quarters: 1 });
            return [quarter.startOf("quarter"), quarter.endOf("quarter")];
        },
    },
    {
        id: "this_year",
        label: _t("This Year"),
        days: (today) => [today.startOf("year"), today],
    },
    {
        id: "last_12_months",
        label: _t("Last 12 Months"),
        days: (today) => [today.minus({ months: 11 }).startOf("month"), today.endOf("month")],
    },
    {
        id: "last_year",
        label: _t("Last Year"),
        days: (today) => {
            const year = today.minus({ years: 1 });
            return [year.startOf("year"), year.endOf("year")];
        },
    },
];

export const DEFAULT_PERIOD = "last_90_days";

export function isDay(text) {
    return typeof text === "string" && DateTime.fromISO(text).isValid;
}

/** First and last day (ISO) of a state with a preset or with days of its own. */
export function getPeriodDays({ period, from, to }, today) {
    if (period === "custom" && isDay(from) && isDay(to) && from <= to) {
        return { date_from: from, date_to: to };
    }
    const preset =
        PRESETS.find((item) => item.id === period) ||
        PRESETS.find((item) => item.id === DEFAULT_PERIOD);
    const [start, end] = preset.days(DateTime.fromISO(today));
    return { date_from: start.toISODate(), date_to: end.toISODate() };
}

export function formatDay(day) {
    return DateTime.fromISO(day).toLocaleString(DateTime.DATE_MED);
}

export function formatSpan({ date_from, date_to }) {
    if (date_from === date_to) {
        return formatDay(date_from);
    }
    return _t("%(from)s – %(to)s", { from: formatDay(date_from), to: formatDay(date_to) });
}

/** What stands under a point of a chart. */
export function formatPoint(point, interval) {
    const start = DateTime.fromISO(point.date_from);
    if (interval === "month") {
        return start.toLocaleString({ month: "short", year: "2-digit" });
    }
    return start.toLocaleString({ month: "short", day: "numeric" });
}
