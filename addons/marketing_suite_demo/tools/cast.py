"""Who plays: the company, its people, and the names its market is made of.

Everything here is invented. Domains end in ``.example``, German, French and British telephone
numbers come from the ranges their regulators keep free for fiction.
"""

# key: (name, Chinese name, country, city, zip, street, currency, domain)
COMPANIES = {
    "de": (
        "Brimwell Instruments GmbH",
        "布林维尔仪器有限公司（德国）",
        "DE",
        "Berlin",
        "10119",
        "Quellgasse 7",
        "EUR",
        "brimwell.example",
    ),
    "cn": (
        "Brimwell Instruments (Shanghai) Co., Ltd.",
        "布林维尔仪器（上海）有限公司",
        "CN",
        "Shanghai",
        "200000",
        "泉声路 88 号",
        "CNY",
        "brimwell-cn.example",
    ),
}

# login (also the password): (name, job, home company, other companies, language, groups)
USERS = {
    "marketer": (
        "Lena Vogt",
        "Marketing specialist",
        "de",
        (),
        "en_US",
        (
            "marketing_campaign_ext.group_campaign_user",
            "mass_mailing.group_mass_mailing_user",
            "mass_mailing.group_mass_mailing_campaign",
            "event.group_event_user",
            "sales_team.group_sale_salesman_all_leads",
        ),
    ),
    "marketer.cn": (
        "陈静",
        "市场专员",
        "cn",
        (),
        "zh_CN",
        (
            "marketing_campaign_ext.group_campaign_user",
            "mass_mailing.group_mass_mailing_user",
            "mass_mailing.group_mass_mailing_campaign",
            "event.group_event_user",
            "sales_team.group_sale_salesman_all_leads",
        ),
    ),
    "manager": (
        "Marek Havlin",
        "Head of marketing",
        "de",
        ("cn",),
        "en_US",
        (
            "marketing_campaign_ext.group_campaign_manager",
            "mass_mailing.group_mass_mailing_user",
            "mass_mailing.group_mass_mailing_campaign",
            "event.group_event_manager",
            "sales_team.group_sale_salesman_all_leads",
            "purchase.group_purchase_user",
        ),
    ),
    "finance": (
        "Ines Lindqvist",
        "Finance controller",
        "de",
        ("cn",),
        "en_US",
        (
            "marketing_campaign_ext.group_campaign_finance",
            "account.group_account_manager",
            "analytic.group_analytic_accounting",
            "purchase.group_purchase_manager",
        ),
    ),
    "sales.manager": (
        "Sofia Marchetti",
        "Sales manager",
        "de",
        ("cn",),
        "en_US",
        ("sales_team.group_sale_manager",),
    ),
    "jonas": (
        "Jonas Petersen",
        "Account executive, northern Europe",
        "de",
        (),
        "en_US",
        ("sales_team.group_sale_salesman",),
    ),
    "amelie": (
        "Amélie Rousset",
        "Account executive, western Europe",
        "de",
        (),
        "en_US",
        ("sales_team.group_sale_salesman",),
    ),
    "tomas": (
        "Tomas Brunner",
        "Account executive, Alpine region",
        "de",
        (),
        "en_US",
        ("sales_team.group_sale_salesman",),
    ),
    "wanglei": (
        "王磊",
        "客户经理（华东）",
        "cn",
        (),
        "zh_CN",
        ("sales_team.group_sale_salesman",),
    ),
    "liuyang": (
        "刘洋",
        "客户经理（华南）",
        "cn",
        (),
        "zh_CN",
        ("sales_team.group_sale_salesman",),
    ),
}

# key: (name, Chinese name, company, leader, members)
TEAMS = {
    "europe": (
        "Europe direct",
        "欧洲直销",
        "de",
        "sales.manager",
        ("jonas", "amelie", "tomas"),
    ),
    "china": ("China", "中国区", "cn", "wanglei", ("wanglei", "liuyang")),
}

# key: (name, Chinese name, colour)
TAGS = {
    "leak": ("Leak detection", "漏水检测", 1),
    "quality": ("Water quality", "水质监测", 2),
    "metering": ("Consumption metering", "用水计量", 3),
    "service": ("Calibration service", "校准服务", 4),
    "hospital": ("Hospitals", "医院", 5),
    "hotel": ("Hotels", "酒店", 6),
    "food": ("Food and beverage", "食品饮料", 7),
    "datacentre": ("Data centres", "数据中心", 8),
    "property": ("Property management", "物业管理", 9),
    "municipal": ("Municipal utilities", "市政水务", 10),
}
INTERESTS = ("leak", "quality", "metering", "service")
INDUSTRIES = ("hospital", "hotel", "food", "datacentre", "property", "municipal")

