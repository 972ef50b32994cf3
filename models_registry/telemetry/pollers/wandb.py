"""A W&B team: where the aliases of its registry stand, and the runs and sweeps of its projects."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from models_registry.telemetry.pollers import before, wandb_registry, wandb_runs
from models_registry.telemetry.pollers.reading import lines_in
from models_registry.telemetry.pollers.shapes import Asker, Field, Page, Poller, Recall, Scheme


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read the registry, the runs of each project, then earlier ones. Each part keeps its own place in the cursor."""
    place = dict(cursor)
    if config.get("organization", "").strip():
        yield from wandb_registry.pages(ask, config, place, at, recall)
    for project in _projects(config):
        yield from wandb_runs.pages(ask, project, _measured(config), place, at, recall)
    for project in _projects(config):
        yield from wandb_runs.earlier(ask, project, _measured(config), place, at, recall, config)


def check(config: Mapping[str, str]) -> Mapping[str, str]:
    """Find what is missing or written in another form."""
    found = before.faults(config)
    if not config.get("organization", "").strip() and not config.get("projects", "").strip():
        found["organization"] = "Name an organization, or projects, or both."
    for line in lines_in(config, "projects"):
        if line.count("/") != 1 or not all(part.strip() for part in line.split("/")):
            found["projects"] = "Each line names a team and a project: acme/credit."
    for line in lines_in(config, "metrics"):
        if not line.partition("=")[0].strip() or (("=" in line) and not line.partition("=")[2].strip()):
            found["metrics"] = "Each line names a metric there, or that and ours: val/acc=accuracy."
    return found


def lists(config: Mapping[str, str]) -> list[str]:
    """Return the projects, of each of which earlier runs are read."""
    return ["/".join(project) for project in _projects(config)]


def _projects(config: Mapping[str, str]) -> list[tuple[str, str]]:
    named = (line.partition("/") for line in lines_in(config, "projects"))
    return [(entity.strip(), name.strip()) for entity, _, name in named]


def _measured(config: Mapping[str, str]) -> dict[str, str]:
    pairs = (line.partition("=") for line in lines_in(config, "metrics"))
    return {theirs.strip(): ours.strip() or theirs.strip() for theirs, _, ours in pairs}


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field(
            "organization",
            "Organization",
            "Whose registry is read. Left out, no registry is.",
            required=False,
        ),
        Field("registry", "Registry", "Its name as W&B shows it.", required=False, initial="model"),
        Field(
            "projects",
            "Projects",
            "Whose runs and sweeps are read, one a line: team/project. None when left out.",
            required=False,
            lines=True,
        ),
        Field(
            "metrics",
            "Metrics of runs as measurements",
            "Of a run that finished, one a line: its name there, or that and ours, val/acc=accuracy.",
            required=False,
            lines=True,
        ),
        before.FIELD,
    ),
    schemes=(Scheme.BASIC_API,),
    address="https://api.wandb.ai",
    min_interval_s=60,
    change=wandb_registry.change,
    check=check,
    earlier=lists,
)
