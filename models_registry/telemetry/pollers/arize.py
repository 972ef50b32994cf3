"""The monitors of an Arize space: status, latest computed value and when it was computed, by REST v2.

Source: Python package `arize` 8.61, generated REST client (`monitor*`, `project*`, `pagination_metadata`, `problem`).
Monitor endpoints are marked alpha there. A monitor names its project by an id, so the projects are read first. Each
evaluation is told once; a webhook that names the monitor and the moment of the evaluation tells the same event.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final

from models_registry.telemetry.adapters.arize import POLLED
from models_registry.telemetry.pollers.reading import (
    lines_in,
    list_in,
    moment_told,
    object_in,
    text_in,
    thing,
    written,
)
from models_registry.telemetry.pollers.shapes import (
    Ask,
    Asker,
    Change,
    Field,
    Found,
    Page,
    Poller,
    Recall,
    Scheme,
    Unread,
)

A_PAGE: Final = 100
STATUSES: Final = frozenset({"TRIGGERED", "CLEARED", "NO_DATA"})
AT_FIRST: Final = dt.timedelta(days=1)
"""How old an evaluation may be that is told at the first look."""
ROUND: Final = dt.timedelta(seconds=1)
"""A webhook may write the moment with another precision."""
_MOMENTS: Final = ("evaluated_at", "triggered_at", "timestamp")


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read the names of the projects, then every monitor. A sweep that was cut short begins its list anew."""
    space = config["space"].strip()
    names = _projects(ask, space)
    begun = moment_told(cursor["begun_at"], "begun_at")
    wanted = set(lines_in(config, "projects"))
    after = ""
    while True:
        query: dict[str, str | int] = {"space_id": space, "limit": A_PAGE, **({"cursor": after} if after else {})}
        data = object_in(ask(Ask("v2/monitors", query=query)).data, "object")
        listed = [one for one in list_in(data, "monitors") if _is_wanted(one, names, wanted)]
        known = recall(thing("monitor", text_in(one, "id")) for one in listed)
        found: list[Found] = []
        seen: dict[str, Any] = {}
        for one in listed:
            key = thing("monitor", text_in(one, "id"))
            state = [text_in(one, "status"), text_in(one, "evaluated_at")]
            if known.get(key) == state:
                continue
            seen[key] = state
            if key in known or _is_recent(one, begun):
                found.append(_evaluation(one, names.get(text_in(one, "project_id"), "")))
        yield Page(found, {}, seen)
        after = _next(data)
        if not after:
            return


def change(document: Any, received_at: dt.datetime) -> Change | None:
    """Return which evaluation of which monitor a webhook tells, where it says both."""
    if not isinstance(document, dict):
        return None
    told = next((document[name] for name in ("monitor", "data") if isinstance(document.get(name), dict)), document)
    name = next((told[key] for key in ("monitor_id", "id") if isinstance(told.get(key), str) and told[key]), "")
    moment = next((told[key] for key in _MOMENTS if isinstance(told.get(key), str)), "")
    try:
        at = moment_told(moment, "time")
    except Unread:
        return None
    return Change(f"monitor:{name}", min(at, received_at)) if name else None


def check(config: Mapping[str, str]) -> Mapping[str, str]:
    """Find that the space is missing."""
    return {} if config.get("space", "").strip() else {"space": "The id of the space is needed."}


def _projects(ask: Asker, space: str) -> dict[str, str]:
    """Return the names of the space's projects, by id."""
    found: dict[str, str] = {}
    after = ""
    while True:
        query: dict[str, str | int] = {"space_id": space, "limit": A_PAGE, **({"cursor": after} if after else {})}
        data = object_in(ask(Ask("v2/projects", query=query)).data, "object")
        found |= {text_in(one, "id"): text_in(one, "name") for one in list_in(data, "projects")}
        after = _next(data)
        if not after:
            return found


def _is_wanted(one: Mapping[str, Any], names: Mapping[str, str], wanted: set[str]) -> bool:
    project = text_in(one, "project_id")
    return not wanted or project in wanted or names.get(project, "") in wanted


def _is_recent(one: Mapping[str, Any], begun: dt.datetime) -> bool:
    told = text_in(one, "evaluated_at")
    return bool(told) and moment_told(told, "evaluated_at") >= begun - AT_FIRST


def _evaluation(one: Mapping[str, Any], project: str) -> Found:
    """Return what a monitor says now. One that never computed anything is told by its status and no moment."""
    key, status, told = text_in(one, "id"), text_in(one, "status"), text_in(one, "evaluated_at")
    if not key or status not in STATUSES:
        raise Unread("The answer's monitors are not as its interface describes them.")
    named = {"model_name": project} if project else {}
    body = written({"event": POLLED, "monitor": {**one, **named}})
    if not told:
        return Found(f"monitor:{key}:{status}@{text_in(one, 'updated_at')}", body)
    moment = moment_told(told, "evaluated_at")
    return Found(
        f"monitor:{key}:{status}@{moment.isoformat()}",
        body,
        change=f"monitor:{key}",
        since=moment - ROUND,
        until=moment + ROUND,
    )


def _next(data: Mapping[str, Any]) -> str:
    """Return where the next page begins, empty after the last one."""
    info = object_in(data.get("pagination") or {}, "pagination")
    if info.get("has_more") is not True:
        return ""
    after = text_in(info, "next_cursor")
    if not after:
        raise Unread("The answer says that there is more, and not where.")
    return after


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field("space", "Space", "The id of the space, as its address in Arize shows it."),
        Field(
            "projects",
            "Projects",
            "Names or ids of those whose monitors are read, one a line. All of them when left out.",
            required=False,
            lines=True,
        ),
    ),
    schemes=(Scheme.BEARER,),
    address="https://api.arize.com",
    min_interval_s=60,
    change=change,
    check=check,
)
