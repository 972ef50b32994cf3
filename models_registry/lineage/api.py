"""The API of the lineage: artifacts, edges, the whole origin of a version in one call, and what is affected."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import checked
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.queries import models_for
from models_registry.lineage import actions, bom, closure, queries, wire
from models_registry.lineage.graph import affected
from models_registry.lineage.models import ArtifactKind, ArtifactVersion

READ, WRITE = Permission.MODEL_READ, Permission.VERSION_REGISTER
DEPTH = OpenApiParameter(
    "depth",
    {"type": "integer", "minimum": 1, "maximum": closure.DEEPEST},
    description=f"How many links are followed; {closure.DEEPEST} when left out.",
)
KIND = OpenApiParameter("kind", {"type": "string", "enum": ArtifactKind.values}, description="Only this kind.")
SPEC = OpenApiParameter(
    "spec",
    {"type": "string", "enum": list(bom.SPECS)},
    description=f"The version of CycloneDX; {bom.SPECS[0]} when left out.",
)


class ArtifactList(ApiView):
    """Artifacts."""

    permission = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=wire.ArtifactOutput(many=True), parameters=[KIND])
    def get(self, request: Request) -> Response:
        """Return a page of the artifacts that the models of the caller came from, newest first."""
        rows = queries.artifacts_for(actor=request.user)
        kind = request.query_params.get("kind")
        if kind is not None and kind not in ArtifactKind.values:
            raise ValidationError({"kind": ["This is no kind of artifact."]})
        rows = rows.filter(kind=kind) if kind else rows
        return paginate(request, rows, lambda artifact: wire.ArtifactOutput(artifact).data)

    @extend_schema(
        request=wire.ArtifactVersionInput,
        responses={200: wire.ArtifactVersionOutput, 201: wire.ArtifactVersionOutput},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Register one version of an artifact; 200 when its digest is on record already."""
        stated = wire.stated(checked(wire.ArtifactVersionInput(data=request.data)))
        version, fresh = actions.register_artifact(by=request.user, at=timezone.now(), stated=stated)
        return Response(wire.ArtifactVersionOutput(version).data, status=201 if fresh else 200)


