"""The API of model cards: read one, write a section, issue one."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.reports import card_doors, huggingface
from governance.reports.card_actions import issue_card
from governance.reports.card_doors import Shown
from governance.reports.cards import as_document
from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.pages import parse_as_of
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict
from models_registry.catalog import card_queries
from models_registry.catalog.card_actions import LONGEST_NOTE, write_section
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.card_sections import LONGEST, address_of, section_of
from models_registry.catalog.models import RegisteredModel

AS_OF = OpenApiParameter("as_of", OpenApiTypes.STR, description="A past moment: a day, which means its end, or a time.")


class StatementOutput(serializers.Serializer):
    """One thing the card says, where it comes from and since when it is so."""

    term = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    level = serializers.CharField(allow_blank=True)
    verdict = serializers.CharField(allow_blank=True)


class WrittenOutput(serializers.Serializer):
    """What somebody wrote in a section."""

    text = serializers.CharField()
    number = serializers.IntegerField()
    digest = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()


class PartOutput(serializers.Serializer):
    """One part of the card; `missing` says what it lacks."""

    key = serializers.CharField()
    title = serializers.CharField()
    statements = StatementOutput(many=True)
    written = WrittenOutput(allow_null=True)
    missing = serializers.CharField(allow_blank=True)
    section = serializers.CharField(allow_blank=True)
    permission = serializers.CharField(allow_blank=True)


class CardOutput(serializers.Serializer):
    """A model card as it stands, stood, or was frozen. `withheld` names parts that the caller may not see."""

    format = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    at = serializers.DateTimeField()
    facts = serializers.DictField()
    parts = PartOutput(many=True)
    withheld = serializers.ListField(child=serializers.CharField())


class SectionOutput(serializers.Serializer[CardText]):
    """One version of a section."""

    section = serializers.SerializerMethodField()
    number = serializers.IntegerField()
    text = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()
    written_by = serializers.CharField(source="written_by.username")
    written_at = serializers.DateTimeField()

    def get_section(self, text: CardText) -> str:
        """Return the section as addresses write it."""
        return address_of(text.section)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "The first version",
            {"text": "Scores **card payments** for review by a person.", "judged": ""},
            request_only=True,
        )
    ]
)
class SectionInput(Strict):
    """A text in Markdown, and the digest of the version it was written from; empty where there is none."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=2 * LONGEST)
    judged = serializers.RegexField(r"^sha256:[0-9a-f]{64}$", allow_blank=True)


@extend_schema_serializer(examples=[OpenApiExample("For a review", {"note": "Yearly review"}, request_only=True)])
class IssueInput(Strict):
    """What the card is issued for."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_NOTE)


class IssuedOutput(serializers.Serializer[IssuedCard]):
    """A card that was issued; `digest` is the SHA-256 of its document."""

    number = serializers.IntegerField()
    digest = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    issued_by = serializers.CharField(source="issued_by.username")
    issued_at = serializers.DateTimeField()


class IssuedDetailOutput(IssuedOutput):
    """An issued card with what was frozen. `intact` says that the document still has its digest."""

    intact = serializers.BooleanField()
    card = CardOutput()


class CardDetail(ApiView):
    """The card of a model."""

    permission = Permission.MODEL_READ

    @extend_schema(parameters=[AS_OF], responses=CardOutput)
    def get(self, request: Request, slug: str) -> Response:
        """Return the card as it stands, or stood at `as_of`."""
        return Response(as_document(_standing(request, slug).card))


class CardMarkdown(ApiView):
    """The card of a model as Markdown."""

    permission = Permission.MODEL_READ

    @extend_schema(parameters=[AS_OF], responses={(200, "text/markdown"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Return the card as Markdown with the metadata that Hugging Face reads."""
        text = huggingface.document(_standing(request, slug).card, base=request.build_absolute_uri("/"))
        return HttpResponse(text, content_type="text/markdown; charset=utf-8")


class SectionDetail(ApiView):
    """One section of a card that people write."""

    permission = {"GET": Permission.MODEL_READ, "PUT": Permission.MODEL_EDIT}

    @extend_schema(responses=SectionOutput)
    def get(self, request: Request, slug: str, section: str) -> Response:
        """Return the version that stands; 404 while nobody wrote one."""
        rows = card_queries.versions_of(model=_model(request, slug), section=section_of(section))
        found = rows.first()
        if found is None:
            raise Http404("Nobody has written this section.")
        return Response(SectionOutput(found).data)

    @extend_schema(request=SectionInput, responses={201: SectionOutput})
    @idempotent
    def put(self, request: Request, slug: str, section: str) -> Response:
        """Save the next version; 409 when another one than `judged` stands."""
        given = SectionInput(data=request.data)
        given.is_valid(raise_exception=True)
        key, model = section_of(section), _model(request, slug)
        made = write_section(by=request.user, at=timezone.now(), model=model, section=key, **given.validated_data)
        return Response(SectionOutput(made).data, status=201)


class IssuedList(ApiView):
    """The cards of a model that were issued."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.MODEL_EDIT}

    @extend_schema(responses=IssuedOutput(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return a page of them, newest first."""
        rows = card_queries.issued_of(model=_model(request, slug)).order_by()
        return paginate(request, rows, lambda card: IssuedOutput(card).data)

    @extend_schema(request=IssueInput, responses={201: IssuedOutput})
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Freeze the card as it stands."""
        given = IssueInput(data=request.data)
        given.is_valid(raise_exception=True)
        model = _model(request, slug)
        made = issue_card(by=request.user, at=timezone.now(), model=model, **given.validated_data)
        return Response(IssuedOutput(made).data, status=201)


class IssuedDetail(ApiView):
    """One card that was issued."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=IssuedDetailOutput)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return the card as it was frozen, without the parts that the caller may not see."""
        shown = card_doors.issued(actor=request.user, model=_model(request, slug), number=number)
        return Response(_detail(shown))


def _detail(shown: Shown) -> dict[str, Any]:
    assert shown.issued is not None
    intact = card_queries.is_intact(card=shown.issued)
    return {**IssuedOutput(shown.issued).data, "intact": intact, "card": as_document(shown.card)}


def _standing(request: Request, slug: str) -> Shown:
    now = timezone.now()
    as_of: datetime | None = parse_as_of(request.query_params.get("as_of", ""), now=now)
    return card_doors.shown(actor=request.user, model=_model(request, slug), now=now, as_of=as_of)


def _model(request: Request, slug: str) -> RegisteredModel:
    return card_doors.model_of(request.user, slug)