# key: (reason, Chinese)
LOST_REASONS = {
    "budget": ("No budget this year", "今年没有预算"),
    "competitor": ("Chose a competitor", "选择了竞争对手"),
    "timing": ("Project postponed", "项目推迟"),
    "no_fit": ("Requirements do not fit", "需求不匹配"),
    "no_answer": ("No answer after five attempts", "五次联系未回复"),
}

# country: (share of the market in percent, language of names, cities, telephone prefix kept for fiction)
MARKET = {
    "de": {
        "DE": (
            34,
            "de",
            ("Berlin", "Hamburg", "Köln", "München", "Frankfurt am Main", "Leipzig"),
        ),
        "AT": (8, "de", ("Wien", "Graz", "Linz")),
        "CH": (7, "de", ("Zürich", "Basel", "Bern")),
        "NL": (11, "nl", ("Utrecht", "Rotterdam", "Eindhoven")),
        "BE": (7, "nl", ("Gent", "Antwerpen", "Leuven")),
        "FR": (12, "fr", ("Lyon", "Nantes", "Lille", "Toulouse")),
        "GB": (8, "en", ("Leeds", "Bristol", "Glasgow")),
        "DK": (4, "en", ("Aarhus", "Odense")),
        "SE": (4, "en", ("Uppsala", "Malmö")),
        "US": (5, "en", ("Portland", "Columbus", "Denver")),
    },
    "cn": {
        "CN": (
            100,
            "zh",
            ("Shanghai 上海", "Suzhou 苏州", "Hangzhou 杭州", "Nanjing 南京", "Shenzhen 深圳"),
        ),
    },
}

FICTION_PHONES = {
    "DE": "+49 30 23125{:03d}",
    "FR": "+33 1 99 00 {:02d} {:02d}",
    "GB": "+44 20 7946 0{:03d}",
}

# What a company of an industry is called, per language.
COMPANY_FORMS = {
    "de": {
        "hospital": "Kliniken GmbH",
        "hotel": "Hotelbetriebe GmbH",
        "food": "Molkerei AG",
        "datacentre": "Rechenzentren GmbH",
        "property": "Immobilienverwaltung GmbH",
        "municipal": "Wasserwerke GmbH",
    },
    "nl": {
        "hospital": "Ziekenhuisgroep",
        "hotel": "Hotels B.V.",
        "food": "Zuivel B.V.",
        "datacentre": "Datacenters B.V.",
        "property": "Vastgoedbeheer B.V.",
        "municipal": "Waterbedrijf N.V.",
    },
    "fr": {
        "hospital": "Groupe Hospitalier",
        "hotel": "Hôtellerie SAS",
        "food": "Laiteries SA",
        "datacentre": "Centres de données SAS",
        "property": "Gestion Immobilière SAS",
        "municipal": "Régie des Eaux",
    },
    "en": {
        "hospital": "Care Group",
        "hotel": "Hospitality Ltd",
        "food": "Dairies Ltd",
        "datacentre": "Hosting Ltd",
        "property": "Estates Ltd",
        "municipal": "Water Board",
    },
    "zh": {
        "hospital": "医疗集团",
        "hotel": "酒店管理有限公司",
        "food": "食品有限公司",
        "datacentre": "数据中心有限公司",
        "property": "物业管理有限公司",
        "municipal": "水务有限公司",
    },
}

# Names of companies: plausible, and nowhere on a map or in a register that we know of.
COMPANY_NAMES = {
    "de": ["Falkenried", "Birkhain", "Ostermoor", "Kranichsee", "Tannwerder", "Silberquell", "Eichbruch", "Rabenfurt", "Mühlwarder", "Finkenau", "Hirschloh", "Erlenbrook", "Steinwiek", "Moorkamp", "Lerchental", "Wolfsquell", "Auenrode", "Buchfelde", "Dachsgrund", "Espenloh"],
    "nl": ["Zilverdijk", "Meeuwenhoek", "Rietvoorde", "Wilgenplas", "Otterbeek", "Kraanveld", "Duinwaard", "Elzenhoek", "Hazelpolder", "Zwaluwendam"],
    "fr": ["Valmorelle", "Clairfontel", "Rochebrune-sur-Lys", "Aubevive", "Merlonne", "Sourcelle", "Chantebise", "Fontauriel", "Bellegrive", "Montsablier"],
    "en": ["Harrowmere", "Thistledown", "Copperford", "Wyndlake", "Marlowick", "Ashenbrook", "Foxhollow", "Silverby", "Northquay", "Larkspur-Vale", "Oddenholm", "Brackenfjord"],
    "zh": [
        ("澄澜", "chenglan"),
        ("沐川", "muchuan"),
        ("青岚", "qinglan"),
        ("禾序", "hexu"),
        ("远汀", "yuanting"),
        ("明漪", "mingyi"),
        ("栖岩", "qiyan"),
        ("朗汐", "langxi"),
        ("云渚", "yunzhu"),
        ("星浦", "xingpu"),
    ],
}

