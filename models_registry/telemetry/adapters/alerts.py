"""What every kind of alert has in common: one alert becomes one or two readings.

An alert says that something fires or is resolved; the number behind it is there only when its sender tells it.
So each alert gives one `alert_firing` reading (1 or 0), and a firing one that names a metric and tells its
number gives that metric too. What a resolved alert tells is its last firing number, which is no reading of the
moment it ended.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import Fields, as_object, environment, metric_and_unit
from models_registry.telemetry.notices import Notice
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer

MODEL_LABELS: Final = ("model_id", "model", "model_name")
LIMIT: Final = 1000

type State = Callable[[Fields], tuple[bool, datetime]]
"""Whether an alert fires, and since when it does or does not."""
type Value = Callable[[Fields, Fields, Fields], float | None]
"""The number that an alert tells, from its own fields, its labels and its annotations; None for none."""


def read_alert(alert: Any, path: str, received_at: datetime, *, kind: str, state: State, value: Value) -> list[Reading]:
    """Return the readings of one alert with `labels` and `annotations`. Raises Unreadable with every problem."""
    fields = Fields(as_object(alert, path), path, received_at=received_at)
    labels, annotations = object_of(fields, "labels"), object_of(fields, "annotations")
    firing, moment = state(fields)
    alertname = labels.required("metric", "alertname")
    segment = labels.segment("segment")
    told = fields.finish(
        Reading(
            model=labels.required("model", *MODEL_LABELS),
            version=labels.optional("version", "model_version", "version") or None,
            metric="alert_firing",
            value=1.0 if firing else 0.0,
            unit="flag",
            environment=environment(labels.optional("environment", "environment", "env")),
            segment=",".join(part for part in (f"alertname={alertname}", segment) if part),
            observed_at=moment,
            attributes=_facts(fields, labels),
        )
    )
    if not firing or labels.first("metric")[1] is None:
        return [told]
    number = value(fields, labels, annotations)
    metric, unit = metric_and_unit(labels.required("metric", "metric"), labels.optional("unit", "unit"), kind=kind)
    if fields.problems:
        raise Unreadable(fields.problems, [told])
    if number is None:
        return [told]
    return [told, told._replace(metric=metric, value=number, unit=unit, segment=segment)]


def object_of(fields: Fields, name: str) -> Fields:
    """Return the named object's fields, empty when it is absent, noting their problems with the outer ones."""
    path, value = fields.first(name)
    inner = Fields(
        fields.attempt(lambda: as_object({} if value is None else value, path), {}),
        path,
        received_at=fields.received_at,
    )
    inner.problems = fields.problems
    return inner


def state_of_status(fields: Fields) -> tuple[bool, datetime]:
    """Read `status` with `startsAt` or `endsAt`, as Alertmanager and Grafana tell them."""
    status = fields.source.get("status")
    if status not in ("firing", "resolved"):
        fields.problems.append(Problem("E_CHOICE", fields.path + pointer("status"), "must be firing or resolved"))
    return status == "firing", fields.moment("startsAt" if status == "firing" else "endsAt")


def annotated_value(fields: Fields, labels: Fields, annotations: Fields) -> float | None:
    """Read the annotation `value`, a number in a text."""
    path, text = annotations.first("value")
    if text is None:
        return None
    return fields.attempt(lambda: readings.number_in_text(text, path=path), 0.0)


def truncated(delivery: Mapping[str, Any]) -> list[Notice]:
    """Return how many alerts the sender cut off, if any. Raises Unreadable when it does not say a whole number."""
    cut = delivery.get("truncatedAlerts")
    if cut is None:
        return []
    if isinstance(cut, bool) or not isinstance(cut, int) or cut < 0:
        raise Unreadable.because("E_TYPE", "/truncatedAlerts", "a whole number of at least 0 is required")
    receiver = delivery.get("receiver")
    return [Notice("N_TRUNCATED", receiver if isinstance(receiver, str) else "", cut)] if cut else []


def names_a_model(alert: Any) -> bool:
    """Say whether an alert carries a model's label at all."""
    labels = alert.get("labels") if isinstance(alert, dict) else None
    return not isinstance(labels, dict) or any(labels.get(name) is not None for name in MODEL_LABELS)


def _facts(fields: Fields, labels: Fields) -> dict[str, str]:
    facts = {
        "alertname": labels.source.get("alertname"),
        "severity": labels.source.get("severity"),
        "fingerprint": fields.source.get("fingerprint"),
        "generator_url": fields.source.get("generatorURL"),
    }
    return {name: text[:1000] for name, text in facts.items() if isinstance(text, str) and text}
