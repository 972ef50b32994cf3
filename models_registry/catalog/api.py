"""The API of the catalog: models, their versions, stages and aliases."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.models import Account, BusinessUnit
from models_registry.access.pages import parse_as_of
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict, checked
from models_registry.catalog import actions, models, queries

AS_OF = OpenApiParameter(
    "as_of", str, description="A moment of the past (ISO 8601), or a day, which means its end; without it, now."
)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A classifier",
            {
                "slug": "fraud-xgb",
                "name": "Fraud scores",
                "kind": "CLASSIFIER",
                "owner": "olive",
                "unit": "payments",
                "purpose": "Scores card payments.",
                "materiality": "HIGH",
                "customer_facing": True,
                "jurisdictions": ["EU"],
                "tags": ["payments"],
            },
            request_only=True,
        )
    ]
)
class ModelInput(Strict):
    """A model to register."""

    slug = serializers.RegexField(r"^[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?$")
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=models.Kind.choices)
    owner = serializers.SlugRelatedField("username", queryset=Account.objects.filter(is_active=True))
    unit = serializers.SlugRelatedField("slug", queryset=BusinessUnit.objects.all())
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    vendor = serializers.CharField(required=False, allow_blank=True, max_length=120)
    provider = serializers.CharField(required=False, allow_blank=True, max_length=120)
    data_sensitivity = serializers.ChoiceField(models.DataSensitivity.choices, required=False)
    materiality = serializers.ChoiceField(models.Materiality.choices, required=False)
    regulatory_class = serializers.ChoiceField(models.RegulatoryClass.choices, required=False)
    customer_facing = serializers.BooleanField(required=False)
    jurisdictions = serializers.ListField(child=serializers.CharField(max_length=8), required=False, max_length=50)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=50)
    external_names = serializers.DictField(child=serializers.CharField(max_length=200), required=False)


class ModelOutput(serializers.Serializer):
    """A registered model."""

    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    purpose = serializers.CharField()
    owner = serializers.CharField(source="owner.username")
    unit = serializers.CharField(source="unit.slug")
    vendor = serializers.CharField()
    provider = serializers.CharField()
    data_sensitivity = serializers.CharField()
    materiality = serializers.CharField()
    regulatory_class = serializers.CharField()
    customer_facing = serializers.BooleanField()
    jurisdictions = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A build",
            {
                "artifact_digest": "sha256:9f2c1a0d5b7e4c3f8a6b0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c",
                "source_uri": "s3://models/fraud-xgb/7",
                "description": "Retrained on February.",
            },
            request_only=True,
        )
    ]
)
class VersionInput(Strict):
    """A version to register."""

    artifact_digest = serializers.RegexField(r"^sha256:[0-9a-f]{64}$", required=False)
    source_uri = serializers.CharField(required=False, allow_blank=True, max_length=500)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class VersionOutput(serializers.Serializer):
    """A registered version."""

    number = serializers.IntegerField()
    artifact_digest = serializers.CharField()
    source_uri = serializers.CharField()
    description = serializers.CharField()
    stage = serializers.CharField()
    epoch = serializers.IntegerField()
    aliases = serializers.SerializerMethodField()
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()

    def get_aliases(self, version: models.ModelVersion) -> list[str]:
        """Return the names that point at this version."""
        return [alias.name for alias in version.aliases.all()]


@extend_schema_serializer(examples=[OpenApiExample("To staging", {"to": "STAGING"}, request_only=True)])
class StageInput(Strict):
    """A stage to enter; PRODUCTION needs a clearance from the gate."""

    to = serializers.ChoiceField(choices=models.Stage.choices)
    clearance = serializers.UUIDField(required=False)


@extend_schema_serializer(examples=[OpenApiExample("Point it at version 7", {"version": 7}, request_only=True)])
class AliasInput(Strict):
    """A version to point an alias at, or none to remove it; guarded aliases need a clearance."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, allow_null=True)
    clearance = serializers.UUIDField(required=False)


