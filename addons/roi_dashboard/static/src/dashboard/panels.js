import { registry } from "@web/core/registry";
import { AttentionList } from "./components/attention_list";
import { CampaignRanking } from "./components/campaign_ranking";
import { ChannelTable } from "./components/channel_table";
import { Funnel } from "./components/funnel";
import { TrendChart } from "./components/trend_chart";

/**
 * The panels under the cards, by the name under which the server lists them. A bridge adds its
 * own here and in `_get_panels` of `marketing.dashboard`.
 */
export const dashboardPanels = registry.category("marketing_roi_panels");

dashboardPanels
    .add("trend", TrendChart, { sequence: 10 })
    .add("attention", AttentionList, { sequence: 20 })
    .add("funnel", Funnel, { sequence: 30 })
    .add("channels", ChannelTable, { sequence: 40 })
    .add("campaigns", CampaignRanking, { sequence: 50 });
