"""Webhooks of an MLflow server (3.x): what changed in its registry, and budgets that were exceeded.

Source: `mlflow/webhooks/delivery.py`, `types.py` and `constants.py`, 3.17. A change of a model or of one of its
versions gives one `registry_change_count`, in the segment that says which change; the models of a registry that
are not registered here are counted and left alone. A tag that holds the weights' digest is compared with the
digest on record. Prompts are no models.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import PRODUCTION, Fields, as_object
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Problem, Reading, Unreadable
from models_registry.telemetry.strict_json import loads

KIND: Final = "mlflow"
MODELS: Final = frozenset({"registered_model", "model_version", "model_version_tag", "model_version_alias"})
PROMPTS: Final = frozenset({"prompt", "prompt_version", "prompt_tag", "prompt_version_tag", "prompt_alias"})
BUDGET: Final = "budget_policy"
ACTIONS: Final = frozenset({"created", "deleted", "set", "exceeded"})
DIGEST_TAGS: Final = frozenset({"weights_digest", "weight_digest", "model_digest", "artifact_digest"})


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery. An envelope of another shape needs a mapping and is read by it."""
    document = loads(body)
    if mapping and not (isinstance(document, dict) and "entity" in document):
        return generic_json.read_document(document, mapping=mapping, received_at=received_at, kind=KIND)
    fields = Fields(as_object(document, ""), "", received_at=received_at)
    entity, action = fields.required("metric", "entity"), fields.required("metric", "action")
    if entity and entity not in MODELS | PROMPTS | {BUDGET}:
        fields.problems.append(Problem("E_CHOICE", "/entity", "an entity that MLflow 3.17 does not send"))
    if action and action not in ACTIONS:
        fields.problems.append(Problem("E_CHOICE", "/action", "an action that MLflow 3.17 does not send"))
    data, at = object_of(fields, "data"), fields.moment_or_received("timestamp")
    if fields.first("data")[1] is None:
        fields.missing("/data", "data")
    if fields.problems:
        raise Unreadable(fields.problems)
    change = f"{entity}.{action}"
    if entity in PROMPTS:
        return Findings(notices=[Notice("N_NO_MODEL", change)])
    if entity == BUDGET:
        return _budget(data, at, change)
    return Findings(_changes(data, at, change), lenient=True)


def _changes(data: Fields, at: datetime, change: str) -> list[Reading]:
    told = data.finish(
        Reading(
            model=data.required("model", "name"),
            version=data.optional("version", "version") or None,
            metric="registry_change_count",
            value=1.0,
            unit="count",
            environment=PRODUCTION,
            segment=f"change={change}",
            observed_at=at,
            attributes=_facts(data, "alias", "key", "value", "source"),
        )
    )
    digest = data.source.get("value")
    is_digest = change == "model_version_tag.set" and str(data.source.get("key")) in DIGEST_TAGS
    if is_digest and isinstance(digest, str):
        facts = {"observed_digest": digest[:200]}
        return [told, told._replace(metric="weight_digest_change_count", value=0.0, segment="", attributes=facts)]
    return [told]


def _budget(data: Fields, at: datetime, change: str) -> Findings:
    """Read a budget that belongs to one served model: what it cost since the window began."""
    scope = data.required("metric", "target_scope")
    spent = data.number("current_spend")
    if data.problems:
        raise Unreadable(data.problems)
    target = data.source.get("target_value")
    if scope != "ENDPOINT" or target is None:
        return Findings(notices=[Notice("N_NO_MODEL", f"{change} {scope}")])
    cost = Reading(
        model=data.required("model", "target_value"),
        version=None,
        metric="cost_usd",
        value=spent,
        unit=data.optional("unit", "budget_unit") or "USD",
        environment=PRODUCTION,
        segment=f"budget={data.optional('metric', 'budget_policy_id')}",
        observed_at=at,
        attributes=_facts(data, "duration_unit", "workspace"),
    )
    return Findings([data.finish(cost)], lenient=True)


def _facts(data: Fields, *names: str) -> dict[str, str]:
    found = {name: data.source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
