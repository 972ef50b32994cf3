"""Datadog's webhooks integration: the template that Redline gives, rendered.

Source: docs.datadoghq.com, "Webhooks". A monitor tells of a transition and of no number, so each delivery gives
one `alert_firing` in the segment of its monitor. Where the template adds `value`, that number is the metric's
reading too. Everything is rendered as text. Model, version, environment and segment are tags of the monitor.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import Fields, as_object, environment, metric_and_unit
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Problem, Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "datadog"
FIRING: Final = frozenset({"Triggered", "Re-Triggered", "Warn", "Re-Warn", "No Data", "Re-No Data", "Renotify"})
OVER: Final = frozenset({"Recovered", "Warn Recovered", "No Data Recovered"})
_MODEL: Final = ("model_id", "model", "model_name")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery."""
    document = loads(body)
    rendered = as_object(document, "")
    if "transition" not in rendered:
        raise Unreadable.because("E_SHAPE", "/transition", "the transition is missing; other bodies need a mapping")
    given = {name: value for name, value in rendered.items() if value != ""}
    fields = Fields({**_tagged(given), **given}, "", received_at=received_at)
    if not any(fields.source.get(name) for name in _MODEL):
        return Findings(notices=[Notice("N_NO_MODEL", f"monitor {given.get('monitor_id', '')}")])
    return _readings(fields)


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return Datadog's own id of the event, the same on each of its retries."""
    found = document.get("id") if isinstance(document, dict) else None
    return f"body:{found}"[:255] if isinstance(found, str | int) and str(found).isascii() and str(found) else None


def _readings(fields: Fields) -> list[Reading]:
    transition = fields.required("metric", "transition")
    if transition and transition not in FIRING | OVER:
        fields.problems.append(Problem("E_CHOICE", "/transition", "a transition that Datadog does not tell"))
    segment = fields.segment("segment")
    monitor = f"monitor={_digits(fields, 'monitor_id')}"
    told = fields.finish(
        Reading(
            model=fields.required("model", *_MODEL),
            version=fields.optional("version", "model_version", "version") or None,
            metric="alert_firing",
            value=1.0 if transition in FIRING else 0.0,
            unit="flag",
            environment=environment(fields.optional("environment", "environment", "env")),
            segment=f"{monitor},{segment}" if segment else monitor,
            observed_at=_moment(fields),
            attributes=_facts(fields),
        )
    )
    if transition in OVER or fields.first("value")[1] is None:
        return [told]
    metric, unit = metric_and_unit(fields.required("metric", "metric"), fields.optional("unit", "unit"), kind=KIND)
    path, value = fields.first("value")
    number = fields.attempt(lambda: _number(value, path), 0.0)
    if fields.problems:
        raise Unreadable(fields.problems, [told])
    return [told, told._replace(metric=metric, value=number, unit=unit, segment=segment)]


def _tagged(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags and the scope as fields: `env:prod,model_id:chat`. What has no colon says nothing here."""
    found: dict[str, str] = {}
    for name in ("scope", "tags"):
        listed = given.get(name)
        parts = listed.split(",") if isinstance(listed, str) else listed if isinstance(listed, list) else []
        pairs = [part.partition(":") for part in parts if isinstance(part, str)]
        found |= {key.strip(): value.strip() for key, colon, value in pairs if colon and value.strip()}
    return {
        key: found[key]
        for key in (*_MODEL, "model_version", "version", "env", "environment", "segment")
        if key in found
    }


def _moment(fields: Fields) -> datetime:
    """Return `at`: `$DATE_POSIX` in seconds, or `$DATE` in milliseconds, rendered as text."""
    path, value = fields.first("at", "date")
    if value is None:
        return fields.received_at
    digits = (
        int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 15 else value
    )
    return fields.attempt(
        lambda: readings.moment(digits, path=path, received_at=fields.received_at), fields.received_at
    )


def _digits(fields: Fields, name: str) -> str:
    if fields.first(name)[1] is None:
        fields.missing(f"/{name}", "monitor")
    return fields.optional("version", name)


def _number(value: Any, path: str) -> float:
    return readings.number_in_text(value, path=path) if isinstance(value, str) else readings.number(value, path=path)


def _facts(fields: Fields) -> dict[str, str]:
    names = ("title", "metric", "scope", "priority", "status", "cycle_key", "link", "transition")
    found = {name: fields.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
