"""Runs and sweeps of a W&B project, told once they ended, with the sweep they belong to.

Source: wandb 0.2x `wandb/apis/public/runs.py`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.pollers import before
from models_registry.telemetry.pollers.reading import list_in, moment_told, object_in, text_in, thing, written
from models_registry.telemetry.pollers.shapes import Answer, Asker, Found, Page, Recall, Refused
from models_registry.telemetry.pollers.wandb_asking import asked, spare

RUNS_A_PAGE: Final = 50
LONGEST_RUN: Final = dt.timedelta(days=30)
"""A run that goes on for longer is not waited for."""
ENDED: Final = frozenset({"finished", "failed", "crashed", "killed", "preempted"})

type Project = tuple[str, str]
"""Its team and its name."""

RUNS: Final = """
query Runs($entity: String!, $project: String!, $first: Int, $after: String) {
  project(name: $project, entityName: $entity) { runs(first: $first, after: $after, order: "-created_at") {
    pageInfo { endCursor hasNextPage }
    edges { node { id tags name displayName sweepName state config group jobType commit createdAt heartbeatAt
      summaryMetrics user { username } } }
  } }
}"""
SWEEP: Final = """
query Sweep($entity: String!, $project: String!, $sweep: String!) {
  project(name: $project, entityName: $entity) { sweep(sweepName: $sweep) { name displayName config } }
}"""


def pages(
    ask: Asker, project: Project, metrics: Mapping[str, str], place: dict[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read runs from the one made last back to the oldest that still went on at the last look."""
    marks = place.setdefault("runs", {})
    path = "/".join(project)
    begun = moment_told(place["begun_at"], "begun_at")
    newest = back_to = moment_told(marks[path], "cursor") if path in marks else begun
    oldest_open: dt.datetime | None = None
    sweeps: dict[str, Mapping[str, Any]] = {}
    after: str | None = None
    while True:
        answer, nodes, after = _page(ask, project, after)
        fresh = [one for one in nodes if _made(one) >= back_to]
        newest = max((newest, *map(_made, fresh)))
        oldest_open = min([*_still_open(fresh, at), *filter(None, [oldest_open])], default=None)
        found, seen = _ended(ask, project, fresh, metrics, sweeps, recall)
        goes_on = after is not None and len(fresh) == len(nodes)
        if not goes_on:
            marks[path] = (oldest_open or newest).isoformat()
        yield Page(found, {**place, "runs": dict(marks)}, seen)
        spare(answer)
        if not goes_on:
            return


def earlier(
    ask: Asker,
    project: Project,
    metrics: Mapping[str, str],
    place: dict[str, Any],
    at: dt.datetime,
    recall: Recall,
    config: Mapping[str, str],
) -> Iterator[Page]:
    """Read runs that were made before the sweeps began, the newest first, from the page that the former sweep got to.

    One that still goes on is left to the sweeps that follow. A place that W&B no longer knows is looked for anew.
    """
    path, begun = "/".join(project), moment_told(place["begun_at"], "begun_at")
    reached = before.reached(place, path, config=config, begun=begun)
    after: str | None = place.get(before.PLACE, {}).get(path, {}).get("after") or None
    back_to, count = reached.back_to, reached.count
    sweeps: dict[str, Mapping[str, Any]] = {}
    while back_to > reached.wanted_since:
        try:
            answer, nodes, following = _page(ask, project, after, earlier=True)
        except Refused:
            if after is None:
                raise
            after = None
            continue
        old = [one for one in nodes if _made(one) < begun]
        wanted = [one for one in old if _made(one) >= reached.wanted_since]
        found, seen = _ended(ask, project, wanted, metrics, sweeps, recall, earlier=True)
        count += sum(_made(one) < back_to for one in wanted)
        if still_open := _still_open(wanted, at):
            marks = place.setdefault("runs", {})
            marks[path] = min(moment_told(marks.get(path, begun.isoformat()), "cursor"), *still_open).isoformat()
        ends = following is None or len(wanted) < len(old)
        back_to = reached.wanted_since if ends else min((back_to, *map(_made, old)))
        after = None if ends else following
        before.keep(place, path, back_to=back_to, count=count, after=after or "")
        yield Page(found, {**place, "runs": dict(place.get("runs", {}))}, seen)
        spare(answer)


def _page(
    ask: Asker, project: Project, after: str | None, *, earlier: bool = False
) -> tuple[Answer, Sequence[Mapping[str, Any]], str | None]:
    """Return runs, the one made last first, and where the next page begins; None after the last."""
    variables = {"entity": project[0], "project": project[1], "first": RUNS_A_PAGE, "after": after}
    answer, data = asked(ask, RUNS, variables, earlier=earlier)
    listed = object_in(object_in(data.get("project"), f"project {'/'.join(project)}").get("runs"), "runs")
    info = object_in(listed.get("pageInfo"), "pageInfo")
    following = text_in(info, "endCursor") if info.get("hasNextPage") is True else ""
    return answer, [object_in(edge.get("node"), "node") for edge in list_in(listed, "edges")], following or None


def _made(one: Mapping[str, Any]) -> dt.datetime:
    return moment_told(one.get("createdAt"), "createdAt")


def _still_open(runs: Sequence[Mapping[str, Any]], at: dt.datetime) -> list[dt.datetime]:
    """Return when those were made that go on and are waited for."""
    made = (_made(one) for one in runs if text_in(one, "state") not in ENDED)
    return [moment for moment in made if moment >= at - LONGEST_RUN]


def _ended(
    ask: Asker,
    project: Project,
    runs: Sequence[Mapping[str, Any]],
    metrics: Mapping[str, str],
    sweeps: dict[str, Mapping[str, Any]],
    recall: Recall,
    *,
    earlier: bool = False,
) -> tuple[list[Found], dict[str, Any]]:
    """Return the runs that ended and were not told before; each search is asked about once, into ``sweeps``."""
    ended = [one for one in runs if text_in(one, "state") in ENDED]
    known = recall(thing("run", *project, text_in(one, "name")) for one in ended)
    found: list[Found] = []
    seen: dict[str, Any] = {}
    for one in ended:
        key = thing("run", *project, text_in(one, "name"))
        state = [text_in(one, "state"), text_in(one, "heartbeatAt")]
        if known.get(key) == state:
            continue
        sweep = text_in(one, "sweepName")
        if sweep and sweep not in sweeps:
            sweeps[sweep] = _sweep(ask, project, sweep, earlier=earlier)
        seen[key] = state
        body = {
            "event_type": "RUN_ENDED",
            "entity_name": project[0],
            "project_name": project[1],
            "run": one,
            "sweep": sweeps.get(sweep),
            "models": [f"{project[0]}/{project[1]}", project[1]],
            "measure": dict(metrics),
        }
        found.append(Found(f"run:{'/'.join(project)}/{text_in(one, 'name')}@{':'.join(state)}", written(body)))
    return found, seen


def _sweep(ask: Asker, project: Project, name: str, *, earlier: bool) -> Mapping[str, Any]:
    """Return what W&B says of a sweep; its name alone where it says nothing."""
    variables = {"entity": project[0], "project": project[1], "sweep": name}
    _, data = asked(ask, SWEEP, variables, earlier=earlier)
    held = data.get("project")
    found = held.get("sweep") if isinstance(held, dict) else None
    return found if isinstance(found, dict) else {"name": name}
