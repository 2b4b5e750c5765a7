import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { formatMoney, formatShortMoney } from "../model/format";
import { panelProps, usePanel } from "../model/panel_hook";
import { formatPoint, formatSpan } from "../model/period";
import { themeColor } from "../model/theme";
import { Panel } from "./panel";

/** Spend against revenue over time, as a chart and as a table. */
export class TrendChart extends Component {
    static template = "roi_dashboard.TrendChart";
    static components = { Panel };
    static props = panelProps;

    setup() {
        this.panel = usePanel(this.props, "get_trend", [
            "date_from",
            "date_to",
            "compare",
            "model_id",
        ]);
        this.state = useState({ isTable: false });
        this.canvas = useRef("canvas");
        this.chart = null;
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (canvas, data) => this.draw(canvas, data),
            () => [this.canvas.el, this.panel.data]
        );
        useEffect(
            () => () => this.chart?.destroy(),
            () => []
        );
    }

    get title() {
        return _t("Spend and Revenue");
    }

    get subtitle() {
        const names = { day: _t("by day"), week: _t("by week"), month: _t("by month") };
        return names[this.panel.data?.interval] || "";
    }

    get rows() {
        const { points, interval, currency_id } = this.panel.data;
        return points.map((point) => ({
            ...point,
            label: formatPoint(point, interval),
            span: formatSpan(point),
            costText: formatMoney(point.cost, currency_id),
            revenueText: formatMoney(point.revenue, currency_id),
            beforeText: formatMoney(point.revenue_before, currency_id),
        }));
    }

    get summary() {
        return _t("Chart of spend and revenue over time. The button “Table” shows its numbers.");
    }

    // ------------------------------------------------------------------ the canvas

    draw(canvas, data) {
        if (!canvas || canvas !== this.chart?.canvas) {
            this.chart?.destroy();
            this.chart = null;
        }
        if (!canvas || !data) {
            return;
        }
        const series = this.getSeries(canvas, data);
        if (this.chart) {
            // In place: bars move to their new height instead of flickering.
            this.chart.data = series;
            this.chart.update();
        } else {
            this.chart = new Chart(canvas, {
                type: "bar",
                data: series,
                options: this.getChartOptions(canvas),
            });
        }
    }

    getSeries(canvas, data) {
        const datasets = [
            {
                label: _t("Revenue"),
                data: data.points.map((point) => point.revenue),
                backgroundColor: themeColor(canvas, "revenue"),
                borderRadius: 3,
                pointStyle: "rectRounded",
                order: 2,
            },
            {
                label: _t("Spend"),
                data: data.points.map((point) => point.cost),
                backgroundColor: themeColor(canvas, "cost"),
                borderRadius: 3,
                pointStyle: "rectRounded",
                order: 2,
            },
        ];
        if (data.before) {
            datasets.push({
                type: "line",
                label: _t("Revenue before"),
                data: data.points.map((point) => point.revenue_before),
                borderColor: themeColor(canvas, "before"),
                backgroundColor: themeColor(canvas, "before"),
                borderDash: [4, 4],
                borderWidth: 2,
                pointRadius: 0,
                pointHitRadius: 8,
                pointStyle: "line",
                order: 1,
            });
        }
        return {
            labels: data.points.map((point) => formatPoint(point, data.interval)),
            datasets,
        };
    }

    getChartOptions(canvas) {
        const text = themeColor(canvas, "text-soft");
        const grid = themeColor(canvas, "line");
        const money = (value) => formatMoney(value, this.panel.data.currency_id);
        const isCalm = browser.matchMedia("(prefers-reduced-motion: reduce)").matches;
        return {
            animation: isCalm ? false : { duration: 250 },
            maintainAspectRatio: false,
            interaction: { mode: "index", intersect: false },
            onClick: (ev, elements, chart) => this.onChartClick(ev, chart),
            onHover: (ev, elements) => {
                canvas.style.cursor = elements.length ? "pointer" : "default";
            },
            plugins: {
                legend: {
                    align: "start",
                    labels: {
                        color: text,
                        boxWidth: 14,
                        boxHeight: 10,
                        usePointStyle: true,
                        sort: (one, other) => one.datasetIndex - other.datasetIndex,
                    },
                },
                tooltip: {
                    callbacks: {
                        title: ([item]) => formatSpan(this.panel.data.points[item.dataIndex]),
                        label: (item) => `${item.dataset.label}: ${money(item.raw)}`,
                    },
                },
            },
            scales: {
                x: { grid: { display: false }, ticks: { color: text, maxRotation: 0 } },
                y: {
                    border: { display: false },
                    grid: { color: grid },
                    ticks: {
                        color: text,
                        maxTicksLimit: 6,
                        callback: (value) =>
                            formatShortMoney(value, this.panel.data.currency_id),
                    },
                },
            },
        };
    }

    /** A bar opens its rows. */
    onChartClick(ev, chart) {
        const [element] = chart.getElementsAtEventForMode(
            ev,
            "nearest",
            { intersect: true },
            false
        );
        if (element && element.datasetIndex < 2) {
            const kind = element.datasetIndex ? "cost" : "revenue";
            this.open(this.panel.data.points[element.index], kind);
        }
    }

    open(point, kind) {
        this.props.onOpen({
            model: "marketing.roi.report",
            domain: kind === "cost" ? point.open_cost : point.open_revenue,
            name: `${kind === "cost" ? _t("Spend") : _t("Revenue")}, ${formatSpan(point)}`,
        });
    }
}
