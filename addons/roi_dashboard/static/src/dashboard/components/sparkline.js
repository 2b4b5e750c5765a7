import { Component } from "@odoo/owl";

const WIDTH = 100;
const HEIGHT = 28;
const MARGIN = 2;

/** A figure over time as a line without axes; the card beside it says the number. */
export class Sparkline extends Component {
    static template = "roi_dashboard.Sparkline";
    static props = { values: Array };

    get isDrawn() {
        return this.props.values.some((value) => value !== null);
    }

    /** Points of the line; unknown values leave a gap, a value between two gaps is a dash. */
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
        return segments
            .filter((points) => points.length)
            .map((points) => (points.length > 1 ? points : this.getDash(points[0])));
    }

    getDash(point) {
        const [x, y] = point.split(",");
        return [`${Math.max(x - 1.5, 0)},${y}`, `${Math.min(Number(x) + 1.5, WIDTH)},${y}`];
    }

    getArea(points) {
        const [first, last] = [points[0], points.at(-1)].map((point) => point.split(",")[0]);
        return `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}`;
    }
}
