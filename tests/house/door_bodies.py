"""A body for each door, fit enough that the permission is what decides."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tests.house.doors import Door

if TYPE_CHECKING:
    from tests.house.door_world import World

SWEPT = {"address": "https://mlflow.example.com"}
"""A platform that no test asks."""


def body_of(door: Door, relation: str, world: "World") -> dict[str, Any]:
    """Return what is sent: the API's own fields, or every field that some form asks for."""
    digests = world.digests.get(relation, {})
    digest = digests.get(door.names, digests.get("risk", "sha256:none"))
    soon = (world.at + timedelta(days=7)).date().isoformat()
    if door.is_api and door.address.endswith("lineage/edges/"):
        used = world.names["artifact_version"]["own"]["pk"]
        return {"model": "zz-own", "version": 1, "used": used, "role": "EVALUATED_ON"}
    if door.is_api and door.address == "api/v1/backfills/":
        return {"source": "history", "file_name": "fresh.csv", "size": 100}
    if door.is_api and door.address.endswith("polling/"):
        return {"config": SWEPT, "scheme": "none", "interval_s": 300}
    if door.is_api and door.address.endswith("costs/budgets/"):
        return {"scope": "MODEL", "model": "zz-own", "amount": "10", "first_month": soon[:7]}
    if door.is_api and door.address.endswith(("history/previews/", "history/terms/")):
        days = {"measurements_days": 400, "bodies_days": 200, "held_days": 400, "fine_days": 400, "coarse_days": None}
        return days if door.address.endswith("previews/") else {**days, "reason": "Enough."}
    if door.is_api and door.address.endswith("history/holds/"):
        return {"model": "zz-own", "since": "2026-01", "reason": "Case 7."}
    if door.is_api and door.address.endswith(("liftings/", "endings/")):
        return {"reason": "Closed."}
    if door.is_api and door.address.endswith("costs/imports/"):
        return {"content": "date,amount\n2026-01-01,1\n"}
    if door.is_api and door.address == "api/v1/imports/":
        return {"content": "slug,vendor\nzz-own,Acme\n"}
    if door.is_api and door.address.endswith("versions/<int:number>/run/"):
        return {"run": world.names["run"][relation]["pk"]}
    if door.is_api:
        return _json(door, digest, soon)
    return {
        "judged_digest": digest,
        "digest": digest,
        "note": "Seen.",
        "text": "Seen.",
        "evidence": "Done.",
        "reason": "Because.",
        "comment": "Fine.",
        "approves": "yes",
        "vote": "approve",
        "upheld": "yes",
        "settlement": "So be it.",
        "since": "2026-01",
        "likelihood": "2",
        "impact": "2",
        "due_on": soon,
        "decision": "MITIGATE",
        "do": "review",
        "name": "candidate",
        "to": "ARCHIVED",
    }


def _json(door: Door, digest: str, soon: str) -> dict[str, Any]:
    judged = {"judged_digest": digest}
    endings: dict[str, dict[str, Any]] = {
        "acknowledgements/": judged if "risks" in door.address else {},
        "plans/": {**judged, "summary": "Fix.", "steps": [{"text": "Do it", "owner": "olive", "due_on": soon}]},
        "completions/": {"evidence": "Done."},
        "verifications/": {"verified": True},
        "evidence/": {**judged, "evidence": "Done."},
        "releases/": {**judged, "reason": "Because."},
        "returns/": {**judged, "reason": "Because."},
        "acceptances/": {**judged, "justification": "Small.", "expires_on": soon},
        "disputes/": {**judged, "disputed_input": "rule:1", "reason": "Wrong."},
        "settlements/": {"upheld": True, "settlement": "So be it."},
        "snoozes/": {"until": (timezone.now() + timedelta(hours=4)).isoformat()},
        "answers/": {"text": "Taken off today."},
        "votes/": {"approves": True, "digest": "sha256:asked"},
        "models/": {"slug": "fresh", "name": "Fresh", "kind": "CLASSIFIER"},
        "<slug:slug>/versions/": {"text": "rule: x"} if "/models/" not in door.address else {"source_uri": "x"},
        "lineage/artifacts/": {"kind": "DATASET", "name": "fresh", "version": "1"},
        "withdrawals/": {"reason": "Because."},
        "imports/<int:pk>/undoings/": {"reason": "Because."},
        "v1/predictions/": {
            "predictions": [
                {"prediction_id": "p", "model": "m", "version": 1, "observed_at": timezone.now().isoformat()}
            ]
        },
        "versions/<int:number>/": {"parameters": {"rate": 0.1}, "metrics": {"auc": 0.9}},
        "validations/": {
            "suite": "held-out",
            "kind": "PERFORMANCE",
            "ran_at": timezone.now().isoformat(),
            "results": [{"metric": "accuracy", "value": 0.9}],
        },
        "runs/": {"source": "OWN", "runs": [{"id": "fresh"}]},
        "stage/": {"to": "PRODUCTION"},
        "/$": {"version": 1},
        "risk_scores": {"scores": {"PERFORMANCE": {"value": 10}}, "source": "scorer"},
        "sections/<slug:section>/": {"text": "Fresh.", "judged": f"sha256:{'a' * 64}"},
        "gates/promotion/": {"model": "zz-own", "version": 1, "target": "PRODUCTION"},
    }
    return next((body for ending, body in endings.items() if door.address.endswith(ending)), {})
