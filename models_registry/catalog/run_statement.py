"""A run and a sweep as stated, whoever tracked them; and what the platforms' own JSON says of them.

MLflow: the members of ``runs`` of ``POST /api/2.0/mlflow/runs/search`` (``info`` and ``data``). W&B: a node of
``project.runs`` of its GraphQL, where ``config`` and ``summaryMetrics`` are JSON in a string. Pure.
"""

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

MOST_RUNS: Final = 500
MOST_NAMES: Final = 500
MOST_POINTS: Final = 500
LONGEST_NAME: Final = 250
LONGEST_VALUE: Final = 1000

type Value = str | float | bool | None


class RunUnreadable(ValueError):
    """A run does not look as its platform writes it."""

    http_status = 400


@dataclass(frozen=True, slots=True)
class StatedMetric:
    """A metric of a run: its last value, its best where known, and points of (step, value) on the way."""

    last: float
    best: float | None = None
    history: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class StatedRun:
    """A run as last told. ``sweep`` is the external id of the search that it belongs to."""

    external_id: str
    name: str
    status: str
    author: str = ""
    url: str = ""
    sweep: str = ""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    metrics: Mapping[str, StatedMetric] = field(default_factory=dict)
    artifacts: Sequence[Mapping[str, str]] = ()
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class StatedSweep:
    """A search over parameters; an empty goal says nothing about it."""

    external_id: str
    name: str = ""
    method: str = ""
    space: Mapping[str, Any] = field(default_factory=dict)
    objective: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class StatedRuns:
    """Runs of one model as one system tells them, and the sweep of all that name no other."""

    source: str
    runs: Sequence[StatedRun]
    sweep: StatedSweep | None = None


MLFLOW_STATUS: Final = {
    "SCHEDULED": "SCHEDULED", "RUNNING": "RUNNING", "FINISHED": "FINISHED", "FAILED": "FAILED", "KILLED": "STOPPED"
}  # fmt: skip
WANDB_STATUS: Final = {
    "pending": "SCHEDULED", "running": "RUNNING", "finished": "FINISHED", "failed": "FAILED", "crashed": "FAILED",
    "killed": "STOPPED", "preempting": "STOPPED", "preempted": "STOPPED",
}  # fmt: skip
MLFLOW_PARENT: Final = "mlflow.parentRunId"
LOGGED_MODEL: Final = "models:/"
"""How MLflow addresses a logged model, by the id that a registered version may name in place of its run."""


def from_mlflow(told: Mapping[str, Any]) -> StatedRun:
    """Return the run that an MLflow tracking server tells of. Raises RunUnreadable."""
    info, content = _object(told, "info"), told.get("data") or {}
    if not isinstance(content, Mapping):
        raise RunUnreadable("`data` is an object.")
    key = _text(info.get("run_id") or info.get("run_uuid"), "info.run_id")
    tags = {str(one.get("key")): str(one.get("value")) for one in _rows(content, "tags")}
    status = MLFLOW_STATUS.get(str(info.get("status")))
    if status is None:
        raise RunUnreadable(f"`info.status` is one of {', '.join(MLFLOW_STATUS)}.")
    artifacts = [("artifacts", str(info.get("artifact_uri") or "")), *_logged_models(told.get("outputs"))]
    return StatedRun(
        external_id=key,
        name=str(info.get("run_name") or tags.get("mlflow.runName") or key)[:200],
        status=status,
        author=str(info.get("user_id") or tags.get("mlflow.user") or "")[:120],
        sweep=tags.get(MLFLOW_PARENT, ""),
        parameters=_limited({str(one.get("key")): _value(one.get("value")) for one in _rows(content, "params")}),
        metrics=_limited(_mlflow_metrics(_rows(content, "metrics"))),
        artifacts=[{"name": name, "uri": uri} for name, uri in artifacts if uri],
        started_at=_milliseconds(info.get("start_time"), "info.start_time"),
        ended_at=_milliseconds(info.get("end_time"), "info.end_time"),
    )


def from_wandb(told: Mapping[str, Any]) -> StatedRun:
    """Return the run that a node of W&B's GraphQL tells of. Raises RunUnreadable."""
    key = _text(told.get("name"), "name")
    status = WANDB_STATUS.get(str(told.get("state")).lower())
    if status is None:
        raise RunUnreadable(f"`state` is one of {', '.join(WANDB_STATUS)}.")
    config = _json_object(told.get("config"), "config")
    summary = _json_object(told.get("summaryMetrics"), "summaryMetrics")
    user = told.get("user")
    ended = told.get("heartbeatAt") if status not in ("RUNNING", "SCHEDULED") else None
    return StatedRun(
        external_id=key,
        name=str(told.get("displayName") or key)[:200],
        status=status,
        author=str(user.get("username") or "")[:120] if isinstance(user, Mapping) else "",
        sweep=str(told.get("sweepName") or ""),
        parameters=_limited(dict(_flat((name, _unwrapped(one)) for name, one in config.items() if name[:1] != "_"))),
        metrics=_limited(_wandb_metrics(summary)),
        started_at=_moment(told.get("createdAt"), "createdAt"),
        ended_at=_moment(ended, "heartbeatAt"),
    )


