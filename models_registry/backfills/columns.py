"""What the columns of a file mean: guessed from their names, chosen by a person, written down with the backfill.

Pure: no clock, no database, no file.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from models_registry.backfills.times import Clock, ZoneUnknown, guess_clock, zone_named

FIELDS: Final = ("model", "metric", "value", "observed_at", "unit", "environment", "segment", "version")
"""What a column may hold. Those after the fourth may be left out."""
FIXABLE: Final = ("model", "metric", "unit", "environment", "segment", "version")
"""What may be one and the same for all rows, and then is not in the file."""
LONG, WIDE = "long", "wide"
DECIMALS: Final = (".", ",")
MOST_COLUMNS: Final = 1_000

_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "observed_at": (
        "observed_at", "timestamp", "time", "ts", "datetime", "date_time", "date", "day", "at", "measured_at",
        "event_time", "logged_at", "created_at", "timestamp_ms", "timestamp_us", "epoch", "_timestamp", "ds",
    ),
    "model": ("model", "model_id", "model_name", "registered_model", "model_slug", "entity", "deployment"),
    "metric": ("metric", "metric_name", "metric_key", "measure", "key", "name", "indicator"),
    "value": ("value", "metric_value", "reading", "val", "score", "y"),
    "unit": ("unit", "units", "uom"),
    "environment": ("environment", "env", "stage", "deployment_environment"),
    "segment": ("segment", "slice", "cohort", "group", "subgroup", "partition"),
    "version": ("version", "model_version", "version_number", "model_version_id"),
}  # fmt: skip
_SIGNS: Final = re.compile(r"[^a-z0-9]+")


class PlanUnfit(ValueError):
    """The columns cannot be read in this way. Says which and why."""

    http_status = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is read.

    ``columns`` is field → column, ``fixed`` is field → the value of all rows. In the wide layout each column of
    ``metrics`` holds the values of one metric. Rows observed before ``since`` or from ``until`` on (ISO 8601) are
    left out. With ``stops`` the first bad row pauses the backfill.
    """

    layout: str = LONG
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    clock: str = Clock.ISO
    zone: str = ""
    decimal: str = "."
    since: str = ""
    until: str = ""
    stops: bool = False

    def document(self) -> dict[str, Any]:
        """Return what is stored."""
        return asdict(self)

    @property
    def digest(self) -> str:
        """What names this reading of a file: SHA-256, without whether it stops, which changes no row."""
        said = replace(self, stops=False).document()
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys((*self.columns.values(), *self.metrics)))


def from_document(document: Mapping[str, Any]) -> Plan:
    """Return the stored plan."""
    return Plan(**{name: document[name] for name in Plan.__slots__ if name in document})


def check(plan: Plan, header: Sequence[str]) -> Plan:
    """Return the plan if it fits a file with these columns. Raises PlanUnfit."""
    _known(plan, header)
    needed = ["observed_at", "model"] + (["metric", "value"] if plan.layout == LONG else [])
    missing = [each for each in needed if each not in plan.columns and not plan.fixed.get(each)]
    if missing:
        raise PlanUnfit(f"Nothing says {_listed(missing)}. Choose a column, or give the value of all rows.")
    if plan.layout == WIDE and not plan.metrics:
        raise PlanUnfit("No column holds values. Choose at least one column of a metric.")
    twice = [each for each in plan.columns if plan.fixed.get(each)]
    if twice:
        raise PlanUnfit(f"{_listed(twice)} is both a column and one value for all rows. Keep one of them.")
    try:
        zone_named(plan.zone)
    except ZoneUnknown as error:
        raise PlanUnfit(str(error)) from None
    for name, text in (("since", plan.since), ("until", plan.until)):
        try:
            datetime.fromisoformat(text or "2000-01-01")
        except ValueError:
            raise PlanUnfit(f"{name} is no ISO 8601 moment.") from None
    return plan


def guess(header: Sequence[str], sample: Sequence[Sequence[Any]]) -> tuple[Plan, bool]:
    """Return the likeliest plan, and whether a time zone must still be stated."""
    named = {_plain(name): name for name in reversed(header)}
    columns: dict[str, str] = {}
    for wanted, aliases in _ALIASES.items():
        found = next((named[alias] for alias in aliases if alias in named), None)
        if found is not None and found not in columns.values():
            columns[wanted] = found
    at = {name: place for place, name in reversed(list(enumerate(header)))}
    cells = {name: [row[place] for row in sample if place < len(row)] for name, place in at.items()}
    decimal = _decimal(cells.values())
    clock, needs_zone = guess_clock(cells.get(columns.get("observed_at", ""), []))
    if "metric" in columns and "value" in columns:
        plan = Plan(columns=columns, clock=clock, decimal=decimal)
    else:
        kept = {name: column for name, column in columns.items() if name not in ("metric", "value", "unit")}
        taken = set(kept.values())
        numeric = [name for name in at if name not in taken and _is_numeric(cells[name], decimal)]
        metrics = {name: name for name in header if name in numeric}
        plan = Plan(WIDE, kept, metrics=metrics, clock=clock, decimal=decimal)
    return plan, needs_zone


def _known(plan: Plan, header: Sequence[str]) -> None:
    if plan.layout not in (LONG, WIDE) or plan.decimal not in DECIMALS or plan.clock not in list(Clock):
        raise PlanUnfit(
            "The layout is long or wide, the decimal sign a point or a comma, the clock iso, s, ms, us, ns."
        )
    if unknown := sorted({*plan.columns, *plan.fixed} - set(FIELDS)):
        raise PlanUnfit(f"{_listed(unknown)} is nothing that a row has. It has {_listed(FIELDS)}.")
    if set(plan.fixed) - set(FIXABLE):
        raise PlanUnfit("Values and times come from columns.")
    if absent := [each for each in plan.used if each not in header]:
        raise PlanUnfit(f"The file has no column {_listed(absent)}.")
    if plan.layout == WIDE and {"metric", "value"} & {*plan.columns, *plan.fixed}:
        raise PlanUnfit("In the wide layout each column of values is a metric: there is no column of metrics.")


def _plain(name: str) -> str:
    return _SIGNS.sub("_", name.strip().lower()).strip("_") or name


def _is_numeric(cells: Sequence[Any], decimal: str) -> bool:
    """Return whether most of what stands there are numbers; what is not is rejected, and told."""
    told = [each for each in cells if each is not None and each != ""]
    return 2 * sum(_number(each, decimal) for each in told) > len(told)


def _number(cell: Any, decimal: str) -> bool:
    if isinstance(cell, str):
        return bool(
            re.fullmatch(rf"\s*[+-]?(\d+({re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+)([eE][+-]?\d+)?\s*", cell)
        )
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _decimal(columns: Any) -> str:
    """Return a comma where some column has numbers with one and no column numbers with a point."""
    texts = [cell for cells in columns for cell in cells if isinstance(cell, str)]
    comma = any(re.fullmatch(r"\s*[+-]?\d+,\d+\s*", text) for text in texts)
    point = any(re.fullmatch(r"\s*[+-]?\d+\.\d+\s*", text) for text in texts)
    return "," if comma and not point else "."


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
