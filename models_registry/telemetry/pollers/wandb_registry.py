"""The registry of a W&B team: where its aliases stand, and what was linked and put on between two looks.

Sources: wandb 0.2x `tools/graphql_codegen`, `wandb/automations`. A link and an alias are told as the automations of
`adapters.wandb` tell them, so that both make one event; W&B dates neither, so each lies between two looks. No
automation tells that an alias was taken off: an event of our own, ALIASES_OBSERVED, says where the aliases of a
collection stand. It is told when one is gone, at the first look, and once an hour while a guarded one stands.
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
    EARLIER,
    answered_at,
    list_in,
    moment_told,
    object_in,
    text_in,
    thing,
    written,
)
from models_registry.telemetry.pollers.shapes import Asker, Change, Found, Page, Recall, Unread
from models_registry.telemetry.pollers.wandb_asking import asked, next_page, spare

MEMBERS_A_PAGE: Final = 100
LATER: Final = dt.timedelta(minutes=10)
"""How long after a change its automation may run."""
AGAIN_AFTER: Final = dt.timedelta(hours=1)
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


def pages(
    ask: Asker, config: Mapping[str, str], place: dict[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Look at every version of the registry, and then at where its aliases stand."""
    name = config.get("registry", "").strip() or "model"
    variables = {
        "organization": config["organization"].strip(),
        "projects": json.dumps({"name": f"wandb-registry-{name}"}),
        "first": MEMBERS_A_PAGE,
    }
    begun = moment_told(place["begun_at"], "begun_at")
    while True:
        answer, data = asked(ask, MEMBERS, {**variables, "after": place.get("members_after")})
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
        if next_page(place, "members_after", listed):
            yield Page(found, dict(place), seen)
            spare(answer)
            continue
        gone, remembered = _observed(look, place, recall)
        place["members_looked"] = place.pop("members_began")
        place.pop("standing")
        yield Page([*found, *gone], dict(place), {**seen, **remembered})
        spare(answer)
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


def _observed(look: _Look, place: dict[str, Any], recall: Recall) -> tuple[list[Found], dict[str, Any]]:
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


def _version_thing(one: Member) -> str:
    return thing("member", one.address, one.version)


def _collection_thing(address: str) -> str:
    return thing("collection", address)


def _json_object(told: Any) -> Mapping[str, Any]:
    """Return metadata, which some versions of W&B write as JSON in a text."""
    try:
        found = json.loads(told) if isinstance(told, str) else told
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
