"""What is done to models and versions. Guarded places open to a clearance alone, once."""

import datetime as dt
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from psycopg.types.json import Jsonb

from models_registry.access.models import Account, BusinessUnit
from models_registry.access.permissions import Permission
from models_registry.access.prepared import fetch_one
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.catalog import lifecycle
from models_registry.catalog.clearance_actions import use
from models_registry.catalog.models import (
    Alias,
    AliasMove,
    Clearance,
    ExternalName,
    ModelVersion,
    RegisteredModel,
    StageMove,
)
from models_registry.catalog.statements import NEXT_VERSION, POINT_ALIAS, STANDING_ALIAS

GATED_FIELDS = frozenset({"materiality", "regulatory_class", "data_sensitivity", "customer_facing", "kind"})
"""Facts of a model that a gate decision depends on."""

EDITABLE_FIELDS = GATED_FIELDS | {
    "name", "purpose", "owner", "deputy", "team", "unit", "vendor", "provider", "jurisdictions", "tags"
}  # fmt: skip

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ALIAS = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class NameTaken(Exception):
    """This name is already in use."""

    http_status = 409


class NameUnfit(ValueError):
    """A slug has small letters, digits, - and _, and at most 80 of them."""

    http_status = 400


class DigestMalformed(ValueError):
    """An artifact digest is sha256: and 64 hexadecimal digits in lower case."""

    http_status = 400


class StageNotReachable(Exception):
    """The version cannot go from its present stage to that one."""

    http_status = 409


class NothingToChange(Exception):
    """Everything already is as asked."""

    http_status = 409


class VersionWithdrawn(StageNotReachable):
    """This version was withdrawn; it neither moves nor takes an alias."""


class AliasProtected(Exception):
    """This alias is protected: only those whom its protection names may move it."""

    http_status = 403


@transaction.atomic
def register_model(
    *,
    by: Actor,
    at: dt.datetime,
    slug: str,
    name: str,
    kind: str,
    owner: Account,
    unit: BusinessUnit,
    external_names: Mapping[str, str] | None = None,
    **facts: Any,
) -> RegisteredModel:
    """Put a model on record. ``external_names`` maps a source kind to the name used there.

    Raises AccessDenied, NameUnfit, NameTaken, and ValidationError for values outside their choices.
    """
    model = RegisteredModel(slug=slug, name=name, kind=kind, owner=owner, unit=unit, created_at=at, **facts)
    _require(by, Permission.MODEL_REGISTER, on=model)
    if not slug_is_well_formed(slug):
        raise NameUnfit(slug)
    if RegisteredModel.registry.filter(slug=slug).exists():
        raise NameTaken(f"A model is already called {slug}.")
    model.full_clean(validate_unique=False, validate_constraints=False)
    model.save(force_insert=True)
    record(by=by, action="model.registered", on=model, body=registered_body(model, at), model_id=model.pk)
    for system, external in (external_names or {}).items():
        name_outside(by=by, at=at, model=model, system=system, name=external)
    return model


@transaction.atomic
def edit_model(*, by: Actor, at: dt.datetime, model: RegisteredModel, changes: Mapping[str, Any]) -> RegisteredModel:
    """Change facts of a model; facts that gates judge make standing decisions stale.

    Raises AccessDenied, NothingToChange, ValidationError, and KeyError for a field that is not editable.
    """
    if unknown := set(changes) - EDITABLE_FIELDS:
        raise KeyError(", ".join(sorted(unknown)))
    held = RegisteredModel.registry.select_for_update().get(pk=model.pk)
    _require(by, Permission.MODEL_EDIT, on=held)
    before = {field: _plain(held, field) for field in changes}
    for field, value in changes.items():
        setattr(held, field, value)
    after = {field: _plain(held, field) for field in changes}
    changed = sorted(field for field in changes if before[field] != after[field])
    if not changed:
        raise NothingToChange
    held.full_clean(validate_unique=False)
    held.save(update_fields=changed)
    if GATED_FIELDS & set(changed):
        bump_epoch(model_ids=[held.pk])
    body = {"at": at, "changed": {field: {"from": before[field], "to": after[field]} for field in changed}}
    record(by=by, action="model.edited", on=held, body=body, model_id=held.pk)
    return held


@transaction.atomic
def name_outside(*, by: Actor, at: dt.datetime, model: RegisteredModel, system: str, name: str) -> ExternalName:
    """Record how another system calls a model. Raises AccessDenied and NameTaken."""
    _require(by, Permission.MODEL_EDIT, on=model)
    external, fresh = ExternalName.objects.get_or_create(system=system, name=name, defaults={"model": model})
    if not fresh:
        raise NameTaken(f"{system} already calls another model {name}.")
    body = {"at": at, "system": system, "name": name}
    record(by=by, action="model.named_outside", on=model, body=body, model_id=model.pk)
    return external


