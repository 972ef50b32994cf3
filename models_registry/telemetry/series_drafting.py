"""A mapping of series written by pointing: which labels and names a body of samples has, and what one click changes.

Pure. A label is pointed at as `/labels/<label>`, a series' name as `/names/<name>`.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import remote_write
from models_registry.telemetry.adapters.generic_json import FORMAT
from models_registry.telemetry.adapters.prometheus import POLLED
from models_registry.telemetry.adapters.series_mapping import (
    ENVIRONMENT_LABELS,
    KIND,
    MODEL_LABELS,
    SEGMENT_LABELS,
    VERSION_LABELS,
    is_of_series,
)
from models_registry.telemetry.metrics import canonical
from models_registry.telemetry.readings import pointer, printable
from models_registry.telemetry.strict_json import loads
from models_registry.telemetry.trees import Place

type Draft = dict[str, Any]
type Labels = Mapping[str, str]

ROLES: Final[Mapping[str, str]] = {
    "model": "Model",
    "version": "Version",
    "environment": "Environment",
    "segment": "Segment",
    "metric": "Metric",
    "nothing": "Leave aside",
}
"""What a label or a name can be used as, in the order of the buttons."""

NAME: Final = "__name__"
LOOKED_AT: Final = 5_000
"""Series of a body that are looked at for their labels and names."""
EXAMPLES: Final = 3
_USUAL: Final = {
    "model": MODEL_LABELS,
    "version": VERSION_LABELS,
    "environment": ENVIRONMENT_LABELS,
    "segment": SEGMENT_LABELS,
}
_LIKELY: Final = ("modelid", "modelname", "ml_model", "deployment", "app", "service", "job")
_LINE: Final = re.compile(r"([a-zA-Z_:][\w:]*+)(?:\s*+\{(.*)\})?\s++(\S++)(?:\s++-?\d++)?", re.ASCII)
_PAIR: Final = re.compile(r'\b([a-zA-Z_]\w*+)\s*+=\s*+"((?:[^"\\]|\\.)*+)"', re.ASCII)


class NotSoUsed(ValueError):
    """A label is a model, a version, an environment or a segment; a series' name is a metric."""


def series_of(body: bytes, *, headers: Mapping[str, str]) -> list[Labels] | None:
    """Return the labels of each series in a body of samples, None for another body. Raises Unreadable."""
    kind = headers.get("content-type", "").lower()
    if kind.startswith(remote_write.PROTOBUF):
        version = remote_write.message_version(kind) or 1
        found = remote_write.series(remote_write.inflate(body), version=version)
        return [dict(each.labels) for each, _ in zip(found, range(LOOKED_AT), strict=False)]
    document = loads(body)
    if not isinstance(document, dict) or document.get("polled") != POLLED:
        return None
    told = (each.get("labels") for each in document.get("series", [])[:LOOKED_AT] if isinstance(each, dict))
    return [{str(name): str(value) for name, value in each.items()} for each in told if isinstance(each, dict)]


def from_text(text: str, *, at: datetime) -> bytes | None:
    """Return a body of samples from lines as Prometheus shows them, `name{label="value"} 0.31`; None for others."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return None
        labels = {name: value.replace('\\"', '"') for name, value in _PAIR.findall(match[2] or "")}
        found.append({"labels": {NAME: match[1], **labels}, "values": [[at.timestamp(), match[3]]]})
    return json.dumps({"polled": POLLED, "series": found}).encode() if found else None


def places(found: Sequence[Labels]) -> list[Place]:
    """Return the labels and the names of a body, the commonest first, each with examples."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for labels in found:
        for name, value in labels.items():
            values[name][value] += 1
    names = values.pop(NAME, Counter())
    told = [Place("/labels", "labels", 0, "object", size=len(values))]
    for label, seen in sorted(values.items(), key=lambda each: (-each[1].total(), each[0])):
        told.append(
            Place("/labels" + pointer(label), label, 1, f"{seen.total()} of {len(found)} series", _examples(seen))
        )
    told.append(Place("/names", "names", 0, "object", size=len(names)))
    told += [Place("/names" + pointer(name), name, 1, f"{n} series") for name, n in names.most_common()]
    return told


def starter(found: Sequence[Labels]) -> Draft:
    """Return a mapping to begin with: nothing but a label for the model, where the usual ones are not there."""
    labels = {name for each in found for name in each}
    parts: Draft = {}
    if not labels & set(MODEL_LABELS) and (likely := next((each for each in _LIKELY if each in labels), None)):
        parts["model"] = [likely]
    return {"mapping": FORMAT, "series": parts}


def assign(draft: Mapping[str, Any], *, pointer: str, role: str, metric: str = "", unit: str = "") -> Draft:
    """Return the mapping with a label or a name used as ``role``, one of `ROLES`.

    A name is measured as ``metric``, or as itself, sent in ``unit``. Raises NotSoUsed.
    """
    sort, _, escaped = pointer.removeprefix("/").partition("/")
    name = escaped.replace("~1", "/").replace("~0", "~")
    of_a_name = sort == "names" and role in ("metric", "nothing")
    of_a_label = sort == "labels" and role in (*_USUAL, "nothing")
    if not name or not (of_a_name or of_a_label):
        raise NotSoUsed(NotSoUsed.__doc__)
    changed: Draft = deepcopy(dict(draft))
    parts = changed.setdefault("series", {})
    if sort == "names":
        metrics = parts.setdefault("metrics", {})
        metrics.pop(name, None)
        if role == "metric":
            metrics[name] = {"metric": metric or name, "unit": unit} if unit else metric or name
        if not metrics:
            del parts["metrics"]
        return changed
    for other in _USUAL:
        _take_out(parts, other, name)
    if role == "segment":
        parts["segment"] = [*_labels(parts.get("segment")), name]
    elif role != "nothing":
        parts[role] = [name]
    return changed


def is_draft(document: Any) -> bool:
    """Say whether a document has the outline of a mapping of series, so that a click can change it."""
    if not is_of_series(document):
        return False
    parts = document["series"]
    return isinstance(parts, dict) and isinstance(parts.get("metrics", {}), dict)


def used(draft: Mapping[str, Any], *, found: Iterable[Labels]) -> dict[str, str]:
    """Return what each label and name of a body is used as, in words, by its place; the usual ones included."""
    parts = draft["series"]
    words: dict[str, str] = {}
    for role, usual in _USUAL.items():
        for label in _labels(parts[role]) if role in parts else usual:
            words.setdefault("/labels" + pointer(label), ROLES[role].lower())
    listed = parts.get("metrics", {})
    for name in {each.get(NAME, "") for each in found}:
        told = listed.get(name)
        metric = told.get("metric") if isinstance(told, dict) else told
        known = canonical(name, KIND)
        meant = metric or (known.name if known else "")
        if meant:
            words["/names" + pointer(name)] = f"measured as {meant}"
    return words


def _take_out(parts: Draft, role: str, label: str) -> None:
    left = [each for each in _labels(parts.get(role)) if each != label]
    if role in parts and left != _labels(parts[role]):
        parts[role] = left
        if not left:
            del parts[role]


def _labels(told: Any) -> list[str]:
    listed = [told] if isinstance(told, str) else told
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _examples(seen: Counter[str]) -> str:
    shown = ", ".join(value for value, _ in seen.most_common(EXAMPLES))
    return printable(shown if len(seen) <= EXAMPLES else f"{shown} and {len(seen) - EXAMPLES} more", limit=80)
