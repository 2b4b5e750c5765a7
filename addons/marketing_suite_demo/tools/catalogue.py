"""What Brimwell sells, and what its marketing buys."""

# key: (name, Chinese name, price in EUR, cost in EUR, Odoo product type)
PRODUCTS = {
    "sensor": ("Tidewatch 3 leak sensor", "Tidewatch 3 漏水传感器", 189.0, 71.0, "consu"),
    "probe": ("Tidewatch water quality probe", "Tidewatch 水质探头", 640.0, 262.0, "consu"),
    "meter": ("Tidewatch ultrasonic meter", "Tidewatch 超声波水表", 420.0, 175.0, "consu"),
    "hub": ("Tidewatch hub", "Tidewatch 网关", 890.0, 344.0, "consu"),
    "cloud": ("Tidewatch Cloud, one year", "Tidewatch 云服务（一年）", 1440.0, 260.0, "service"),
    "install": ("Installation day", "安装服务（天）", 960.0, 540.0, "service"),
    "calibrate": ("Calibration visit", "上门校准服务", 720.0, 380.0, "service"),
    "training": ("Operator training", "操作员培训", 1150.0, 420.0, "service"),
}

# How orders are composed: interest -> ((product, quantity from, to), ...)
BASKETS = {
    "leak": (("sensor", 8, 30), ("hub", 1, 2), ("install", -2, 2)),
    "quality": (("probe", 2, 6), ("hub", 0, 1), ("cloud", 0, 2), ("calibrate", -2, 1)),
    "metering": (("meter", 4, 14), ("hub", 0, 2), ("cloud", -1, 2)),
    "service": (("calibrate", 2, 6), ("training", 1, 2)),
}

# key: (name, Chinese name, group: its ledger account and cost category)
SERVICES = {
    "search": ("Search advertising", "搜索广告", "ads"),
    "social": ("Social advertising", "社交广告", "ads"),
    "banner": ("Display advertising", "展示广告", "ads"),
    "radio": ("Radio spots", "电台广告", "ads"),
    "video": ("Video advertising", "视频广告", "ads"),
    "stand": ("Trade fair space", "展位租赁", "events"),
    "booth": ("Stand construction", "展台搭建", "events"),
    "catering": ("Venue and catering", "场地与餐饮", "events"),
    "webinar": ("Webinar production", "网络研讨会制作", "events"),
    "writing": ("Editorial content", "内容撰写", "content"),
    "film": ("Film and photography", "影片与摄影", "content"),
    "print": ("Design and print", "设计与印刷", "content"),
    "agency": ("Agency retainer", "代理服务费", "agency"),
    "mailing": ("E-mail design", "邮件设计", "agency"),
    "comarketing": ("Co-marketing contribution", "联合营销费用", "partner"),
    "bonus": ("Referral bonus", "推荐奖励", "partner"),
    "travel": ("Marketing travel", "市场差旅", "travel"),
}

# Ledger accounts of marketing: key: (code, name, Chinese name)
ACCOUNTS = {
    "ads": ("660100", "Advertising", "广告费"),
    "events": ("660200", "Trade fairs and events", "展会与活动费"),
    "content": ("660300", "Content and creative", "内容与创意费"),
    "agency": ("660400", "Agency fees", "代理服务费"),
    "partner": ("660500", "Partner marketing", "渠道营销费"),
    "travel": ("660600", "Marketing travel", "市场差旅费"),
}

# key: (name, country, company that buys, currency of its bills)
VENDORS = {
    "suchfunke": ("Suchfunke Media GmbH", "DE", "de", "EUR"),
    "clickharbor": ("Clickharbor Ads Inc.", "US", "de", "USD"),
    "standwerk": ("Standwerk Messebau GmbH", "DE", "de", "EUR"),
    "rheinhallen": ("Rheinhallen Messe GmbH", "DE", "de", "EUR"),
    "donauforum": ("Donauforum Kongress GmbH", "AT", "de", "EUR"),
    "wortquelle": ("Wortquelle Redaktion", "DE", "de", "EUR"),
    "farbton": ("Farbton & Falz Druckerei", "DE", "de", "EUR"),
    "lichtspur": ("Lichtspur Film GmbH", "DE", "de", "EUR"),
    "radiokiebitz": ("Radio Kiebitz", "DE", "de", "EUR"),
    "polderpartners": ("Polder Partners B.V.", "NL", "de", "EUR"),
    "postbote": ("Postbote Digital Studio", "DE", "de", "EUR"),
    "alphorn": ("Alphorn Medien AG", "CH", "de", "CHF"),
    "gilde": ("Gilde Rohr und Ventil eG", "DE", "de", "EUR"),
    "xunzhou": ("迅舟广告（上海）有限公司", "CN", "cn", "CNY"),
    "zhanqiao": ("展桥会展服务有限公司", "CN", "cn", "CNY"),
    "moyun": ("墨韵内容工作室", "CN", "cn", "CNY"),
    "hubin": ("湖滨酒店会务有限公司", "CN", "cn", "CNY"),
}

# Units of the currency for one euro: (level, drift per month, swing)
EURO_RATES = {
    "USD": (1.08, 0.004, 0.018),
    "CNY": (7.72, 0.012, 0.080),
    "CHF": (0.955, -0.001, 0.008),
    "GBP": (0.851, 0.001, 0.007),
}
