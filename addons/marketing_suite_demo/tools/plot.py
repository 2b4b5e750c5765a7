"""The plot: who met which campaign, who became a lead, who bought, and when.

Pure Python with a fixed seed: the same day numbers, names and amounts in every installation.
Times are day numbers (see ``Timeline``); nothing here knows Odoo. Each person has a hidden
``warmth`` that makes them open mails, come to events and buy, so that the figures on the screens
hang together: scores mean something, and touches precede what they cause.
"""

import math
from dataclasses import dataclass, field
from random import Random

from . import cast, catalogue, programme

SEED = "brimwell"
LAST = -0.35  # nothing happens after yesterday afternoon
CNY_FOR_EURO = 7.7


@dataclass
class Firm:
    key: str
    name: str
    domain: str
    market: str
    country: str
    lang: str
    city: str
    industry: str
    employees: int
    is_customer: bool = False


@dataclass
class Person:
    key: str
    name: str
    email: str
    firm: Firm
    job: tuple
    phone: str
    warmth: float
    subscribed: float | None = None  # day number, None: not on the mailing list


@dataclass
class Lead:
    key: str
    person: Person
    day: float
    interest: str
    campaign: str
    source: str
    medium: str
    mailing: str = ""
    event: str = ""
    owner: str = ""
    hours_to_owner: float = 0.0
    outcome: str = "new"  # new, open, won, lost
    is_opportunity: bool = False
    qualified: float | None = None
    stage: int = 0
    closed: float | None = None
    lost_reason: str = ""
    value: float = 0.0
    assign_by_rules: bool = False


@dataclass
class Order:
    key: str
    person: Person
    lead: Lead | None
    day: float
    campaign: str
    source: str
    medium: str
    lines: list[tuple[str, int]]
    currency: str
    state: str = "sale"  # sale, sent, draft, cancel
    invoiced: float | None = None
    paid: float | None = None
    refund: tuple[str, float] | None = None  # (full or partial, day)
    group: str = ""  # orders of one group are invoiced together


@dataclass
class Trace:
    mailing: str
    person: Person
    sent: float
    opened: float | None = None
    clicks: list[float] = field(default_factory=list)
    replied: float | None = None
    bounced: bool = False
    scanned: float | None = None  # when a machine of the firm followed every link


@dataclass
class Registration:
    event: str
    person: Person
    day: float
    state: str  # done, open, cancel
    lead: Lead | None = None


@dataclass
class Contact:
    """A call or meeting of a salesperson with a lead."""

    lead: Lead
    day: float
    kind: str  # call, meeting


@dataclass
class Visit:
    """A visitor of the website who left a lead: pages in the order they were read."""

    lead: Lead
    pages: list[tuple[str, float]]


