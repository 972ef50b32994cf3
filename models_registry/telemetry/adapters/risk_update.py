"""The product's own `POST /v1/risk/update`: an indicator with the metric that is its evidence."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from models_registry.telemetry.adapters.fields import Fields, as_object, metric_and_unit
from models_registry.telemetry.readings import Problem, Reading
from models_registry.telemetry.strict_json import loads

KIND: Final = "risk_update"
SEVERITIES: Final = frozenset({"LOW", "MEDIUM", "HIGH", "CRITICAL"})
ACTIONS: Final = frozenset({"AUTO_ELEVATE", "FLAG_FOR_REVIEW", "LOG_ONLY"})


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the evidence as one reading, or none when the update carries no metric.

    An Arize source reports drift under the name of the similarity it is computed
    from, so its names are read as drift.
    """
    document = as_object(loads(body), "")
    update = Fields(document, "", received_at=received_at)
    model = update.required("model", "modelId")
    indicator = update.required("metric", "riskIndicator")
    severity = _one_of(update, "severity", SEVERITIES)
    action = _one_of(update, "automatedAction", ACTIONS)
    path, value = update.first("evidence")
    evidence = Fields(update.attempt(lambda: as_object(value or {}, path), {}), path, received_at=received_at)
    evidence.problems = update.problems
    if evidence.first("metric")[1] is None and evidence.first("score")[1] is None:
        update.finish(_NOTHING)
        return []
    source = evidence.optional("metric", "source")
    kind = "arize_drift" if source.upper().startswith("ARIZE") else KIND
    metric, unit = metric_and_unit(evidence.required("metric", "metric"), "", kind=kind)
    facts = {"risk_indicator": indicator, "severity": severity, "automated_action": action, "evidence_source": source}
    reading = Reading(
        model=model,
        version=None,
        metric=metric,
        value=evidence.number("score"),
        unit=unit,
        environment="production",
        segment="",
        observed_at=evidence.moment_or_received("timestamp"),
        attributes={name: text for name, text in facts.items() if text},
    )
    return [evidence.finish(reading)]


_NOTHING: Final = Reading("", None, "", 0.0, "", "", "", datetime.min.replace(tzinfo=UTC))


def _one_of(fields: Fields, name: str, allowed: frozenset[str]) -> str:
    path, value = fields.first(name)
    text = fields.optional("metric", name)
    if value is not None and text and text not in allowed:
        fields.problems.append(Problem("E_CHOICE", path, f"must be one of {', '.join(sorted(allowed))}"))
    return text