class AliasOutput(serializers.Serializer[models.Alias]):
    """Where an alias points; null after its removal."""

    name = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)


class AliasAtOutput(AliasOutput):
    """Where an alias pointed at a moment, and since when; null while it was taken off."""

    since = serializers.DateTimeField()


class ModelList(ApiView):
    """Registered models."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.MODEL_REGISTER}

    @extend_schema(responses=ModelOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of the models the caller may read."""
        return paginate(request, queries.models_for(actor=request.user), lambda model: ModelOutput(model).data)

    @extend_schema(request=ModelInput, responses={201: ModelOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Register a model."""
        facts = checked(ModelInput(data=request.data))
        model = actions.register_model(by=request.user, at=timezone.now(), **facts)
        return Response(ModelOutput(model).data, status=201)


class ModelDetail(ApiView):
    """One registered model."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=ModelOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Return the model."""
        return Response(ModelOutput(_model(request, slug)).data)


class VersionList(ApiView):
    """The versions of a model."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.VERSION_REGISTER}

    @extend_schema(responses=VersionOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of versions, newest first."""
        rows = queries.versions_of(model=_model(request, slug))
        return paginate(request, rows, lambda version: VersionOutput(version).data)

    @extend_schema(request=VersionInput, responses={201: VersionOutput})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Register the next version."""
        facts = checked(VersionInput(data=request.data))
        model = _model(request, slug)
        version = actions.register_version(by=request.user, at=timezone.now(), model=model, **facts)
        return Response(VersionOutput(version).data, status=201)


class VersionStage(ApiView):
    """The stage of a version."""

    permission = Permission.VERSION_MOVE

    @extend_schema(request=StageInput, responses=VersionOutput)
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Move the version to another stage."""
        facts = checked(StageInput(data=request.data))
        version = get_object_or_404(_model(request, slug).versions, number=number)
        clearance = _clearance(facts)
        moved = actions.move_stage(
            by=request.user, at=timezone.now(), version=version, to=facts["to"], clearance=clearance
        )
        return Response(VersionOutput(moved).data)


class AliasDetail(ApiView):
    """An alias of a model."""

    permission = {"GET": Permission.MODEL_READ, "PUT": Permission.VERSION_MOVE}

    @extend_schema(parameters=[AS_OF], responses=AliasAtOutput)
    def get(self, request: Request, slug: str, name: str) -> Response:
        """Return the version that the alias points at, or pointed at on a day; 404 before it was first put on."""
        now = timezone.now()
        at = parse_as_of(request.query_params.get("as_of", ""), now=now) or now
        move = queries.alias_at(model=_model(request, slug), name=name, at=at)
        if move is None:
            raise Http404
        number = move.version.number if move.version else None
        return Response(AliasAtOutput({"name": name, "version": number, "since": move.moved_at}).data)

    @extend_schema(request=AliasInput, responses={200: AliasOutput})
    @idempotent
    def put(self, request: Request, slug: str, name: str) -> Response:
        """Point the alias at a version, or remove it."""
        facts = checked(AliasInput(data=request.data))
        model = _model(request, slug)
        number = facts["version"]
        version = get_object_or_404(model.versions, number=number) if number is not None else None
        actions.point_alias(
            by=request.user,
            at=timezone.now(),
            model=model,
            name=name,
            version=version,
            clearance=_clearance(facts),
        )
        return Response({"name": name, "version": number})


def _model(request: Request, slug: str) -> models.RegisteredModel:
    return get_object_or_404(queries.models_for(actor=request.user), slug=slug)


def _clearance(facts: dict[str, Any]) -> models.Clearance | None:
    """Return the named clearance; an unknown one is like none, and the guarded place says so."""
    return models.Clearance.objects.filter(pk=facts["clearance"]).first() if "clearance" in facts else None
