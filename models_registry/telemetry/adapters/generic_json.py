"""Any JSON body, read by a source's own versioned mapping of JSON pointers (RFC 6901).

A mapping is a plain object, kept and versioned with its source:

    {"mapping": 1,
     "items": "/results",                                  # array to walk; absent: the body is one item
     "event_id": "/delivery/id",
     "timezone": "Europe/Berlin",                          # for times without an offset
     "fields": {"model": "/model/name",                    # short for {"pointer": "/model/name"}
                "environment": {"const": "production"},
                "segment": {"pointer": "/region", "from": "body", "default": "all"},
                "observed_at": {"pointer": "/at"}},
     "values": [{"metric": {"const": "p95_latency_ms"}, "value": {"pointer": "/latency_s", "factor": 1000}},
                {"metric": "/name", "value": "/score", "unit": {"const": "ratio"}}],
     "attributes": {"run": "/run/id"}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import as_items, each_readable, environment, metric_and_unit
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "generic_json"
FORMAT: Final = 1
LIMIT: Final = 10_000
MAX_VALUES: Final = 200
_ABSENT: Final = object()
_TOP: Final = frozenset({"mapping", "items", "event_id", "timezone", "fields", "values", "attributes"})
_FIELDS: Final = frozenset({"model", "version", "environment", "segment", "observed_at"})
_VALUE: Final = frozenset({"metric", "value", "unit", "segment"})
_PLACE: Final = frozenset({"pointer", "from", "const", "default", "factor", "offset"})


class MappingInvalid(Exception):
    """The mapping has errors. `errors` pairs a JSON pointer into the mapping with what is wrong there."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{where or '/'}: {what}" for where, what in errors))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field's value is found, or which constant it has."""

    pointer: str | None
    of_body: bool = False
    const: Any = None
    default: Any = None
    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """One number of an item."""

    metric: Place
    value: Place
    unit: Place | None
    segment: Place | None


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """A checked mapping."""

    items: str | None
    event_id: str | None
    timezone: tzinfo | None
    fields: Mapping[str, Place]
    values: tuple[ValueMapping, ...]
    attributes: Mapping[str, Place]


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings that the mapping finds. Raises Unreadable; E_MAPPING when the mapping is at fault."""
    return read_document(loads(body), mapping=mapping or {}, received_at=received_at, kind=KIND)


def read_document(document: Any, *, mapping: Mapping[str, Any], received_at: datetime, kind: str) -> list[Reading]:
    """Return the readings of a parsed body; `kind` chooses the metric aliases."""
    try:
        checked = parse_mapping(mapping)
    except MappingInvalid as error:
        raise Unreadable([Problem("E_MAPPING", where, what) for where, what in error.errors]) from None
    reader = _Reader(document, checked, received_at, kind)
    if checked.items is None:
        return each_readable([document], "", lambda item, _: reader.item(item, ""))
    items = as_items(resolve(document, checked.items), checked.items, limit=LIMIT)
    return each_readable(items, checked.items, reader.item)


def resolve(document: Any, path: str) -> Any:
    """Return the value at a JSON pointer, or None when there is none."""
    found = _find(document, path)
    return None if found is _ABSENT else found


def parse_mapping(mapping: Mapping[str, Any]) -> FieldMapping:
    """Return the checked mapping. Raises MappingInvalid with every error."""
    check = _Check()
    if not isinstance(mapping, Mapping):
        raise MappingInvalid([("", "a mapping must be an object")])
    check.known(mapping, _TOP, "")
    if mapping.get("mapping") != FORMAT or isinstance(mapping.get("mapping"), bool):
        check.error("/mapping", f"the format must be {FORMAT}")
    fields = check.places(mapping.get("fields", {}), "/fields", _FIELDS)
    if "model" not in fields:
        check.error("/fields/model", "the model's place is required")
    checked = FieldMapping(
        items=check.pointer(mapping.get("items"), "/items"),
        event_id=check.pointer(mapping.get("event_id"), "/event_id"),
        timezone=check.timezone(mapping.get("timezone")),
        fields=fields,
        values=check.values(mapping.get("values")),
        attributes=check.places(mapping.get("attributes", {}), "/attributes", None),
    )
    if check.errors:
        raise MappingInvalid(check.errors)
    return checked


class MappingCheck:
    """Collects every error of a mapping: a JSON pointer into it, and what is wrong there."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, str]] = []

    def error(self, where: str, what: str) -> None:
        """Note one error."""
        self.errors.append((where, what))

    def known(self, value: Mapping[str, Any], allowed: frozenset[str], where: str) -> None:
        """Note every key that means nothing here."""
        for key in value:
            if key not in allowed:
                self.error(where + pointer(key), "unknown key")


