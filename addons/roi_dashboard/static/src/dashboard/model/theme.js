import { cookie } from "@web/core/browser/cookie";

/** The colour scheme Odoo draws its own charts in. */
export function isDark() {
    return cookie.get("color_scheme") === "dark";
}

/** A colour of the dashboard's style sheet, as charts on a canvas need it. */
export function themeColor(el, name) {
    return getComputedStyle(el).getPropertyValue(`--roi-${name}`).trim();
}
