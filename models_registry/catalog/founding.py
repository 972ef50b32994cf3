"""Put many new models on record at once, with their versions, aliases and names elsewhere.

The rows and the entries of the trail are those that the single actions write; a few statements write them for all
models together.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import remember, require
from models_registry.audit.actions import Entry, record_all
from models_registry.catalog import actions, lifecycle
from models_registry.catalog.clearance_actions import ClearanceMissing
from models_registry.catalog.models import (
    Alias,
    AliasMove,
    ExternalName,
    ModelVersion,
    RegisteredModel,
    Stage,
    StageMove,
)

KEYS: Final = ("owner", "deputy", "team", "unit", "registered_by")
"""What points at rows that the caller has read; the database refuses what is gone meanwhile."""
OF_VERSIONS: Final = ("model", "number", "artifact_digest", "created_by", "registry_tags")


@dataclass(frozen=True)
class NewVersion:
    """One version: its number, and where it is to stand."""

    number: int
    artifact_digest: str = ""
    source_uri: str = ""
    description: str = ""
    stage: str = Stage.DEVELOPMENT


@dataclass(frozen=True)
class NewModel:
    """One model with all that hangs on it. ``aliases`` map a name to the number of a version."""

    slug: str
    facts: Mapping[str, Any]
    outside: Sequence[tuple[str, str]] = ()
    versions: Sequence[NewVersion] = ()
    aliases: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Made:
    """A model on its way, with the rows that will hang on it."""

    asked: NewModel
    model: RegisteredModel
    versions: dict[int, ModelVersion] = field(default_factory=dict)


@transaction.atomic
def register_all(*, by: Account, at: dt.datetime, asked: Sequence[NewModel]) -> list[RegisteredModel]:
    """Put the models on record, all or none, and return them in their order.

    Raises what `register_model`, `name_outside`, `register_version`, `move_stage` and `point_alias` raise, and
    IntegrityError where somebody else was faster.
    """
    remember(by)
    made = [_Made(one, _model(one, by, at)) for one in asked]
    _refuse_taken(asked)
    for one in made:
        _check(one, by, at)
    RegisteredModel.objects.bulk_create([one.model for one in made])
    ModelVersion.objects.bulk_create([version for one in made for version in one.versions.values()])
    StageMove.objects.bulk_create([move for one in made for move in _moves(one, by, at)])
    pointed = [
        {"model": one.model, "name": name, "version": one.versions[number]}
        for one in made
        for name, number in one.asked.aliases.items()
    ]
    Alias.objects.bulk_create([Alias(**values) for values in pointed])
    AliasMove.objects.bulk_create([AliasMove(**values, moved_by=by, moved_at=at) for values in pointed])
    ExternalName.objects.bulk_create(
        [ExternalName(model=one.model, system=system, name=name) for one in made for system, name in one.asked.outside]
    )
    record_all(entry for one in made for entry in _entries(one, by, at))
    return [one.model for one in made]


def _model(asked: NewModel, by: Account, at: dt.datetime) -> RegisteredModel:
    last = max((one.number for one in asked.versions), default=0)
    return RegisteredModel(
        slug=asked.slug, created_at=at, changed_at=at if last else None, registered_by=by, last_number=last,
        **asked.facts,
    )  # fmt: skip


def _refuse_taken(asked: Sequence[NewModel]) -> None:
    slugs = {one.slug for one in asked}
    taken = RegisteredModel.registry.filter(slug__in=slugs).values_list("slug", flat=True).first()
    if taken or len(slugs) < len(asked):
        raise actions.NameTaken(f"A model is already called {taken or 'so'}.")
    outside = [pair for one in asked for pair in one.outside]
    known = ExternalName.objects.filter(name__in={name for _, name in outside}).values_list("system", "name")
    if len(set(outside)) < len(outside) or set(known) & set(outside):
        raise actions.NameTaken("Another system already calls another model so.")


def _check(made: _Made, by: Account, at: dt.datetime) -> None:
    """Judge one model as the single actions would, and make its versions."""
    asked, model = made.asked, made.model
    require(by, Permission.MODEL_REGISTER, on=model)
    if not actions.slug_is_well_formed(asked.slug):
        raise actions.NameUnfit(asked.slug)
    model.clean_fields(exclude=KEYS)
    model.clean()
    if asked.outside:
        require(by, Permission.MODEL_EDIT, on=model)
    if asked.versions:
        require(by, Permission.VERSION_REGISTER, on=model)
    if asked.aliases or any(one.stage != Stage.DEVELOPMENT for one in asked.versions):
        require(by, Permission.VERSION_MOVE, on=model)
    for one in asked.versions:
        made.versions[one.number] = _version(one, model, by, at)
    for name in asked.aliases:
        if not actions.alias_is_well_formed(name):
            raise actions.NameUnfit(name)
        if lifecycle.is_guarded(name, is_prompt=False):
            raise ClearanceMissing(ClearanceMissing.__doc__)


def _version(one: NewVersion, model: RegisteredModel, by: Account, at: dt.datetime) -> ModelVersion:
    if one.artifact_digest and not actions.digest_is_well_formed(one.artifact_digest):
        raise actions.DigestMalformed(one.artifact_digest)
    moves = one.stage != Stage.DEVELOPMENT
    if moves and one.stage in lifecycle.GUARDED_STAGES:
        raise ClearanceMissing(ClearanceMissing.__doc__)
    if moves and not lifecycle.may_move(from_stage=Stage.DEVELOPMENT, to=one.stage):
        raise actions.StageNotReachable(f"A version in {Stage.DEVELOPMENT} cannot move to {one.stage}.")
    version = ModelVersion(
        model=model, number=one.number, artifact_digest=one.artifact_digest, source_uri=one.source_uri,
        description=one.description, stage=one.stage, epoch=int(moves), created_by=by, created_at=at,
        changed_at=at if moves else None,
    )  # fmt: skip
    version.clean_fields(exclude=OF_VERSIONS)
    return version


def _moves(made: _Made, by: Account, at: dt.datetime) -> Iterator[StageMove]:
    for version in made.versions.values():
        stages = ["", Stage.DEVELOPMENT, *([version.stage] if version.stage != Stage.DEVELOPMENT else [])]
        for before, after in pairwise(stages):
            yield StageMove(version=version, from_stage=before, to_stage=after, moved_by=by, moved_at=at)


def _entries(made: _Made, by: Account, at: dt.datetime) -> Iterator[Entry]:
    model = made.model
    key = model.pk
    yield Entry(by, "model.registered", model, actions.registered_body(model, at), key)
    for system, name in made.asked.outside:
        yield Entry(by, "model.named_outside", model, {"at": at, "system": system, "name": name}, key)
    for version in made.versions.values():
        body: dict[str, object] = {
            "at": at, "number": version.number, "artifact_digest": version.artifact_digest,
            "source_uri": version.source_uri,
        }  # fmt: skip
        yield Entry(by, "version.registered", version, body, key)
        if version.stage != Stage.DEVELOPMENT:
            moved = {"at": at, "number": version.number, "from": Stage.DEVELOPMENT, "to": version.stage}
            yield Entry(by, "model.stage_moved", version, {**moved, "clearance": None}, key)
    for name, number in made.asked.aliases.items():
        body = {"at": at, "name": name, "version": number, "clearance": None}
        yield Entry(by, "alias.moved", ("alias", f"{model.slug}@{name}"[:64]), body, key)
