"""Finished runs of an MLflow server, as a sweep keeps them: they go on record with their model and are no reading."""

from collections.abc import Mapping
from typing import Any, Final

from models_registry.catalog.run_statement import RunUnreadable, StatedRun, from_mlflow
from models_registry.telemetry.readings import Unreadable

ENTITY: Final = "run"
ACTION: Final = "finished"


def stated(document: Any) -> tuple[StatedRun, tuple[str, ...]] | None:
    """Return the run that a body tells, with the names of the models it may belong to; None for any other body.

    Raises Unreadable when the run does not look as MLflow writes it.
    """
    if not isinstance(document, dict) or document.get("entity") != ENTITY:
        return None
    data = document.get("data")
    run, names = (data.get("run"), data.get("models")) if isinstance(data, Mapping) else (None, None)
    if not isinstance(run, Mapping) or not isinstance(names, list):
        raise Unreadable.because("E_SHAPE", "/data", "a run and the names of its models are required")
    try:
        return from_mlflow(run), tuple(name for name in names if isinstance(name, str) and name)
    except RunUnreadable as error:
        raise Unreadable.because("E_SHAPE", "/data/run", str(error)) from None
