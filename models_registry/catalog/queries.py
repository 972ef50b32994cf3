"""Reads of the catalog, now and as of a moment."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import (
    Alias,
    AliasMove,
    AliasProtection,
    ModelVersion,
    RegisteredModel,
    Stage,
    StageMove,
)


@dataclass(frozen=True)
class Standing:
    """Where one version stood at a moment."""

    version: ModelVersion
    stage: str
    since: dt.datetime


def models_for(*, actor: Account) -> QuerySet[RegisteredModel]:
    """Return the models the actor may read, with people and unit."""
    return visible(actor, Permission.MODEL_READ, RegisteredModel.objects.all()).select_related(
        "owner", "deputy", "team", "unit"
    )


def versions_of(*, model: RegisteredModel) -> QuerySet[ModelVersion]:
    """Return a model's versions, newest first, each with its aliases and author."""
    aliases = Prefetch("aliases", queryset=Alias.objects.order_by("name"))
    return model.versions.select_related("created_by").prefetch_related(aliases).order_by("-number")


def stage_history(*, model: RegisteredModel) -> QuerySet[StageMove]:
    """Return every move of the model's versions, newest first."""
    moves = StageMove.objects.filter(version__model=model).select_related("version", "moved_by", "clearance")
    return moves.order_by("-moved_at", "-pk")


def alias_history(*, model: RegisteredModel, name: str | None = None) -> QuerySet[AliasMove]:
    """Return every move of the model's aliases, or of one, newest first."""
    moves = model.alias_moves.select_related("version", "moved_by", "clearance")
    if name is not None:
        moves = moves.filter(name=name)
    return moves.order_by("-moved_at", "-pk")


def alias_holdings(*, model: RegisteredModel, at: dt.datetime | None = None) -> QuerySet[AliasMove]:
    """Return which version each alias pointed at and from when, newest first, as known at ``at``.

    Each move carries ``until``: when the alias moved on, None while it points there.
    """
    after = Q(moved_at__gt=OuterRef("moved_at")) | Q(moved_at=OuterRef("moved_at"), pk__gt=OuterRef("pk"))
    later = AliasMove.objects.filter(after, model=OuterRef("model"), name=OuterRef("name")).order_by("moved_at", "pk")
    moves = alias_history(model=model).filter(version__isnull=False)
    if at is not None:
        moves, later = moves.filter(moved_at__lte=at), later.filter(moved_at__lte=at)
    return moves.annotate(until=Subquery(later.values("moved_at")[:1]))


def pointing(*, model: RegisteredModel, at: dt.datetime | None = None) -> Sequence[AliasMove]:
    """Return the move that put each alias where it was at a moment (None: now), by name; taken off, it is left out."""
    moves = alias_history(model=model)
    if at is not None:
        moves = moves.filter(moved_at__lte=at)
    newest = moves.order_by("name", "-moved_at", "-pk").distinct("name")
    return [move for move in newest if move.version_id is not None]


def protections_of(*, model: RegisteredModel) -> QuerySet[AliasProtection]:
    """Return the model's protected aliases with who may move them."""
    people = Prefetch("movers", queryset=Account.objects.order_by("display_name", "pk"))
    return model.alias_protections.select_related("protected_by").prefetch_related(people).order_by("name")


def standings(*, at: dt.datetime, models: QuerySet[RegisteredModel]) -> Sequence[Standing]:
    """Return where every version of the models stood at a moment, read from the moves alone."""
    latest = (
        StageMove.objects.filter(version=OuterRef("version"), moved_at__lte=at)
        .order_by("-moved_at", "-pk")
        .values("pk")[:1]
    )
    moves = (
        StageMove.objects.filter(version__model__in=models, pk=Subquery(latest))
        .select_related("version__model")
        .order_by("version__model_id", "version__number")
    )
    return [Standing(move.version, move.to_stage, move.moved_at) for move in moves]


def stages_at(*, at: dt.datetime, versions: Sequence[ModelVersion]) -> dict[int, str]:
    """Return the stage of each of these versions at a moment, by its key."""
    moves = StageMove.objects.filter(version__in=versions, moved_at__lte=at)
    newest = moves.order_by("version", "-moved_at", "-pk").distinct("version")
    return dict(newest.values_list("version", "to_stage"))


def in_production(*, at: dt.datetime, models: QuerySet[RegisteredModel]) -> Sequence[Standing]:
    """Return which versions were in production at a moment."""
    return [standing for standing in standings(at=at, models=models) if standing.stage == Stage.PRODUCTION]


def alias_at(*, model: RegisteredModel, name: str, at: dt.datetime) -> AliasMove | None:
    """Return the move that an alias stood at, at a moment; None before its first. Taken off, it names no version."""
    return alias_history(model=model, name=name).filter(moved_at__lte=at).first()