@transaction.atomic
def forget_outside_name(*, by: Actor, at: dt.datetime, model: RegisteredModel, system: str, name: str) -> None:
    """Record that another system no longer calls the model so. Raises AccessDenied and NothingToChange."""
    _require(by, Permission.MODEL_EDIT, on=model)
    gone, _ = ExternalName.objects.filter(model=model, system=system, name=name).delete()
    if not gone:
        raise NothingToChange(f"{system} does not call this model {name}.")
    body = {"at": at, "system": system, "name": name}
    record(by=by, action="model.name_outside_forgotten", on=model, body=body, model_id=model.pk)


@transaction.atomic
def register_version(
    *,
    by: Account,
    at: dt.datetime,
    model: RegisteredModel,
    artifact_digest: str = "",
    source_uri: str = "",
    description: str = "",
    run_id: str = "",
    run_link: str = "",
    logged_model_id: str = "",
    download_uri: str = "",
    registry_tags: Mapping[str, str] | None = None,
    after: int = 0,
) -> ModelVersion:
    """Put the next version of a model on record, in DEVELOPMENT. Its number is higher than ``after``.

    Raises AccessDenied, DigestMalformed, and ValidationError for a text that is too long.
    """
    require(by, Permission.VERSION_REGISTER, on=model)
    if artifact_digest and not digest_is_well_formed(artifact_digest):
        raise DigestMalformed(artifact_digest)
    version = ModelVersion(
        model=model,
        artifact_digest=artifact_digest,
        source_uri=source_uri,
        description=description,
        run_id=run_id,
        run_link=run_link,
        logged_model_id=logged_model_id,
        download_uri=download_uri,
        registry_tags=dict(registry_tags or {}),
        created_by=by,
        created_at=at,
    )
    version.clean_fields(exclude=["model", "number", "artifact_digest", "created_by", "registry_tags"])
    version.pk, version.number = _only(fetch_one(NEXT_VERSION, {**_columns(version), "after": after}))
    version._state.adding = False
    body: dict[str, object] = {
        "at": at,
        "number": version.number,
        "artifact_digest": artifact_digest,
        "source_uri": source_uri,
    }
    told = {"run_id": run_id, "run_link": run_link, "logged_model_id": logged_model_id, "tags": registry_tags}
    body |= {name: value for name, value in told.items() if value}
    record(by=by, action="version.registered", on=version, body=body, model_id=model.pk)
    return version


@transaction.atomic
def move_stage(
    *, by: Account, at: dt.datetime, version: ModelVersion, to: str, clearance: Clearance | None = None
) -> ModelVersion:
    """Move a version to another stage; PRODUCTION takes a clearance and uses it up.

    Raises AccessDenied, StageNotReachable, ClearanceMissing, ClearanceExpired, ClearanceUsed, StaleDecision.
    """
    held = ModelVersion.objects.select_related("model").get(pk=version.pk)
    require(by, Permission.VERSION_MOVE, on=held)
    if held.withdrawn_at is not None:
        raise VersionWithdrawn(VersionWithdrawn.__doc__)
    came_from = held.stage
    if not lifecycle.may_move(from_stage=came_from, to=to):
        raise StageNotReachable(f"A version in {came_from} cannot move to {to}.")
    if to in lifecycle.GUARDED_STAGES:
        use(clearance, version=held, target=lifecycle.stage_target(to), stage=to, at=at)
    else:
        _move_freely(held, to)
        clearance = None
    StageMove.objects.create(
        version=held, from_stage=came_from, to_stage=to, clearance=clearance, moved_by=by, moved_at=at
    )
    ModelVersion.objects.filter(pk=held.pk).update(changed_at=at)
    RegisteredModel.registry.filter(pk=held.model_id).update(changed_at=at)
    body = {"at": at, "number": held.number, "from": came_from, "to": to, "clearance": _name(clearance)}
    record(by=by, action="model.stage_moved", on=held, body=body, model_id=held.model_id)
    held.refresh_from_db()
    return held


@transaction.atomic
def point_alias(
    *,
    by: Account,
    at: dt.datetime,
    model: RegisteredModel,
    name: str,
    version: ModelVersion | None,
    clearance: Clearance | None = None,
) -> Alias | None:
    """Point an alias at a version of the model, or remove it with ``version=None``.

    Aliases of prompts are never guarded. Raises AccessDenied, NameUnfit, NothingToChange, AliasProtected and, for
    guarded aliases, the errors of clearances.
    """
    require(by, Permission.VERSION_MOVE, on=model)
    if not alias_is_well_formed(name) or (version is not None and version.model_id != model.pk):
        raise NameUnfit(name)
    if version is not None and version.withdrawn_at is not None:
        raise VersionWithdrawn(VersionWithdrawn.__doc__)
    RegisteredModel.registry.select_for_update(no_key=True).only("pk").get(pk=model.pk)  # its aliases move in line
    standing = _standing_alias(model, name)
    _refuse_strangers(by, name, standing)
    if standing.version_id == (version.pk if version else None):
        raise NothingToChange
    if standing.guarded and version is not None:
        held = ModelVersion.objects.get(pk=version.pk)
        use(clearance, version=held, target=lifecycle.alias_target(name), stage=held.stage, at=at)
    else:
        clearance = None
    moved = _repoint(by, at, model, name, version, standing.guarded, clearance)
    body = {"at": at, "name": name, "version": version.number if version else None, "clearance": _name(clearance)}
    record(by=by, action="alias.moved", on=("alias", f"{model.slug}@{name}"[:64]), body=body, model_id=model.pk)
    return moved


