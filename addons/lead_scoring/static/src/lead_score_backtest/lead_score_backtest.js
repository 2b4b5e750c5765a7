import {Component, onWillStart, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {loadBundle} from "@web/core/assets";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const OURS = "#71639e";
const CHANCE = "#adb5bd";
const LATER = "#1a9e77";

/** The verdict of a back-test: contenders, lift and gains, calibration, rules. */
export class LeadScoreBacktestField extends Component {
    static template = "lead_scoring.LeadScoreBacktestField";
    static props = {...standardFieldProps};

    setup() {
        this.charts = [];
        this.gainsRef = useRef("gains");
        this.liftRef = useRef("lift");
        this.bandsRef = useRef("bands");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.clear();
            },
            () => [this.result]
        );
        onWillUnmount(() => this.clear());
    }

    get result() {
        return this.props.record.data[this.props.name];
    }

    percent(value, digits = 0) {
        return value === null || value === undefined ? "—" : `${(100 * value).toFixed(digits)}%`;
    }

    number(value, digits = 3) {
        return value === null || value === undefined ? "—" : value.toFixed(digits);
    }

    signed(value) {
        if (value === null || value === undefined) {
            return "—";
        }
        return (value >= 0 ? "+" : "−") + Math.abs(value).toFixed(3);
    }

    clear() {
        this.charts.forEach((chart) => chart.destroy());
        this.charts = [];
    }

    draw() {
        const rows = this.result?.deciles;
        if (!rows || !this.gainsRef.el) {
            return;
        }
        const shares = rows.map((row) => `${row.decile * 10}%`);
        this.chart(this.gainsRef, "line", ["0%", ...shares], [
            {
                label: _t("These rules"),
                data: [0, ...rows.map((row) => 100 * row.gain)],
                borderColor: OURS,
                backgroundColor: OURS,
            },
            {
                label: _t("Chance"),
                data: [0, ...rows.map((row) => 10 * row.decile)],
                borderColor: CHANCE,
                backgroundColor: CHANCE,
                borderDash: [4, 4],
                pointRadius: 0,
            },
        ]);
        this.chart(this.liftRef, "bar", shares, [
            {label: _t("Lift"), data: rows.map((row) => row.lift), backgroundColor: OURS},
        ]);
        const bands = this.result.bands;
        this.chart(
            this.bandsRef,
            "bar",
            bands.map((band) => `${band.from} … ${band.to}`),
            [
                {
                    label: _t("Won, first half of the period"),
                    data: bands.map((band) => 100 * band.expected),
                    backgroundColor: CHANCE,
                },
                {
                    label: _t("Won, second half"),
                    data: bands.map((band) => 100 * band.observed),
                    backgroundColor: LATER,
                },
            ]
        );
    }

    chart(ref, type, labels, datasets) {
        this.charts.push(
            // eslint-disable-next-line no-undef
            new Chart(ref.el, {
                type,
                data: {labels, datasets},
                options: {
                    animation: false,
                    maintainAspectRatio: false,
                    scales: {y: {beginAtZero: true}},
                    plugins: {legend: {position: "bottom"}},
                },
            })
        );
    }
}

registry.category("fields").add("lead_score_backtest", {
    component: LeadScoreBacktestField,
    supportedTypes: ["json"],
});
