"""A mapping written by pointing: what to begin with, and what one click on a field changes.

Pure. Pointers come in absolute (`/results/0/score`, as the body shows them) and are kept as a mapping has them:
from the item where the mapping walks a list, from the body where the place lies outside it.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from models_registry.telemetry.adapters.generic_json import FORMAT, resolve
from models_registry.telemetry.metrics import canonical, plain_name
from models_registry.telemetry.trees import Place, places

type Draft = dict[str, Any]

FIELD_ROLES: Final = ("model", "version", "environment", "segment", "observed_at")
ROLES: Final[Mapping[str, str]] = {
    "model": "Model",
    "observed_at": "Time",
    "value": "Number",
    "metric": "Metric's name",
    "unit": "Unit",
    "segment": "Segment",
    "environment": "Environment",
    "version": "Version",
    "event_id": "Event's id",
    "items": "List to walk",
    "nothing": "Leave aside",
}
"""What a place can be used as, in the order of the buttons."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "model": ("model", "model_id", "model_name", "modelid", "modelname", "model_slug", "deployment", "service"),
    "version": ("version", "model_version", "modelversion"),
    "environment": ("environment", "env", "stage"),
    "segment": ("segment", "cohort", "region", "slice"),
    "observed_at": (
        "observed_at", "timestamp", "time", "at", "evaluated_at", "computed_at", "measured_at", "created_at", "ts",
    ),
    "event_id": ("event_id", "id", "run_id", "delivery_id", "uuid"),
}  # fmt: skip
_METRIC_NAMES: Final = ("metric", "metric_name", "metricname", "name")
_VALUE_NAMES: Final = frozenset({"value", "score", "metric_value", "result"})
_UNIT_NAMES: Final = ("unit", "units")
_NO_NUMBERS: Final = frozenset({"threshold", "limit", "target", "count", "total", "duration", "seed", "epoch", "page"})
_NUMBERED: Final = re.compile(r"_v?[0-9]+$")
MOST_GUESSED: Final = 20


def starter(document: Any) -> Draft:
    """Return a mapping to begin with, guessed from the names in a body; people correct it by clicking."""
    draft: Draft = {"mapping": FORMAT, "fields": {}, "values": []}
    seen = places(document)
    listed = next((each for each in seen if _is_list_of_objects(document, each)), None)
    if listed is not None:
        draft["items"] = listed.pointer
    for role, names in _NAMES.items():
        found = _named(seen, names, "text", "number" if role in ("observed_at", "version") else "text")
        if found is not None:
            draft = assign(draft, pointer=found.pointer, role=role)
    value = next((each for each in seen if each.kind == "number" and _stem(each.name) in _VALUE_NAMES), None)
    siblings = [each for each in seen if value is not None and _beside(each, value)]
    metric = _named(siblings, _METRIC_NAMES, "text")
    if value is not None and metric is not None:
        draft = assign(draft, pointer=value.pointer, role="value")
        draft = assign(draft, pointer=metric.pointer, role="metric")
        unit = _named(siblings, _UNIT_NAMES, "text")
        return assign(draft, pointer=unit.pointer, role="unit") if unit is not None else draft
    taken = set(used(draft))
    numbers = [each for each in seen if each.kind == "number" and each.pointer not in taken]
    known = [each for each in numbers if canonical(each.name)]
    guessed = known or [each for each in numbers if plain_name(each.name) not in _NO_NUMBERS]
    for each in guessed[:MOST_GUESSED]:
        draft = assign(draft, pointer=each.pointer, role="value")
    return draft


def assign(draft: Mapping[str, Any], *, pointer: str, role: str) -> Draft:
    """Return the mapping with the place used as ``role``, one of `ROLES`. Raises ValueError for another word.

    A number clicked twice is measured once; the metric's name and the unit belong to the number clicked last.
    """
    if role not in ROLES:
        raise ValueError(role)
    changed: Draft = deepcopy(dict(draft))
    changed.setdefault("mapping", FORMAT)
    fields, values = changed.setdefault("fields", {}), changed.setdefault("values", [])
    if role == "items":
        return _walking(changed, pointer)
    here = _spec(pointer, changed.get("items"))
    if role == "nothing":
        return _without(changed, pointer)
    if role == "event_id":
        changed["event_id"] = pointer
    elif role in FIELD_ROLES:
        fields[role] = here
    elif role == "value":
        if pointer not in {_absolute(each.get("value"), changed.get("items")) for each in values}:
            values.append({"metric": {"const": _metric_of(pointer)}, "value": here})
    elif values:
        values[-1][role] = here
    else:
        values.append({role: here, "value": here} if role == "metric" else {"metric": {"const": "metric"}, role: here})
    return changed


def is_draft(document: Any) -> bool:
    """Say whether a document has the outline of a mapping, so that a click can change it; it may have errors yet."""
    if not isinstance(document, dict):
        return False
    fields, values = document.get("fields", {}), document.get("values", [])
    return isinstance(fields, dict) and isinstance(values, list) and all(isinstance(each, dict) for each in values)


