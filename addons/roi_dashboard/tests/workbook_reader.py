"""Recalculates a workbook: reads formulas only, never the values stored beside them."""

import re

import openpyxl

TOKEN = re.compile(
    r"""(?P<text>"[^"]*")
      |(?:(?P<sheet>'[^']+'|[^\W\d]\w*)!)?(?P<first>\$?[A-Z]{1,3}\$?\d+)(?::(?P<last>\$?[A-Z]{1,3}\$?\d+))?
      |(?P<name>[A-Z]+)\(
      |(?P<equal>=)""",
    re.VERBOSE,
)
FUNCTIONS = {
    "SUM": lambda *areas: Number(sum(float(cell or 0) for area in areas for cell in area)),
    "IF": lambda condition, yes, no: yes if condition else no,
    "OR": lambda *conditions: any(conditions),
    "ISTEXT": lambda value: isinstance(value, str),
    "ROUND": lambda value, digits: Number(round(float(value), int(digits))),
    "ABS": lambda value: value if isinstance(value, str) else Number(abs(value)),
}


class Number(float):
    """A number whose branches not taken may divide by zero, or subtract from a text."""

    def _safe(self, operation, other):
        return Number(operation(float(self), float(other))) if not isinstance(other, str) else self

    def __truediv__(self, other):
        return self._safe(lambda a, b: a / b if b else float("nan"), other)

    def __mul__(self, other):
        return self._safe(lambda a, b: a * b, other)

    def __sub__(self, other):
        return self._safe(lambda a, b: a - b, other)

    def __add__(self, other):
        return self._safe(lambda a, b: a + b, other)


class Text(str):
    """A text in a branch not taken; as a result it stays a text."""

    __slots__ = ()

    def __sub__(self, other):
        return self

    def __truediv__(self, other):
        return self


class Recalculated:
    """The cells of a workbook, computed from its formulas."""

    def __init__(self, stream):
        stream.seek(0)
        self.book = openpyxl.load_workbook(stream)
        stream.seek(0)
        self.shown = openpyxl.load_workbook(stream, data_only=True)
        self.known = {}

    def formulas(self):
        """``(sheet, address)`` of every cell with a formula."""
        return [
            (sheet.title, cell.coordinate)
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    def value(self, sheet, address):
        key = (sheet, address.replace("$", ""))
        if key not in self.known:
            cell = self.book[sheet][key[1]]
            if cell.data_type == "f":
                self.known[key] = self._compute(sheet, cell.value)
            else:
                self.known[key] = self._wrap(cell.value)
        return self.known[key]

    def area(self, sheet, first, last):
        cells = self.book[sheet][f"{first}:{last}".replace("$", "")]
        return [self.value(sheet, cell.coordinate) for row in cells for cell in row]

    def _wrap(self, value):
        if isinstance(value, (int, float)):
            return Number(value)
        return Text(value) if isinstance(value, str) else Number(0)

    def _compute(self, sheet, formula):
        def translate(match):
            if match["text"]:
                return f"Text({match['text']})"
            if match["name"]:
                return f"F[{match['name']!r}]("
            if match["equal"]:
                return "=="
            own = (match["sheet"] or sheet).strip("'")
            if match["last"]:
                return f"area({own!r}, {match['first']!r}, {match['last']!r})"
            return f"value({own!r}, {match['first']!r})"

        code = TOKEN.sub(translate, formula.removeprefix("="))
        names = {"F": FUNCTIONS, "Text": Text, "area": self.area, "value": self.value}
        # The formulas are those the addon has just written; nothing comes from outside.
        return self._wrap(eval(code, {"__builtins__": {}}, names))  # pylint: disable=eval-used

    def row(self, sheet, label):
        """Computed cells of the row with a label in its first column, by header of the column."""
        page = self.book[sheet]
        headers = {cell.column_letter: cell.value for cell in page[4] if cell.value}
        number = next(cell.row for cell in page["A"] if cell.value == label)
        return {
            header: self.value(sheet, f"{letter}{number}") for letter, header in headers.items()
        }