class Plot:
    """Everything that happens, worked out before anything is written."""

    def __init__(self):
        self.firms: list[Firm] = []
        self.people: list[Person] = []
        self.leads: list[Lead] = []
        self.orders: list[Order] = []
        self.traces: list[Trace] = []
        self.registrations: list[Registration] = []
        self.contacts: list[Contact] = []
        self.visits: list[Visit] = []
        self.campaigns = {campaign.key: campaign for campaign in programme.CAMPAIGNS}
        self._invent_firms()
        self._invent_people()
        self._invent_leads()
        self._decide_outcomes()
        self._send_mailings()
        self._hold_events()
        self._browse_website()
        self._follow_up()
        self._take_orders()
        self._settle_orders()

    def _rng(self, chapter: str) -> Random:
        """Each chapter draws from its own stream: changing one leaves the others alone."""
        return Random(f"{SEED}:{chapter}")

    # ------------------------------------------------------------------ firms and people
    def _invent_firms(self):
        rng = self._rng("firms")
        for market, countries in cast.MARKET.items():
            for country, (share, lang, cities) in countries.items():
                wanted = round(share * (2.6 if market == "de" else 0.8))
                names = [
                    (name, industry)
                    for name in cast.COMPANY_NAMES[lang]
                    for industry in cast.INDUSTRIES
                ]
                taken = {(firm.lang, firm.name) for firm in self.firms}
                for name, industry in rng.sample(names, len(names)):
                    if wanted == 0:
                        break
                    firm = self._firm(rng, market, country, lang, cities, name, industry)
                    if (lang, firm.name) not in taken:
                        self.firms.append(firm)
                        wanted -= 1
        for firm in rng.sample(self.firms, 55):
            firm.is_customer = True

    def _firm(self, rng, market, country, lang, cities, name, industry) -> Firm:
        label, domain = name if isinstance(name, tuple) else (name, _ascii(name))
        form = cast.COMPANY_FORMS[lang][industry]
        space = "" if lang == "zh" else " "
        return Firm(
            key=f"firm_{len(self.firms) + 1:03d}",
            name=f"{label}{space}{form}",
            domain=f"{domain}-{industry}.example",
            market=market,
            country=country,
            lang=lang,
            city=rng.choice(cities),
            industry=industry,
            employees=rng.choice((12, 30, 45, 80, 120, 200, 350, 600, 1400)),
        )

    def _invent_people(self):
        rng = self._rng("people")
        weights = (4, 4, 3, 5, 4, 3, 4, 2, 1)
        for firm in self.firms:
            emails = set()
            for _number in range(rng.choice((2, 3, 3, 4, 5, 6))):
                name, address = self._name(rng, firm.lang)
                if address in emails:
                    continue
                emails.add(address)
                self.people.append(
                    Person(
                        key=f"person_{len(self.people) + 1:04d}",
                        name=name,
                        email=f"{address}@{firm.domain}",
                        firm=firm,
                        job=rng.choices(cast.JOBS, weights)[0],
                        phone=self._phone(rng, firm.country),
                        warmth=rng.betavariate(2.0, 3.0),
                    )
                )
        for person in self.people:
            if rng.random() < 0.15:
                person.subscribed = -420.0

    def _name(self, rng, lang) -> tuple[str, str]:
        first, last = rng.choice(cast.FIRST_NAMES[lang]), rng.choice(cast.LAST_NAMES[lang])
        if lang == "zh":
            return last[0] + first[0], f"{first[1]}.{last[1]}"
        return f"{first} {last}", f"{_ascii(first)}.{_ascii(last)}"

    def _phone(self, rng, country) -> str:
        pattern = cast.FICTION_PHONES.get(country)
        if not pattern or rng.random() < 0.25:
            return ""
        if country == "FR":
            return pattern.format(rng.randrange(100), rng.randrange(100))
        return pattern.format(rng.randrange(1000))

    # ------------------------------------------------------------------ leads
    def _invent_leads(self):
        rng = self._rng("leads")
        free = {
            market: rng.sample(pool, len(pool))
            for market in cast.COMPANIES
            for pool in [[p for p in self.people if p.firm.market == market]]
        }
        for campaign in programme.CAMPAIGNS:
            for _number in range(campaign.leads):
                if free[campaign.company]:
                    self._lead_of_campaign(rng, campaign, free)
        for source, medium, in_germany, in_china in programme.UNPAID:
            for market, number in (("de", in_germany), ("cn", in_china)):
                for _number in range(number):
                    if free[market]:
                        person = free[market].pop()
                        day = rng.uniform(-420, LAST)
                        self._add_lead(rng, person, day, "", source, medium)
        self.leads.sort(key=lambda lead: lead.day)
        for number, lead in enumerate(self.leads, start=1):
            lead.key = f"lead_{number:04d}"
            if lead.person.subscribed is None and rng.random() < 0.42:
                lead.person.subscribed = lead.day

    def _lead_of_campaign(self, rng, campaign, free):
        mailings = [k for k, m in programme.MAILINGS.items() if m[0] == campaign.key]
        events = [k for k, e in programme.EVENTS.items() if e[0] == campaign.key and e[3] < 0]
        people = free[campaign.company]
        if campaign.key == "customer_day":
            person = self._pop(people, lambda p: p.firm.is_customer)
        elif mailings and not events:
            person = self._pop(people, lambda p: p.subscribed is not None)
        else:
            person = people.pop()
        mailing = event = ""
        if campaign.type == "email" or (campaign.key == "newsletter"):
            mailing = rng.choice(mailings)
            day = programme.MAILINGS[mailing][3] + 0.4 + min(rng.expovariate(0.6), 12)
            person.subscribed = min(person.subscribed or 0, programme.MAILINGS[mailing][3] - 1)
        elif events:
            event = rng.choice(events)
            day = programme.EVENTS[event][3] + 0.45 + rng.random() * 2.2
        else:
            last = min(campaign.end, LAST)
            day = rng.uniform(campaign.start + 4, last)
        self._add_lead(
            rng, person, day, campaign.key, campaign.source, campaign.medium, mailing, event
        )

    def _pop(self, people, wanted) -> Person:
        for index in range(len(people) - 1, -1, -1):
            if wanted(people[index]):
                return people.pop(index)
        return people.pop()

    def _add_lead(self, rng, person, day, campaign, source, medium, mailing="", event=""):
        day = min(_office_hours(rng, day), LAST - rng.random() * 0.2)
        interest = rng.choices(cast.INTERESTS, (5, 3, 4, 2))[0]
        self.leads.append(Lead("", person, day, interest, campaign, source, medium, mailing, event))

    # ------------------------------------------------------------------ outcomes
    def _decide_outcomes(self):
        rng = self._rng("outcomes")
        for lead in self.leads:
            lead.owner = self._territory(rng, lead.person.firm)
            lead.hours_to_owner = min(rng.expovariate(1 / 9.0) + 0.2, 90)
            lead.value = self._value(rng, lead)
            age = -lead.day
            fit = self._fit(lead.person)
            if age <= 16:
                self._leave_new(rng, lead)
            elif rng.random() > 0.38 + 0.32 * fit * (0.5 + lead.person.warmth):
                self._drop(rng, lead)
            else:
                self._pursue(rng, lead, fit)

    def _leave_new(self, rng, lead):
        lead.outcome = "new"
        lead.assign_by_rules = True

    def _drop(self, rng, lead):
        """Not worth an opportunity: closed soon, or forgotten."""
        lead.outcome = "new" if rng.random() < 0.22 else "lost"
        if lead.outcome == "lost":
            lead.closed = _office_hours(rng, lead.day + 3 + rng.expovariate(1 / 9.0))
            reasons = ("no_fit", "no_answer", "timing")
            lead.lost_reason = rng.choices(reasons, (4, 5, 2))[0]
            if lead.closed > LAST:
                lead.outcome, lead.closed, lead.lost_reason = "new", None, ""

    def _pursue(self, rng, lead, fit):
        lead.is_opportunity = True
        lead.qualified = _office_hours(rng, lead.day + 0.8 + rng.expovariate(1 / 4.0))
        cycle = rng.lognormvariate(math.log(34), 0.55)
        end = _office_hours(rng, lead.qualified + cycle)
        lead.qualified = min(lead.qualified, LAST)
        lead.stage = rng.choices((1, 2, 3), (2, 3, 4))[0]
        if end > LAST:
            lead.outcome = "open"
            return
        if rng.random() < 0.07:
            lead.outcome = "open"  # stuck: somebody has to look after it
            return
        quality = self.campaigns[lead.campaign].quality if lead.campaign else 1.0
        chance = 0.215 * quality * (0.45 + 0.55 * fit) * (0.35 + 1.5 * lead.person.warmth)
        lead.closed = end
        lead.outcome = "won" if rng.random() < min(chance, 0.85) else "lost"
        if lead.outcome == "lost":
            reasons = ("budget", "competitor", "timing", "no_answer", "no_fit")
            lead.lost_reason = rng.choices(reasons, (4, 3, 3, 1, 1))[0]

    def _fit(self, person: Person) -> float:
        """0.2 (a student at a small dairy) .. 1.5 (a technical director of a hospital group)."""
        fit = (0.25, 0.8, 1.1)[person.job[2]]
        fit += 0.2 if person.firm.industry in ("hospital", "property", "hotel") else -0.05
        fit += 0.2 if person.firm.employees >= 200 else 0.0
        return fit

    def _value(self, rng, lead) -> float:
        size = 0.7 + math.log10(lead.person.firm.employees) / 2.5
        deal = self.campaigns[lead.campaign].deal if lead.campaign else 1.0
        basket = 3400 if lead.interest in ("leak", "metering", "quality") else 2200
        value = basket * size * deal * rng.uniform(0.6, 1.9)
        return round(value * self._price_level(lead.person.firm), -2)

    def _price_level(self, firm: Firm) -> float:
        return CNY_FOR_EURO if firm.market == "cn" else 1.0

    def _territory(self, rng, firm: Firm) -> str:
        if firm.market == "cn":
            return rng.choice(("wanglei", "liuyang"))
        if firm.country in ("AT", "CH") or firm.city in ("München", "Frankfurt am Main"):
            return "tomas"
        if firm.country in ("DE", "DK", "SE"):
            return "jonas"
        return "amelie"

    # ------------------------------------------------------------------ mailings and events
    def _send_mailings(self):
        rng = self._rng("mailings")
        caused = {(lead.mailing, lead.person.key): lead for lead in self.leads if lead.mailing}
        won = {lead.person.key: lead.closed for lead in self.leads if lead.outcome == "won"}
        for key, (campaign, _subject, _zh, day, opens, clicks) in programme.MAILINGS.items():
            market = self.campaigns[campaign].company
            sent = day + 0.33
            for person in self.people:
                if person.firm.market != market or person.subscribed is None:
                    continue
                if person.subscribed >= sent and (key, person.key) not in caused:
                    continue
                lead = caused.get((key, person.key))
                interested = 0.5 + person.warmth + (0.3 if person.key in won else 0.0)
                trace = Trace(key, person, sent + rng.random() * 0.02)
                self._react(rng, trace, opens * interested, clicks * interested, lead)
                self.traces.append(trace)
        self._scan_mailings()

    def _scan_mailings(self):
        """Some firms have a machine look at every link of a mail before people see it."""
        rng = self._rng("scanners")
        guarded = {firm.key for firm in rng.sample(self.firms, 6)}
        for trace in self.traces:
            if trace.person.firm.key in guarded and not trace.bounced:
                trace.scanned = trace.sent + 0.0005

    def _react(self, rng, trace, open_chance, click_chance, lead):
        if lead:
            trace.opened = lead.day - rng.uniform(0.02, 0.06)
            trace.clicks = [lead.day - rng.uniform(0.004, 0.015)]
            trace.opened = max(trace.opened, trace.sent + 0.002)
            trace.clicks = [max(trace.clicks[0], trace.opened + 0.001)]
            return
        if rng.random() < 0.018:
            trace.bounced = True
        elif rng.random() < open_chance:
            trace.opened = min(trace.sent + rng.expovariate(1 / 0.7) + 0.003, LAST)
            if rng.random() < click_chance / open_chance:
                times = rng.choice((1, 1, 1, 2))
                trace.clicks = [
                    min(trace.opened + rng.uniform(0.001, 0.02) * (n + 1), LAST)
                    for n in range(times)
                ]
            elif rng.random() < 0.02:
                trace.replied = min(trace.opened + rng.uniform(0.01, 0.6), LAST)

    def _hold_events(self):
        rng = self._rng("events")
        known = {lead.person.key: lead.day for lead in self.leads}
        for key, (campaign, _name, _zh, day, _days, seats, attend) in programme.EVENTS.items():
            market = self.campaigns[campaign].company
            guests = [lead for lead in self.leads if lead.event == key]
            for lead in guests:
                registered = lead.day - 0.02 if lead.day < day + 1 else lead.day - 0.01
                if self.campaigns[campaign].key == "launch_webinar":
                    registered = day - rng.uniform(2, 18)
                self.registrations.append(Registration(key, lead.person, registered, "done", lead))
            taken = {lead.person.key for lead in guests}
            others = [
                person
                for person in self.people
                if person.firm.market == market
                and person.key not in taken
                and known.get(person.key, 1) < day - 5
            ]
            wanted = min(round(seats * 0.22), len(others), seats - len(guests))
            chosen = sorted(others, key=lambda p: rng.random() - 0.6 * p.warmth)[:wanted]
            for person in chosen:
                self._register(rng, key, person, day, attend)

    def _register(self, rng, event, person, day, attend):
        registered = min(day - rng.uniform(2, 25), LAST - rng.random())
        chance = attend * (0.6 + 0.8 * person.warmth)
        state = "open"
        if day < 0:
            state = "done" if rng.random() < chance else "open"
        if rng.random() < 0.06:
            state = "cancel"
        self.registrations.append(Registration(event, person, registered, state))

    def _browse_website(self):
        """People who came by an advert, an article or a search read before they asked."""
        rng = self._rng("website")
        online = ("paid_search", "paid_social", "content", "website", "banner", "email")
        for lead in self.leads:
            if lead.medium not in online or rng.random() > 0.25 + 0.5 * lead.person.warmth:
                continue
            moment = lead.day - 0.012 * rng.randint(1, 3)
            pages = []
            for page in rng.sample(programme.PAGES, rng.randint(2, 5)):
                pages.append((page, moment))
                moment += rng.uniform(0.0005, 0.002)
            if lead.person.warmth > 0.5 and lead.day < -12:
                again = min(lead.day + rng.uniform(1, 9), LAST)
                pages.append(("/pricing", again))
            self.visits.append(Visit(lead, pages))

    def _follow_up(self):
        """Calls and meetings: warm and large deals get more of them."""
        rng = self._rng("follow_up")
        for lead in self.leads:
            if not lead.is_opportunity or rng.random() < 0.68:
                continue
            last = lead.closed if lead.closed is not None else LAST
            first = lead.day + 0.2 + lead.hours_to_owner / 24
            kinds = ["call"] + (["meeting"] if lead.stage > 1 and rng.random() < 0.6 else [])
            for number, kind in enumerate(kinds):
                day = _office_hours(rng, first + (last - first) * (0.08 + 0.5 * number))
                if first < day < LAST:
                    self.contacts.append(Contact(lead, day, kind))

    # ------------------------------------------------------------------ orders
    def _take_orders(self):
        rng = self._rng("orders")
        for lead in self.leads:
            if lead.outcome == "won" and rng.random() < 0.96:
                self._order(rng, lead, lead.closed, "sale")
            elif lead.outcome == "lost" and lead.stage == 3 and rng.random() < 0.1:
                self._order(rng, lead, lead.closed - rng.uniform(4, 15), "cancel")
            elif lead.outcome == "open" and lead.stage == 3 and rng.random() < 0.7:
                day = max(lead.qualified, LAST - rng.uniform(2, 30))
                self._order(rng, lead, day, rng.choice(("sent", "sent", "draft")))
        self._repeat_orders(rng)
        self.orders.sort(key=lambda order: order.day)
        for number, order in enumerate(self.orders, start=1):
            order.key = f"order_{number:04d}"

    def _order(self, rng, lead, day, state):
        self.orders.append(
            Order(
                "",
                lead.person,
                lead,
                min(day, LAST),
                lead.campaign,
                lead.source,
                lead.medium,
                self._basket(rng, lead.interest, lead.value, lead.person.firm),
                self._currency(lead.person.firm),
                state,
            )
        )

    def _basket(self, rng, interest, value, firm) -> list[tuple[str, int]]:
        """Lines of about the value that the salesperson expected."""
        wanted = [
            (product, max(rng.randint(low, high), 0))
            for product, low, high in catalogue.BASKETS[interest]
        ]
        total = sum(catalogue.PRODUCTS[product][2] * quantity for product, quantity in wanted)
        factor = value / self._price_level(firm) / total
        lines = [(p, max(1, round(q * factor))) for p, q in wanted if q]
        return lines

    def _currency(self, firm: Firm) -> str:
        currencies = {"CH": "CHF", "GB": "GBP", "US": "USD", "CN": "CNY"}
        return currencies.get(firm.country, "EUR")

    def _repeat_orders(self, rng):
        """Customers buy again: old ones without a lead, new ones some months later."""
        customers = [p for p in self.people if p.firm.is_customer and p.job[2] > 0]
        for person in rng.sample(customers, min(36, len(customers))):
            day = _office_hours(rng, rng.uniform(-410, -3))
            self._order_without_lead(rng, person, day, "", "")
        won = [o for o in self.orders if o.state == "sale" and o.day < -90]
        for number, first in enumerate(rng.sample(won, min(18, len(won)))):
            day = _office_hours(rng, min(first.day + rng.uniform(45, 200), -2))
            again = self._order_without_lead(rng, first.person, day, "newsletter", "email")
            if number < 3:  # two orders of two campaigns on one invoice
                again.day = first.day + 2
                first.group = again.group = f"group_{number}"

    def _order_without_lead(self, rng, person, day, campaign, medium) -> Order:
        interest = rng.choices(cast.INTERESTS, (2, 2, 2, 4))[0]
        firm = person.firm
        value = rng.uniform(1200, 3800) * self._price_level(firm)
        if firm.market == "cn" and campaign:
            campaign = "cn_mail"
        source = "mailing" if campaign else "hotline"
        order = Order(
            "",
            person,
            None,
            day,
            campaign,
            source,
            medium or "phone",
            self._basket(rng, interest, value, firm),
            self._currency(firm),
        )
        self.orders.append(order)
        return order

    def _settle_orders(self):
        """Invoices, payments and credit notes of what was sold."""
        rng = self._rng("settle")
        for order in self.orders:
            if order.state != "sale":
                continue
            invoiced = _next_run(order.day + 2, 10)
            paid = _next_run(invoiced + rng.uniform(9, 44), 30)
            if invoiced < 0 and (order.group or rng.random() < 0.97):
                order.invoiced = invoiced
                if paid < 0 and rng.random() < 0.93:
                    order.paid = paid
        last_of_group = {order.group: order for order in self.orders if order.group}
        for order in self.orders:
            if order.group:
                last = last_of_group[order.group]
                order.invoiced, order.paid = last.invoiced, last.paid
        self._refund_some(rng)

    def _refund_some(self, rng):
        candidates = [o for o in self.orders if o.invoiced and o.invoiced < -40 and not o.group]
        for number, order in enumerate(rng.sample(candidates, 12)):
            kind = "full" if number % 3 == 0 else "partial"
            order.refund = (kind, min(order.invoiced + rng.randint(8, 38), -2))
            if kind == "full":
                order.paid = None


def _ascii(name: str) -> str:
    """A name as it stands in an address.

    >>> _ascii("Élodie"), _ascii("Wiesenhütter"), _ascii("Rochebrune-sur-Lys")
    ('elodie', 'wiesenhuetter', 'rochebrune-sur-lys')
    """
    for letter, plain in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("é", "e"), ("É", "E")):
        name = name.replace(letter, plain)
    for letter, plain in (("ë", "e"), ("è", "e"), ("ç", "c"), ("ô", "o")):
        name = name.replace(letter, plain)
    return name.lower()


def _next_run(day: float, days: int) -> int:
    """The day of the next billing or payment run: one every so many days.

    >>> _next_run(-37.2, 10), _next_run(-30.0, 10), _next_run(-3.0, 10)
    (-30, -30, 0)
    """
    return math.ceil(day / days) * days


def _office_hours(rng: Random, day: float) -> float:
    """The same day, between seven and sixteen o'clock UTC."""
    return math.floor(day) + rng.uniform(7 / 24, 16 / 24)
