"""A bill as a CSV file, read line by line: what each line says, or what is wrong with it and in which column.

Needed columns are `date` and `amount`; `model`, `version`, `currency`, `unit`, `team`, `project` and `description`
may be there. Any usual sign parts the cells. Line 1 is the head, so that a number is the one a spreadsheet shows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Final, NamedTuple

from models_registry.costs.money import FIRST_DAY, AmountUnfit, Rates, parse_amount
from models_registry.tabular.cells import bare
from models_registry.tabular.texts import FileUnfit, csv_rows, delimiter_of, refuse_nul

COLUMNS: Final = ("date", "model", "version", "amount", "currency", "unit", "team", "project", "description")
NEEDED: Final = ("date", "amount")
LARGEST_FILE: Final = 1_048_576
MOST_LINES: Final = 10_000
LONGEST: Final = {"project": 80, "description": 300}


class Wrong(NamedTuple):
    """What is wrong in one place of the file."""

    row: int
    column: str
    problem: str


class Known(NamedTuple):
    """A model as lines name it: its key, where it belongs, and its versions by number."""

    pk: int
    unit_id: int
    team_id: int | None
    project: str
    versions: Mapping[int, int]


@dataclass(frozen=True)
class Names:
    """What the names in a file may mean, by name in lower case."""

    models: Mapping[str, Known]
    units: Mapping[str, int]
    teams: Mapping[str, tuple[int, int]]
    rates: Rates
    today: date


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is in order. Amounts are millionths."""

    row: int
    day: date
    model_id: int | None
    version_id: int | None
    unit_id: int | None
    team_id: int | None
    project: str
    amount_micros: int
    currency: str
    description: str


@dataclass(frozen=True)
class Bill:
    """A file as it was read: lines in order, and every problem of the others."""

    lines: Sequence[Line]
    wrong: Sequence[Wrong]
    row_count: int

    @property
    def bad_rows(self) -> int:
        """How many lines have a problem."""
        return len({one.row for one in self.wrong})


def read_bill(content: str, *, names: Names) -> Bill:
    """Return what a file says. Raises FileUnfit where its head or its form cannot be read."""
    lines: list[Line] = []
    wrong: list[Wrong] = []
    count = 0
    for row, cells in _rows(content):
        count += 1
        reader = _Reader(row, cells, names)
        line = reader.line()
        if reader.wrong or line is None:
            wrong += reader.wrong
        else:
            lines.append(line)
    if not count:
        raise FileUnfit("The file has a head and no lines.")
    return Bill(lines, wrong, count)


