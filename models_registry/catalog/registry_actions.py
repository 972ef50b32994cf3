"""What registry clients do to models and versions beyond registering and moving them: name, describe, label, withdraw.

Nothing is erased: a withdrawn model or version is out of the clients' sight, its record and its history stay.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg.types.json import Jsonb

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, can, require
from models_registry.audit.actions import record
from models_registry.catalog.actions import (
    DigestMalformed,
    NameTaken,
    NothingToChange,
    bump_epoch,
    digest_is_well_formed,
)
from models_registry.catalog.models import (
    Alias,
    AliasMove,
    AliasProtection,
    Kind,
    ModelVersion,
    RegisteredModel,
    Stage,
    StageMove,
)

PROMPT_TAG = "mlflow.prompt.is_prompt"
"""The label by which MLflow's clients tell a prompt from a model; it is settled when the row is made."""


class StillServing(Exception):
    """A version in production, or behind a guarded alias, cannot be withdrawn."""

    http_status = 409


class DigestSettled(Exception):
    """The artifact of this version was stated already; another artifact is another version."""

    http_status = 409


class PromptSettled(Exception):
    """Whether a row is a prompt is settled when it is made."""

    http_status = 409


@transaction.atomic
def rename_model(*, by: Account, at: dt.datetime, model: RegisteredModel, name: str) -> None:
    """Let clients know the model by another name; its slug stays. Raises AccessDenied and NameTaken."""
    _require_hold(by, model)
    before = model.registry_name or model.slug
    if before == name:
        raise NameTaken(name)
    values: dict[str, Any] = {"name": name, "model": model.pk, "at": at, "before": before, "shown": name[:120]}
    taken = "SELECT 1 FROM catalog_model WHERE coalesce(registry_name, slug) = %(name)s AND archived_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(taken, values)
        if cursor.fetchone():
            raise NameTaken(name)
        cursor.execute(
            "UPDATE catalog_model SET registry_name = %(name)s, changed_at = %(at)s,"
            " name = CASE WHEN name = left(%(before)s, 120) THEN %(shown)s ELSE name END WHERE id = %(model)s",
            values,
        )
        cursor.execute("UPDATE catalog_version SET changed_at = %(at)s WHERE model_id = %(model)s", values)
    body = {"at": at, "from": before, "to": name}
    record(by=by, action="model.renamed", on=model, body=body, model_id=model.pk)


@transaction.atomic
def describe_model(*, by: Account, at: dt.datetime, model: RegisteredModel, purpose: str) -> None:
    """Write what the model is for. Raises AccessDenied."""
    _require_hold(by, model)
    RegisteredModel.registry.filter(pk=model.pk).update(purpose=purpose, changed_at=at)
    body = {"at": at, "changed": {"purpose": {"from": model.purpose, "to": purpose}}}
    record(by=by, action="model.edited", on=model, body=body, model_id=model.pk)


@transaction.atomic
def label_model(*, by: Account, at: dt.datetime, model: RegisteredModel, key: str, value: str | None) -> None:
    """Set a label of the model, or remove it with ``value=None``. Raises AccessDenied and PromptSettled."""
    require(by, Permission.VERSION_REGISTER, on=model)
    if key == PROMPT_TAG and (value == "true") != model.is_prompt:
        raise PromptSettled(PromptSettled.__doc__)
    _label("catalog_model", model.pk, key, value)
    action = "model.untagged" if value is None else "model.tagged"
    record(by=by, action=action, on=model, body=_told(at, key, value), model_id=model.pk)


@transaction.atomic
def label_version(*, by: Account, at: dt.datetime, version: ModelVersion, key: str, value: str | None) -> None:
    """Set a label of the version, or remove it with ``value=None``. Raises AccessDenied."""
    require(by, Permission.VERSION_REGISTER, on=version)
    _label("catalog_version", version.pk, key, value)
    action = "version.untagged" if value is None else "version.tagged"
    body = {"number": version.number, **_told(at, key, value)}
    record(by=by, action=action, on=version, body=body, model_id=version.model_id)


