"""What a client registers: a model that somebody answers for, a version with its origin as given."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from governance.mlflow import naming
from governance.mlflow.entities import (
    STAGES,
    FoundVersion,
    latest_versions,
    model_called,
    shown_alias,
    version_called,
)
from governance.mlflow.errors import Refused, invalid
from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant
from models_registry.access.roles import Administrator
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import Kind, ModelVersion, RegisteredModel
from models_registry.catalog.registry_actions import PROMPT_TAG
from models_registry.catalog.run_actions import link_origin

DIGEST_TAG = "redline.artifact_digest"
"""The label by which a client states the SHA-256 of what it registered, so that a gate can judge it."""
PROMPT_SOURCES = frozenset({"dummy-source", "prompt-template"})
"""What clients name as the source of a prompt's version, which has none: `register_prompt`, `create_prompt_version`."""
NOT_ASSIGNED = "not-assigned"
NUMBER = re.compile(r"[0-9]{1,9}")


def register_model(
    *, by: Account, issued_by_id: int | None, at: datetime, name: str, description: str, tags: Mapping[str, str]
) -> RegisteredModel:
    """Put a model on record under the name that clients use. Raises AccessDenied and Refused.

    Its owner is the person who calls, or who issued the token of the automation that calls; kind and purpose
    are for the owner to state, and until then no gate approves a version of it.
    """
    is_prompt = tags.get(PROMPT_TAG) == "true"
    _refuse_taken(name, is_prompt=is_prompt)
    owner = _owner(by, issued_by_id)
    try:
        with transaction.atomic():
            return catalog.register_model(
                by=by,
                at=at,
                slug=_free_slug(name),
                name=name[:120],
                kind=Kind.UNKNOWN,
                owner=owner,
                unit=_unit(by, owner),
                team_id=by.team_id or owner.team_id,
                purpose=description,
                registry_name=name,
                registry_tags=dict(tags),
                registered_by=by,
                is_prompt=is_prompt,
            )
    except IntegrityError:
        _refuse_taken(name, is_prompt=is_prompt)
        raise


def register_version(
    *,
    by: Account,
    at: datetime,
    model: RegisteredModel,
    source: str,
    run_id: str,
    run_link: str,
    description: str,
    logged_model_id: str,
    tags: Mapping[str, str],
) -> ModelVersion:
    """Put the next version on record, with its source as given. Raises AccessDenied and Refused."""
    download_uri, digest = "", tags.get(DIGEST_TAG, "")
    if not (model.is_prompt and source in PROMPT_SOURCES):
        naming.source_uri(source, has_origin=bool(run_id or logged_model_id))
        copied = _copied(source, by=by)
        if copied is not None:
            origin = copied.version
            _refuse_another_origin(source, origin, run_id, logged_model_id)
            source = f"models:/{origin.model.registry_name or origin.model.slug}/{origin.number}"
            run_id, logged_model_id = origin.run_id, origin.logged_model_id
            download_uri, digest = copied.download_uri, _same_digest(origin, digest)
    register = partial(
        catalog.register_version,
        by=by,
        at=at,
        model=model,
        artifact_digest=digest,
        source_uri=source,
        description=description,
        run_id=run_id,
        run_link=run_link,
        logged_model_id=logged_model_id,
        download_uri=download_uri,
        registry_tags=tags,
    )
    if not run_id and not logged_model_id:
        return register()
    with transaction.atomic():
        version = register()
        link_origin(by=by, at=at, version=version)
    return version


def _copied(source: str, *, by: Account) -> FoundVersion | None:
    """Return the registered version that a source names, None for a source of another kind. Raises Refused."""
    parts = urlsplit(source)
    if parts.scheme != "models":
        return None
    if parts.netloc:
        raise invalid(
            f"Invalid model version source: '{source}'. Registered model sources must use the active model registry."
        )
    path = parts.path.lstrip("/")
    if not path:
        raise invalid(f"Invalid model version source: '{source}'.")
    name, slash, which = path.rpartition("/")
    if not slash:
        name, at_sign, alias = path.rpartition("@")
        return _by_alias(name, alias, by=by) if at_sign else None  # a logged model: models:/m-…
    return _by_place(name, which, by=by)


