"""The API of telemetry: bulk measurements by token, and the list of sources."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView, endpoint
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.problem import problem
from models_registry.telemetry import actions, backlog, codings, door, refusals
from models_registry.telemetry.models import Source, SourceKind

SOURCE_HEADER = "Redline-Source"


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Kept",
            {
                "receipt": 40213,
                "event_id": "sha256:20260301:eb92ec609f56408cf00a831eeae836bc129e5b04e182b3868ccd450e7fd7b31d",
                "duplicate": False,
            },
            response_only=True,
        )
    ]
)
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


class MeasurementSerializer(serializers.Serializer):
    """One number that was observed. Further fields are kept with the body."""

    model = serializers.CharField(help_text="Slug of the model, or its name in another system.")
    version = serializers.CharField(required=False)
    metric = serializers.CharField(help_text="A name of the catalogue, such as `accuracy`, or one of your own.")
    value = serializers.FloatField()
    unit = serializers.CharField(required=False, help_text="The unit of the catalogue when left out.")
    environment = serializers.CharField(required=False, help_text="`production` when left out.")
    segment = serializers.CharField(required=False, help_text="`all` when left out.")
    observed_at = serializers.DateTimeField(help_text="With its offset from UTC; at most five minutes ahead.")
    attributes = serializers.DictField(required=False, help_text="At most 50.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Two numbers of one evening",
            {
                "measurements": [
                    {"model": "fraud-xgb", "metric": "accuracy", "value": 0.93, "observed_at": "2026-03-01T20:00:00Z"},
                    {
                        "model": "fraud-xgb",
                        "version": "7",
                        "metric": "p95_latency_ms",
                        "value": 182,
                        "unit": "ms",
                        "environment": "production",
                        "segment": "eu",
                        "observed_at": "2026-03-01T20:00:00+01:00",
                    },
                ]
            },
            request_only=True,
        )
    ]
)
class MeasurementsSerializer(serializers.Serializer):
    """A bulk body. It is kept as it came; what cannot be read is held with its reason at the source."""

    measurements = serializers.ListField(child=MeasurementSerializer(), min_length=1, max_length=10_000)


HEADERS = [
    OpenApiParameter(
        SOURCE_HEADER, str, OpenApiParameter.HEADER, required=True, description="Slug of a source of measurements."
    ),
    OpenApiParameter(
        "Content-Encoding",
        str,
        OpenApiParameter.HEADER,
        enum=["gzip", "zstd"],
        description="How the body is packed, if it is.",
    ),
]


@extend_schema(parameters=HEADERS, request=MeasurementsSerializer, responses={202: ReceiptSerializer})
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
        coding = request.headers.get("Content-Encoding", "")
        body = codings.inflate(wire, coding, largest=actions.MAX_BODY_BYTES)
        if backlog.is_full(source_id=source.pk, limit=door.BACKLOG_LIMIT):
            raise door.full(source.kind)
    except codings.Refused as refusal:
        at = timezone.now()
        refusals.note(request._request, path_token=source.path_token, refusal=refusal, at=at)
        answer = problem(refusal.status, refusal.detail)
        if refusal.retry_after_s is not None:
            answer["Retry-After"] = str(refusal.retry_after_s)
        return answer
    receipt = actions.receive(source=source, body=body, headers=dict(request.headers), at=timezone.now())
    kept = {"receipt": receipt.event_pk, "event_id": receipt.event_id, "duplicate": receipt.duplicate}
    return Response(kept, status=202)


class SourceList(ApiView):
    """List the sources."""

    permission = Permission.SOURCE_READ

    @extend_schema(responses=SourceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of sources."""
        return paginate(request, Source.objects.all(), lambda source: SourceSerializer(source).data)