class ArtifactVersions(ApiView):
    """The versions of one artifact."""

    permission = READ

    @extend_schema(responses=wire.ArtifactVersionOutput(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Return a page of the versions of an artifact, newest first."""
        artifact = get_object_or_404(queries.artifacts_for(actor=request.user), pk=pk)
        rows = queries.versions_of(artifact=artifact, actor=request.user).defer("content")
        return paginate(request, rows, lambda version: wire.ArtifactVersionOutput(version).data)


class ArtifactVersionDetail(ApiView):
    """One version of an artifact."""

    permission = READ

    @extend_schema(responses=wire.ArtifactVersionText)
    def get(self, request: Request, pk: int) -> Response:
        """Return the version, with its text where that is kept."""
        return Response(wire.ArtifactVersionText(_artifact_version(request, pk)).data)


class Upstream(ApiView):
    """What an artifact version was made from."""

    permission = READ

    @extend_schema(responses=wire.LineageOutput, parameters=[DEPTH])
    def get(self, request: Request, pk: int) -> Response:
        """Return everything an artifact version was made from, nearest first."""
        return _lineage(closure.upstream(of=_artifact_version(request, pk), depth=_depth(request)))


class Downstream(ApiView):
    """What was made from an artifact version."""

    permission = READ

    @extend_schema(responses=wire.LineageOutput, parameters=[DEPTH])
    def get(self, request: Request, pk: int) -> Response:
        """Return everything made from an artifact version, down to the model versions that stand on it."""
        found = closure.downstream(of=_artifact_version(request, pk), actor=request.user, depth=_depth(request))
        return _lineage(found)


class AffectedVersions(ApiView):
    """The model versions that stand on an artifact version."""

    permission = READ

    @extend_schema(responses=wire.AffectedList)
    def get(self, request: Request, pk: int) -> Response:
        """Return the model versions that are affected if this artifact version is bad, those in production first."""
        found = closure.downstream(of=_artifact_version(request, pk), actor=request.user)
        return Response(wire.AffectedList({"affected": affected(found), "hidden": found.hidden}).data)


class Edges(ApiView):
    """Edges."""

    permission = WRITE

    @extend_schema(request=wire.EdgeInput, responses={200: wire.EdgeOutput, 201: wire.EdgeOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Record an edge; 200 when it stands already, 409 with the way round when it would close a circle."""
        facts = checked(wire.EdgeInput(data=request.data))
        derived = _artifact_version(request, facts["derived"]) if "derived" in facts else None
        version = _version(request, facts["model"], facts["version"]) if derived is None else None
        edge, fresh = actions.record_edge(
            by=request.user,
            at=timezone.now(),
            used=_artifact_version(request, facts["used"]),
            role=facts["role"],
            version=version,
            derived=derived,
        )
        return Response(wire.EdgeOutput(edge).data, status=201 if fresh else 200)


class Withdrawals(ApiView):
    """Withdrawals of an edge."""

    permission = WRITE

    @extend_schema(request=wire.WithdrawalInput, responses=wire.EdgeOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say that an edge was recorded by mistake; it stays on record and is no longer followed."""
        facts = checked(wire.WithdrawalInput(data=request.data))
        edge = get_object_or_404(queries.edges_for(actor=request.user), pk=pk)
        done = actions.withdraw_edge(by=request.user, at=timezone.now(), edge=edge, reason=facts["reason"])
        return Response(wire.EdgeOutput(done).data)


class VersionLineage(ApiView):
    """The origin of a model version."""

    permission = {"GET": READ, "POST": WRITE}

    @extend_schema(responses=wire.LineageOutput, parameters=[DEPTH])
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return everything a model version was made from and works with, nearest first."""
        return _lineage(closure.upstream(of=_version(request, slug, number), depth=_depth(request)))

    @extend_schema(request=wire.StatementInput, responses={200: wire.RecordedOutput, 201: wire.RecordedOutput})
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Record the whole origin of a model version in one call; 200 when nothing of it is new."""
        statement = wire.statement(checked(wire.StatementInput(data=request.data)))
        version = _version(request, slug, number)
        done = actions.record_lineage(by=request.user, at=timezone.now(), version=version, statement=statement)
        body = {
            "artifacts": {key: row.pk for key, row in done.versions.items()},
            "new_artifacts": done.fresh_versions,
            "new_edges": done.fresh_edges,
            "new_facts": done.fresh_facts,
        }
        return Response(wire.RecordedOutput(body).data, status=201 if done.is_fresh else 200)


class BomRenderer(JSONRenderer):
    """CycloneDX as JSON."""

    media_type = "application/vnd.cyclonedx+json"
    format = "cyclonedx"


class VersionBom(ApiView):
    """The bill of materials of a model version."""

    permission = READ
    renderer_classes = (BomRenderer, JSONRenderer)

    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=[SPEC])
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return the CycloneDX bill of materials of a model version."""
        spec = request.query_params.get("spec", bom.SPECS[0])
        if spec not in bom.SPECS:
            raise ValidationError({"spec": [f"One of {', '.join(bom.SPECS)}."]})
        version = _version(request, slug, number)
        document = bom.of_version(version=version, at=timezone.now(), spec=spec, base=request.build_absolute_uri("/"))
        return Response(document)


def _version(request: Request, slug: str, number: int) -> ModelVersion:
    model = get_object_or_404(models_for(actor=request.user), slug=slug)
    version = queries.told_version(model=model, number=number)
    if version is None:
        raise Http404
    return version


def _artifact_version(request: Request, pk: int) -> ArtifactVersion:
    return get_object_or_404(queries.artifact_versions_for(actor=request.user), pk=pk)


def _lineage(found: Any) -> Response:
    return Response(wire.LineageOutput(found).data)


def _depth(request: Request) -> int:
    """Return how far to walk. Raises ValidationError for what is no depth."""
    text = request.query_params.get("depth", str(closure.DEEPEST))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= closure.DEEPEST):
        raise ValidationError({"depth": [f"A whole number from 1 to {closure.DEEPEST}."]})
    return int(text)
