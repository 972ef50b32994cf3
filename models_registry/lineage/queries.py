"""Reads of the lineage, shaped for pages, programs and other rooms; what a reader may not see is not found."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import ExpressionWrapper, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, may_open
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage
from models_registry.lineage.closure import SEEN, readable_models
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge, Fact

VERSION_COUNT = """
SELECT count(*) FROM (
    SELECT FROM lineage_artifact_version AS held
    WHERE held.artifact_id = lineage_artifact.id AND (%s::timestamptz IS NULL OR held.created_at <= %s)
      AND held.id IN ({seen})
    LIMIT %s
) AS counted
"""
"""How many versions of an artifact there are, up to a number."""
MODEL_COUNT = """
WITH RECURSIVE one(model) AS (
    (SELECT edge.model_id FROM lineage_edge AS edge
     WHERE edge.artifact_id = lineage_artifact.id AND edge.model_id IS NOT NULL ORDER BY edge.model_id LIMIT 1)
    UNION ALL
    SELECT (SELECT edge.model_id FROM lineage_edge AS edge
            WHERE edge.artifact_id = lineage_artifact.id AND edge.model_id > one.model ORDER BY edge.model_id LIMIT 1)
    FROM one WHERE one.model IS NOT NULL
)
SELECT count(*) FROM one WHERE one.model IN ({models}) AND EXISTS (
    SELECT FROM lineage_edge AS edge
    WHERE edge.artifact_id = lineage_artifact.id AND edge.model_id = one.model
      AND (%s::timestamptz IS NULL OR edge.recorded_at <= %s)
      AND (edge.withdrawn_at IS NULL OR edge.withdrawn_at > %s)
)
"""
"""How many readable models use a version of an artifact directly: walked from model to model, not edge by edge."""


def artifact_versions_for(*, actor: Account) -> QuerySet[ArtifactVersion]:
    """Return the artifact versions the actor may read: of models they may read, and what they recorded themselves."""
    rows = ArtifactVersion.objects.select_related("artifact", "created_by")
    if everywhere(actor, Permission.MODEL_READ):
        return rows
    if not may_open(actor, Permission.MODEL_READ):
        return rows.none()
    return rows.filter(pk__in=RawSQL(*_seen(actor)))  # noqa: S611 - ours


def _seen(actor: Account) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that selects the artifact versions an account may read, where it may not read all."""
    models, values = readable_models(actor)
    return SEEN.replace("%(reader)s", "%s").format(models=models), (actor.pk, *values)


def artifacts_for(*, actor: Account) -> QuerySet[Artifact]:
    """Return the artifacts of which the actor may read a version."""
    if everywhere(actor, Permission.MODEL_READ):
        return Artifact.objects.select_related("created_by")
    seen = artifact_versions_for(actor=actor).order_by().values("artifact_id")
    return Artifact.objects.filter(pk__in=seen).select_related("created_by")


def with_newest(
    artifacts: QuerySet[Artifact], *, actor: Account, at: dt.datetime | None = None, most: int | None = None
) -> QuerySet[Artifact]:
    """Read with each artifact its newest version, how many there are, and how many models use one directly.

    Versions are counted up to ``most``, where that is given.
    """
    own = artifact_versions_for(actor=actor).filter(artifact=OuterRef("pk")).order_by("-created_at", "-pk")
    own = own if at is None else own.filter(created_at__lte=at)
    models, readable = readable_models(actor)
    seen, seeing = ("SELECT held.id", ()) if everywhere(actor, Permission.MODEL_READ) else _seen(actor)
    versions = RawSQL(VERSION_COUNT.format(seen=seen), (at, at, *seeing, most))  # noqa: S611 - ours
    users = RawSQL(MODEL_COUNT.format(models=models), (*readable, at, at, at))  # noqa: S611 - ours
    return artifacts.annotate(
        newest_label=Subquery(own.values("label")[:1]),
        newest_licence=Subquery(own.values("licence")[:1]),
        newest_at=Subquery(own.values("created_at")[:1]),
        version_count=ExpressionWrapper(versions, IntegerField()),
        model_count=ExpressionWrapper(users, IntegerField()),
    )


def versions_of(*, artifact: Artifact, actor: Account) -> QuerySet[ArtifactVersion]:
    """Return the versions of an artifact that the actor may read, newest first."""
    return artifact_versions_for(actor=actor).filter(artifact=artifact).order_by("-created_at", "-pk")


def told_version(*, model: RegisteredModel, number: int | None) -> ModelVersion | None:
    """Return the version of this number; without one, that in production, else the newest."""
    rows = ModelVersion.objects.filter(model=model).select_related("model__owner", "model__unit", "created_by")
    if number is not None:
        return rows.filter(number=number).first()
    newest = rows.filter(withdrawn_at__isnull=True).order_by("-number")
    return newest.filter(stage=Stage.PRODUCTION).first() or newest.first()


@dataclass(frozen=True, slots=True)
class Used:
    """An artifact version that a model version uses directly, in one role."""

    role: str
    version: ArtifactVersion
    edge: int


def used_by(*, versions: Collection[ModelVersion], at: dt.datetime | None = None) -> dict[int, list[Used]]:
    """Return what model versions use directly, texts included, by role and name; by the key of the version."""
    edges = Edge.objects.filter(version__in=versions).select_related("used__artifact")
    if at is None:
        edges = edges.filter(withdrawn_at__isnull=True)
    else:
        edges = edges.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at), recorded_at__lte=at)
    found: dict[int, list[Used]] = {version.pk: [] for version in versions}
    for edge in edges.order_by("role", "used__artifact__kind", "used__artifact__name", "used__label", "pk"):
        if edge.version_id is not None:
            found[edge.version_id].append(Used(edge.role, edge.used, edge.pk))
    return found


def facts_of(*, versions: Collection[ModelVersion], at: dt.datetime | None = None) -> dict[int, list[Fact]]:
    """Return the parameters and metrics on record for versions, by name; by the key of the version."""
    facts = Fact.objects.filter(version__in=versions)
    if at is not None:
        facts = facts.filter(recorded_at__lte=at)
    found: dict[int, list[Fact]] = {version.pk: [] for version in versions}
    for fact in facts.order_by("sort", "name"):
        found[fact.version_id].append(fact)
    return found


def edges_for(*, actor: Account) -> QuerySet[Edge]:
    """Return the edges the actor may read: of models they may read, or between artifacts they may read."""
    edges = Edge.objects.select_related("version__model", "derived__artifact", "used__artifact")
    if everywhere(actor, Permission.MODEL_READ):
        return edges
    seen = artifact_versions_for(actor=actor).order_by().values("pk")
    models, values = readable_models(actor)
    mine = Q(version__model__in=RawSQL(models, values))  # noqa: S611 - ours
    return edges.filter(mine | Q(derived__in=seen))
