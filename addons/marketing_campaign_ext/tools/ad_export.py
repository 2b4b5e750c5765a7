"""Read the daily cost of campaigns from the files that ad platforms export.

Platforms write the same facts in many shapes: lines of preamble before the header, totals before
or after the rows, thousands separators, currency in a column name, GBK or UTF-16. Columns are
found by name, never by position. What cannot be read for certain is refused with a reason: a
guess would end up in somebody's budget.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

DAY_NAMES = ("day", "date", "日期", "时间")
RANGE_NAMES = (("reporting starts", "reporting ends"), ("开始日期", "结束日期"))
CAMPAIGN_NAMES = (
    "campaign",
    "campaign name",
    "推广计划",
    "推广计划名称",
    "广告组",
    "广告计划",
    "ad set name",
)
ACCOUNT_NAMES = ("account", "account name", "账户", "推广账户")
COST_NAMES = ("cost", "spend", "amount spent", "消费", "消耗", "总费用", "总花费", "花费")
CURRENCY_NAMES = ("currency code", "currency", "币种")
TOTAL_WORDS = ("total", "总计", "合计", "汇总")
EMPTY_WORDS = {"", "-", "--", "—", "n/a"}
DAY_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%b %d, %Y",
    "%d %b %Y",
)
# The first platform whose words all stand in the header (or preamble) is the one.
SIGNATURES = (
    ("Google Ads", ("campaign", "cost", "currency code")),
    ("Meta Ads", ("amount spent",)),
    ("360", ("总费用",)),
    ("Toutiao", ("总花费",)),
    ("Sogou", ("消耗",)),
    ("Shenma", ("地域id", "消费")),
    ("UC", ("省id", "消费")),
    ("Baidu", ("消费",)),
)


class AdExportError(ValueError):
    """A file that is refused; ``code`` names the reason, ``details`` the place."""

    def __init__(self, code: str, **details):
        super().__init__(f"{code} {details}" if details else code)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class AdCost:
    """Cost of one campaign of a platform on one day."""

    day: date
    campaign: str
    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True)
class AdExport:
    """What a file says: the platform and its costs, one per account, campaign, day, currency."""

    platform: str
    costs: tuple[AdCost, ...]


@dataclass(frozen=True)
class _Layout:
    header_line: int
    columns: dict[str, int]
    width: int
    platform: str
    currency: str
    preamble_days: tuple[date, ...]


def read_ad_export(data: bytes, day: date | None = None) -> AdExport:
    """Read an exported file; ``day`` dates the rows of files that have no day of their own.

    >>> export = read_ad_export(b"Day,Campaign,Cost\\n2026-03-01,Spring,\\"1,200.50\\"\\n")
    >>> [(cost.campaign, str(cost.amount)) for cost in export.costs]
    [('Spring', '1200.50')]
    >>> read_ad_export(b"Campaign,Cost\\nSpring,12\\n")
    Traceback (most recent call last):
    ...
    odoo.addons.marketing_campaign_ext.tools.ad_export.AdExportError: no_day
    """
    tables = [read_xlsx(data)] if data[:2] == b"PK" else read_tables(decode(data))
    layout, rows = find_layout(tables)
    sums: dict[tuple, Decimal] = {}
    for line, cells in enumerate(rows[layout.header_line :], layout.header_line + 1):
        cost = _read_row(layout, cells, line, day)
        if cost:
            key = (cost.day, cost.campaign, cost.account, cost.currency)
            sums[key] = sums.get(key, Decimal(0)) + cost.amount
    if not sums:
        raise AdExportError("no_rows")
    return AdExport(
        layout.platform,
        tuple(AdCost(*key, amount=amount) for key, amount in sorted(sums.items())),
    )


def decode(data: bytes) -> str:
    """Turn bytes into text: UTF-8 and UTF-16 with or without mark, else GB18030.

    >>> decode("消费".encode("gbk")), decode("Day".encode("utf-16")), decode(b"a\\xef")
    ('消费', 'Day', 'aï')
    """
    if not data.strip():
        raise AdExportError("empty")
    for encoding in _guess_encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AdExportError("encoding")


def _guess_encodings(data: bytes) -> tuple[str, ...]:
    start = data[:200]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    if start.count(0) > len(start) / 4:
        return ("utf-16-le",) if data[1:2] == b"\0" else ("utf-16-be",)
    return ("utf-8-sig", "gb18030", "latin-1")


def read_tables(text: str) -> list[list[list[str]]]:
    """Split the text into cells by each separator that may have been meant."""
    separators = [separator for separator in ",\t;" if separator in text]
    try:
        return [
            list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
            for separator in separators
        ]
    except csv.Error as error:
        raise AdExportError("encoding") from error


def read_xlsx(data: bytes) -> list[list[str]]:
    """Cells of the first sheet of a workbook, as text."""
    from openpyxl import load_workbook  # only files of this kind need it

    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    except Exception as error:  # the reader raises whatever it stumbles over
        raise AdExportError("encoding") from error
    return [[_cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _cell_text(value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def clean(cell: str) -> str:
    """A name as it is compared: no marks, no odd blanks, lower case.

    >>> clean("\\ufeff\\xa0Campaign name\\t")
    'campaign name'
    """
    return " ".join(cell.replace("\ufeff", " ").replace("\xa0", " ").split()).lower()


def find_layout(tables: Iterable[list[list[str]]]) -> tuple[_Layout, list[list[str]]]:
    """The header of the file: the first line that names a cost and something it belongs to."""
    for rows in tables:
        for line, cells in enumerate(rows, 1):
            columns = _find_columns(cells)
            if "cost" in columns and len(columns) > 1:
                return _make_layout(line, cells, columns, rows), rows
    raise AdExportError("no_cost")


def _find_columns(cells: list[str]) -> dict[str, int]:
    names = [_strip_unit(clean(cell)) for cell in cells]
    columns: dict[str, int] = {}
    for role, wanted in (
        ("cost", COST_NAMES),
        ("day", DAY_NAMES),
        ("campaign", CAMPAIGN_NAMES),
        ("account", ACCOUNT_NAMES),
        ("currency", CURRENCY_NAMES),
    ):
        found = next((name for name in wanted if name in names), None)
        if found is not None:
            columns[role] = names.index(found)
    for start, end in RANGE_NAMES:
        if start in names and end in names:
            columns["start"], columns["end"] = names.index(start), names.index(end)
    return columns


def _strip_unit(name: str) -> str:
    """Meta writes the currency into the name: ``amount spent (eur)``."""
    return re.sub(r"^(amount spent|花费金额) \([a-z]{3}\)$", "amount spent", name)


def _make_layout(line, cells, columns, rows) -> _Layout:
    names = {_strip_unit(clean(cell)) for cell in cells}
    preamble = " ".join(cell for row in rows[: line - 1] for cell in row)
    platform = next((name for name, words in SIGNATURES if names.issuperset(words)), "Ad platform")
    unit = re.search(r"\(([A-Za-z]{3})\)\s*$", cells[columns["cost"]])
    return _Layout(
        header_line=line,
        columns=columns,
        width=len(cells),
        platform=platform,
        currency=unit.group(1).upper() if unit else "",
        preamble_days=tuple(_find_days(preamble)),
    )


def _find_days(text: str) -> Iterator[date]:
    """Days a Baidu preamble names after "时间范围": one, or the two ends of a range."""
    match = re.search(r"时间范围[：:]\s*(\d{8})(?:\s*[-~至]\s*(\d{8}))?", text)
    for digits in match.groups() if match else ():
        if digits:
            yield datetime.strptime(digits, "%Y%m%d").date()


def _read_row(layout: _Layout, cells: list[str], line: int, day: date | None) -> AdCost | None:
    """One line of the file as a cost, or None when it holds none: blank, a total, no spend."""
    if not any(cell.strip() for cell in cells) or _is_total(layout, cells):
        return None
    if len(cells) <= max(layout.columns.values()):
        raise AdExportError("short_line", line=line)
    amount = parse_amount(cells[layout.columns["cost"]], line)
    if not amount:
        return None

    def text(role):
        return " ".join(cells[layout.columns[role]].split()) if role in layout.columns else ""

    return AdCost(
        day=_read_day(layout, cells, line, day),
        campaign=text("campaign"),
        account=text("account"),
        currency=text("currency").upper() or layout.currency,
        amount=amount,
    )


def _is_total(layout: _Layout, cells: list[str]) -> bool:
    first = clean(next((cell for cell in cells if cell.strip()), ""))
    if re.match(rf"({'|'.join(TOTAL_WORDS)})\b|({'|'.join(TOTAL_WORDS)})[:：]", first):
        return True
    position = layout.columns.get("campaign")
    return position is not None and position < len(cells) and not clean(cells[position])


def _read_day(layout: _Layout, cells: list[str], line: int, day: date | None) -> date:
    """The day of a row: its own, that of a one-day file, or the one the user gave."""
    columns = layout.columns
    if "day" in columns:
        own = parse_day(cells[columns["day"]])
        if own:
            return own
    if "start" in columns:
        start, end = (parse_day(cells[columns[role]]) for role in ("start", "end"))
        if start and start == end:
            return start
        raise AdExportError("range", line=line)
    if len(layout.preamble_days) == 1 or len(set(layout.preamble_days)) == 1:
        return layout.preamble_days[0]
    if layout.preamble_days:
        raise AdExportError("range", line=line)
    if day:
        return day
    if "day" in columns and not _is_hour(cells[columns["day"]]):
        raise AdExportError("bad_day", line=line, value=cells[columns["day"]].strip())
    raise AdExportError("no_day")


def _is_hour(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{1,2}(:\d\d){0,2}([ -~至]+\d{1,2}(:\d\d){0,2})?时?", cell.strip()))


def parse_day(cell: str) -> date | None:
    """A calendar day, in the ways platforms write it; None when the cell holds no day.

    >>> parse_day("2026/8/1"), parse_day("20171009"), parse_day("2026-08-01 13:00")
    (datetime.date(2026, 8, 1), datetime.date(2017, 10, 9), datetime.date(2026, 8, 1))
    >>> parse_day("Aug 1, 2026"), parse_day("2026年8月1日"), parse_day("13:00")
    (datetime.date(2026, 8, 1), datetime.date(2026, 8, 1), None)
    """
    text = cell.replace("\xa0", " ").strip()
    text = re.sub(r"[ T]\d{1,2}(:\d\d){1,2}.*$", "", text)
    for pattern in DAY_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


def parse_amount(cell: str, line: int = 0) -> Decimal:
    """An amount with any thousands separator, sign and currency mark; empty is zero.

    >>> [str(parse_amount(cell)) for cell in ("1,103,153", "¥ 1 234.50", "1.234,50", " --", "0,5")]
    ['1103153', '1234.50', '1234.50', '0', '0.5']
    """
    text = re.sub(r"[\s\xa0'’¥￥$€£元]|^[A-Z]{2,3}(?=[\W\d])|(?<=\d)\s*[A-Z]{3}$", "", cell.strip())
    if text.lower() in EMPTY_WORDS:
        return Decimal(0)
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        text = text.replace(thousands, "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+", text):
        text = text.replace(",", "")
    elif re.fullmatch(r"-?\d+,\d{1,2}", text):
        text = text.replace(",", ".")
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise AdExportError("bad_amount", line=line, value=cell.strip()) from error
    if not amount.is_finite():
        raise AdExportError("bad_amount", line=line, value=cell.strip())
    return amount
