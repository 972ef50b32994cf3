"""The API of telemetry: bulk measurements by token, and the list of sources."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView, endpoint
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.problem import problem
from models_registry.telemetry import actions, door
from models_registry.telemetry.models import Source, SourceKind

SOURCE_HEADER = "Redline-Source"


class ReceiptSerializer(serializers.Serializer):
    """What was kept."""

    receipt = serializers.IntegerField(help_text="Number of the kept event.")
    event_id = serializers.CharField(help_text="The id by which further deliveries are recognised.")
    duplicate = serializers.BooleanField(help_text="True when this event was already kept; it counts once.")


class SourceSerializer(serializers.Serializer):
    """A source as callers see it; its address and secret are not shown."""

    slug = serializers.SlugField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=SourceKind.choices)
    environment = serializers.CharField()
    expected_interval_s = serializers.IntegerField(allow_null=True)
    quiet_since = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


@extend_schema(
    request={"application/json": {"type": "object", "description": 'Up to 10,000: {"measurements": [...]}'}},
    responses={202: ReceiptSerializer},
    description="Send measurements. The header Redline-Source names a source of the kind 'measurements'.",
)
@endpoint("POST", permission=Permission.TELEMETRY_WRITE)
def measurements(request: Request) -> Response:
    """Keep a bulk body as it came and answer 202; its content is judged afterwards and shown at its source."""
    slug = request.headers.get(SOURCE_HEADER, "")
    source = Source.objects.filter(
        slug=slug.replace("\x00", ""), kind=SourceKind.MEASUREMENTS, disabled_at__isnull=True
    ).first()
    if source is None:
        return problem(404, f"The header {SOURCE_HEADER} must name a source of the kind measurements.")
    try:
        wire = door.read_body(request._request)
        body = door.inflate(wire, request.headers.get("Content-Encoding", ""))
    except door.Refused as refusal:
        return problem(refusal.status, refusal.detail)
    receipt = actions.receive(source=source, body=body, headers=dict(request.headers), at=timezone.now())
    answer = {"receipt": receipt.event_pk, "event_id": receipt.event_id, "duplicate": receipt.duplicate}
    return Response(answer, status=202)


class SourceList(ApiView):
    """List the sources."""

    permission = Permission.SOURCE_READ

    @extend_schema(responses=SourceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of sources."""
        return paginate(request, Source.objects.all(), lambda source: SourceSerializer(source).data)
