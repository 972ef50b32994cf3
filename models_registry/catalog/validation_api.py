"""The API of validation results: record a suite, read what is on record, compare with production."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.catalog import queries, validation_actions, validation_queries, validation_wire
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.validation_wire import ComparisonOutput, ValidationInput, ValidationOutput

LARGEST_KEY = 2**63 - 1


class ValidationList(ApiView):
    """The validation suites of a version."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.VERSION_REGISTER}

    @extend_schema(responses=ValidationOutput(many=True))
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a page of the suites that were run on a version, the newest run first."""
        rows = validation_queries.validations_of(version=version_of(request, slug, number))
        return paginate(request, rows, lambda one: ValidationOutput(one).data, ordering=("-ran_at", "-id"))

    @extend_schema(request=ValidationInput, responses={200: ValidationOutput, 201: ValidationOutput})
    @idempotent
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Record a suite with its results; 200 when the same statement is on record already."""
        given = ValidationInput(data=request.data)
        given.is_valid(raise_exception=True)
        suite = validation_wire.stated(dict(given.validated_data))
        validation, fresh = validation_actions.record_validation(
            by=actor_of(request), at=timezone.now(), version=version_of(request, slug, number), suite=suite
        )
        return Response(ValidationOutput(validation).data, status=201 if fresh else 200)


class ValidationDetail(ApiView):
    """One suite that was run on a version."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=ValidationOutput)
    def get(self, request: Request, slug: str, number: int, pk: int) -> Response:
        """Return the suite with its results."""
        if pk > LARGEST_KEY:
            raise Http404
        rows = validation_queries.validations_of(version=version_of(request, slug, number))
        return Response(ValidationOutput(get_object_or_404(rows, pk=pk)).data)


class VersionComparison(ApiView):
    """A version beside the one in production."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=ComparisonOutput)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Compare the newest suites of a version with those of the version in production."""
        found = validation_queries.against_production(version=version_of(request, slug, number))
        return Response(ComparisonOutput(validation_wire.compared(number, found)).data)


def version_of(request: Request, slug: str, number: int) -> ModelVersion:
    """Return the version of an address; raise Http404 when it is not there for the caller."""
    model = get_object_or_404(queries.models_for(actor=actor_of(request)), slug=slug)
    if number > 2**31 - 1:
        raise Http404
    return get_object_or_404(model.versions.select_related("model"), number=number)