def settled(metric: StatedMetric, *, upwards: bool | None) -> StatedMetric:
    """Return the metric with the best value of its history, where nobody said it and one way is better."""
    if metric.best is not None or upwards is None or not metric.history:
        return metric
    values = [value for _, value in metric.history] + [metric.last]
    return StatedMetric(metric.last, max(values) if upwards else min(values), metric.history)


def _mlflow_metrics(rows: Iterable[Mapping[str, Any]]) -> dict[str, StatedMetric]:
    """Read metrics; a key told at several steps is a history, of which the last step counts."""
    points: dict[str, list[tuple[float, float]]] = {}
    for one in rows:
        value = _number(one.get("value"))
        if value is not None:
            points.setdefault(str(one.get("key")), []).append((_number(one.get("step")) or 0.0, value))
    found = {}
    for name, told in points.items():
        told.sort(key=lambda point: point[0])
        found[name] = StatedMetric(told[-1][1], history=told[-MOST_POINTS:] if len(told) > 1 else ())
    return found


def _wandb_metrics(summary: Mapping[str, Any]) -> dict[str, StatedMetric]:
    """Read a summary: numbers, or what `define_metric` makes of them (`last`, `best`, `max`, `min`)."""
    found = {}
    for name, told in summary.items():
        if name.startswith("_"):
            continue
        if isinstance(told, Mapping):
            best = next(
                (number for word in ("best", "max", "min") if (number := _number(told.get(word))) is not None), None
            )
            last = _number(told.get("last"))
            if last is not None or best is not None:
                found[name] = StatedMetric(last if last is not None else best or 0.0, best)
        elif (number := _number(told)) is not None:
            found[name] = StatedMetric(number)
    return found


def _logged_models(outputs: Any) -> list[tuple[str, str]]:
    """Read which models a run logged, as MLflow 3 tells them beside its data."""
    if not isinstance(outputs, Mapping):
        return []
    told = (one.get("model_id") for one in _rows(outputs, "model_outputs")[:MOST_NAMES])
    return [("logged model", LOGGED_MODEL + one) for one in told if isinstance(one, str) and 0 < len(one) <= 256]


def _flat(pairs: Iterable[tuple[str, Any]], depth: int = 0) -> Iterable[tuple[str, Value]]:
    for name, value in pairs:
        if isinstance(value, Mapping) and value and depth < 4:
            yield from _flat(((f"{name}.{inner}", one) for inner, one in value.items()), depth + 1)
        else:
            yield name, _value(value)


def _unwrapped(told: Any) -> Any:
    """Return the value of a config entry, which W&B wraps as `{"value": …, "desc": …}`."""
    return told["value"] if isinstance(told, Mapping) and "value" in told and set(told) <= {"value", "desc"} else told


def _value(told: Any) -> Value:
    if told is None or isinstance(told, bool):
        return told
    if isinstance(told, int | float):
        return told if math.isfinite(told) else str(told)
    if isinstance(told, str):
        return told[:LONGEST_VALUE]
    return json.dumps(told, ensure_ascii=False, default=str)[:LONGEST_VALUE]


def _number(told: Any) -> float | None:
    """Return a finite number; MLflow writes NaN and infinity as words, and those are none."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if math.isfinite(told) else None


def _limited[T](found: dict[str, T]) -> dict[str, T]:
    if len(found) > MOST_NAMES:
        raise RunUnreadable(f"A run keeps at most {MOST_NAMES} parameters and as many metrics.")
    return {name[:LONGEST_NAME].replace("\x00", ""): value for name, value in found.items()}


def _object(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    if not isinstance(found, Mapping):
        raise RunUnreadable(f"`{name}` is an object.")
    return found


def _rows(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = told.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise RunUnreadable(f"`{name}` is a list of objects.")
    return found


def _json_object(told: Any, name: str) -> Mapping[str, Any]:
    if told in (None, ""):
        return {}
    try:
        found = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        raise RunUnreadable(f"`{name}` is not JSON.") from None
    if not isinstance(found, Mapping):
        raise RunUnreadable(f"`{name}` is a JSON object.")
    return found


def _text(told: Any, name: str) -> str:
    if not isinstance(told, str) or not told.strip() or len(told) > 256:
        raise RunUnreadable(f"`{name}` is a text of at most 256 characters.")
    return told.replace("\x00", "").strip()


def _milliseconds(told: Any, name: str) -> dt.datetime | None:
    if told in (None, "", 0):
        return None
    try:
        return dt.datetime.fromtimestamp(int(told) / 1000, dt.UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise RunUnreadable(f"`{name}` is a time in milliseconds.") from None


def _moment(told: Any, name: str) -> dt.datetime | None:
    if told in (None, ""):
        return None
    try:
        found = dt.datetime.fromisoformat(str(told))
    except ValueError:
        raise RunUnreadable(f"`{name}` is an ISO 8601 time.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
