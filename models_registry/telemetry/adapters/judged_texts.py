"""What people and judges wrote, cut out of what Arize and Phoenix send: explanations, notes, questions, answers.

Names are those of traces (`otlp_texts`) and those that the two platforms use themselves; a long text is one whatever
it is called. All else of a document stays as it was written: its order, its digits, a name that it has twice.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from models_registry.telemetry.adapters.otlp_texts import LONGEST, WITHHELD, holds_text

NAMES: Final = frozenset(
    {
        "answer", "comment", "comments", "completion", "context", "description", "explanation", "explanations",
        "feedback", "input", "inputs", "note", "notes", "output", "outputs", "prompt", "question", "rationale",
        "reference", "response", "text",
    }
)  # fmt: skip
PLAIN: Final = frozenset({"dimension", "segment", "threshold"})
"""Members that name where a number belongs; nothing in them is cut unless it is long."""
METADATA: Final = "metadata"
KEPT_OF_METADATA: Final = (
    "model_id", "model", "model_name", "model_version", "environment", "segment", "project", "project_name",
)  # fmt: skip
"""Members of metadata that name the model; the others are anybody's."""


class _Pairs(list[tuple[str, Any]]):
    """An object's members in their order."""


class _Plain(str):
    """A number or a constant as it was written."""


def cut(body: bytes, *, kept: Collection[str] = ()) -> bytes:
    """Return a JSON body without its texts; as it came when it has none. ``kept`` are names that a mapping reads.

    Of what is no JSON nothing is left but the mark that it was withheld.
    """
    try:
        document = json.loads(
            body, object_pairs_hook=_Pairs, parse_float=_Plain, parse_int=_Plain, parse_constant=_Plain
        )
        shears = _Shears(frozenset(kept))
        found = shears.cut(document)
        return _written(found).encode() if shears.count else body
    except (ValueError, RecursionError):
        return WITHHELD.encode() if body.strip() else body


def names_in(mapping: Any) -> frozenset[str]:
    """Return the names of the members that a mapping's pointers lead through."""
    match mapping:
        case str():
            return frozenset(mapping.split("/")[1:] if mapping.startswith("/") else ())
        case dict():
            return frozenset().union(*map(names_in, mapping.values()))
        case list():
            return frozenset().union(*map(names_in, mapping))
    return frozenset()


@dataclass(slots=True)
class _Shears:
    """Cuts the texts of one document and counts them."""

    kept: frozenset[str]
    count: int = 0

    def cut(self, value: Any, *, plain: bool = False) -> Any:
        """Return a value without its texts; of what is ``plain`` only long ones are cut."""
        if isinstance(value, _Pairs):
            return _Pairs((name, self._member(name, one, plain=plain)) for name, one in value)
        if isinstance(value, list):
            return [self.cut(one, plain=plain) for one in value]
        if isinstance(value, str) and len(value) > LONGEST and not isinstance(value, _Plain):
            return self._withheld()
        return value

    def _member(self, name: str, value: Any, *, plain: bool) -> Any:
        if name in self.kept:
            return self.cut(value) if isinstance(value, list) else value
        if name.lower() == METADATA and isinstance(value, _Pairs):
            return _Pairs((each, self._of_metadata(each, one)) for each, one in value)
        if not plain and (name.lower() in NAMES or holds_text(name)) and _is_written(value):
            return self._withheld()
        return self.cut(value, plain=plain or name.lower() in PLAIN)

    def _of_metadata(self, name: str, value: Any) -> Any:
        if name in KEPT_OF_METADATA or not _is_written(value):
            return self._member(name, value, plain=True)
        return value if name in self.kept else self._withheld()

    def _withheld(self) -> str:
        self.count += 1
        return WITHHELD


def _is_written(value: Any) -> bool:
    """Say whether a value may hold a text at all."""
    return isinstance(value, str | list) and not isinstance(value, _Plain) and bool(value)


def _written(value: Any) -> str:
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{json.dumps(name)}:{_written(one)}" for name, one in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return str(value) if isinstance(value, _Plain) else json.dumps(value)
