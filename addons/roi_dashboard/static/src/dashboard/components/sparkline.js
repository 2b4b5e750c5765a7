import { Component } from "@odoo/owl";

const WIDTH = 100;
const HEIGHT = 28;
const MARGIN = 2;

/** A figure over time as a line without axes; the card beside it says the number. */
export class Sparkline extends Component {
    static template = "roi_dashboard.Sparkline";
    static props = { values: Array };

    get isDrawn() {
        return this.props.values.filter((value) => value !== null).length > 1;
    }

    /** Points of the line; unknown values leave a gap. */
    get segments() {
        const { values } = this.props;
        const known = values.filter((value) => value !== null);
        const [low, high] = [Math.min(...known, 0), Math.max(...known)];
        const range = high - low || 1;
        const segments = [[]];
        values.forEach((value, index) => {
            if (value === null) {
                segments.push([]);
                return;
            }
            const x = (WIDTH * index) / Math.max(values.length - 1, 1);
            const y = HEIGHT - MARGIN - ((value - low) / range) * (HEIGHT - 2 * MARGIN);
            segments.at(-1).push(`${x.toFixed(1)},${y.toFixed(1)}`);
        });
        return segments.filter((points) => points.length > 1);
    }

    getArea(points) {
        const [first, last] = [points[0], points.at(-1)].map((point) => point.split(",")[0]);
        return `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}`;
    }
}