def newest(name: str, *, by: Account) -> dict[str, object]:
    """Return the answer that shows the newest version of a model, wherever it stands. Raises Refused."""
    found = latest_versions(name, stages=[str(one) for one in STAGES.values()], by=by)
    if not found:
        raise Refused("RESOURCE_DOES_NOT_EXIST", f"Latest version not found for model {name}.")
    return max(found, key=lambda one: int(str(one["version"])))


def _by_alias(name: str, alias: str, *, by: Account) -> FoundVersion:
    shown = newest(name, by=by) if alias.lower() == naming.LATEST else shown_alias(name, alias, by=by)
    if shown is None:
        raise invalid(f"Registered model alias {alias} not found.")
    return version_called(name, int(str(shown["version"])), by=by)


def _by_place(name: str, which: str, *, by: Account) -> FoundVersion:
    model_called(name, by=by)
    if NUMBER.fullmatch(which):
        return version_called(name, int(which), by=by)
    stages = [stage for place, stage in STAGES.items() if place.lower() == which.lower()]
    if not stages and which.lower() != naming.LATEST:
        raise invalid(f"Invalid Model Version stage: {which}. Value must be one of {', '.join(STAGES)}.")
    found = latest_versions(name, stages=[str(one) for one in stages or STAGES.values()], by=by)
    if not found:
        raise Refused("RESOURCE_DOES_NOT_EXIST", f"No versions of model with name '{name}' and stage '{which}' found")
    return version_called(name, max(int(str(one["version"])) for one in found), by=by)


def _refuse_another_origin(source: str, origin: ModelVersion, run_id: str, logged_model_id: str) -> None:
    if (run_id and run_id != origin.run_id) or (logged_model_id and logged_model_id != origin.logged_model_id):
        raise invalid(
            f"Invalid model version source: '{source}'. The run_id and model_id request parameters must match the "
            "referenced model version."
        )


def _same_digest(origin: ModelVersion, stated: str) -> str:
    """Return the digest of a copy, which is of the artifact that it copies. Raises Refused when another is stated."""
    if stated and origin.artifact_digest and stated != origin.artifact_digest:
        raise Refused(
            "RESOURCE_CONFLICT",
            f"A copy is of the same artifact: {origin} is on record with {origin.artifact_digest}, not {stated}.",
        )
    return origin.artifact_digest or stated


def _refuse_taken(name: str, *, is_prompt: bool) -> None:
    called = RegisteredModel.registry.active().extra(where=["coalesce(registry_name, slug) = %s"], params=[name])
    taken = called.values_list("is_prompt", flat=True).first()
    if taken is None:
        return
    if taken == is_prompt:
        kind = "Prompt" if is_prompt else "Registered Model"
        raise Refused("RESOURCE_ALREADY_EXISTS", f"{kind} (name={name}) already exists.")
    wanted, held = ("prompt", "registered model") if is_prompt else ("registered model", "prompt")
    raise Refused(
        "RESOURCE_ALREADY_EXISTS",
        f"Tried to create a {wanted} with name {name!r}, but the name is already taken by a {held}. MLflow does not "
        "allow creating a model and a prompt with the same name.",
    )


def _owner(by: Account, issued_by_id: int | None) -> Account:
    """Return who answers for what this account registers: itself, the issuer of its token, or an administrator."""
    if not by.is_automation:
        return by
    people = Account.objects.filter(kind=AccountKind.PERSON, is_active=True)
    issuer = people.filter(pk=issued_by_id).first() if issued_by_id is not None else None
    grants = RoleGrant.objects.filter(role=Administrator.name, ended_at__isnull=True)
    return issuer or people.filter(pk__in=grants.values("account")).order_by("pk").first() or by


def _unit(by: Account, owner: Account) -> BusinessUnit:
    """Return the unit of the caller or the owner; a model of nobody's unit waits in one of its own to be assigned."""
    held = by.unit_id or owner.unit_id
    if held is not None:
        return BusinessUnit.objects.get(pk=held)
    return BusinessUnit.objects.get_or_create(slug=NOT_ASSIGNED, defaults={"name": "Not assigned"})[0]


def _free_slug(name: str) -> str:
    """Return an address for the model, made of its name, that no other model has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")[:70].rstrip("-_") or "model"
    held = set(RegisteredModel.registry.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in _numbered(stem) if slug not in held)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in count(2))
