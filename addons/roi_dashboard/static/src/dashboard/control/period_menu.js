import { Component, useState } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { formatSpan, PRESETS } from "../model/period";

/** The period: one of the usual ones, or two days of one's own. */
export class PeriodMenu extends Component {
    static template = "roi_dashboard.PeriodMenu";
    static components = { Dropdown, DropdownItem };
    static props = { state: Object, days: Object, onChange: Function };

    setup() {
        this.presets = PRESETS;
        this.dropdown = useDropdownState();
        this.custom = useState({ from: "", to: "" });
    }

    get label() {
        const preset = PRESETS.find((item) => item.id === this.props.state.period);
        return preset ? preset.label : formatSpan(this.props.days);
    }

    get span() {
        return formatSpan(this.props.days);
    }

    get isValid() {
        return this.custom.from && this.custom.to && this.custom.from <= this.custom.to;
    }

    onOpen() {
        Object.assign(this.custom, {
            from: this.props.days.date_from,
            to: this.props.days.date_to,
        });
    }

    select(preset) {
        this.props.onChange({ period: preset.id, from: false, to: false });
    }

    apply() {
        this.dropdown.close();
        this.props.onChange({ period: "custom", ...this.custom });
    }
}
