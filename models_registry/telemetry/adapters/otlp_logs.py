"""OTLP logs: evaluation results of the GenAI conventions (`gen_ai.evaluation.result`); other records give nothing.

A score is told as a number. An evaluation that is a label alone is told as 1 for pass and 0 for fail, and gives
nothing when its label is another word.
"""

from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import otlp_facts
from models_registry.telemetry.adapters.otlp_facts import Attributes
from models_registry.telemetry.adapters.otlp_wire import attributes
from models_registry.telemetry.readings import Problem, Reading, Unreadable

EVALUATION: Final = "gen_ai.evaluation.result"
LABELS: Final = {"pass": 1.0, "passed": 1.0, "fail": 0.0, "failed": 0.0}
_NAME, _SCORE, _LABEL = "gen_ai.evaluation.name", "gen_ai.evaluation.score.value", "gen_ai.evaluation.score.label"
_FACTS: Final = (_LABEL, "gen_ai.response.id")


def read(message: Any, *, received_at: datetime) -> list[Reading]:
    """Return the readings of an export of logs. Raises Unreadable with every problem."""
    found: list[Reading] = []
    problems: list[Problem] = []
    for block_at, block in enumerate(message.resource_logs):
        resource = attributes(block.resource.attributes)
        for scope_at, scope in enumerate(block.scope_logs):
            for index, record in enumerate(scope.log_records):
                path = f"/resourceLogs/{block_at}/scopeLogs/{scope_at}/logRecords/{index}"
                try:
                    found.extend(_read(record, resource, path, received_at))
                except Unreadable as error:
                    problems.extend(error.problems)
    if problems:
        raise Unreadable(problems, found)
    return found


def _read(record: Any, resource: Attributes, path: str, received_at: datetime) -> list[Reading]:
    own = attributes(record.attributes)
    if EVALUATION not in (record.event_name, own.get("event.name")):
        return []
    value = _score(own, path)
    if value is None:
        return []
    subject = otlp_facts.subject(own, resource, path=path)
    if subject is None:
        raise Unreadable.because("E_MISSING", path + "/attributes", "the model is missing")
    if own.get(_NAME) is None:
        raise Unreadable.because("E_MISSING", path + "/attributes", f"{_NAME} is missing")
    name = readings.name(own[_NAME], field_name="metric", path=path + "/attributes")
    at = record.time_unix_nano or record.observed_time_unix_nano
    metric, unit, value = otlp_facts.measured(name, "", value)
    return [
        Reading(
            model=subject.model,
            version=subject.version,
            metric=metric,
            value=value,
            unit=unit,
            environment=subject.environment,
            segment=subject.segment,
            observed_at=otlp_facts.moment(at, path=path, received_at=received_at) if at else received_at,
            attributes={key: text[:1000] for key in _FACTS if isinstance(text := own.get(key), str)},
            also=subject.also,
        )
    ]


def _score(own: Attributes, path: str) -> float | None:
    if own.get(_SCORE) is not None:
        return readings.number(own[_SCORE], path=path + "/attributes")
    label = own.get(_LABEL)
    return LABELS.get(label.strip().lower()) if isinstance(label, str) else None
