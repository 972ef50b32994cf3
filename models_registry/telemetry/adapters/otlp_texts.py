"""What people wrote, cut out of exports of traces and logs: prompts, answers, log lines, and who is meant.

Attributes that hold texts are known by their names (semantic-conventions-genai, OpenInference, OpenLLMetry), and by
being long. The few that predictions are made from are handed back, so that they can be sealed; the others are gone.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.json_format import Error as JsonFormatError
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from models_registry.telemetry.adapters.otlp_wire import PROTOBUF, Signal, Undecodable, decode, media_type, plain
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads

PERSON: Final = ("redline.subject", "enduser.pseudo.id", "enduser.id", "user.id")
ASKED: Final = ("gen_ai.input.messages", "input.value", "gen_ai.prompt")
ANSWERED: Final = ("gen_ai.output.messages", "output.value", "gen_ai.completion")
WITHHELD: Final = "[withheld]"
"""What stands in the place of a text."""
MARK: Final = re.compile(r"\[withheld( [0-9]{1,6})?\]", re.ASCII)
LONGEST: Final = 256
"""Characters beyond which a text is one that somebody wrote, whatever it is called."""

_READ: Final = frozenset(PERSON + ASKED + ANSWERED)
_PLAIN: Final = frozenset(
    {"gen_ai.prompt.name", "gen_ai.prompt.version", "gen_ai.prompt.id", "gen_ai.output.type", "event.name"}
)
_NAMES: Final = frozenset(
    {
        "body", "content", "db.statement", "gen_ai.event.content", "gen_ai.system_instructions",
        "gen_ai.tool.call.result", "gen_ai.tool.definitions", "http.target", "http.url", "llm.function_call",
        "llm.tools", "message", "metadata",
        "tool.parameters", "traceloop.entity.input", "traceloop.entity.output", "url.full", "url.query",
    }
)  # fmt: skip
_BEGINNINGS: Final = (
    "enduser.", "gen_ai.completion.", "gen_ai.input.", "gen_ai.output.", "gen_ai.prompt.", "llm.completions",
    "llm.input_messages", "llm.output_messages", "llm.prompt_template.variables", "llm.prompts", "user.",
)  # fmt: skip
_ENDINGS: Final = (
    ".arguments", ".content", ".explanation", ".message", ".messages", ".metadata", ".query", ".stacktrace", ".text",
)  # fmt: skip


@dataclass(slots=True)
class Texts:
    """What was cut out of one export: how many values, and those that predictions are made from."""

    count: int = 0
    kept: list[Any] = field(default_factory=list)

    def instead(self, key: str, value: Any) -> str:
        """Count a value and return what stands in its place."""
        self.count += 1
        if key not in _READ or value is None:
            return WITHHELD
        self.kept.append(value)
        return place(len(self.kept))


def place(number: int) -> str:
    """Return what stands in the place of a text that is kept apart; the first is 1."""
    return f"[withheld {number}]"


def holds_text(key: str) -> bool:
    """Say whether an attribute of this name holds what somebody wrote, or who is meant."""
    if key in _PLAIN:
        return False
    return key in _READ or key in _NAMES or key.startswith(_BEGINNINGS) or key.endswith(_ENDINGS)


def cut(body: bytes, *, headers: dict[str, str]) -> tuple[bytes, Texts]:
    """Return an export of traces or logs without its texts, and what they were; as it came when it has none.

    Of what cannot be decoded nothing is left but the mark that it was withheld.
    """
    texts = Texts()
    try:
        if media_type(headers.get("content-type", "")) in PROTOBUF:
            signal, message = decode(body, headers=headers)
            _cut_message(signal, message, texts)
            return (message.SerializeToString() if texts.count else body), texts
        document = loads(body)
        _cut_json(document, texts)
        return (json.dumps(document, separators=(",", ":")).encode() if texts.count else body), texts
    except (Undecodable, Unreadable, RecursionError):
        return WITHHELD.encode(), Texts(count=1)


def _cut_message(signal: Signal, message: Any, texts: Texts) -> None:
    for pairs in _pairs(signal, message):
        for pair in pairs:
            if holds_text(pair.key) or _is_long(pair.value):
                text = texts.instead(pair.key, plain(pair.value))
                pair.value.Clear()
                pair.value.string_value = text
    for status in (span.status for span in _spans(message)) if signal is Signal.TRACES else ():
        if status.message:
            status.message = texts.instead("", status.message)
    for record in _records(message) if signal is Signal.LOGS else ():
        if record.body.WhichOneof("value"):
            text = texts.instead("", None)
            record.body.Clear()
            record.body.string_value = text


def _pairs(signal: Signal, message: Any) -> Iterator[Any]:
    """Yield every list of attributes of an export."""
    blocks = message.resource_spans if signal is Signal.TRACES else message.resource_logs
    for block in blocks:
        yield block.resource.attributes
        for scope in block.scope_spans if signal is Signal.TRACES else block.scope_logs:
            yield scope.scope.attributes
    if signal is Signal.LOGS:
        yield from (record.attributes for record in _records(message))
        return
    for span in _spans(message):
        yield span.attributes
        yield from (each.attributes for each in (*span.events, *span.links))


def _spans(message: Any) -> Iterator[Any]:
    return (span for block in message.resource_spans for scope in block.scope_spans for span in scope.spans)


def _records(message: Any) -> Iterator[Any]:
    return (record for block in message.resource_logs for scope in block.scope_logs for record in scope.log_records)


def _is_long(value: Any) -> bool:
    match value.WhichOneof("value"):
        case "string_value":
            return len(value.string_value) > LONGEST
        case "bytes_value":
            return len(value.bytes_value) > LONGEST
        case "array_value":
            return any(_is_long(each) for each in value.array_value.values)
        case "kvlist_value":
            return any(holds_text(each.key) or _is_long(each.value) for each in value.kvlist_value.values)
    return False


def _cut_json(value: Any, texts: Texts) -> None:
    """Cut the texts out of a document in place, wherever attributes, bodies and messages stand in it."""
    if isinstance(value, list):
        for at, each in enumerate(value):
            if isinstance(each, str) and len(each) > LONGEST:
                value[at] = texts.instead("", None)
            else:
                _cut_json(each, texts)
        return
    if not isinstance(value, dict):
        return
    key = value.get("key")
    if isinstance(key, str) and "value" in value and (holds_text(key) or _holds_long(value["value"])):
        value["value"] = {"stringValue": texts.instead(key, _plain(value["value"]))}
        return
    for name, each in value.items():
        if name == "body" and each not in (None, {}):
            value[name] = {"stringValue": texts.instead("", None)}
        elif isinstance(each, str) and each and (name == "message" or len(each) > LONGEST):
            value[name] = texts.instead("", None)
        else:
            _cut_json(each, texts)


def _holds_long(value: Any) -> bool:
    match value:
        case str():
            return len(value) > LONGEST
        case list():
            return any(_holds_long(each) for each in value)
        case dict():
            key = value.get("key")
            return (isinstance(key, str) and holds_text(key)) or any(_holds_long(each) for each in value.values())
    return False


def _plain(value: Any) -> Any:
    try:
        return plain(ParseDict(value, AnyValue(), ignore_unknown_fields=True))
    except (JsonFormatError, ValueError, TypeError, AttributeError):
        return None