FIRST_NAMES = {
    "de": ["Anna", "Bernd", "Clara", "Dirk", "Elke", "Florian", "Gesa", "Holger", "Ida", "Jens", "Katrin", "Lars", "Miriam", "Nils", "Petra", "Ralf", "Silke", "Timo", "Ulrike", "Volker"],
    "nl": ["Anouk", "Bram", "Daan", "Eva", "Femke", "Gijs", "Hanneke", "Joris", "Lotte", "Maarten", "Noor", "Pieter", "Sanne", "Wouter"],
    "fr": ["Aline", "Bastien", "Camille", "Damien", "Élodie", "Fabrice", "Gaëlle", "Hugo", "Inès", "Julien", "Léa", "Mathieu", "Nadia", "Olivier", "Pauline"],
    "en": ["Alice", "Ben", "Charlotte", "Daniel", "Erin", "Freya", "Gareth", "Hannah", "Isaac", "Karen", "Liam", "Maja", "Nora", "Oscar", "Philippa", "Rasmus"],
    "zh": [
        ("伟", "wei"),
        ("敏", "min"),
        ("晓燕", "xiaoyan"),
        ("建国", "jianguo"),
        ("丽华", "lihua"),
        ("志强", "zhiqiang"),
        ("思远", "siyuan"),
        ("雨桐", "yutong"),
        ("海涛", "haitao"),
        ("嘉怡", "jiayi"),
        ("文博", "wenbo"),
        ("晓峰", "xiaofeng"),
    ],
}
LAST_NAMES = {
    "de": ["Ahrenholt", "Brinkwart", "Dornfeldt", "Ebersloh", "Fintelmann", "Grubenau", "Haselhorst", "Immerath", "Kesselring", "Lohmanns", "Nettelbusch", "Osterwald", "Prieskorn", "Quandtner", "Rehwinkel", "Steinhagen", "Tiedgen", "Uhlenbrock", "Vossberg", "Wiesenhütter"],
    "nl": ["Achterveld", "Bolhuis", "Dijkgraafs", "Eikenaar", "Groenwoud", "Hoevenaar", "Kraaijvanger", "Loosdrecht", "Molenkamp", "Nijhoven", "Schaapveld", "Terpstraat"],
    "fr": ["Aubertin", "Brossard", "Chevallet", "Delorance", "Fauvette", "Garrigou", "Hennequin", "Jolivard", "Lamoureux", "Mercadier", "Noirot", "Pelletan", "Quintard"],
    "en": ["Ashdown", "Birchall", "Copperfield", "Dunmore", "Eastwick", "Fairbrook", "Greenhalgh", "Holtby", "Ingleton", "Kvistgaard", "Lindholt", "Marchbank", "Northcote", "Overby"],
    "zh": [
        ("张", "zhang"),
        ("李", "li"),
        ("赵", "zhao"),
        ("周", "zhou"),
        ("吴", "wu"),
        ("徐", "xu"),
        ("孙", "sun"),
        ("马", "ma"),
        ("朱", "zhu"),
        ("胡", "hu"),
    ],
}

# (job, Chinese, how well it fits what Brimwell sells: 2 decides, 1 influences, 0 neither)
JOBS = (
    ("Head of facility management", "设施管理总监", 2),
    ("Technical director", "技术总监", 2),
    ("Managing director", "总经理", 2),
    ("Energy and water manager", "能源与水务经理", 1),
    ("Procurement manager", "采购经理", 1),
    ("Quality officer", "质量主管", 1),
    ("Project engineer", "项目工程师", 1),
    ("Consultant", "顾问", 0),
    ("Student", "学生", 0),
)