def text_of(raw: bytes) -> str:
    """Return the text of an uploaded file. Raises FileUnfit: of money no letter is guessed, so it must be UTF-8."""
    if len(raw) > LARGEST_FILE:
        raise FileUnfit("A file may have at most 1 MiB.")
    try:
        text = refuse_nul(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileUnfit(f"The file is not UTF-8: byte {error.start} cannot be read.") from None
    if not text.strip():
        raise FileUnfit("The file is empty.")
    return text


def _rows(content: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    text = content.lstrip("\ufeff")
    first = text.partition("\n")[0].partition("\r")[0]
    rows = csv_rows(text, delimiter=delimiter_of(first), strict=True)
    head = _head(next(rows, (1, []))[1])
    for number, cells in rows:
        if number > MOST_LINES + 1:
            raise FileUnfit(f"A file may have at most {MOST_LINES:,} lines.")
        if any(cell.strip() for cell in cells):
            if len(cells) > len(head):
                raise FileUnfit(f"Row {number}: it has {len(cells)} cells, the head has {len(head)}.")
            yield number, {name: bare(cell) for name, cell in zip_longest(head, cells, fillvalue="")}


def _head(cells: Sequence[str]) -> list[str]:
    """Return the columns of a file. Raises FileUnfit."""
    head = [name.strip().lower() for name in cells]
    unknown = [name for name in head if name not in COLUMNS]
    if unknown:
        name = unknown[0][:40] or "without a name"
        raise FileUnfit(f"Row 1: the column {name} is not known. Known: {', '.join(COLUMNS)}.")
    missing = [name for name in NEEDED if name not in head]
    if missing:
        raise FileUnfit(f"Row 1: the column {missing[0]} is missing.")
    if len(set(head)) < len(head):
        twice = next(name for name in head if head.count(name) > 1)
        raise FileUnfit(f"Row 1: the column {twice} is there twice.")
    return head


@dataclass
class _Reader:
    """Reads one line and remembers every problem in it."""

    row: int
    cells: Mapping[str, str]
    names: Names
    wrong: list[Wrong] = field(default_factory=list)

    def line(self) -> Line | None:
        day, micros = self._day(), self._amount()
        currency = self._currency(day)
        model = self._model()
        version_id = self._version(model)
        unit_id, team_id = self._unit_and_team(model)
        project, description = self._text("project"), self._text("description")
        if self.wrong or day is None or micros is None:
            return None
        return Line(
            self.row, day, model.pk if model else None, version_id, unit_id, team_id,
            project or (model.project if model else ""), micros, currency, description,
        )  # fmt: skip

    def _say(self, column: str, problem: str) -> None:
        self.wrong.append(Wrong(self.row, column, problem))

    def _cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def _day(self) -> date | None:
        text = self._cell("date")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._say("date", f"{text or 'nothing'} is not a day such as 2026-11-30")
            return None
        if day > self.names.today:
            self._say("date", f"{day} has not come yet")
        elif day < FIRST_DAY:
            self._say("date", f"{day} is too long ago")
        return day

    def _amount(self) -> int | None:
        try:
            return parse_amount(self._cell("amount"))
        except AmountUnfit as error:
            self._say("amount", f"{self._cell('amount')[:30] or 'nothing'}: {str(error)[:1].lower()}{str(error)[1:-1]}")
            return None

    def _currency(self, day: date | None) -> str:
        code = self._cell("currency").upper() or self.names.rates.reporting
        if len(code) != 3 or not (code.isascii() and code.isalpha()):
            self._say("currency", f"{code[:10]} is not a code of three letters such as EUR")
        elif day is not None and self.names.rates.rate(code, day) is None:
            self._say("currency", f"no exchange rate from {code} to {self.names.rates.reporting} is known for {day}")
        return code

    def _model(self) -> Known | None:
        name = self._cell("model")
        if not name:
            return None
        found = self.names.models.get(name.lower())
        if found is None:
            self._say("model", f"no model is called {name[:80]}")
        return found

    def _version(self, model: Known | None) -> int | None:
        text = self._cell("version").lower().removeprefix("v")
        if not text:
            return None
        if not self._cell("model"):
            self._say("version", "a version needs its model")
        elif model is not None:
            number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
            if number in model.versions:
                return model.versions[number]
            self._say("version", f"the model has no version {text[:20]}")
        return None

    def _unit_and_team(self, model: Known | None) -> tuple[int | None, int | None]:
        unit_name, team_name = self._cell("unit"), self._cell("team")
        unit_id = self.names.units.get(unit_name.lower())
        team = self.names.teams.get(team_name.lower())
        if unit_name and unit_id is None:
            self._say("unit", f"no unit is called {unit_name[:80]}")
        if team_name and team is None:
            self._say("team", f"no team is called {team_name[:80]}")
        if team and unit_id is not None and team[1] != unit_id:
            self._say("team", f"{team_name} is not a team of {unit_name}")
        if team:
            return unit_id or team[1], team[0]
        if unit_id is not None:
            return unit_id, None
        return (model.unit_id, model.team_id) if model else (None, None)

    def _text(self, column: str) -> str:
        text = self._cell(column)
        if len(text) > LONGEST[column]:
            self._say(column, f"it has more than {LONGEST[column]} characters")
        if "\x00" in text:
            self._say(column, "it has a character that cannot be kept")
        return text
