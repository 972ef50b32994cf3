"""An MLflow server in memory: what its REST API lists, and the webhooks that it would send (INTEGRATIONS A5, A6)."""

import datetime as dt
import email.utils
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.models_registry.telemetry.platform_stub import Asked, Reply

PREFIX = "/api/2.0/mlflow/"
MOMENT = dt.timedelta(milliseconds=40)
"""How much later than a change its webhook is dated."""


@dataclass(frozen=True)
class Webhook:
    """One delivery that the server would make."""

    delivery: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers that it comes with."""
        return {"x-mlflow-delivery-id": self.delivery, "content-type": "application/json"}


@dataclass
class Mlflow:
    """The server; ``now`` is its clock and ``page`` how many things it lists at once, if that is fewer than asked."""

    now: dt.datetime
    page: int = 1000
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    sent: list[Webhook] = field(default_factory=list)
    changes: list[tuple[str, ...]] = field(default_factory=list)

    def create_model(self, name: str) -> None:
        made = {"creation_timestamp": self._ms, "last_updated_timestamp": self._ms}
        self.models[name] = {"name": name, "aliases": {}, **made}
        self._tell("registered_model.created", name=name, tags={}, description=None)

    def create_version(self, name: str, run_id: str = "") -> str:
        number = str(1 + sum(model == name for model, _ in self.versions))
        self.versions[name, number] = {
            "name": name,
            "version": number,
            "creation_timestamp": self._ms,
            "last_updated_timestamp": self._ms,
            "current_stage": "None",
            "source": f"s3://models/{name}/{number}",
            "run_id": run_id,
            "tags": {},
        }
        told = {"name": name, "version": number, "source": f"s3://models/{name}/{number}", "run_id": run_id or None}
        self._tell("model_version.created", **told, tags={}, description=None)
        return number

    def set_alias(self, name: str, alias: str, version: str) -> None:
        self.models[name]["aliases"][alias] = version
        self._tell("model_version_alias.created", name=name, alias=alias, version=version)

    def delete_alias(self, name: str, alias: str) -> None:
        del self.models[name]["aliases"][alias]
        self._tell("model_version_alias.deleted", name=name, alias=alias)

    def set_tag(self, name: str, version: str, key: str, value: str) -> None:
        self.versions[name, version]["tags"][key] = value
        self._tell("model_version_tag.set", name=name, version=version, key=key, value=value)

    def move(self, name: str, version: str, stage: str) -> None:
        """Move a version to a stage, of which no webhook tells."""
        self.versions[name, version] |= {"current_stage": stage, "last_updated_timestamp": self._ms}

    def end_run(self, run_id: str, experiment: str = "7", **metrics: float) -> None:
        info = {"run_id": run_id, "run_name": run_id, "experiment_id": experiment, "status": "FINISHED"}
        told = [{"key": key, "value": value, "timestamp": self._ms, "step": 0} for key, value in metrics.items()]
        params = [{"key": "depth", "value": "6"}]
        self.runs.append(
            {"info": info | {"start_time": self._ms - 1000, "end_time": self._ms},
             "data": {"metrics": told, "params": params}}
        )  # fmt: skip

    def answer(self, asked: Asked) -> Reply:
        """Answer a call of the REST API."""
        date = {"Date": email.utils.format_datetime(self.now, usegmt=True)}
        name = asked.path.removeprefix(PREFIX)
        if name == "registered-models/search":
            listed = [self._model(name) for name in sorted(self.models)]
            return Reply(self._page(asked, "registered_models", listed), headers=date)
        if name == "model-versions/search":
            return Reply(self._page(asked, "model_versions", self._versions(asked)), headers=date)
        if name == "experiments/search":
            return Reply({"experiments": [{"experiment_id": "7", "name": "claims-triage"}]}, headers=date)
        if name == "runs/search":
            since, *until = (int(part.rsplit(" ", 1)[1]) for part in asked.json["filter"].split(" AND "))
            ended = [run for run in self.runs if since <= run["info"]["end_time"] <= (until or [10**14])[0]]
            newest_first = asked.json["order_by"][0].endswith("DESC")
            listed = sorted(ended, key=lambda run: run["info"]["end_time"], reverse=newest_first)
            return Reply(self._page(asked, "runs", listed), headers=date)
        if name == "runs/get":
            found = [run for run in self.runs if run["info"]["run_id"] == asked.query["run_id"][0]]
            return Reply({"run": found[0]}, headers=date) if found else Reply({}, status=404)
        return Reply({"error_code": "ENDPOINT_NOT_FOUND"}, status=404)

    @property
    def _ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def _model(self, name: str) -> dict[str, Any]:
        held = dict(self.models[name])
        aliases = held.pop("aliases")
        return held | ({"aliases": [{"alias": a, "version": v} for a, v in sorted(aliases.items())]} if aliases else {})

    def _versions(self, asked: Asked) -> list[dict[str, Any]]:
        by, way = asked.query["order_by"][0].split()
        told = [
            {**held, "tags": [{"key": key, "value": value} for key, value in sorted(held["tags"].items())]}
            for _, held in sorted(self.versions.items())
        ]
        return sorted(told, key=lambda each: each[by], reverse=way == "DESC")

    def _page(self, asked: Asked, name: str, listed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        given = asked.json if asked.json is not None else {key: value[0] for key, value in asked.query.items()}
        first, size = int(given.get("page_token") or 0), min(int(given["max_results"]), self.page)
        more = {"next_page_token": str(first + size)} if first + size < len(listed) else {}
        return {name: listed[first : first + size], **more}

    def _tell(self, event: str, **data: Any) -> None:
        entity, _, action = event.partition(".")
        at = (self.now + MOMENT).isoformat(timespec="microseconds")
        body = json.dumps({"entity": entity, "action": action, "timestamp": at, "data": data})
        self.sent.append(Webhook(str(uuid.uuid4()), body.encode()))
        self.changes.append(named(body.encode()))


def named(body: bytes) -> tuple[str, ...]:
    """Return what names a change, apart from when it was made."""
    told = json.loads(body)
    data = told["data"]
    parts = (data.get(name) or "" for name in ("name", "version", "alias", "key", "value", "current_stage"))
    return (f"{told['entity']}.{told['action']}", *parts)
