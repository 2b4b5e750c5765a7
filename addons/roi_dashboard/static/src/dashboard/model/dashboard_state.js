import { DEFAULT_PERIOD, getPeriodDays, isDay, PRESETS } from "./period";

export const COMPARISONS = ["previous_period", "previous_year", "none"];
const DEFAULT_COMPARISON = "previous_period";
const KEYS = ["period", "from", "to", "compare", "attribution", "versus", "filter"];

/**
 * What is looked at, apart from the search bar: period, comparison, attribution models.
 *
 * It travels in the address, so that a link shows what its sender saw and "back" goes a step
 * back. What is as usual is not written there. An address may say anything: what makes no sense
 * is as if it were not said.
 */
export function readState(source, setup) {
    const state = {
        period: DEFAULT_PERIOD,
        from: false,
        to: false,
        compare: DEFAULT_COMPARISON,
        attribution: setup.default_model_id,
        versus: false,
    };
    if (isDay(source.from) && isDay(source.to) && source.from <= source.to) {
        Object.assign(state, { period: "custom", from: source.from, to: source.to });
    } else if (PRESETS.some((preset) => preset.id === source.period)) {
        state.period = source.period;
    }
    if (COMPARISONS.includes(source.compare)) {
        state.compare = source.compare;
    }
    const exists = (id) => setup.models.some((model) => model.id === id);
    if (exists(source.attribution)) {
        state.attribution = source.attribution;
    }
    if (exists(source.versus)) {
        state.versus = source.versus;
    }
    return state;
}

export function writeState(state, entries, setup) {
    const custom = state.period === "custom";
    return {
        period: custom || state.period === DEFAULT_PERIOD ? undefined : state.period,
        from: custom ? state.from : undefined,
        to: custom ? state.to : undefined,
        compare: state.compare === DEFAULT_COMPARISON ? undefined : state.compare,
        attribution: state.attribution === setup.default_model_id ? undefined : state.attribution,
        versus: state.versus || undefined,
        filter: entries.length ? JSON.stringify(entries) : undefined,
    };
}

/** The entries of the search bar in an address; ``null`` when it says nothing about filters. */
export function readEntries(source) {
    if (!KEYS.some((key) => source[key])) {
        return null;
    }
    try {
        const entries = JSON.parse(source.filter || "[]");
        return Array.isArray(entries) ? entries.filter(Array.isArray) : [];
    } catch {
        return [];
    }
}

/** The options as the panels on the server take them. */
export function getOptions(state, setup) {
    return {
        ...getPeriodDays(state, setup.today),
        compare: state.compare,
        model_id: state.attribution,
        model2_id: state.versus || false,
    };
}
