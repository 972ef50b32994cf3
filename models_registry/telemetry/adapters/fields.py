"""What the adapters share: reading named fields of one JSON object into one reading, collecting every problem."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

from models_registry.telemetry import readings
from models_registry.telemetry.metrics import canonical
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer

Value = TypeVar("Value")
PRODUCTION: Final = "production"
_ENVIRONMENTS: Final = {
    "prod": PRODUCTION,
    "prd": PRODUCTION,
    "stage": "staging",
    "stg": "staging",
    "dev": "development",
}


@lru_cache(maxsize=512)
def _step(name: str) -> str:
    """Return the pointer of a field that an adapter names; they are few and asked for with every measurement."""
    return pointer(name)


class Fields:
    """The fields of one object at a path. Problems are collected; `finish` raises them together."""

    def __init__(self, source: Mapping[str, Any], path: str, *, received_at: datetime) -> None:
        self.source = source
        self.path = path
        self.received_at = received_at
        self.problems: list[Problem] = []

    def first(self, *names: str) -> tuple[str, Any]:
        """Return the path and value of the first of the names that is present and not null."""
        for name in names:
            if self.source.get(name) is not None:
                return self.path + _step(name), self.source[name]
        return self.path + _step(names[0]), None

    def attempt(self, read: Callable[[], Value], otherwise: Value) -> Value:
        """Return what was read, or the stand-in after noting why it could not be."""
        try:
            return read()
        except Unreadable as error:
            self.problems.extend(error.problems)
            return otherwise

    def required(self, field_name: str, *names: str) -> str:
        """Return the required text; note E_MISSING when no name is present."""
        path, value = self.first(*names)
        if value is None:
            self.missing(path, field_name)
            return ""
        return self.attempt(lambda: readings.name(value, field_name=field_name, path=path), "")

    def optional(self, field_name: str, *names: str) -> str:
        """Return the text, empty when no name is present. A whole number is taken as its digits."""
        path, value = self.first(*names)
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return self.attempt(lambda: readings.optional_name(text, field_name=field_name, path=path), "")

    def number(self, *names: str) -> float:
        """Return the required finite number."""
        path, value = self.first(*names)
        if value is None:
            self.missing(path, "value")
            return 0.0
        return self.attempt(lambda: readings.number(value, path=path), 0.0)

    def segment(self, *names: str) -> str:
        """Return the segment's text, empty when absent."""
        path, value = self.first(*names)
        return self.attempt(lambda: readings.segment(value, path=path), "")

    def attributes(self, name: str) -> dict[str, str]:
        """Return the named object as attributes."""
        path, value = self.first(name)
        return self.attempt(lambda: readings.attributes(value, path=path), {})

    def moment(self, *names: str) -> datetime:
        """Return the required time in UTC."""
        path, value = self.first(*names)
        if value is None:
            self.missing(path, "time")
            return self.received_at
        return self.attempt(lambda: readings.moment(value, path=path, received_at=self.received_at), self.received_at)

    def moment_or_received(self, *names: str) -> datetime:
        """Return the time in UTC, the time of receipt when the sender gives none."""
        return self.received_at if self.first(*names)[1] is None else self.moment(*names)

    def missing(self, path: str, what: str) -> None:
        """Note that a required field is absent or null."""
        self.problems.append(Problem("E_MISSING", path, f"the {what} is missing"))

    def finish(self, reading: Reading) -> Reading:
        """Return the reading, or raise every problem noted."""
        if self.problems:
            raise Unreadable(self.problems)
        return reading


def environment(text: str) -> str:
    """Return the environment's one name: production when none is given, short forms spelled out."""
    plain = text.lower() or PRODUCTION
    return _ENVIRONMENTS.get(plain, plain)


def metric_and_unit(name: str, unit: str, *, kind: str) -> tuple[str, str]:
    """Return the canonical metric and the unit: the one given, else the catalogue's."""
    metric = canonical(name, kind)
    return (metric.name, unit or metric.unit) if metric else (name, unit)


def as_object(value: Any, path: str) -> Mapping[str, Any]:
    """Return the object, or raise E_SHAPE for a whole body and E_TYPE for a part of one."""
    if not isinstance(value, dict):
        raise Unreadable.because("E_TYPE" if path else "E_SHAPE", path, "an object is required")
    return value


def as_items(value: Any, path: str, *, limit: int) -> Sequence[Any]:
    """Return the non-empty array, or raise E_MISSING, E_TYPE, E_EMPTY_LIST or E_TOO_MANY."""
    if value is None:
        raise Unreadable.because("E_MISSING", path, "the list is missing")
    if not isinstance(value, list):
        raise Unreadable.because("E_TYPE", path, "an array is required")
    if not value:
        raise Unreadable.because("E_EMPTY_LIST", path, "the array is empty")
    if len(value) > limit:
        raise Unreadable.because("E_TOO_MANY", path, f"more than {limit} items")
    return value


def each_readable(items: Sequence[Any], path: str, read: Callable[[Any, str], list[Reading]]) -> list[Reading]:
    """Return the readings of all items; raise every item's problems with the sound readings beside them."""
    sound: list[Reading] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        try:
            sound.extend(read(item, path + pointer(index)))
        except Unreadable as error:
            problems.extend(error.problems)
            sound.extend(error.readings)
    if problems:
        raise Unreadable(problems, sound)
    return sound
