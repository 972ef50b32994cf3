"""A W&B team: where the aliases of its registry stand, and the runs and sweeps of its projects.

Sources: wandb 0.2x `wandb/apis/public/runs.py`, `tools/graphql_codegen`, `wandb/automations`; W&B docs, "Rate limits".
GraphQL answers 200 with `errors` where a question is refused. A link and an alias are told as the automations of
`adapters.wandb` tell them, so that both make one event; W&B dates neither, so each lies between two looks. No
automation tells that an alias was taken off: an event of our own, ALIASES_OBSERVED, says where the aliases of a
collection stand. It is told when one is gone, at the first look, and once an hour while a guarded one stands.

Runs are told once they ended, with the sweep they belong to.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from models_registry.catalog import lifecycle
from models_registry.telemetry.adapters.wandb import OBSERVED, SAME_EVENT
from models_registry.telemetry.placed import digest_in
from models_registry.telemetry.pollers.reading import (
    answered_at,
    list_in,
    moment_told,
    object_in,
    text_in,
    thing,
    written,
)
from models_registry.telemetry.pollers.shapes import (
    Answer,
    Ask,
    Asker,
    Change,
    Field,
    Found,
    Page,
    Poller,
    Recall,
    Refused,
    Scheme,
    Throttled,
    Unread,
)

MEMBERS_A_PAGE, RUNS_A_PAGE = 100, 50
EARLIER: Final = dt.timedelta(seconds=3)
"""The Date header of an answer is rounded down to a second and may be as old as that."""
LATER: Final = dt.timedelta(minutes=10)
"""How long after a change its automation may run."""
AGAIN_AFTER: Final = dt.timedelta(hours=1)
LONGEST_RUN: Final = dt.timedelta(days=30)
"""A run that goes on for longer is not waited for."""
LITTLE_LEFT: Final = 20
"""Of a thousand: with less of its rate left, a sweep waits for the next window by itself."""
ENDED: Final = frozenset({"finished", "failed", "crashed", "killed", "preempted"})
_SYSTEM_ALIAS: Final = re.compile(r"latest|v\d+", re.ASCII)
_VERSION: Final = re.compile(r"[^/\s]+/[^/\s]+/[^\s]+:v\d{1,9}", re.ASCII)

MEMBERS: Final = """
query Members($organization: String!, $projects: JSONString, $first: Int, $after: String) {
  organization(name: $organization) { orgEntity { name artifactMemberships(
    projectFilters: $projects, first: $first, after: $after
  ) {
    pageInfo { endCursor hasNextPage }
    edges { node { versionIndex aliases { alias }
      artifactCollection { name project { name entity { name } } }
      artifact { id digest state size commitHash metadata createdAt } } }
  } } }
}"""
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


@dataclass(frozen=True, slots=True)
class Member:
    """One version in one collection of a registry."""

    place: str
    collection: str
    index: int
    aliases: tuple[str, ...]
    digest: str
    artifact_id: str

    @property
    def version(self) -> str:
        """The version as W&B names it."""
        return f"v{self.index}"

    @property
    def address(self) -> str:
        """The address of its collection: entity, project and name."""
        return f"{self.place}/{self.collection}"

    @property
    def link(self) -> str:
        """The version as automations write it."""
        return f"{self.address}:{self.version}"


@dataclass(slots=True)
class _Look:
    """One look at a registry. ``standing`` has, by collection, alias, version and digest of what was seen so far."""

    since: dt.datetime
    at: dt.datetime
    is_first: bool
    standing: dict[str, dict[str, list[str]]] = field(default_factory=dict)


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read the registry, then the runs of each project. Each part keeps its own place in the cursor."""
    place = dict(cursor)
    if config.get("organization", "").strip():
        yield from _registry(ask, config, place, at, recall)
    for project in _projects(config):
        yield from _runs(ask, project, _measured(config), place, at, recall)


def change(document: Any, received_at: dt.datetime) -> Change | None:
    """Return what an automation tells, by the key that a sweep gives it; W&B dates nothing, so it is now."""
    if not isinstance(document, dict):
        return None
    event, link = document.get("event_type"), document.get("artifact_version_string")
    if not isinstance(event, str) or not isinstance(link, str) or not _VERSION.fullmatch(link):
        return None
    event = SAME_EVENT.get(event, event)
    alias = document.get("alias")
    if event == "LINK_ARTIFACT":
        return Change(f"{event}:{link}", received_at)
    if event == "ADD_ARTIFACT_ALIAS" and isinstance(alias, str) and alias:
        return Change(f"{event}:{link}:{alias}", received_at)
    return None


