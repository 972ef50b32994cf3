"""Ended runs of W&B, as a sweep keeps them: they go on record with their model and their search.

`{"event_type": "RUN_ENDED", "run": {a node of project.runs}, "sweep": {…} or null, "models": [names], "measure":
{metric there: metric here}}`. A sweep's `config` is YAML in a text, as W&B keeps it.
"""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from models_registry.catalog.run_statement import RunUnreadable, StatedRun, StatedSweep, from_wandb
from models_registry.telemetry.readings import Unreadable

EVENT: Final = "RUN_ENDED"
LONGEST_CONFIG: Final = 100_000
_GOALS: Final = {"maximize": "MAXIMIZE", "minimize": "MINIMIZE"}

type Told = tuple[StatedRun, tuple[str, ...], StatedSweep | None]


def stated(document: Any) -> Told | None:
    """Return the run that a body tells, the names of the models it may belong to, and its search; else None.

    Raises Unreadable when the run does not look as W&B writes it.
    """
    if not isinstance(document, dict) or document.get("event_type") != EVENT:
        return None
    run, names = document.get("run"), document.get("models")
    if not isinstance(run, Mapping) or not isinstance(names, list):
        raise Unreadable.because("E_SHAPE", "", "a run and the names of its models are required")
    try:
        told = from_wandb(run)
    except RunUnreadable as error:
        raise Unreadable.because("E_SHAPE", "/run", str(error)) from None
    search = document.get("sweep")
    sweep = searched(search) if told.sweep and isinstance(search, Mapping) else None
    return told, tuple(name for name in names if isinstance(name, str) and name), sweep


def searched(told: Mapping[str, Any]) -> StatedSweep:
    """Return a search as W&B describes it; what its configuration does not say is left out."""
    config = _config(told.get("config"))
    metric = config.get("metric")
    metric = metric if isinstance(metric, Mapping) else {}
    space = config.get("parameters")
    name = str(told.get("name") or "")
    return StatedSweep(
        external_id=name,
        name=str(config.get("name") or told.get("displayName") or name)[:200],
        method=str(config.get("method") or "")[:40],
        space={str(key)[:120]: value for key, value in space.items()} if isinstance(space, Mapping) else {},
        objective=str(metric.get("name") or "")[:120],
        goal=_GOALS.get(str(metric.get("goal") or "").lower(), ""),
    )


def _config(told: Any) -> Mapping[str, Any]:
    if isinstance(told, Mapping):
        return told
    if not isinstance(told, str) or len(told) > LONGEST_CONFIG:
        return {}
    try:
        found = yaml.safe_load(told)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
