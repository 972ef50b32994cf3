"""Reads of the catalog, now and as of a moment."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from models_registry.access.loose import newest_of_each
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

STANDING = """
SELECT newest.id FROM unnest(%s::text[]) AS stage CROSS JOIN LATERAL (
    SELECT move.id FROM catalog_stage_move AS move
    WHERE move.model_id = %s AND move.to_stage = stage AND move.moved_at <= %s AND NOT EXISTS (
        SELECT FROM catalog_stage_move AS later
        WHERE later.version_id = move.version_id AND later.moved_at <= %s
          AND (later.moved_at, later.id) > (move.moved_at, move.id)
    ) ORDER BY move.version_id DESC LIMIT %s
) AS newest
"""
"""Of each stage, the newest versions that stood there: read in the order of an index, and no further."""


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
    moves = StageMove.objects.filter(model=model).select_related("version", "moved_by", "clearance")
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
    same = AliasMove.objects.filter(model=OuterRef("model"), name=OuterRef("name"), moved_at__gte=OuterRef("moved_at"))
    # The index begins at ``gte``; from either side of the "or" alone it could not tell where.
    after = Q(moved_at__gt=OuterRef("moved_at")) | Q(pk__gt=OuterRef("pk"))
    later = same.filter(after).order_by("moved_at", "pk")
    moves = alias_history(model=model).filter(version__isnull=False)
    if at is not None:
        moves, later = moves.filter(moved_at__lte=at), later.filter(moved_at__lte=at)
    return moves.annotate(until=Subquery(later.values("moved_at")[:1]))


def pointing(*, model: RegisteredModel, at: dt.datetime | None = None) -> Sequence[AliasMove]:
    """Return the move that put each alias where it was at a moment (None: now), by name; taken off, it is left out."""
    newest = newest_of_each(
        AliasMove, of="model_id", owner=model.pk, by="name", newest="moved_at", known="moved_at", at=at
    )
    return list(alias_history(model=model).filter(version__isnull=False, pk__in=newest).order_by("name"))


def protections_of(*, model: RegisteredModel) -> QuerySet[AliasProtection]:
    """Return the model's protected aliases with who may move them."""
    people = Prefetch("movers", queryset=Account.objects.order_by("display_name", "pk"))
    return model.alias_protections.select_related("protected_by").prefetch_related(people).order_by("name")


def standing(
    *, model: RegisteredModel, at: dt.datetime, each: int, stages: Sequence[str] = Stage.values
) -> Sequence[StageMove]:
    """Return the moves by which versions came to stand where they stood at a moment, the newest version first.

    Of each stage the ``each`` newest versions: their cost does not grow with the number of versions.
    """
    newest = RawSQL(STANDING, (list(stages), model.pk, at, at, each))  # noqa: S611 - no part comes from outside
    moves = StageMove.objects.filter(pk__in=newest).select_related("version__model")
    return list(moves.order_by("-version__number"))


def numbers_in(stage: str, *, model: OuterRef, at: dt.datetime | None) -> QuerySet[Any, Any]:
    """Return the numbers of an outer model's versions that are, or at ``at`` were, in a stage, the newest first."""
    if at is None:
        return ModelVersion.objects.filter(model=model, stage=stage).order_by("-number").values("number")
    after = Q(moved_at__gt=OuterRef("moved_at")) | Q(moved_at=OuterRef("moved_at"), pk__gt=OuterRef("pk"))
    later = StageMove.objects.filter(after, version=OuterRef("version"), moved_at__lte=at)
    entered = StageMove.objects.filter(~Exists(later), model=model, to_stage=stage, moved_at__lte=at)
    return entered.order_by("-version").values(number=F("version__number"))


def stages_at(*, at: dt.datetime, versions: Sequence[ModelVersion]) -> dict[int, str]:
    """Return the stage of each of these versions at a moment, by its key."""
    moves = StageMove.objects.filter(version__in=versions, moved_at__lte=at)
    newest = moves.order_by("version", "-moved_at", "-pk").distinct("version")
    return dict(newest.values_list("version", "to_stage"))


def alias_at(*, model: RegisteredModel, name: str, at: dt.datetime) -> AliasMove | None:
    """Return the move that an alias stood at, at a moment; None before its first. Taken off, it names no version."""
    return alias_history(model=model, name=name).filter(moved_at__lte=at).first()
