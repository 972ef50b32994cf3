"""Violations for programs: list them, read one, and answer for one as its owner."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.lookup import find
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict
from models_registry.outside import actions, queries
from models_registry.outside.models import Violation

STATES = ("OPEN", "UNANSWERED", "ENDED")


class ViolationFilter(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    model = serializers.SlugField(required=False)


class ViolationOut(serializers.Serializer[Violation]):
    """One violation as programs read it. ``version`` is the version on record, null where there is none."""

    id = serializers.IntegerField()
    model = serializers.SlugField(source="model.slug")
    target = serializers.CharField(source="placement.target")
    source = serializers.SlugField(source="placement.source.slug")
    place = serializers.CharField(source="placement.place", allow_blank=True)
    version_there = serializers.CharField(source="placement.version_name", allow_blank=True)
    version = serializers.SerializerMethodField()
    digest_there = serializers.CharField(source="placement.digest", allow_blank=True)
    said_by = serializers.CharField(source="placement.said_by", allow_blank=True)
    event = serializers.IntegerField(source="placement.event")
    began_at = serializers.DateTimeField()
    found_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ending = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    answered_by = serializers.CharField(source="answered_by.username", default=None, allow_null=True)
    answer = serializers.CharField(allow_blank=True)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_version(self, violation: Violation) -> int | None:
        """Return the number of the version on record."""
        return violation.version.number if violation.version is not None else None


@extend_schema_serializer(component_name="ViolationAnswer")
class AnswerIn(Strict):
    """What happened, and what will be done."""

    text = serializers.CharField(max_length=2_000)


class ViolationList(ApiView):
    """The violations of models that the caller may read."""

    permission: ClassVar = Permission.MODEL_READ

    @extend_schema(operation_id="violations_list", parameters=[ViolationFilter], responses=ViolationOut(many=True))
    def get(self, request: Request) -> Response:
        """List aliases and stages that stood elsewhere without a used decision, newest first."""
        chosen = ViolationFilter(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        found = queries.narrowed(queries.violations_for(actor=actor_of(request)), **chosen.validated_data)
        return paginate(request, found, lambda violation: ViolationOut(violation).data)


class ViolationDetail(ApiView):
    """One violation."""

    permission: ClassVar = Permission.MODEL_READ

    @extend_schema(operation_id="violations_read", responses=ViolationOut)
    def get(self, request: Request, pk: int) -> Response:
        """Return one violation."""
        return Response(ViolationOut(_found(request, pk)).data)


class Answers(ApiView):
    """The answer to one violation."""

    permission: ClassVar = Permission.RISK_ACKNOWLEDGE

    @extend_schema(operation_id="violations_answer", request=AnswerIn, responses={201: ViolationOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Answer for the violation; 409 when it is answered or over."""
        given = AnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        found = _found(request, pk)
        actions.answer(by=actor_of(request), at=timezone.now(), violation=found, text=given.validated_data["text"])
        return Response(ViolationOut(_found(request, pk)).data, status=201)


def _found(request: Request, pk: int) -> Violation:
    rows = Violation.objects.select_related("model", "version", "placement__source", "answered_by")
    return find(actor_of(request), Permission.MODEL_READ, rows, through="model", pk=pk)
