"""An MLflow tracking server: its registry and its finished runs.

Models, versions, aliases and tags are told as MLflow's webhooks tell them; stages and runs have no webhook.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from models_registry.telemetry.pollers import before, mlflow_changes, mlflow_registry, mlflow_runs
from models_registry.telemetry.pollers.reading import milliseconds_of, moment_of
from models_registry.telemetry.pollers.shapes import Asker, Field, Page, Poller, Recall, Scheme


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read models, versions and runs, then runs from before. Each part keeps its own place in the cursor."""
    place = dict(cursor)
    begun = dt.datetime.fromisoformat(place["begun_at"])
    for part in (mlflow_registry.models, mlflow_registry.changed_versions, mlflow_registry.all_versions):
        yield from part(ask, place, milliseconds_of(begun), at, recall)
    if mlflow_runs.lists(config):
        chosen = mlflow_runs.experiments(ask, config)
        yield from mlflow_runs.pages(ask, chosen, place, begun, recall)
        yield from mlflow_runs.earlier(ask, chosen, place, begun, recall, config)


def read_since(cursor: Mapping[str, Any]) -> dt.datetime | None:
    """Return since when every model and every version was looked at; a round over versions may take many sweeps."""
    looks = ("models_looked", "round_looked")
    return moment_of(min(cursor[name] for name in looks)) if all(cursor.get(name) for name in looks) else None


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field(
            "experiments",
            "Experiments",
            "Names of the experiments whose runs are read, one a line. All of them when left out; a dash for none.",
            required=False,
            lines=True,
        ),
        before.FIELD,
    ),
    schemes=(Scheme.NONE, Scheme.BEARER, Scheme.BASIC),
    min_interval_s=30,
    change=mlflow_changes.change,
    check=before.faults,
    read_since=read_since,
    earlier=mlflow_runs.lists,
)
