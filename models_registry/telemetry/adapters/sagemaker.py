"""Amazon SageMaker Model Monitor, by an EventBridge rule whose target is an API destination.

Sources: docs.aws.amazon.com, "Schema for Violations (constraint_violations.json file)" and "Amazon EventBridge
event structure". Read are the violations of one execution, in the event's `detail` or as the whole body with the
model beside them, and the end of a monitoring job. An execution without violations is a reading too: none.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import Fields, as_object, each_readable, environment
from models_registry.telemetry.readings import Problem, Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "sagemaker"
LIMIT: Final = 10_000
CHECKS: Final = frozenset(
    {
        "data_type_check",
        "completeness_check",
        "baseline_drift_check",
        "missing_column_check",
        "extra_column_check",
        "categorical_values_check",
    }
)
ENDS: Final = {"Completed": 0.0, "CompletedWithViolations": 1.0, "Failed": 1.0}
_MODEL: Final = ("model", "model_id", "EndpointName", "ModelName", "endpoint_name")
_STATUS: Final = ("MonitoringExecutionStatus", "monitoring_execution_status")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one event."""
    document = loads(body)
    event = Fields(as_object(document, ""), "", received_at=received_at)
    detail = object_of(event, "detail") if "detail" in event.source else event
    at = event.moment_or_received("time", "observed_at")
    told = Reading(
        model=detail.required("model", *_MODEL),
        version=detail.optional("version", "version", "ModelVersion") or None,
        metric="",
        value=0.0,
        unit="",
        environment=environment(detail.optional("environment", "environment")),
        segment="",
        observed_at=at,
        attributes=_facts(detail),
    )
    if "violations" in detail.source:
        return _violations(detail, told)
    if detail.first(*_STATUS)[1] is not None:
        return [_end(detail, told)]
    raise Unreadable.because("E_SHAPE", detail.path, "neither violations nor a monitoring execution's status")


def content_id(document: Any, received_at: datetime) -> str | None:
    """Return EventBridge's id of the event, the same on each of its retries."""
    found = document.get("id") if isinstance(document, dict) and "detail" in document else None
    return f"body:{found}"[:255] if isinstance(found, str) and found.isascii() and found.isprintable() else None


def _violations(detail: Fields, told: Reading) -> list[Reading]:
    """Count the violations, all and by check, and say which feature broke which check."""
    path, listed = detail.first("violations")
    if not isinstance(listed, list) or len(listed) > LIMIT:
        detail.problems.append(Problem("E_TYPE", path, f"an array of at most {LIMIT} violations is required"))
        raise Unreadable(detail.problems)
    checks: Counter[str] = Counter()
    firing = each_readable(listed, path, lambda item, place: [_violation(item, place, told, checks)]) if listed else []
    detail.finish(told)
    counted = told._replace(metric="constraint_violation_count", unit="count")
    each = [counted._replace(segment=f"check={check}", value=float(n)) for check, n in sorted(checks.items())]
    return [counted._replace(value=float(len(listed))), *each, *firing]


def _violation(item: Any, path: str, told: Reading, checks: Counter[str]) -> Reading:
    fields = Fields(as_object(item, path), path, received_at=told.observed_at)
    feature, check = fields.required("segment", "feature_name"), fields.required("metric", "constraint_check_type")
    if check and check not in CHECKS:
        fields.problems.append(Problem("E_CHOICE", f"{path}/constraint_check_type", "a check that is not known"))
    checks[check] += 1
    segment = fields.attempt(lambda: _segment(feature, check, path), "")
    facts = {"description": str(fields.source.get("description", ""))[:1000]}
    return fields.finish(
        told._replace(metric="alert_firing", value=1.0, unit="flag", segment=segment, attributes=facts)
    )


def _segment(feature: str, check: str, path: str) -> str:
    from_text = f"alertname={check},feature={feature}"
    if len(from_text) > 120:
        raise Unreadable.because("E_TOO_LONG", f"{path}/feature_name", "the feature's name is too long")
    return from_text


def _end(detail: Fields, told: Reading) -> Reading:
    path, status = detail.first(*_STATUS)
    if str(status) not in ENDS:
        detail.problems.append(Problem("E_CHOICE", path, f"must be one of {', '.join(sorted(ENDS))}"))
    value = ENDS.get(str(status), 0.0)
    segment = "alertname=monitoring_execution"
    return detail.finish(told._replace(metric="alert_firing", value=value, unit="flag", segment=segment))


def _facts(detail: Fields) -> dict[str, str]:
    names = ("MonitoringScheduleName", "ProcessingJobName", "ExitMessage", "FailureReason")
    found = {name: detail.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