@transaction.atomic
def bump_epoch(*, model_ids: Collection[int]) -> int:
    """Make standing gate decisions on these models stale; return how many versions were touched.

    Runs in the caller's transaction, beside the change and its audit entry.
    """
    keys = ModelVersion.objects.filter(model_id__in=model_ids).order_by("pk").select_for_update(no_key=True)
    return ModelVersion.objects.filter(pk__in=list(keys.values_list("pk", flat=True))).update(epoch=F("epoch") + 1)


def registered_body(model: RegisteredModel, at: dt.datetime) -> dict[str, object]:
    """Return how the trail tells that a model was registered."""
    body = {"slug": model.slug, "at": at, **{field: _plain(model, field) for field in sorted(EDITABLE_FIELDS)}}
    if model.registry_name is not None:
        body |= {"registry_name": model.registry_name, "registry_tags": model.registry_tags, "prompt": model.is_prompt}
    return body


def slug_is_well_formed(text: str) -> bool:
    """Say whether the text is a slug: small letters, digits, - and _, at most 80, no sign at the ends."""
    return _SLUG.fullmatch(text) is not None


def alias_is_well_formed(text: str) -> bool:
    """Say whether the text can be an alias: letters, digits, dots, dashes and underscores."""
    return _ALIAS.fullmatch(text) is not None


def digest_is_well_formed(text: str) -> bool:
    """Say whether the text is an artifact digest: sha256: and 64 hexadecimal digits in lower case."""
    return _DIGEST.fullmatch(text) is not None


def _move_freely(version: ModelVersion, to: str) -> None:
    moved = ModelVersion.objects.filter(pk=version.pk, stage=version.stage).update(stage=to, epoch=F("epoch") + 1)
    if not moved:
        raise StageNotReachable("The version was moved by somebody else meanwhile.")


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where an alias points, and what stands before it."""

    version_id: int | None
    guarded: bool
    protected: bool
    pipeline_only: bool
    movers: tuple[int, ...]


def _standing_alias(model: RegisteredModel, name: str) -> _Standing:
    version_id, guarded, pipeline_only, movers = _only(fetch_one(STANDING_ALIAS, {"model": model.pk, "name": name}))
    if guarded is None:
        guarded = lifecycle.is_guarded(name, is_prompt=model.is_prompt)
    return _Standing(version_id, guarded, pipeline_only is not None, bool(pipeline_only), tuple(movers))


def _refuse_strangers(by: Account, name: str, standing: _Standing) -> None:
    if not standing.protected or by.pk in standing.movers or (standing.pipeline_only and by.is_automation):
        return
    who = "pipelines" if standing.pipeline_only else "the accounts it names"
    raise AliasProtected(f"The alias {name} is protected: only {who} may move it.")


def _repoint(
    by: Account,
    at: dt.datetime,
    model: RegisteredModel,
    name: str,
    version: ModelVersion | None,
    guarded: bool,
    clearance: Clearance | None,
) -> Alias | None:
    """Point the alias, or remove it, and note the move."""
    if version is None:
        Alias.objects.filter(model=model, name=name).delete()
        AliasMove.objects.create(model=model, name=name, moved_by=by, moved_at=at)
        return None
    values: dict[str, Any] = {"model": model.pk, "name": name, "version": version.pk, "guarded": guarded}
    values |= {"clearance": clearance.pk if clearance else None, "by": by.pk, "at": at}
    (key,) = _only(fetch_one(POINT_ALIAS, values))
    return Alias(pk=key, model=model, name=name, version=version, guarded=guarded)


def _only(row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return the row of a statement that always has one."""
    assert row is not None
    return row


def _columns(version: ModelVersion) -> dict[str, Any]:
    """Return what `NEXT_VERSION` writes."""
    held = {field.attname: getattr(version, field.attname) for field in version._meta.concrete_fields}
    return {**held, "registry_tags": Jsonb(version.registry_tags)}


def _require(by: Actor, permission: Permission, *, on: RegisteredModel) -> None:
    """Ask for the permission of an account; parts of the house act on their own authority."""
    if isinstance(by, Account):
        require(by, permission, on=on)


def _plain(model: RegisteredModel, field: str) -> Any:
    value = getattr(model, field)
    return value.pk if hasattr(value, "pk") else value


def _name(clearance: Clearance | None) -> str | None:
    return str(clearance.pk) if clearance else None
