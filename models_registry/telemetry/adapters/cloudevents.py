"""CloudEvents 1.0 over HTTP (cloudevents/spec, bindings/http-protocol-binding.md): binary, structured and batch.

Whatever the mode, a mapping sees one document: the attributes by their names and the payload under `data`.
Without a mapping the payload is one that says its numbers plainly; the event's subject is then the model,
unless the payload names one.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from models_registry.telemetry.adapters import generic_json, plain_data
from models_registry.telemetry.adapters.fields import as_items, as_object, each_readable
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "cloudevents"
PREFIX: Final = "ce-"
STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
FORMATS: Final = "application/cloudevents"
"""How the media type of every event format begins (a prefix, in any case)."""
VERSION: Final = "1.0"
LIMIT: Final = 1_000
REQUIRED: Final = ("id", "source", "specversion", "type")
FACTS: Final = ("type", "source", "id", "severitytext")
_JSON: Final = re.compile(r"(application|text)/([\w.-]+\+)?json", re.ASCII)


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of a delivery. A mapping, when the source has one, decides alone."""
    if _is(headers, BATCH):
        events = loads(body)
        if events == []:
            return []
        return each_readable(
            as_items(events, "", limit=LIMIT),
            "",
            lambda event, path: _read(_filled(event, path), mapping, received_at),
        )
    return _read(document(body, headers=headers), mapping, received_at)


def document(body: bytes, *, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return one event as its JSON format has it, from either mode. Raises Unreadable."""
    if any(name.startswith(PREFIX) for name in headers):
        told = {name.removeprefix(PREFIX): decoded(text, name) for name, text in headers.items() if _names(name)}
        event: dict[str, Any] = dict(told)
        event["datacontenttype"] = headers.get("content-type", "")
        event["data"] = _payload(body, event["datacontenttype"])
        return _filled(event, "")
    return _filled(loads(body), "")


def identity(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return what identifies the event, its source and id, or None when this is none that could be read."""
    source: Any
    name: Any
    try:
        if "ce-id" in headers:
            source, name = decoded(headers.get("ce-source", ""), "ce-source"), decoded(headers["ce-id"], "ce-id")
        elif _is(headers, STRUCTURED):
            event = as_object(loads(body), "")
            source, name = event.get("source"), event.get("id")
        else:
            return None
    except Unreadable:
        return None
    return f"{source} {name}" if isinstance(source, str) and isinstance(name, str) and source and name else None


def decoded(text: str, name: str) -> str:
    """Return a header's value: a quoted string unquoted, then percent-decoded once as UTF-8."""
    value = text.strip()
    if len(value) >= 2 and value.startswith('"') and value.endswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote_to_bytes(value).decode("utf-8")
    except UnicodeError:
        raise Unreadable.because("E_UTF8", pointer(name), "the header is not percent-encoded UTF-8") from None


def _read(event: Mapping[str, Any], mapping: Mapping[str, Any] | None, received_at: datetime) -> list[Reading]:
    if mapping:
        return generic_json.read_document(event, mapping=mapping, received_at=received_at, kind=KIND)
    return plain_data.readings_of(
        event, subject="subject", time="time", facts=FACTS, kind=KIND, received_at=received_at
    )


def _filled(event: Any, path: str) -> dict[str, Any]:
    """Return the event with its payload under `data`, after its required attributes were looked at."""
    found = dict(as_object(event, path))
    problems = [Problem("E_MISSING", path + pointer(name), f"{name} is missing") for name in REQUIRED
                if not isinstance(found.get(name), str) or not found[name]]  # fmt: skip
    if not problems and found["specversion"] != VERSION:
        problems.append(Problem("E_CHOICE", path + "/specversion", f"must be {VERSION}"))
    if problems:
        raise Unreadable(problems)
    if "data_base64" in found:
        packed = found.pop("data_base64")
        found["data"] = _payload(_unpacked(packed, path), str(found.get("datacontenttype") or ""))
    return found


def _unpacked(packed: Any, path: str) -> bytes:
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Unreadable.because("E_TYPE", path + "/data_base64", "base64 is required") from None


def _payload(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    media = content_type.partition(";")[0].strip().lower()
    if media and not _JSON.fullmatch(media):
        raise Unreadable.because("E_SHAPE", "/data", f"a payload of {media} is not read")
    return loads(body)


def _is(headers: Mapping[str, str], media: str) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == media


def _names(header: str) -> bool:
    return header.startswith(PREFIX)
