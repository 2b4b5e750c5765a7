import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";

/** One of several: the comparison, an attribution model. */
export class ChoiceMenu extends Component {
    static template = "roi_dashboard.ChoiceMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        title: String,
        icon: String,
        className: { type: String, optional: true },
        choices: Array,
        value: true,
        onSelect: Function,
    };

    get label() {
        return this.props.choices.find((choice) => choice.id === this.props.value)?.label || "";
    }
}