@transaction.atomic
def state_digest(*, by: Account, at: dt.datetime, version: ModelVersion, digest: str) -> None:
    """State which artifact the version is, once. Raises AccessDenied, DigestMalformed and DigestSettled."""
    require(by, Permission.VERSION_REGISTER, on=version)
    if not digest_is_well_formed(digest):
        raise DigestMalformed(digest)
    held = ModelVersion.objects.select_for_update().get(pk=version.pk)
    if held.artifact_digest not in ("", digest):
        raise DigestSettled(DigestSettled.__doc__)
    if held.artifact_digest == digest:
        return
    held.artifact_digest = digest
    held.save(update_fields=["artifact_digest"])
    bump_epoch(model_ids=[held.model_id])
    body = {"at": at, "number": held.number, "artifact_digest": digest}
    record(by=by, action="version.digest_stated", on=held, body=body, model_id=held.model_id)


@transaction.atomic
def describe_version(*, by: Account, at: dt.datetime, version: ModelVersion, description: str) -> None:
    """Write what a version brings. Raises AccessDenied."""
    require(by, Permission.VERSION_REGISTER, on=version)
    ModelVersion.objects.filter(pk=version.pk).update(description=description, changed_at=at)
    body = {"at": at, "number": version.number, "description": description}
    record(by=by, action="version.described", on=version, body=body, model_id=version.model_id)


@transaction.atomic
def withdraw_version(*, by: Account, at: dt.datetime, version: ModelVersion) -> None:
    """Take a version out of the clients' sight, with its aliases. Raises AccessDenied and StillServing."""
    require(by, Permission.VERSION_MOVE, on=version)
    _withdraw(by, at, version.model, ModelVersion.objects.filter(pk=version.pk))
    RegisteredModel.registry.filter(pk=version.model_id).update(changed_at=at)
    body = {"at": at, "number": version.number}
    record(by=by, action="version.withdrawn", on=version, body=body, model_id=version.model_id)


@transaction.atomic
def withdraw_model(*, by: Account, at: dt.datetime, model: RegisteredModel, untouched: bool = False) -> None:
    """Archive a model and free its name for clients. Raises AccessDenied and StillServing.

    ``untouched``: the caller has seen that nothing of it changed since it was registered; then whoever registered it
    may take it back, whoever owns it.
    """
    _require_hold(by, model, untouched=untouched)
    _withdraw(by, at, model, ModelVersion.objects.filter(model=model, withdrawn_at__isnull=True))
    RegisteredModel.registry.filter(pk=model.pk).update(archived_at=at, changed_at=at)
    body = {"at": at, "name": model.registry_name or model.slug}
    record(by=by, action="model.withdrawn", on=model, body=body, model_id=model.pk)


@transaction.atomic
def restore_model(*, by: Account, at: dt.datetime, model: RegisteredModel) -> None:
    """Put an archived model back among the others, as it was. Its versions stay withdrawn.

    Raises AccessDenied, NothingToChange, and NameTaken where another model goes by its name now.
    """
    _require_hold(by, model, untouched=True)
    held = RegisteredModel.registry.select_for_update().get(pk=model.pk)
    if held.archived_at is None:
        raise NothingToChange("The model is not archived.")
    try:
        with transaction.atomic():
            RegisteredModel.registry.filter(pk=held.pk).update(archived_at=None, changed_at=at)
    except IntegrityError:
        raise NameTaken(f"Another model is called {held.registry_name or held.slug} now.") from None
    body = {"at": at, "name": held.registry_name or held.slug}
    record(by=by, action="model.restored", on=held, body=body, model_id=held.pk)


@transaction.atomic
def restore_version(*, by: Account, at: dt.datetime, version: ModelVersion) -> None:
    """Put a withdrawn version back, in DEVELOPMENT and without an alias. Raises AccessDenied and NothingToChange."""
    require(by, Permission.VERSION_MOVE, on=version)
    held = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if held.withdrawn_at is None:
        raise NothingToChange("The version is not withdrawn.")
    StageMove.objects.create(version=held, from_stage=held.stage, to_stage=Stage.DEVELOPMENT, moved_by=by, moved_at=at)
    ModelVersion.objects.filter(pk=held.pk).update(stage=Stage.DEVELOPMENT, withdrawn_at=None, changed_at=at)
    RegisteredModel.registry.filter(pk=held.model_id).update(changed_at=at)
    body = {"at": at, "number": held.number}
    record(by=by, action="version.restored", on=held, body=body, model_id=held.model_id)