def check(config: Mapping[str, str]) -> Mapping[str, str]:
    """Find what is missing or written in another form."""
    found = {}
    if not config.get("organization", "").strip() and not config.get("projects", "").strip():
        found["organization"] = "Name an organization, or projects, or both."
    for line in _lines(config, "projects"):
        if line.count("/") != 1 or not all(part.strip() for part in line.split("/")):
            found["projects"] = "Each line names a team and a project: acme/credit."
    for line in _lines(config, "metrics"):
        if not line.partition("=")[0].strip() or (("=" in line) and not line.partition("=")[2].strip()):
            found["metrics"] = "Each line names a metric there, or that and ours: val/acc=accuracy."
    return found


# ---- the registry ----


def _registry(
    ask: Asker, config: Mapping[str, str], place: dict[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    name = config.get("registry", "").strip() or "model"
    variables = {
        "organization": config["organization"].strip(),
        "projects": json.dumps({"name": f"wandb-registry-{name}"}),
        "first": MEMBERS_A_PAGE,
    }
    begun = moment_told(place["begun_at"], "begun_at")
    while True:
        answer, data = _asked(ask, MEMBERS, {**variables, "after": place.get("members_after")})
        organization = object_in(data.get("organization"), "organization of this name")
        listed = object_in(object_in(organization.get("orgEntity"), "orgEntity").get("artifactMemberships"), "members")
        now = answered_at(answer, at)
        place.setdefault("members_began", now.isoformat())
        looked = place.get("members_looked")
        look = _Look(
            since=(moment_told(looked, "cursor") if looked else begun) - EARLIER,
            at=now,
            is_first=looked is None,
            standing=place.setdefault("standing", {}),
        )
        found, seen = _members([_member(edge) for edge in list_in(listed, "edges")], look, recall)
        if _next(place, "members_after", listed):
            yield Page(found, dict(place), seen)
            _spare(answer)
            continue
        gone, remembered = _observed(look, place, recall)
        place["members_looked"] = place.pop("members_began")
        place.pop("standing")
        yield Page([*found, *gone], dict(place), {**seen, **remembered})
        _spare(answer)
        return


def _member(edge: Mapping[str, Any]) -> Member:
    node = object_in(edge.get("node"), "node")
    collection = object_in(node.get("artifactCollection"), "artifactCollection")
    project = object_in(collection.get("project"), "project")
    artifact = object_in(node.get("artifact"), "artifact")
    index = node.get("versionIndex")
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise Unread("The answer's versionIndex is no whole number.")
    entity = text_in(object_in(project.get("entity"), "entity"), "name")
    return Member(
        place=f"{entity}/{text_in(project, 'name')}",
        collection=text_in(collection, "name"),
        index=index,
        aliases=tuple(
            alias for one in list_in(node, "aliases") if not _SYSTEM_ALIAS.fullmatch(alias := text_in(one, "alias"))
        ),
        digest=digest_in(_json_object(artifact.get("metadata"))),
        artifact_id=text_in(artifact, "id"),
    )


def _members(members: Sequence[Member], look: _Look, recall: Recall) -> tuple[list[Found], dict[str, Any]]:
    """Return what is new of these versions, and what to remember of them."""
    known = recall(_version_thing(one) for one in members)
    found: list[Found] = []
    seen: dict[str, Any] = {}
    for one in members:
        for alias in one.aliases:
            look.standing.setdefault(one.address, {})[alias] = [one.version, one.digest]
        before = known.get(_version_thing(one))
        state = {"aliases": sorted(one.aliases)}
        if before == state:
            continue
        seen[_version_thing(one)] = state
        if look.is_first:
            continue  # what stood there before is told by the observation alone
        if before is None:
            found.append(_told(one, "LINK_ARTIFACT", "", look))
        held = set(before["aliases"]) if before else set()
        found += [_told(one, "ADD_ARTIFACT_ALIAS", alias, look) for alias in sorted(set(one.aliases) - held)]
    return found, seen


def _told(one: Member, event: str, alias: str, look: _Look) -> Found:
    """Return a change as the automation of W&B renders it, with the time and the digest that only a sweep knows."""
    entity, _, project = one.place.partition("/")
    body = {
        "event_type": event,
        "event_author": "",
        "entity_name": entity,
        "project_name": project,
        "artifact_collection_name": one.collection,
        "artifact_version": f"wandb-artifact://_id/{one.artifact_id}",
        "artifact_version_string": one.link,
        "alias": alias,
        "tag": "",
        "at": look.at.isoformat(),
    }
    if one.digest:
        body["digest"] = one.digest
    key = ":".join(filter(None, (event, one.link, alias)))
    return Found(
        f"{key}@{int(look.since.timestamp())}-{int(look.at.timestamp())}",
        written(body),
        change=key,
        since=look.since,
        until=look.at + LATER,
    )


def _observed(look: _Look, place: Mapping[str, Any], recall: Recall) -> tuple[list[Found], dict[str, Any]]:
    """Say where aliases stand now, of each collection of which that is news or due again."""
    roll = set(place.get("collections", ()))
    known = recall(_collection_thing(one) for one in sorted(roll | look.standing.keys()))
    found: list[Found] = []
    seen: dict[str, Any] = {}
    for address in sorted(roll | look.standing.keys()):
        now, before = look.standing.get(address, {}), known.get(_collection_thing(address))
        gone = sorted(before["aliases"].keys() - now.keys()) if before else []
        guarded = any(lifecycle.is_guarded(alias, is_prompt=False) for alias in now)
        due = before is None or look.at >= moment_told(before["at"], "memory") + AGAIN_AFTER
        state: dict[str, Any] = {"aliases": {alias: told[0] for alias, told in now.items()}}
        if gone or (guarded and due):
            found.append(_observation(address, now, gone, look.at))
            seen[_collection_thing(address)] = {**state, "at": look.at.isoformat()}
        elif before is None or before["aliases"] != state["aliases"]:
            told_at = before["at"] if before else look.at.isoformat()
            seen[_collection_thing(address)] = {**state, "at": told_at}
    if isinstance(place, dict):
        place["collections"] = sorted(look.standing)
    return found, seen


def _observation(address: str, now: Mapping[str, Sequence[str]], gone: Sequence[str], at: dt.datetime) -> Found:
    entity, project, collection = address.split("/", 2)
    stands = [
        {
            "alias": alias,
            "version": version,
            "artifact_version_string": f"{address}:{version}",
            **({"digest": digest} if digest else {}),
        }
        for alias, (version, digest) in sorted(now.items())
    ]
    body = {
        "event_type": OBSERVED,
        "entity_name": entity,
        "project_name": project,
        "artifact_collection_name": collection,
        "at": at.isoformat(),
        "aliases": [*stands, *({"alias": alias, "version": None} for alias in gone)],
    }
    return Found(f"{OBSERVED}:{address}@{int(at.timestamp())}", written(body))


# ---- runs ----


def _runs(
    ask: Asker, project: tuple[str, str], metrics: Mapping[str, str], place: dict[str, Any], at: dt.datetime,
    recall: Recall,
) -> Iterator[Page]:  # fmt: skip
    """Read runs from the one made last back to the oldest that still went on at the last look."""
    entity, name = project
    marks = place.setdefault("runs", {})
    path = f"{entity}/{name}"
    begun = moment_told(place["begun_at"], "begun_at")
    back_to = moment_told(marks[path], "cursor") if path in marks else begun
    oldest_open: dt.datetime | None = None
    sweeps: dict[str, Mapping[str, Any]] = {}
    newest = back_to
    after: str | None = None
    while True:
        variables = {"entity": entity, "project": name, "first": RUNS_A_PAGE, "after": after}
        answer, data = _asked(ask, RUNS, variables)
        listed = object_in(object_in(data.get("project"), f"project {path}").get("runs"), "runs")
        nodes = [object_in(edge.get("node"), "node") for edge in list_in(listed, "edges")]
        fresh = [one for one in nodes if moment_told(one.get("createdAt"), "createdAt") >= back_to]
        for one in fresh:
            made = moment_told(one.get("createdAt"), "createdAt")
            newest = max(newest, made)
            if text_in(one, "state") not in ENDED and made >= at - LONGEST_RUN:
                oldest_open = min(made, oldest_open or made)
        found, seen = _ended(ask, project, fresh, metrics, sweeps, recall)
        info = object_in(listed.get("pageInfo"), "pageInfo")
        after = text_in(info, "endCursor") or None
        goes_on = info.get("hasNextPage") is True and after is not None and len(fresh) == len(nodes)
        if not goes_on:
            marks[path] = (oldest_open or newest).isoformat()
        yield Page(found, {**place, "runs": dict(marks)}, seen)
        _spare(answer)
        if not goes_on:
            return


def _ended(
    ask: Asker,
    project: tuple[str, str],
    runs: Sequence[Mapping[str, Any]],
    metrics: Mapping[str, str],
    sweeps: dict[str, Mapping[str, Any]],
    recall: Recall,
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
            sweeps[sweep] = _sweep(ask, project, sweep)
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


def _sweep(ask: Asker, project: tuple[str, str], name: str) -> Mapping[str, Any]:
    """Return what W&B says of a sweep; its name alone where it says nothing."""
    variables = {"entity": project[0], "project": project[1], "sweep": name}
    _, data = _asked(ask, SWEEP, variables)
    held = data.get("project")
    found = held.get("sweep") if isinstance(held, dict) else None
    return found if isinstance(found, dict) else {"name": name}


# ---- asking ----


def _asked(ask: Asker, query: str, variables: Mapping[str, Any]) -> tuple[Answer, Mapping[str, Any]]:
    """Ask by GraphQL. Raises Refused for an answer of errors, which comes with status 200."""
    answer = ask(Ask("graphql", "POST", json={"query": query, "variables": dict(variables)}))
    told = object_in(answer.data, "object")
    if told.get("errors"):
        raise Refused(answer.status, _error(told["errors"]))
    return answer, object_in(told.get("data"), "data")


def _error(errors: Any) -> str:
    """Return in our words what W&B refuses; its own text may quote what was asked."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    text = str(first.get("message", "")).lower()
    if "permission" in text or "denied" in text or "unauthor" in text:
        return "W&B does not let this key read what was asked."
    if "not found" in text or "does not exist" in text:
        return "W&B knows no organization or project of that name."
    if "rate limit" in text:
        return "W&B asks for fewer questions."
    return "W&B refuses the question as it stands."


def _spare(answer: Answer) -> None:
    """Wait for the next window before W&B refuses. Raises Throttled."""
    left, reset = (answer.headers.get(name, "") for name in ("ratelimit-remaining", "ratelimit-reset"))
    if left.isdecimal() and int(left) < LITTLE_LEFT and reset.isdecimal():
        raise Throttled(float(reset))


def _next(place: dict[str, Any], name: str, listed: Mapping[str, Any]) -> bool:
    """Keep where the next page begins, and say whether there is one."""
    info = object_in(listed.get("pageInfo"), "pageInfo")
    cursor = text_in(info, "endCursor")
    place.pop(name, None)
    if info.get("hasNextPage") is True and cursor:
        place[name] = cursor
        return True
    return False


def _version_thing(one: Member) -> str:
    return thing("member", one.address, one.version)


def _collection_thing(address: str) -> str:
    return thing("collection", address)


def _projects(config: Mapping[str, str]) -> list[tuple[str, str]]:
    named = (line.partition("/") for line in _lines(config, "projects"))
    return [(entity.strip(), name.strip()) for entity, _, name in named]


def _measured(config: Mapping[str, str]) -> dict[str, str]:
    pairs = (line.partition("=") for line in _lines(config, "metrics"))
    return {theirs.strip(): ours.strip() or theirs.strip() for theirs, _, ours in pairs}


def _lines(config: Mapping[str, str], name: str) -> list[str]:
    return [line.strip() for line in config.get(name, "").splitlines() if line.strip()]


def _json_object(told: Any) -> Mapping[str, Any]:
    """Return metadata, which some versions of W&B write as JSON in a text."""
    try:
        found = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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
    ),
    schemes=(Scheme.BASIC_API,),
    address="https://api.wandb.ai",
    min_interval_s=60,
    change=change,
    check=check,
)