class _Check(MappingCheck):
    """The checks of a mapping of fields."""

    def pointer(self, value: Any, where: str) -> str | None:
        if value is None or (isinstance(value, str) and (value == "" or value.startswith("/"))):
            return value
        self.error(where, "a JSON pointer starting with / is required")
        return None

    def timezone(self, value: Any) -> tzinfo | None:
        if value is None:
            return None
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            self.error("/timezone", "unknown timezone")
            return None

    def places(self, value: Any, where: str, allowed: frozenset[str] | None) -> dict[str, Place]:
        if not isinstance(value, Mapping):
            self.error(where, "an object is required")
            return {}
        if allowed is not None:
            self.known(value, allowed, where)
        return {name: self.place(each, where + pointer(name)) for name, each in value.items()}

    def values(self, value: Any) -> tuple[ValueMapping, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
            self.error("/values", f"an array of 1 to {MAX_VALUES} values is required")
            return ()
        return tuple(self.value(each, f"/values/{index}") for index, each in enumerate(value))

    def value(self, value: Any, where: str) -> ValueMapping:
        places = self.places(value, where, _VALUE)
        for name in ("metric", "value"):
            if name not in places:
                self.error(f"{where}/{name}", "a place is required")
        nowhere = Place(pointer=None)
        return ValueMapping(
            places.get("metric", nowhere), places.get("value", nowhere), places.get("unit"), places.get("segment")
        )

    def place(self, value: Any, where: str) -> Place:
        spec = {"pointer": value} if isinstance(value, str) else value
        if not isinstance(spec, Mapping):
            self.error(where, "a pointer or an object is required")
            return Place(pointer=None)
        self.known(spec, _PLACE, where)
        if ("pointer" in spec) == ("const" in spec):
            self.error(where, "exactly one of pointer and const is required")
        if spec.get("from", "item") not in ("item", "body"):
            self.error(where + "/from", "must be item or body")
        return Place(
            pointer=self.pointer(spec.get("pointer"), where),
            of_body=spec.get("from") == "body",
            const=spec.get("const"),
            default=spec.get("default"),
            factor=self.number(spec.get("factor", 1.0), where + "/factor"),
            offset=self.number(spec.get("offset", 0.0), where + "/offset"),
        )

    def number(self, value: Any, where: str) -> float:
        try:
            return readings.number(value, path=where)
        except Unreadable:
            self.error(where, "a finite number is required")
            return 1.0


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the items of one body by one checked mapping."""

    body: Any
    mapping: FieldMapping
    received_at: datetime
    kind: str

    def item(self, item: Any, path: str) -> list[Reading]:
        return each_readable(self.mapping.values, path, lambda value, _: [self.reading(item, path, value)])

    def reading(self, item: Any, path: str, value: ValueMapping) -> Reading:
        """Return one number of one item; every field's problem is collected."""
        problems: list[Problem] = []
        metric = self.text("metric", value.metric, item, path, problems, required=True)
        unit = self.text("unit", value.unit, item, path, problems)
        name, unit = metric_and_unit(metric, unit, kind=self.kind)
        fields = self.mapping.fields
        reading = Reading(
            model=self.text("model", fields.get("model"), item, path, problems, required=True),
            version=self.text("version", fields.get("version"), item, path, problems) or None,
            metric=name,
            value=self.number(value.value, item, path, problems),
            unit=unit,
            environment=environment(self.text("environment", fields.get("environment"), item, path, problems)),
            segment=self.segment(value.segment or fields.get("segment"), item, path, problems),
            observed_at=self.moment(fields.get("observed_at"), item, path, problems),
            attributes=self.attributes(item, path, problems),
        )
        if problems:
            raise Unreadable(problems)
        return reading

    def found(self, place: Place, item: Any, path: str) -> tuple[str, Any]:
        if place.pointer is None:
            return path, place.const
        where = place.pointer if place.of_body else path + place.pointer
        value = resolve(self.body if place.of_body else item, place.pointer)
        return where, place.default if value is None else value

    def text(
        self, field: str, place: Place | None, item: Any, path: str, problems: list[Problem], *, required: bool = False
    ) -> str:
        if place is None:
            return ""
        where, value = self.found(place, item, path)
        if required and value is None:
            problems.append(Problem("E_MISSING", where, f"the {field} is missing"))
            return ""
        text = str(value) if field == "version" and isinstance(value, int) and not isinstance(value, bool) else value
        try:
            reader = readings.name if required else readings.optional_name
            return reader(text, field_name=field, path=where)
        except Unreadable as error:
            problems.extend(error.problems)
            return ""

    def number(self, place: Place, item: Any, path: str, problems: list[Problem]) -> float:
        where, value = self.found(place, item, path)
        if value is None:
            problems.append(Problem("E_MISSING", where, "the value is missing"))
            return 0.0
        try:
            return readings.number(readings.number(value, path=where) * place.factor + place.offset, path=where)
        except Unreadable as error:
            problems.extend(error.problems)
            return 0.0

    def segment(self, place: Place | None, item: Any, path: str, problems: list[Problem]) -> str:
        if place is None:
            return ""
        where, value = self.found(place, item, path)
        try:
            return readings.segment(value, path=where)
        except Unreadable as error:
            problems.extend(error.problems)
            return ""

    def moment(self, place: Place | None, item: Any, path: str, problems: list[Problem]) -> datetime:
        if place is None:
            return self.received_at
        where, value = self.found(place, item, path)
        if value is None:
            problems.append(Problem("E_MISSING", where, "the time is missing"))
            return self.received_at
        try:
            return readings.moment(value, path=where, received_at=self.received_at, timezone=self.mapping.timezone)
        except Unreadable as error:
            problems.extend(error.problems)
            return self.received_at

    def attributes(self, item: Any, path: str, problems: list[Problem]) -> dict[str, str]:
        places = self.mapping.attributes.items()
        found = {name: value for name, place in places if (value := self.found(place, item, path)[1]) is not None}
        try:
            return readings.attributes(found, path=path)
        except Unreadable as error:
            problems.extend(error.problems)
            return {}


def _find(document: Any, path: str) -> Any:
    found = document
    for part in path.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key, _ABSENT)
        elif isinstance(found, list) and key.isascii() and key.isdecimal() and len(key) < 7:
            found = found[int(key)] if int(key) < len(found) else _ABSENT
        else:
            return _ABSENT
    return found
