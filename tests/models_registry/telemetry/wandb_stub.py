"""A W&B that answers GraphQL as its client's queries ask it, and renders automations as its teams write them."""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

from tests.models_registry.telemetry.platform_stub import Asked, Reply

PLACE = ("acme", "wandb-registry-model")
A_PAGE = 3
"""However many are asked for, so that tests turn pages."""


@dataclass
class Wandb:
    """A registry with collections of versions, and projects of runs. ``sent`` are the automations that ran."""

    now: dt.datetime
    collections: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    sweeps: dict[str, str] = field(default_factory=dict)
    sent: list[dict[str, str]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    refuse: Reply | None = None

    def link(self, collection: str, number: int, **metadata: Any) -> None:
        """Link a version to the registry."""
        held = self.collections.setdefault(collection, {})
        held[number] = {"aliases": [f"v{number}"], "metadata": metadata}
        self._tell("LINK_ARTIFACT", collection, number, "")

    def alias(self, collection: str, number: int, name: str) -> None:
        """Put an alias on a version; another that had it loses it."""
        self.take_off(collection, name)
        self.collections[collection][number]["aliases"].append(name)
        self._tell("ADD_ARTIFACT_ALIAS", collection, number, name)

    def take_off(self, collection: str, name: str) -> None:
        """Take an alias off; no automation tells it."""
        for held in self.collections[collection].values():
            if name in held["aliases"]:
                held["aliases"].remove(name)

    def run(self, name: str, *, state: str = "finished", sweep: str = "", ago: int = 10, **summary: Any) -> None:
        """Keep a run of acme/credit that was made some minutes ago."""
        self.runs = [one for one in self.runs if one["name"] != name]
        self.runs.append(
            {
                "id": name,
                "name": name,
                "displayName": f"run {name}",
                "state": state,
                "sweepName": sweep or None,
                "config": json.dumps({"rate": {"value": 0.1, "desc": None}, "_wandb": {"value": {}}}),
                "summaryMetrics": json.dumps({**summary, "_runtime": 8}),
                "createdAt": (self.now - dt.timedelta(minutes=ago)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "heartbeatAt": self.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "user": {"username": "dana"},
            }
        )

    def answer(self, asked: Asked) -> Reply:
        """Answer one question; without the key it is refused."""
        key = "Basic " + base64.b64encode(b"api:the-key").decode()
        if asked.path != "/graphql" or asked.headers.get("authorization") != key:
            return Reply({"errors": [{"message": "unauthenticated"}]}, status=401)
        headers = {"Date": format_datetime(self.now, usegmt=True), **self.headers}
        if self.refuse is not None:
            return self.refuse
        if self.errors:
            return Reply({"data": None, "errors": self.errors}, headers=headers)
        query, variables = asked.json["query"], asked.json["variables"]
        if "artifactMemberships" in query:
            return Reply({"data": {"organization": self._members(variables)}}, headers=headers)
        if "sweep(" in query:
            told = {"name": variables["sweep"], "displayName": "", "config": self.sweeps[variables["sweep"]]}
            return Reply({"data": {"project": {"sweep": told}}}, headers=headers)
        return Reply({"data": {"project": {"runs": self._runs(variables)}}}, headers=headers)

    def _members(self, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        if variables["organization"] != "acme-org":
            return None
        assert json.loads(variables["projects"]) == {"name": PLACE[1]}
        nodes = [
            {
                "versionIndex": number,
                "aliases": [{"alias": alias} for alias in held["aliases"]],
                "artifactCollection": {
                    "name": name,
                    "project": {"name": PLACE[1], "entity": {"name": PLACE[0]}},
                },
                "artifact": {
                    "id": f"{name}-{number}",
                    "digest": "0123456789abcdef0123456789abcdef",
                    "state": "COMMITTED",
                    "size": 10,
                    "commitHash": None,
                    "metadata": json.dumps(held["metadata"]),
                    "createdAt": "2026-01-01T00:00:00Z",
                },
            }
            for name, versions in sorted(self.collections.items())
            for number, held in sorted(versions.items())
        ]
        return {"orgEntity": {"name": PLACE[0], "artifactMemberships": _page(nodes, variables["after"])}}

    def _runs(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        newest_first = sorted(self.runs, key=lambda one: (one["createdAt"], one["name"]), reverse=True)
        return _page(newest_first, variables["after"])

    def _tell(self, event: str, collection: str, number: int, alias: str) -> None:
        self.sent.append(
            {
                "event_type": event,
                "event_author": "dana",
                "entity_name": PLACE[0],
                "project_name": PLACE[1],
                "artifact_collection_name": collection,
                "artifact_version": "wandb-artifact://_id/QQ",
                "artifact_version_string": f"{PLACE[0]}/{PLACE[1]}/{collection}:v{number}",
                "alias": alias,
                "tag": "",
            }
        )


def _page(nodes: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    begin = int(after) if after else 0
    end = begin + A_PAGE
    more = end < len(nodes)
    return {
        "pageInfo": {"endCursor": str(end) if more else None, "hasNextPage": more},
        "edges": [{"node": one} for one in nodes[begin:end]],
    }