def used(draft: Mapping[str, Any]) -> dict[str, str]:
    """Return what each place is used as, in words, by its absolute pointer."""
    items = draft.get("items")
    found: dict[str, str] = {}
    for place, words in _places_of(draft):
        pointer = _absolute(place, items)
        if pointer is not None:
            found[pointer] = f"{found[pointer]}, {words}" if pointer in found else words
    if isinstance(draft.get("event_id"), str):
        found[draft["event_id"]] = ", ".join(filter(None, [found.get(draft["event_id"]), "event's id"]))
    if isinstance(items, str):
        found[items] = "list to walk"
    return found


def read_paths(draft: Mapping[str, Any]) -> set[str]:
    """Return the paths that a mapping reads, with `*` for every item, as `trees.fields` writes them."""
    items = draft.get("items")
    first = f"{items}/0" if isinstance(items, str) else None
    return {
        f"{items}/*{pointer.removeprefix(first)}" if first and pointer.startswith(first + "/") else pointer
        for pointer in used(draft)
    }


def _places_of(draft: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    fields = draft.get("fields")
    for name, place in fields.items() if isinstance(fields, Mapping) else ():
        yield place, ROLES.get(name, name).lower()
    values = draft.get("values")
    for value in values if isinstance(values, list) else ():
        if not isinstance(value, Mapping):
            continue
        named = value.get("metric")
        const = named.get("const") if isinstance(named, Mapping) else None
        yield value.get("value"), f"number of {const}" if isinstance(const, str) else "number"
        for role in ("metric", "unit", "segment"):
            yield value.get(role), ROLES[role].lower()
    attributes = draft.get("attributes")
    for name, place in attributes.items() if isinstance(attributes, Mapping) else ():
        yield place, f"attribute {name}"


def _absolute(place: Any, items: Any) -> str | None:
    spec = {"pointer": place} if isinstance(place, str) else place
    if not isinstance(spec, Mapping) or not isinstance(spec.get("pointer"), str):
        return None
    of_item = isinstance(items, str) and spec.get("from", "item") == "item"
    return f"{items}/0{spec['pointer']}" if of_item else str(spec["pointer"])


def _spec(pointer: str, items: Any) -> Any:
    """Return a place as a mapping writes it: short where it lies in the item, `from: body` where it does not."""
    if not isinstance(items, str):
        return pointer
    first = f"{items}/0"
    if pointer == first or pointer.startswith(first + "/"):
        return pointer.removeprefix(first)
    return {"pointer": pointer, "from": "body"}


def _walking(draft: Draft, pointer: str) -> Draft:
    """Return the mapping that walks another list, or none if it walks this one; every place stays where it was."""
    before = draft.get("items")
    after = None if before == pointer else pointer

    def moved(place: Any) -> Any:
        absolute = _absolute(place, before)
        if absolute is None:
            return place
        kept = (
            {key: each for key, each in place.items() if key not in ("pointer", "from")}
            if isinstance(place, Mapping)
            else {}
        )
        spec = _spec(absolute, after)
        return {**(spec if isinstance(spec, Mapping) else {"pointer": spec}), **kept} if kept else spec

    draft.pop("items", None)
    if after is not None:
        draft["items"] = after
    for part in ("fields", "attributes"):
        if isinstance(draft.get(part), Mapping):
            draft[part] = {name: moved(place) for name, place in draft[part].items()}
    draft["values"] = [
        {name: moved(place) for name, place in value.items()} if isinstance(value, Mapping) else value
        for value in draft["values"]
    ]
    return draft


def _without(draft: Draft, pointer: str) -> Draft:
    items = draft.get("items")
    if items == pointer:
        return _walking(draft, pointer)
    for part in ("fields", "attributes"):
        if isinstance(draft.get(part), Mapping):
            draft[part] = {name: each for name, each in draft[part].items() if _absolute(each, items) != pointer}
    draft["values"] = [each for each in draft["values"] if _absolute(each.get("value"), items) != pointer]
    for value in draft["values"]:
        for role in ("metric", "unit", "segment"):
            if _absolute(value.get(role), items) == pointer:
                del value[role]
        value.setdefault("metric", {"const": _metric_of(_absolute(value.get("value"), items) or "")})
    if draft.get("event_id") == pointer:
        del draft["event_id"]
    return draft


def _metric_of(pointer: str) -> str:
    """Return the name of a number by its place: the canonical one if there is one."""
    name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    known = canonical(name)
    return known.name if known else (plain_name(name)[:80] or "metric")


def _named(seen: list[Place], names: tuple[str, ...], *kinds: str) -> Place | None:
    """Return the first place of the earliest name; `model: {name: …}` counts as a model."""
    for name in names:
        for each in seen:
            whole = plain_name(each.name)
            parent = plain_name(each.pointer.rpartition("/")[0].rpartition("/")[2])
            if each.kind in kinds and (whole == name or (parent == name and whole in ("name", "slug", "id"))):
                return each
    return None


def _stem(name: str) -> str:
    """Return a name without the number that senders put behind it when they change a field."""
    return _NUMBERED.sub("", plain_name(name))


def _beside(one: Place, other: Place) -> bool:
    return one.pointer.rpartition("/")[0] == other.pointer.rpartition("/")[0]


def _is_list_of_objects(document: Any, place: Place) -> bool:
    if place.kind != "list" or not place.size:
        return False
    found = resolve(document, place.pointer)
    return (
        isinstance(found, list)
        and isinstance(found[0], dict)
        and any(isinstance(each, int | float) and not isinstance(each, bool) for each in found[0].values())
    )
