"""The API of predictions: many in one body, and what is on record of them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.lookup import find
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.problem import problem
from models_registry.lineage import prediction_door, predictions
from models_registry.lineage.prediction_list import PredictionFilters
from models_registry.lineage.prediction_models import Outcome, Prediction
from models_registry.lineage.prediction_reading import MOST, MOST_DOCUMENTS
from models_registry.telemetry import door
from models_registry.telemetry.api import SOURCE_HEADER
from models_registry.telemetry.models import Source

OUTCOMES = [(value.lower(), label) for value, label in Outcome.choices]


class PromptInput(serializers.Serializer[Any]):
    """Which prompt was used: by its digest, or by name and version."""

    name = serializers.CharField(required=False, max_length=200)
    version = serializers.CharField(required=False, max_length=100)
    digest = serializers.CharField(required=False, max_length=140, help_text="Such as `sha256:…`.")


class PredictionInput(serializers.Serializer[Any]):
    """One prediction. A field that is not here is refused."""

    prediction_id = serializers.CharField(
        max_length=128, help_text="Unique within the source; sent again, it counts once."
    )
    trace_id = serializers.CharField(required=False, max_length=128)
    model = serializers.CharField(max_length=200, help_text="Slug of the model, or its name in another system.")
    version = serializers.CharField(required=False, help_text="Number of the version. This or `alias`.")
    alias = serializers.CharField(required=False, max_length=255, help_text="What was asked for, such as `production`.")
    environment = serializers.CharField(required=False, max_length=40, help_text="`production` when left out.")
    segment = serializers.CharField(required=False, max_length=120)
    observed_at = serializers.DateTimeField(help_text="With its offset from UTC; at most five minutes ahead.")
    prompt = PromptInput(required=False)
    documents = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=MOST_DOCUMENTS
    )
    input_tokens = serializers.IntegerField(required=False, min_value=0)
    output_tokens = serializers.IntegerField(required=False, min_value=0)
    latency_ms = serializers.FloatField(required=False, min_value=0)
    cost_micros = serializers.IntegerField(
        required=False, min_value=0, help_text="Millionths of one unit of `currency`: 1250 is 0.00125."
    )
    currency = serializers.CharField(required=False, max_length=3, help_text="ISO 4217, such as EUR.")
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False, help_text="`ok` when left out.")
    outcome_code = serializers.CharField(required=False, max_length=64)
    subject = serializers.CharField(
        required=False, max_length=300, help_text="Your reference to whom it is about; only a keyed pseudonym is kept."
    )
    input = serializers.CharField(required=False, help_text="Never kept in the clear: a keyed hash, see the terms.")
    output = serializers.CharField(required=False, help_text="Never kept in the clear: a keyed hash, see the terms.")


class PredictionsInput(serializers.Serializer[Any]):
    """A bulk body."""

    predictions = serializers.ListField(child=PredictionInput(), min_length=1, max_length=MOST)


class PlaceSerializer(serializers.Serializer[Any]):
    """What is wrong at one place of the body."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ReceiptOutput(serializers.Serializer[Any]):
    """What became of a body: received = kept + duplicates + refused."""

    received = serializers.IntegerField()
    kept = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    orphans = serializers.IntegerField(help_text="Kept, and their version is not on record yet.")
    refused = serializers.IntegerField()
    errors = PlaceSerializer(many=True)  # type: ignore[assignment]


class PredictionOutput(serializers.Serializer[Any]):
    """A prediction on record."""

    id = serializers.IntegerField()
    prediction_id = serializers.CharField()
    trace_id = serializers.CharField()
    source = serializers.SlugField()  # type: ignore[assignment]
    model = serializers.CharField(help_text="Slug of the model, or what the sender calls one that is not on record.")
    version = serializers.IntegerField(allow_null=True, help_text="Empty while the version is not on record.")
    alias = serializers.CharField()
    environment = serializers.CharField()
    segment = serializers.CharField()
    observed_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    outcome_code = serializers.CharField()
    input_tokens = serializers.IntegerField(allow_null=True)
    output_tokens = serializers.IntegerField(allow_null=True)
    latency_ms = serializers.FloatField(allow_null=True)
    cost_micros = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()


HEADERS = [
    OpenApiParameter(SOURCE_HEADER, str, OpenApiParameter.HEADER, required=True, description="Slug of a source."),
    OpenApiParameter(
        "Content-Encoding", str, OpenApiParameter.HEADER, enum=["gzip"], description="How the body is packed, if it is."
    ),
    OpenApiParameter(
        "keep",
        {"type": "string", "enum": [prediction_door.KEEP_GOOD]},
        description="`good`: keep what can be read and name the rest; else a body is kept whole or not at all.",
    ),
]
FILTERS = [
    OpenApiParameter("id", str, description="Id of the prediction or of its trace."),
    OpenApiParameter("model", str, description="Slug of a model."),
    OpenApiParameter("version", int, description="Number of a version."),
    OpenApiParameter("outcome", str, description="One or several outcomes, joined by commas."),
    OpenApiParameter("since", str, description="First day, such as 2026-11-20."),
    OpenApiParameter("until", str, description="Last day."),
    OpenApiParameter("orphan", bool, description="`true`: those whose version is not on record."),
]


class PredictionList(ApiView):
    """Predictions."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.TELEMETRY_WRITE}

    @extend_schema(responses=PredictionOutput(many=True), parameters=FILTERS)
    def get(self, request: Request) -> Response:
        """Return a page of predictions of models that the caller may read, newest first."""
        filters = PredictionFilters(request._request.GET, actor=actor_of(request))
        rows = filters.qs.defer(*predictions.LIGHT)
        return paginate(request, rows, told, ordering=("-observed_at", "-id"))

    @extend_schema(parameters=HEADERS, request=PredictionsInput, responses=ReceiptOutput)
    def post(self, request: Request) -> Response:
        """Keep up to 10,000 predictions, each once; answered after they are committed."""
        slug = request.headers.get(SOURCE_HEADER, "").replace("\x00", "")
        source = Source.objects.filter(slug=slug, disabled_at__isnull=True).first()
        if source is None:
            return problem(404, f"The header {SOURCE_HEADER} must name a source.")
        try:
            wire = door.read_body(request._request)
            status, answer = prediction_door.kept(request._request, wire=wire, source=source)
        except door.Refused as refusal:
            return problem(refusal.status, refusal.detail)
        kind = "application/problem+json" if status >= 400 else None
        return Response(answer, status=status, content_type=kind)


class PredictionDetail(ApiView):
    """One prediction."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=PredictionOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return one prediction by the number it has here."""
        rows = Prediction.objects.select_related("source", "model", "version").defer(*predictions.LIGHT)
        return Response(told(find(actor_of(request), Permission.MODEL_READ, rows, through="model", pk=pk)))


def told(one: Prediction) -> dict[str, Any]:
    """Return a prediction as programs read it."""
    own = (
        "id", "prediction_id", "trace_id", "alias", "environment", "segment", "outcome_code", "input_tokens",
        "output_tokens", "latency_ms", "cost_micros", "currency", "observed_at", "received_at",
    )  # fmt: skip
    return {
        **{name: getattr(one, name) for name in own},
        "source": one.source.slug,
        "model": one.model.slug if one.model else one.model_name,
        "version": one.version.number if one.version else None,
        "outcome": one.outcome.lower(),
    }
