"""The attribution engine once more, slowly: plain Python over lists, one conversion at a time.

It shares with the engine the definition of the weights (``tools/weights.py``) and nothing else.
"""

from collections import defaultdict
from datetime import timedelta

from ..tools.weights import Touch, journey_weights


class Reference:
    """Read everything into memory; answer for one order and model at a time."""

    def __init__(self, env):
        self.direct = env.ref("utm.utm_medium_direct").id
        self.partners = self._rows(env, "res_partner", "commercial_partner_id, email_normalized")
        self.leads = self._rows(
            env,
            "crm_lead",
            "partner_id, email_normalized, create_date, date_conversion, type, campaign_id",
        )
        self.touches = self._rows(
            env,
            "marketing_touchpoint",
            "date, kind, campaign_id, medium_id, email_normalized, partner_id, lead_id,"
            " company_id, is_bot, res_model, res_id",
        )
        self.orders = self._rows(
            env, "sale_order", "partner_id, opportunity_id, company_id, date_order"
        )
        self.contacts = defaultdict(set)
        for number, partner in self.partners.items():
            self.contacts[partner["commercial_partner_id"]].add(number)

    @staticmethod
    def _rows(env, table, columns):
        env.cr.execute(f"SELECT id, {columns} FROM {table}")
        return {row["id"]: row for row in env.cr.dictfetchall()}

    def weights(self, order_id, model):
        """Weight per touch id; without any eligible touch all goes to ``None``."""
        order = self.orders[order_id]
        journey = self._journey(order, model)
        if not journey:
            return {None: 1.0}
        lead = self.leads.get(order["opportunity_id"])
        lead_at = self._last_until(journey, lead and lead["create_date"])
        opportunity_at = self._last_until(journey, self._opportunity_date(lead))
        touches = [
            Touch(
                hours=touch["date"].timestamp() / 3600,
                channel=touch[f"{model.channel}_id"] or 0,
                is_direct=touch["medium_id"] == self.direct,
                is_lead=index == lead_at,
                is_opportunity=index == opportunity_at,
            )
            for index, touch in enumerate(journey)
        ]
        weights = journey_weights(
            model.method,
            touches,
            converted_at=order["date_order"].timestamp() / 3600,
            half_life=model.half_life_days,
            scheme=model._get_scheme(),
            effects={int(key): value for key, value in (model.effects or {}).items()},
        )
        return {
            touch["id"]: weight
            for touch, weight in zip(journey, weights, strict=True)
            if weight > 1e-12
        }

    @staticmethod
    def _opportunity_date(lead):
        if not lead or lead["type"] != "opportunity":
            return None
        return lead["date_conversion"] or lead["create_date"]

    @staticmethod
    def _last_until(journey, date):
        if date is None:
            return None
        found = [index for index, touch in enumerate(journey) if touch["date"] <= date]
        return found[-1] if found else None

    def _journey(self, order, model):
        contact = self._keys(order, {order["partner_id"]}, order["opportunity_id"])
        mine = self._matching(order, model, contact)
        if model.contact_scope == "contact" or (model.contact_scope == "hybrid" and mine):
            return self._without_repeats(mine, model)
        commercial = self.partners[order["partner_id"]]["commercial_partner_id"]
        colleagues = self.contacts[commercial]
        keys = self._keys(order, colleagues, order["opportunity_id"])
        leads = [lead for lead in self.leads.values() if lead["partner_id"] in colleagues]
        keys[0].update(lead["id"] for lead in leads)
        keys[2].update(lead["email_normalized"] for lead in leads)
        keys[2].discard(None)
        return self._without_repeats(self._matching(order, model, keys), model)

    def _keys(self, order, partners, lead_id):
        """Leads, contacts and addresses by which touches are found."""
        lead = self.leads.get(lead_id)
        partners = set(partners)
        emails = {self.partners[partner]["email_normalized"] for partner in partners}
        if lead:
            partners.add(lead["partner_id"])
            emails.add(lead["email_normalized"])
        emails.discard(None)
        partners.discard(None)
        return {lead_id} - {None}, partners, emails

    def _matching(self, order, model, keys):
        leads, partners, emails = keys
        earliest = order["date_order"] - timedelta(days=model.window_days)
        skipped = {"mail_sent"} if model.with_opens else {"mail_sent", "mail_open"}
        found = [
            touch
            for touch in self.touches.values()
            if touch["campaign_id"]
            and not touch["is_bot"]
            and touch["kind"] not in skipped
            and not self._is_inherited(touch, order)
            and touch["date"] <= order["date_order"]
            and (not model.window_days or touch["date"] > earliest)
            and touch["company_id"] in (None, order["company_id"])
            and (
                touch["lead_id"] in leads
                or touch["partner_id"] in partners
                or touch["email_normalized"] in emails
            )
        ]
        return sorted(found, key=lambda touch: (touch["date"], touch["id"]))

    def _is_inherited(self, touch, order):
        """The order's own touch, with the campaign it has from its opportunity."""
        own = touch["kind"] == "order" and touch["res_model"] == "sale.order"
        lead = self.leads.get(order["opportunity_id"])
        campaign = lead and lead["campaign_id"]
        return own and touch["res_id"] == order["id"] and touch["campaign_id"] == campaign

    @staticmethod
    def _without_repeats(journey, model):
        kept, seen = [], {}
        for touch in journey:
            person = touch["email_normalized"] or (
                ("partner", touch["partner_id"])
                if touch["partner_id"]
                else ("lead", touch["lead_id"])
            )
            key = (person, touch["campaign_id"], touch["kind"])
            before = seen.get(key)
            seen[key] = touch["date"]
            if before is None or touch["date"] - before >= timedelta(hours=model.dedup_hours):
                kept.append(touch)
        return kept
