import {Component, status} from "@odoo/owl";
import {deserializeDateTime, formatDate} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {usePopover} from "@web/core/popover/popover_hook";
import {useService} from "@web/core/utils/hooks";

/** The reasons of a score: lines that add up to it, what changed, what would lift it. */
export class LeadScoreWhyPopover extends Component {
    static template = "lead_scoring.LeadScoreWhyPopover";
    static props = {
        close: {type: Function, optional: true},
        data: {type: Object},
        openReport: {type: Function},
    };

    signed(points) {
        return points > 0 ? `+${points}` : `${points}`.replace("-", "−");
    }

    date(value) {
        return formatDate(deserializeDateTime(value));
    }
}

export class LeadScoreWhy extends Component {
    static template = "lead_scoring.LeadScoreWhy";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.popover = usePopover(LeadScoreWhyPopover, {
            popoverClass: "o_lead_score_why_popover",
            position: "bottom-start",
        });
    }

    async onClick(ev) {
        if (this.popover.isOpen) {
            this.popover.close();
            return;
        }
        const target = ev.currentTarget;
        const leadId = this.props.record.resId;
        const data = await this.orm.call("crm.lead", "get_score_summary", [leadId]);
        if (status(this) === "destroyed") {
            return;
        }
        this.popover.open(target, {
            data,
            openReport: () => this.openReport(leadId),
        });
    }

    async openReport(leadId) {
        this.popover.close();
        const action = await this.orm.call("crm.lead", "action_view_score_history", [leadId]);
        await this.action.doAction(action);
    }
}

registry.category("view_widgets").add("lead_score_why", {component: LeadScoreWhy});
