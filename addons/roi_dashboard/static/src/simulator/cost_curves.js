import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatCount, formatShortMoney } from "../dashboard/model/format";

const COLORS = { dot: "#8f8f8f", curve: "#0f8f95", next: "#e08e0b" };

/** Spend and result of past months, the fitted curve with its range, present and new spend. */
export class CostCurvesField extends Component {
    static template = "roi_dashboard.CostCurvesField";
    static props = { ...standardFieldProps };

    setup() {
        this.charts = [];
        this.root = useRef("charts");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [JSON.stringify(this.data)]
        );
        onWillUnmount(() => this.clear());
    }

    get data() {
        return this.props.record.data[this.props.name] || { channels: [] };
    }

    get channels() {
        return this.data.channels;
    }

    /** The drawing in words, for those who do not see it. */
    describe(channel) {
        if (!channel.curve.length) {
            return `${channel.name}: ${channel.evidence}`;
        }
        const [present, next] = channel.marks;
        return _t("%(name)s: %(present)s bring %(result)s a month, %(next)s bring %(nextResult)s", {
            name: channel.name,
            present: this.money(present[0]),
            result: this.result(present[1]),
            next: this.money(next[0]),
            nextResult: this.result(next[1]),
        });
    }

    money(value) {
        return formatShortMoney(value, this.data.currency);
    }

    result(value) {
        return this.data.outcome === "revenue" ? this.money(value) : formatCount(value);
    }

    clear() {
        this.charts.forEach((chart) => chart.destroy());
        this.charts = [];
    }

    draw() {
        this.clear();
        const canvases = this.root.el?.querySelectorAll("canvas") || [];
        canvases.forEach((canvas, index) => this.charts.push(this.chart(canvas, this.channels[index])));
    }

    /** Text and lines in the colour of the page, light or dark, whoever decides which. */
    get colors() {
        const text = getComputedStyle(this.root.el).color;
        return { ...COLORS, text, present: text, grid: "rgba(128, 128, 128, 0.25)" };
    }

    chart(canvas, channel) {
        const { colors } = this;
        const axis = (label, format) => ({
            type: "linear",
            beginAtZero: true,
            title: { display: true, text: label, color: colors.text },
            ticks: { color: colors.text, maxTicksLimit: 5, callback: (value) => format(value) },
            grid: { color: colors.grid },
        });
        const outcome = this.data.outcome === "revenue" ? _t("Revenue a month") : _t("Leads a month");
        // eslint-disable-next-line no-undef
        return new Chart(canvas, {
            data: { datasets: this.datasets(channel, colors) },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: {
                    x: axis(_t("Spend a month"), (value) => this.money(value)),
                    y: axis(outcome, (value) => this.result(value)),
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        filter: (item) => Boolean(item.raw.label),
                        callbacks: {
                            label: ({ raw }) => `${raw.label}: ${this.money(raw.x)}, ${this.result(raw.y)}`,
                        },
                    },
                },
            },
        });
    }

    datasets(channel, colors) {
        const line = (column) => channel.curve.map((point) => ({ x: point[0], y: point[column] }));
        const bare = { type: "line", pointRadius: 0, borderWidth: 0, backgroundColor: `${colors.curve}2e` };
        const marks = (channel.marks || []).map(([x, y], index) => ({
            type: "scatter",
            data: [{ x, y, label: index ? _t("New") : _t("Present") }],
            backgroundColor: index ? colors.next : colors.present,
            pointStyle: index ? "triangle" : "rectRot",
            pointRadius: 7,
        }));
        return [
            ...marks,
            {
                type: "scatter",
                data: channel.points.map(([x, y, month]) => ({ x, y, label: month.slice(0, 7) })),
                backgroundColor: colors.dot,
                pointRadius: 4,
            },
            { type: "line", data: line(1), borderColor: colors.curve, borderWidth: 2, pointRadius: 0 },
            { ...bare, data: line(2), fill: "+1" },
            { ...bare, data: line(3) },
        ];
    }
}

registry.category("fields").add("marketing_cost_curves", {
    component: CostCurvesField,
    supportedTypes: ["json"],
});
