"""Of what an OTLP data point, log record or span speaks: the model, its version, environment and segment.

Attributes of the item itself come before those of its resource. `redline.model` decides alone; otherwise each
name found is tried in turn, from the most to the least particular, and the first registered one is meant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import environment
from models_registry.telemetry.metrics import Metric, canonical
from models_registry.telemetry.readings import Unreadable

KIND: Final = "opentelemetry"
LIMIT: Final = 10_000

OURS: Final = "redline.model"
NAMED: Final = ("model.id", "model_id", "model.name", "model_name", "model")
GENERATIVE: Final = ("gen_ai.request.model", "llm.request.model_name", "llm.model_name", "gen_ai.response.model")
SERVICE: Final = "service.name"
VERSION: Final = ("redline.model.version", "model.version", "model_version")
ENVIRONMENT: Final = ("redline.environment", "deployment.environment.name", "deployment.environment")
SEGMENT: Final = ("redline.segment", "segment")
SEGMENT_PART: Final = "redline.segment."
_PREFIXES: Final = ("redline.", "ai.", "ml.", "llm.", "model.", "gen_ai.")

_MILLISECONDS: Final = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3, "min": 6e4, "h": 3.6e6}
_UNITS: Final = {"1": "", "%": "percent"}

type Attributes = Mapping[str, Any]


class Subject(NamedTuple):
    """Of what an item speaks. ``explicit`` when it names a model and not only its service."""

    model: str
    also: tuple[str, ...]
    version: str | None
    environment: str
    segment: str
    explicit: bool


def subject(own: Attributes, resource: Attributes, *, path: str) -> Subject | None:
    """Return of what the item speaks, None when nothing names a model or service. Raises Unreadable.

    The same few series come with every export, so that most are known already.
    """
    try:
        kinds = (*map(type, own.values()), *map(type, resource.values()))  # 1 and True are equal, and not the same
        return _known_subject(tuple(own.items()), tuple(resource.items()), kinds)
    except (TypeError, Unreadable):  # a list among the values, or names that cannot be read: said with their place
        return _subject(own, resource, path)


@lru_cache(maxsize=8_192)
def _known_subject(
    own: tuple[tuple[str, Any], ...], resource: tuple[tuple[str, Any], ...], kinds: tuple[type, ...]
) -> Subject | None:
    return _subject(dict(own), dict(resource), "")


def _subject(own: Attributes, resource: Attributes, path: str) -> Subject | None:
    ours = _first((own, resource), (OURS,))
    explicit = [ours] if ours else _texts((own, resource), NAMED) + _texts((own, resource), GENERATIVE)
    names = list(explicit) if ours else [*explicit, *_texts((own, resource), (SERVICE,))]
    unique = list(dict.fromkeys(names))
    if not unique:
        return None
    checked = tuple(readings.name(each, field_name="model", path=path) for each in unique)
    version = readings.optional_name(_first((own, resource), VERSION), field_name="version", path=path)
    named = readings.optional_name(_first((own, resource), ENVIRONMENT), field_name="environment", path=path)
    return Subject(
        model=checked[0],
        also=checked[1:],
        version=version or None,
        environment=environment(named),
        segment=_segment(own, resource, path),
        explicit=bool(explicit),
    )


def moment(nanoseconds: int, *, path: str, received_at: datetime) -> datetime:
    """Return when something was observed, from nanoseconds since 1970. Raises Unreadable."""
    if not nanoseconds:
        raise Unreadable.because("E_MISSING", path, "the time is missing")
    try:
        return _known_moment(nanoseconds, received_at)
    except Unreadable:
        return readings.moment(nanoseconds / 1e9, path=path, received_at=received_at)


@lru_cache(maxsize=1_024)
def _known_moment(nanoseconds: int, received_at: datetime) -> datetime:
    return readings.moment(nanoseconds / 1e9, path="", received_at=received_at)


@lru_cache(maxsize=4_096)
def known_metric(name: str) -> Metric | None:
    """Return the canonical metric of an instrument: `psi`, `ai.drift.psi` and `llm.drift.psi` are one."""
    found = canonical(name, KIND)
    if found is None and name.startswith(_PREFIXES):
        parts = name.split(".")
        ends = (".".join(parts[start:]) for start in range(1, len(parts)))
        found = next((metric for end in ends if (metric := canonical(end, KIND))), None)
    return found


def measured(name: str, unit: str, value: float) -> tuple[str, str, float]:
    """Return metric, unit and value as they are kept: the canonical name and unit where the catalogue has them."""
    metric = known_metric(name)
    given = plain_unit(unit)
    return (metric.name, *in_unit(value, given, metric.unit)) if metric else (name, given, value)


def in_unit(value: float, unit: str, wanted: str) -> tuple[str, float]:
    """Return the value in the wanted unit, or in its own when no conversion is known."""
    if unit in ("", wanted):
        return wanted, value
    if unit in _MILLISECONDS and wanted in _MILLISECONDS:
        return wanted, value * (_MILLISECONDS[unit] / _MILLISECONDS[wanted])
    if unit == "percent" and wanted == "ratio":
        return wanted, value / 100
    return unit, value


def plain_unit(unit: str) -> str:
    """Return a UCUM unit as it is shown: nothing for `1`, `count` for counts such as `{request}`."""
    if unit.startswith("{") and unit.endswith("}"):
        return "count"
    return _UNITS.get(unit, unit)


def _segment(own: Attributes, resource: Attributes, path: str) -> str:
    whole = _first((own, resource), SEGMENT)
    if whole:
        return readings.optional_name(whole, field_name="segment", path=path)
    parts = {
        key.removeprefix(SEGMENT_PART): value
        for each in (resource, own)
        for key, value in each.items()
        if key.startswith(SEGMENT_PART)
    }
    return readings.segment(parts, path=path) if parts else ""


def _texts(places: Sequence[Attributes], names: Sequence[str]) -> list[str]:
    return [found for place in places for name in names if (found := _text(place.get(name)))]


def _first(places: Sequence[Attributes], names: Sequence[str]) -> str:
    return next(iter(_texts(places, names)), "")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
