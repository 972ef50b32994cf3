"""Predictions out of one body in our own shape: `{"predictions": [...]}`, up to 10,000 of them. Pure.

What is wrong is said by place and field; no message repeats what a field held, because it may be a person's text.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from models_registry.lineage.models import DIGEST
from models_registry.lineage.prediction_models import Outcome
from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import as_items, as_object, environment
from models_registry.telemetry.readings import Problem, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

MOST: Final = 10_000
MOST_DOCUMENTS: Final = 200
LARGEST_INTEGER: Final = 2**31 - 1
LARGEST_COST: Final = 10**15
LONGEST_TEXT: Final = 200_000
"""Characters of one input or output that are hashed or sealed."""

FIELDS: Final = frozenset(
    "prediction_id trace_id model version alias environment segment observed_at prompt documents input_tokens"
    " output_tokens latency_ms cost_micros currency outcome outcome_code subject input output".split()
)
PROMPT_FIELDS: Final = frozenset({"name", "version", "digest"})

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NUMBER: Final = re.compile(r"[vV]?0*([0-9]{1,9})", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,64}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_DIGEST: Final = re.compile(DIGEST, re.ASCII)
_OUTCOMES: Final = {value.lower(): value for value in Outcome.values}


@dataclass(frozen=True, slots=True)
class Trace:
    """One prediction as its sender told it. ``subject``, ``input`` and ``output`` are a person's: never kept as is.

    ``version`` is the digits of a number where it is one. Costs are millionths of one unit of ``currency``.
    """

    prediction_id: str
    model: str
    observed_at: datetime
    outcome: str = Outcome.OK.value
    trace_id: str = ""
    version: str = ""
    alias: str = ""
    environment: str = "production"
    segment: str = ""
    prompt_name: str = ""
    prompt_label: str = ""
    prompt_digest: str = ""
    documents: tuple[str, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_ms: float | None = None
    cost_micros: int | None = None
    currency: str = ""
    outcome_code: str = ""
    subject: str | None = field(default=None, repr=False)
    input: str | None = field(default=None, repr=False)
    output: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """What a body holds: the sound predictions, every problem, and how many places have one."""

    traces: tuple[Trace, ...]
    problems: tuple[Problem, ...]
    refused_count: int


def read(body: bytes, *, received_at: datetime, oldest: datetime) -> Read:
    """Return the predictions of a body; those observed before ``oldest`` would be dropped at once and are refused.

    Raises Unreadable for a body that is no list of predictions.
    """
    document = as_object(loads(body), "")
    strange = sorted(document.keys() - {"predictions"})
    if strange:
        raise Unreadable([Problem("E_UNKNOWN_FIELD", pointer(name), "unknown field") for name in strange])
    items = as_items(document.get("predictions"), "/predictions", limit=MOST)
    traces: list[Trace] = []
    problems: list[Problem] = []
    refused = 0
    for index, item in enumerate(items):
        try:
            traces.append(_trace(item, "/predictions" + pointer(index), received_at, oldest))
        except Unreadable as error:
            problems.extend(error.problems)
            refused += 1
    return Read(tuple(traces), tuple(problems), refused)


def version_text(value: str) -> str:
    """Return a version's number as plain digits where it is one: "v3" and "03" are "3"."""
    found = _NUMBER.fullmatch(value)
    return found[1] if found else value


class _Fields:
    """The fields of one object; problems are collected, so that a sender learns them all at once."""

    def __init__(self, given: Any, path: str) -> None:
        self.given: Mapping[str, Any] = as_object(given, path)
        self.path = path
        self.problems: list[Problem] = []

    def known(self, names: frozenset[str]) -> None:
        for name in sorted(self.given.keys() - names):
            self.problem(name, "E_UNKNOWN_FIELD", "unknown field")

    def problem(self, name: str, code: str, message: str) -> None:
        self.problems.append(Problem(code, self.path + pointer(name), message))

    def text(self, name: str, *, most: int, required: bool = False) -> str:
        value = self.given.get(name)
        if value is None:
            if required:
                self.problem(name, "E_MISSING", f"{name} is missing")
            return ""
        if not isinstance(value, str):
            self.problem(name, "E_TYPE", f"{name} must be text")
            return ""
        plain = value.strip()
        if not plain:
            self.problem(name, "E_EMPTY_TEXT", f"{name} is empty")
        elif len(plain) > most:
            self.problem(name, "E_TOO_LONG", f"{name} is longer than {most} characters")
        elif _CONTROL.search(plain):
            self.problem(name, "E_CONTROL", f"{name} contains control characters")
        else:
            return plain
        return ""

    def matching(self, name: str, pattern: re.Pattern[str], most: int, message: str) -> str:
        value = self.text(name, most=most)
        if value and not pattern.fullmatch(value):
            self.problem(name, "E_SHAPE", message)
            return ""
        return value

    def personal(self, name: str, *, most: int) -> str | None:
        value = self.given.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.problem(name, "E_TYPE", f"{name} must be text")
        elif len(value) > most:
            self.problem(name, "E_TOO_LONG", f"{name} is longer than {most} characters")
        else:
            return value
        return None

    def whole(self, name: str, *, most: int) -> int | None:
        value = self.given.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(name, "E_TYPE", f"{name} must be a whole number")
        elif not 0 <= value <= most:
            self.problem(name, "E_RANGE", f"{name} must be from 0 to {most}")
        else:
            return value
        return None

    def attempt[V](self, reader: Callable[[], V], otherwise: V) -> V:
        try:
            return reader()
        except Unreadable as error:
            self.problems.extend(error.problems)
            return otherwise


