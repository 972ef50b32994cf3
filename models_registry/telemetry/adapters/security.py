"""Security events: our own plain form, Elastic's Common Schema (ECS), Splunk's alert webhook, and OCSF findings.

One event is an object; several are `{"events": [...]}` or an array. Its type decides what is counted:

    weight_digest.changed, .observed    weight_digest_change_count: 1 when the digest differs
    finetune.unauthorised and kin       unauthorised_access_count
    anything else                       security_event_count

All are readings of the whole model and of no segment, so that a burst of different events is one burst.
An observed digest is compared with the one on record for that version when the event is measured.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters.fields import Fields, as_items, as_object, each_readable, environment
from models_registry.telemetry.readings import Problem, Reading, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "security"
LIMIT: Final = 1_000
DIGEST_CHANGED: Final = frozenset({"weight_digest.changed", "weights.digest_changed", "weight_digest_changed"})
DIGEST_OBSERVED: Final = frozenset({"weight_digest.observed", "weights.digest_observed", "weight_digest_observed"})
UNAUTHORISED: Final = frozenset(
    {
        "finetune.unauthorised",
        "finetune.unauthorized",
        "finetune.access_denied",
        "unauthorised_finetune_access",
        "unauthorized_finetune_access",
        "unauthorised_access",
        "unauthorized_access",
    }
)
OCSF_CLOSED: Final = 3
_TIMES: Final = ("observed_at", "at", "@timestamp", "timestamp", "_time", "time")
_MODEL: Final = ("model", "model_id", "model_name")
_TYPE: Final = ("type", "event_type", "action", "signature", "search_name")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return one reading for each event."""
    document = loads(body)
    if isinstance(document, list):
        return each_readable(
            as_items(document, "", limit=LIMIT), "", lambda item, path: [_event(item, path, received_at)]
        )
    whole = as_object(document, "")
    if "events" in whole:
        items = as_items(whole["events"], "/events", limit=LIMIT)
        return each_readable(items, "/events", lambda item, path: [_event(item, path, received_at)])
    return [_event(whole, "", received_at)]


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return the id that a single event bears, as its SIEM names it."""
    if not isinstance(document, dict):
        return None
    nested = document.get("event")
    found = document.get("id") or (nested.get("id") if isinstance(nested, dict) else None) or document.get("sid")
    found = found or _inner(document, "metadata").get("uid")
    return f"body:{found}"[:255] if isinstance(found, str) and found.isascii() and found.isprintable() else None


def _event(item: Any, path: str, received_at: datetime) -> Reading:
    fields = Fields(_flat(as_object(item, path)), path, received_at=received_at)
    sort = fields.required("segment", *_TYPE).lower()
    metric, value, facts = "security_event_count", _count(fields), _facts(fields)
    if sort in UNAUTHORISED:
        metric = "unauthorised_access_count"
    elif sort in DIGEST_CHANGED | DIGEST_OBSERVED:
        metric = "weight_digest_change_count"
        observed = _digest(fields, "observed_digest", required=True)
        expected = _digest(fields, "expected_digest", required=sort in DIGEST_CHANGED)
        value = float(bool(expected) and observed != expected)
        if not expected:
            facts = {**facts, "observed_digest": observed}
    return fields.finish(
        Reading(
            model=fields.required("model", *_MODEL),
            version=fields.optional("version", "version", "model_version") or None,
            metric=metric,
            value=value,
            unit="count",
            environment=environment(fields.optional("environment", "environment", "env")),
            segment="",
            observed_at=_moment(fields),
            attributes={**facts, "type": sort},
        )
    )


def _flat(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event's fields on one level: Splunk's under `result`, ECS's under `event` and `labels`, OCSF's."""
    if "class_uid" in event:
        return _of_ocsf(event)
    found = dict(event)
    if isinstance(event.get("result"), dict):
        found = {**event["result"], **{key: event[key] for key in ("search_name", "sid") if key in event}}
    for name in ("labels", "event"):
        if isinstance(event.get(name), dict):
            found |= {key: value for key, value in event[name].items() if key not in found or key == "action"}
    return found


def _of_ocsf(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an event of the Open Cybersecurity Schema Framework (schema.ocsf.io, 1.4 and later).

    Its type is the finding's first type, else its title; its model what the sender left unmapped under `model`, else
    that of the profile for AI, else the first resource. A finding that is closed counts as nothing. Times are in ms.
    """
    finding, model, user = (
        _inner(event, "finding_info"),
        _inner(event, "ai_model"),
        _inner(_inner(event, "actor"), "user"),
    )
    unmapped, listed = _inner(event, "unmapped"), event.get("resources")
    resource = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    types, time = finding.get("types"), event.get("time")
    told = {
        "type": types[0] if isinstance(types, list) and types else finding.get("title") or event.get("class_name"),
        "model": unmapped.get("model") or model.get("name") or resource.get("name") or resource.get("uid"),
        "version": model.get("version"),
        "count": 0 if event.get("activity_id") == OCSF_CLOSED else event.get("count"),
        "time": time / 1000 if isinstance(time, int) and not isinstance(time, bool) else time,
        "actor": user.get("name"),
        "id": finding.get("uid"),
        "severity": event.get("severity"),
        "message": event.get("message"),
    }
    return {**unmapped, **{name: value for name, value in told.items() if value is not None}}


def _inner(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _count(fields: Fields) -> float:
    """Return how many events one message stands for, 1 when it does not say."""
    path, value = fields.first("count")
    if value is None:
        return 1.0
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
        return float(value)
    number = fields.number("count")
    if number < 0:
        fields.problems.append(Problem("E_TYPE", path, "a count is at least 0"))
    return number


def _moment(fields: Fields) -> datetime:
    name = next((each for each in _TIMES if fields.source.get(each) is not None), None)
    value = fields.source.get(name) if name else None
    if isinstance(value, str) and name == "_time" and value.replace(".", "", 1).isdecimal() and value.isascii():
        fields = Fields({name: float(value)}, fields.path, received_at=fields.received_at)
    return fields.moment_or_received(*_TIMES)


def _digest(fields: Fields, name: str, *, required: bool) -> str:
    """Return a digest as it is on record: `sha256:` and 64 hexadecimal digits; the prefix may be left out."""
    path, value = fields.first(name)
    if value is None:
        if required:
            fields.missing(fields.path + pointer(name), "digest")
        return ""
    text = value.lower().removeprefix("sha256:") if isinstance(value, str) else ""
    if len(text) != 64 or any(letter not in "0123456789abcdef" for letter in text):
        fields.problems.append(Problem("E_TYPE", path, "a SHA-256 digest is required"))
        return ""
    return f"sha256:{text}"


def _facts(fields: Fields) -> dict[str, str]:
    names = ("severity", "actor", "user", "source_ip", "message", "rule", "category", "outcome", "id")
    found = {name: fields.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
