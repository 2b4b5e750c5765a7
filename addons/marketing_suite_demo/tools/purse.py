"""Where the marketing money went: bills, purchase orders, accruals, expenses and refunds.

Amounts are net and in the currency of the vendor. A share is the part of a line that a campaign
bears, as finance types it into the analytic distribution of the line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    service: str
    amount: float
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Bill:
    """A vendor bill; refunded is the net part that the vendor gives back later."""

    vendor: str
    day: int
    lines: tuple[Line, ...]
    company: str = "de"
    paid: bool = True
    posted: bool = True
    refunded: float = 0.0


@dataclass(frozen=True)
class PurchaseOrder:
    """An order to a vendor; each billing is (day, share of the order billed that day)."""

    vendor: str
    day: int
    lines: tuple[Line, ...]
    billings: tuple[tuple[int, float], ...] = ()
    company: str = "de"
    confirmed: bool = True


@dataclass(frozen=True)
class Accrual:
    """A cost known before its bill: an open one, or one that a later bill settled."""

    vendor: str
    day: int
    service: str
    amount: float
    campaign: str
    company: str = "de"
    note: str = ""


@dataclass(frozen=True)
class Expense:
    employee: str
    day: int
    name: str
    amount: float
    campaign: str
    company: str = "de"


def line(service: str, amount: float, *campaigns: str | tuple[str, float]) -> Line:
    """One line, borne by one campaign or shared by several.

    >>> line("print", 100.0, "fair").shares
    (('fair', 100.0),)
    >>> line("print", 100.0, ("fair", 60.0), ("webinar", 40.0)).shares
    (('fair', 60.0), ('webinar', 40.0))
    >>> line("print", 100.0).shares
    ()
    """
    shares = tuple((c, 100.0) if isinstance(c, str) else c for c in campaigns)
    return Line(service, amount, shares)


def monthly(vendor, service, campaign, first, amounts, company="de", paid_before=-25):
    """One bill every thirty days."""
    days = [first + 30 * number for number in range(len(amounts))]
    return tuple(
        Bill(vendor, day, (line(service, amount, campaign),), company, paid=day < paid_before)
        for day, amount in zip(days, amounts, strict=True)
    )


BILLS = (
    # Always-on search: an American ad platform bills in dollars, an agency in euro.
    *monthly(
        "clickharbor",
        "search",
        "search",
        -397,
        (2840, 2910, 3120, 3050, 2760, 2690, 2880, 3240, 3310, 3190, 2950, 3380, 3520, 3460),
    ),
    *monthly("suchfunke", "agency", "search", -395, (420,) * 13),
    # The overrun: the launch ads ran away in the third month.
    *monthly("clickharbor", "search", "launch_search", -318, (4980, 6450, 9870, 6240)),
    Bill("suchfunke", -310, (line("agency", 2900, "launch_search"),)),
    *monthly("suchfunke", "social", "launch_social", -312, (2650, 3120, 2480)),
    Bill("farbton", -318, (line("print", 1980, "launch_social"),)),
    Bill("postbote", -332, (line("mailing", 1850, "launch_mail"),)),
    Bill("postbote", -280, (line("mailing", 2150, "launch_mail"),)),
    Bill("wortquelle", -325, (line("writing", 2400, "launch_mail"),)),
    Bill("lichtspur", -300, (line("webinar", 2850, "launch_webinar"),)),
    Bill("lichtspur", -279, (line("webinar", 2850, "launch_webinar"),)),
    Bill("lichtspur", -258, (line("webinar", 2850, "launch_webinar"),)),
    # One print run for two campaigns: 60 percent the fair, 40 percent the webinars.
    Bill(
        "farbton",
        -248,
        (line("print", 4350, ("fair_spring", 60.0), ("launch_webinar", 40.0)),),
    ),
    *monthly("postbote", "mailing", "newsletter", -405, (780,) * 13),
    *monthly("clickharbor", "banner", "banner", -205, (1720, 1980, 1510)),
    Bill("rheinhallen", -246, (line("stand", 18600, "fair_spring"),)),
    Bill("rheinhallen", -221, (line("catering", 3150, "fair_spring"),)),
    Bill("rheinhallen", -126, (line("catering", 12400, "customer_day"),), refunded=1240),
    Bill("lichtspur", -122, (line("film", 2380, "customer_day"),)),
    Bill("donauforum", -66, (line("stand", 13900, "fair_autumn"),)),
    Bill("donauforum", -31, (line("catering", 2260, "fair_autumn"),), paid=False),
    # A brochure for Vienna that the newsletter reuses, half and half.
    Bill(
        "farbton",
        -52,
        (line("print", 3280, ("fair_autumn", 50.0), ("newsletter", 50.0)),),
    ),
    # Three campaigns on one bill, in thirds that cannot be even.
    Bill(
        "alphorn",
        -290,
        (
            line(
                "writing",
                2999.99,
                ("benelux", 33.33),
                ("content", 33.33),
                ("launch_mail", 33.34),
            ),
        ),
    ),
    *monthly("polderpartners", "comarketing", "benelux", -360, (5600, 6100, 5300)),
    *monthly(
        "gilde",
        "bonus",
        "installer",
        -235,
        (620, 980, 1240, 1150, 1490, 1380),
    ),
    Bill("gilde", -38, (line("bonus", 1675, "installer"),), paid=False),
    *monthly("radiokiebitz", "radio", "radio", -172, (6900, 6900)),
    Bill("lichtspur", -10, (line("film", 2750, "video"),), paid=False),
    Bill("suchfunke", -4, (line("video", 1180, "video"),), paid=False, posted=False),
    Bill("postbote", -90, (line("mailing", 850, "nordic"),)),
    # Nobody said which campaign this is for: finance has to ask.
    Bill("farbton", -80, (line("print", 1340),)),
    Bill("suchfunke", -45, (line("agency", 960),)),
    # China
    *monthly(
        "xunzhou",
        "search",
        "cn_search",
        -310,
        (14200, 15800, 16900, 15400, 17300, 18100, 17600, 16800, 18900, 19400),
        company="cn",
    ),
    Bill("clickharbor", -150, (line("search", 1450, "cn_search"),), company="cn"),
    Bill("zhanqiao", -188, (line("stand", 98000, "cn_expo"),), company="cn"),
    Bill("hubin", -168, (line("catering", 31500, "cn_expo"),), company="cn"),
    Bill(
        "moyun",
        -186,
        (line("print", 24000, ("cn_expo", 60.0), ("cn_content", 40.0)),),
        company="cn",
    ),
    *monthly("moyun", "mailing", "cn_mail", -290, (5200, 5200, 5200, 5200, 5200), company="cn"),
    Bill("hubin", -96, (line("catering", 38600, "cn_roadshow"),), company="cn"),
    Bill("hubin", -70, (line("catering", 43200, "cn_roadshow"),), company="cn"),
    Bill("zhanqiao", -62, (line("comarketing", 32000, "cn_roadshow"),), company="cn"),
)

PURCHASE_ORDERS = (
    PurchaseOrder(
        "standwerk", -258, (line("booth", 20400, "fair_spring"),), ((-244, 0.5), (-215, 0.5))
    ),
    PurchaseOrder(
        "wortquelle",
        -392,
        (line("writing", 12600, "content"),),
        ((-350, 0.25), (-290, 0.25), (-200, 0.25), (-110, 0.15)),
    ),
    PurchaseOrder("lichtspur", -130, (line("film", 8400, "content"),), ((-96, 0.5),)),
    PurchaseOrder("suchfunke", -180, (line("agency", 3600, "content"),), ((-150, 0.5), (-60, 0.3))),
    PurchaseOrder(
        "wortquelle",
        -140,
        (line("writing", 4200, ("newsletter", 70.0), ("content", 30.0)),),
        ((-100, 0.6),),
    ),
    PurchaseOrder("standwerk", -74, (line("booth", 12800, "fair_autumn"),), ((-44, 0.7),)),
    PurchaseOrder("rheinhallen", -28, (line("stand", 27500, "fair_next"),), ((-15, 0.3),)),
    PurchaseOrder("standwerk", -12, (line("booth", 19600, "fair_next"),)),
    PurchaseOrder("polderpartners", -90, (line("comarketing", 4800, "installer"),), ((-55, 0.5),)),
    PurchaseOrder("suchfunke", -11, (line("video", 3900, "video"),)),
    PurchaseOrder("lichtspur", -3, (line("film", 1900, "video"),), confirmed=False),
    # A dollar order, so that commitments have a foreign currency too.
    PurchaseOrder("clickharbor", -20, (line("banner", 2600, "search"),)),
    PurchaseOrder(
        "zhanqiao", -195, (line("booth", 88000, "cn_expo"),), ((-180, 0.4), (-150, 0.6)), "cn"
    ),
    PurchaseOrder(
        "moyun",
        -340,
        (line("writing", 118000, "cn_content"),),
        ((-300, 0.2), (-230, 0.2), (-160, 0.2), (-90, 0.15)),
        "cn",
    ),
    PurchaseOrder("xunzhou", -18, (line("search", 36000, "cn_search"),), (), "cn"),
)

ACCRUALS = (
    Accrual("gilde", -8, "bonus", 1450.0, "installer", note="Referral bonuses of this month"),
    Accrual("suchfunke", -6, "agency", 420.0, "search", note="Retainer, bill expected"),
    Accrual("donauforum", -29, "travel", 1180.0, "fair_autumn", note="Hotel of the stand team"),
    Accrual("xunzhou", -9, "search", 19200.0, "cn_search", "cn", note="本月广告费预提"),
)

EXPENSES = (
    Expense("marketer", -222, "Train and hotel, Rhine Water Fair", 684.50, "fair_spring"),
    Expense("manager", -221, "Dinner with visitors, Rhine Water Fair", 412.80, "fair_spring"),
    Expense("marketer", -130, "Rental car, customer day", 238.90, "customer_day"),
    Expense("marketer", -35, "Flights to Vienna", 574.20, "fair_autumn"),
)