def _trace(item: Any, path: str, received_at: datetime, oldest: datetime) -> Trace:
    fields = _Fields(item, path)
    fields.known(FIELDS)
    version, alias = _version(fields)
    prompt = _prompt(fields)
    cost, currency = _cost(fields)
    trace = Trace(
        prediction_id=fields.text("prediction_id", most=128, required=True),
        trace_id=fields.text("trace_id", most=128),
        model=fields.text("model", most=200, required=True),
        version=version,
        alias=alias,
        environment=environment(fields.text("environment", most=40)),
        segment=fields.attempt(lambda: _segment(fields), ""),
        observed_at=_moment(fields, received_at, oldest),
        prompt_name=prompt[0],
        prompt_label=prompt[1],
        prompt_digest=prompt[2],
        documents=_documents(fields),
        input_tokens=fields.whole("input_tokens", most=LARGEST_INTEGER),
        output_tokens=fields.whole("output_tokens", most=LARGEST_INTEGER),
        latency_ms=_latency(fields),
        cost_micros=cost,
        currency=currency,
        outcome=_outcome(fields),
        outcome_code=fields.matching("outcome_code", _CODE, 64, "outcome_code may have letters, digits and _.:/-"),
        subject=fields.text("subject", most=300) or None,
        input=fields.personal("input", most=LONGEST_TEXT),
        output=fields.personal("output", most=LONGEST_TEXT),
    )
    if fields.problems:
        raise Unreadable(fields.problems)
    return trace


def _version(fields: _Fields) -> tuple[str, str]:
    given = fields.given.get("version")
    if isinstance(given, int) and not isinstance(given, bool):
        version = str(given) if 0 < given <= LARGEST_INTEGER else ""
        if not version:
            fields.problem("version", "E_RANGE", "a version's number is 1 or more")
    else:
        version = version_text(fields.text("version", most=100))
    alias = fields.text("alias", most=255)
    if "version" in fields.given and "alias" in fields.given and version and alias:
        fields.problem("alias", "E_AMBIGUOUS", "a version or an alias is given, not both")
    if fields.given.get("version") is None and fields.given.get("alias") is None:
        fields.problem("version", "E_MISSING", "version or alias is missing")
    return version, alias


def _prompt(fields: _Fields) -> tuple[str, str, str]:
    given = fields.given.get("prompt")
    if given is None:
        return "", "", ""
    path = fields.path + pointer("prompt")
    inner = fields.attempt(lambda: _Fields(given, path), None)
    if inner is None:
        return "", "", ""
    inner.known(PROMPT_FIELDS)
    found = (
        inner.text("name", most=200),
        inner.text("version", most=100),
        inner.matching("digest", _DIGEST, 140, "digest is not an algorithm and its hexadecimal digits"),
    )
    if not inner.problems and not (found[2] or (found[0] and found[1])):
        inner.problem("digest", "E_MISSING", "a prompt is named by its digest, or by name and version")
    fields.problems.extend(inner.problems)
    return found


def _documents(fields: _Fields) -> tuple[str, ...]:
    given = fields.given.get("documents")
    if given is None:
        return ()
    path = fields.path + pointer("documents")
    if not isinstance(given, list):
        fields.problem("documents", "E_TYPE", "documents must be an array of ids")
        return ()
    if len(given) > MOST_DOCUMENTS:
        fields.problem("documents", "E_TOO_MANY", f"more than {MOST_DOCUMENTS} documents")
        return ()
    for place, one in enumerate(given):
        if not isinstance(one, str) or not one.strip() or len(one) > 200 or _CONTROL.search(one):
            message = "a document's id is text of 1 to 200 characters without control characters"
            fields.problems.append(Problem("E_TYPE", path + pointer(place), message))
    return tuple(one.strip() for one in given if isinstance(one, str))


def _cost(fields: _Fields) -> tuple[int | None, str]:
    cost = fields.whole("cost_micros", most=LARGEST_COST)
    currency = fields.matching("currency", _CURRENCY, 3, "currency is three capital letters (ISO 4217)")
    if (fields.given.get("cost_micros") is None) != (fields.given.get("currency") is None):
        fields.problem("currency", "E_PAIR", "cost_micros and currency are given together")
    return cost, currency


def _outcome(fields: _Fields) -> str:
    given = fields.given.get("outcome")
    if given is None:
        return Outcome.OK.value
    found = _OUTCOMES.get(given.lower()) if isinstance(given, str) else None
    if found is None:
        fields.problem("outcome", "E_CHOICE", f"outcome is one of {', '.join(sorted(_OUTCOMES))}")
    return found or Outcome.OK.value


def _latency(fields: _Fields) -> float | None:
    given, path = fields.given.get("latency_ms"), fields.path + pointer("latency_ms")
    if given is None:
        return None
    found = fields.attempt(lambda: readings.number(given, path=path), 0.0)
    if found < 0:
        fields.problem("latency_ms", "E_RANGE", "latency_ms must be 0 or more")
    return found


def _segment(fields: _Fields) -> str:
    given, path = fields.given.get("segment"), fields.path + pointer("segment")
    return readings.segment(given, path=path)


def _moment(fields: _Fields, received_at: datetime, oldest: datetime) -> datetime:
    given, path = fields.given.get("observed_at"), fields.path + pointer("observed_at")
    if given is None:
        fields.problem("observed_at", "E_MISSING", "observed_at is missing")
        return received_at
    found = fields.attempt(lambda: readings.moment(given, path=path, received_at=received_at), received_at)
    if found < oldest:
        fields.problem("observed_at", "E_PAST", f"predictions are kept from {oldest:%Y-%m-%d} on")
    return found
