"""Webhooks of an MLflow server (3.x): what changed in its registry, and budgets that were exceeded.

Source: `mlflow/webhooks/delivery.py`, `types.py` and `constants.py`, 3.17. A change of a model or of one of its
versions gives one `registry_change_count`, in the segment that says which change; the models of a registry that
are not registered here are counted and left alone. A tag that holds the weights' digest is compared with the
digest on record. Prompts are no models.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import generic_json, mlflow_runs
from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import PRODUCTION, Fields, as_object
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.placed import Mark, Placed, digest_in, stage_name
from models_registry.telemetry.readings import Problem, Reading, Unreadable, printable
from models_registry.telemetry.strict_json import loads

KIND: Final = "mlflow"
STAGE: Final = "model_version_stage"
"""What a sweep tells; MLflow sends no webhook for it."""
MODELS: Final = frozenset({"registered_model", "model_version", "model_version_tag", "model_version_alias", STAGE})
PROMPTS: Final = frozenset({"prompt", "prompt_version", "prompt_tag", "prompt_version_tag", "prompt_alias"})
BUDGET: Final = "budget_policy"
ACTIONS: Final = frozenset({"created", "deleted", "set", "exceeded"})
GUARDED: Final = "PRODUCTION"
"""The stage that a gate stands before."""
DIGEST_TAGS: Final = frozenset({"weights_digest", "weight_digest", "model_digest", "artifact_digest"})


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery. An envelope of another shape needs a mapping and is read by it."""
    document = loads(body)
    if mapping and not (isinstance(document, dict) and "entity" in document):
        return generic_json.read_document(document, mapping=mapping, received_at=received_at, kind=KIND)
    if mlflow_runs.stated(document) is not None:
        return Findings()
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


def placements(document: Any, *, received_at: datetime) -> list[Placed]:
    """Return what a delivery says of an alias or a stage; nothing for a body that `read` refuses.

    MLflow sends no event for a stage: a sweep tells it, by `current_stage` beside `name` and `version`.
    """
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict) or not str(document.get("entity")).startswith("model_version"):
        return []
    model, alias, version = (_plain(data, name) for name in ("name", "alias", "version"))
    stage = stage_name(_plain(data, "current_stage"))
    put_on = document.get("action") != "deleted"
    at = min(Fields(document, "", received_at=received_at).moment_or_received("timestamp"), received_at)
    told = Placed(
        model=model[:200],
        place=_plain(document, "workspace")[:400],
        mark=Mark.ALIAS,
        name=alias[:255],
        on=put_on,
        version=version[:100] if put_on else "",
        observed_at=at,
        digest=digest_in(data.get("tags")),
        by=_plain(data, "user_id")[:200],
    )
    found = []
    if document["entity"] == "model_version_alias" and model and alias and (version or not put_on):
        found.append(told)
    if stage and model and version:
        on = put_on and stage == GUARDED
        found.append(replace(told, mark=Mark.STAGE, name=GUARDED, on=on, version=version[:100]))
    return found


def _plain(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return printable(text.strip(), limit=500) if isinstance(text, str) else ""


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
            attributes=_facts(data, "alias", "key", "value", "source", "current_stage", "previous_stage"),
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
