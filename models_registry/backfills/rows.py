"""Rows judged one by one: what they measure, or which column is why they measure nothing.

Names are judged once for all rows that bear the same ones. Pure: no clock, no database.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

from models_registry.backfills.columns import FIXABLE, WIDE, Plan
from models_registry.backfills.tables import Broken, Cells
from models_registry.backfills.times import Clock, teller, zone_named
from models_registry.telemetry import readings
from models_registry.telemetry.readings import Unreadable

_POINT: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_NOTHING: Final = frozenset({"", "nan", "null", "none", "na", "n/a", "-"})
"""What exporters write where a wide table has no value."""
LARGEST: Final = 1e300
"""Beyond this a value may not survive the change into its metric's unit."""
SHOWN: Final = 300
NAMES_KEPT: Final = 50_000


class Names(NamedTuple):
    """What a measurement is about, as the row says it; empty where it says nothing."""

    model: str
    version: str
    metric: str
    unit: str
    environment: str
    segment: str


class Sound(NamedTuple):
    """One measurement that a row gives."""

    row: int
    names: Names
    value: float
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a row, or one column of it, gives nothing. ``text`` is what stood there."""

    row: int
    column: str
    code: str
    message: str
    text: str = ""

    def document(self) -> list[Any]:
        """Return what is kept: row, column, code, message, text."""
        return [self.row, self.column, self.code, self.message, self.text]


class LeftOut(NamedTuple):
    """A cell without a value in a wide table, or a row outside the chosen time."""

    row: int


type Verdict = Sound | Rejected | LeftOut


class Judge:
    """Judges the rows of one file under one plan, received at one moment."""

    def __init__(self, plan: Plan, header: Sequence[str], *, environment: str, now: datetime) -> None:
        at = {name: place for place, name in reversed(list(enumerate(header)))}
        self._plan = plan
        self._places: list[tuple[str, int | None, str]] = [
            (name, at.get(plan.columns.get(name, "")), plan.fixed.get(name, "")) for name in FIXABLE
        ]
        self._time = at[plan.columns["observed_at"]]
        wide = plan.layout == WIDE
        self._values: list[tuple[str, int, str]] = (
            [(column, at[column], metric or column) for column, metric in plan.metrics.items()]
            if wide
            else [(plan.columns["value"], at[plan.columns["value"]], "")]
        )
        self._wide, self._environment = wide, environment
        self._needed = max([self._time, *(place for _, place, _ in self._values)]) + 1
        self._number = _COMMA if plan.decimal == "," else _POINT
        zone = self._zone = zone_named(plan.zone)
        self.as_of(now)
        self._since = _bound(plan.since, zone)
        self._until = _bound(plan.until, zone)
        self._names: dict[tuple[Any, ...], Names | tuple[str, str, str]] = {}

    def as_of(self, now: datetime) -> None:
        """Judge the next rows as received at this moment."""
        self._tell = teller(clock=Clock(self._plan.clock), zone=self._zone, now=now)

    def judge(self, row: int, cells: Cells | Broken) -> Iterator[Verdict]:
        """Yield what the row gives: a verdict for each of its values, or one rejection of the whole row."""
        if isinstance(cells, Broken):
            yield Rejected(row, "", cells.code, cells.message, readings.printable(cells.text))
            return
        if len(cells) < self._needed:
            yield Rejected(row, "", "E_MISSING", f"the row has {len(cells)} columns of {self._needed}", _joined(cells))
            return
        try:
            observed_at = self._tell(cells[self._time])
        except Unreadable as error:
            yield self._rejected(row, self._plan.columns["observed_at"], error, cells[self._time])
            return
        if (self._since and observed_at < self._since) or (self._until and observed_at >= self._until):
            yield LeftOut(row)
            return
        for column, place, metric in self._values:
            yield self._value(row, column, cells, place, metric, observed_at)

    def _value(self, row: int, column: str, cells: Cells, place: int, metric: str, observed_at: datetime) -> Verdict:
        cell = cells[place]
        if self._wide and (
            cell is None or cell != cell or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)
        ):
            return LeftOut(row)
        names = self._named(cells, metric)
        if not isinstance(names, Names):
            where, code, message = names
            return Rejected(row, where, code, message, _joined(cells))
        try:
            return Sound(row, names, self._float(cell), observed_at)
        except Unreadable as error:
            return self._rejected(row, column, error, cell)

    def _float(self, cell: Any) -> float:
        if type(cell) is float or type(cell) is int:
            value = readings.number(cell, path="")
        elif isinstance(cell, str):
            text = cell.strip()
            if not text:
                raise Unreadable.because("E_MISSING", "", "there is no value")
            if not self._number.fullmatch(text):
                raise Unreadable.because("E_NOT_NUMERIC", "", "the text is not a plain finite number")
            value = readings.number(float(text.replace(",", ".")), path="")
        elif cell is None:
            raise Unreadable.because("E_MISSING", "", "there is no value")
        else:
            value = readings.number(cell, path="")
        if math.fabs(value) > LARGEST:
            raise Unreadable.because("E_NOT_FINITE", "", "the number is too large")
        return value

    def _named(self, cells: Cells, metric: str) -> Names | tuple[str, str, str]:
        said = tuple(
            fixed if place is None else cells[place] if place < len(cells) else None for _, place, fixed in self._places
        )
        key = (*said, metric)
        known = self._names.get(key)
        if known is None:
            if len(self._names) >= NAMES_KEPT:
                self._names.clear()
            known = self._names[key] = self._checked(dict(zip(FIXABLE, said, strict=True)), metric)
        return known

    def _checked(self, said: Mapping[str, Any], metric: str) -> Names | tuple[str, str, str]:
        given = dict(said)
        if metric:
            given["metric"] = metric
        found: dict[str, str] = {}
        for name, cell in given.items():
            text = cell if isinstance(cell, str) else "" if cell is None else _as_text(cell)
            try:
                needed = name in ("model", "metric")
                read = readings.name if needed else readings.optional_name
                found[name] = read(text, field_name=name, path="")
            except Unreadable as error:
                column = self._plan.columns.get(name, metric or name)
                return column, error.problems[0].code, error.problems[0].message
        if not found["environment"]:
            found["environment"] = self._environment
        return Names(**found)

    def _rejected(self, row: int, column: str, error: Unreadable, cell: Any) -> Rejected:
        problem = error.problems[0]
        return Rejected(row, column, problem.code, problem.message, readings.printable(_as_text(cell), limit=SHOWN))


def _as_text(cell: Any) -> str:
    """Return a cell as a file of text would have it; a whole float is a whole number (versions)."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _joined(cells: Cells) -> str:
    return readings.printable(",".join(map(_as_text, cells)), limit=SHOWN)


def _bound(text: str, zone: tzinfo | None) -> datetime | None:
    """Return a bound of the plan; without an offset it is in the file's zone, or in UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC)