@transaction.atomic
def protect_alias(
    *,
    by: Account,
    at: dt.datetime,
    model: RegisteredModel,
    name: str,
    pipeline_only: bool,
    movers: Iterable[Account] = (),
) -> AliasProtection:
    """Let only pipelines, or only the named accounts, move an alias from now on. Raises AccessDenied."""
    require(by, Permission.MODEL_EDIT, on=model)
    facts = {"pipeline_only": pipeline_only, "protected_by": by, "protected_at": at}
    protection, _ = AliasProtection.objects.update_or_create(model=model, name=name, defaults=facts)
    named = sorted(movers, key=lambda one: one.username)
    protection.movers.set(named)
    body = {"at": at, "name": name, "pipeline_only": pipeline_only, "movers": [one.username for one in named]}
    record(by=by, action="alias.protected", on=("alias", f"{model.slug}@{name}"[:64]), body=body, model_id=model.pk)
    return protection


@transaction.atomic
def unprotect_alias(*, by: Account, at: dt.datetime, model: RegisteredModel, name: str) -> None:
    """Let whoever may move versions move this alias again. Raises AccessDenied and NothingToChange."""
    require(by, Permission.MODEL_EDIT, on=model)
    protection = AliasProtection.objects.filter(model=model, name=name).first()
    if protection is None:
        raise NothingToChange(f"The alias {name} is not protected.")
    protection.movers.clear()
    protection.delete()
    body = {"at": at, "name": name}
    record(by=by, action="alias.unprotected", on=("alias", f"{model.slug}@{name}"[:64]), body=body, model_id=model.pk)


def _require_hold(by: Account, model: RegisteredModel, *, untouched: bool = False) -> None:
    """Ask for the right to edit the model; what nobody has described yet may be taken back by who registered it."""
    answer = can(by, Permission.MODEL_EDIT, on=model)
    unfinished = model.is_prompt or model.kind == Kind.UNKNOWN or untouched
    its_own = model.registered_by_id == by.pk and unfinished and can(by, Permission.MODEL_REGISTER)
    if not answer and not its_own:
        raise AccessDenied(answer.reason)


def _withdraw(by: Account, at: dt.datetime, model: RegisteredModel, versions: Any) -> None:
    """Withdraw versions: none of them serves, their aliases go, and they are archived."""
    held = list(versions.select_for_update(no_key=True).order_by("number"))
    for version in held:
        if version.stage == Stage.PRODUCTION:
            raise StillServing(f"Version {version.number} is in production. Move it to another stage first.")
    aliases = list(Alias.objects.filter(version__in=held))
    if guarded := next((one for one in aliases if one.guarded), None):
        raise StillServing(f"The guarded alias {guarded.name} points at this version. Point it elsewhere first.")
    AliasMove.objects.bulk_create(
        AliasMove(model_id=model.pk, name=one.name, moved_by=by, moved_at=at) for one in aliases
    )
    Alias.objects.filter(pk__in=[one.pk for one in aliases]).delete()
    StageMove.objects.bulk_create(
        StageMove(version=one, from_stage=one.stage, to_stage=Stage.ARCHIVED, moved_by=by, moved_at=at)
        for one in held
        if one.stage != Stage.ARCHIVED
    )
    ModelVersion.objects.filter(pk__in=[one.pk for one in held]).update(
        stage=Stage.ARCHIVED, withdrawn_at=at, changed_at=at
    )


def _label(table: str, key_of_row: int, key: str, value: str | None) -> None:
    change = "registry_tags || %s" if value is not None else "registry_tags - %s::text"
    changed: Any = Jsonb({key: value}) if value is not None else key
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET registry_tags = {change} WHERE id = %s",  # noqa: S608 - both texts are ours
            [changed, key_of_row],
        )


def _told(at: dt.datetime, key: str, value: str | None) -> dict[str, object]:
    return {"at": at, "key": key} | ({} if value is None else {"value": value})
