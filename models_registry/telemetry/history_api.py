"""The API of history: terms and what they would drop, legal holds, and what was dropped."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import checked
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import history_actions, history_queries
from models_registry.telemetry.history_models import Drop, KeepingTerms, LegalHold
from models_registry.telemetry.history_preview import preview
from models_registry.telemetry.history_wire import (
    HistoryDropOutput,
    HistoryPreviewOutput,
    HistoryProposalInput,
    HistoryReasonInput,
    HistoryTermsInput,
    HistoryTermsOutput,
    LegalHoldInput,
    LegalHoldOutput,
    drop_document,
    hold_document,
    month_day,
    month_text,
    terms_document,
)

READ, MANAGE = Permission.SOURCE_READ, Permission.HISTORY_MANAGE


class TermsList(ApiView):
    """Terms of history."""

    permission = {"GET": READ, "POST": MANAGE}

    @extend_schema(responses=HistoryTermsOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of terms, those that were replaced or ended included, newest first."""
        force = history_queries.in_force()
        rows = KeepingTerms.objects.select_related("proposed_by", "agreed_by", "ended_by")
        return paginate(request, rows, lambda one: terms_document(one, force), ordering=("-number",))

    @extend_schema(request=HistoryProposalInput, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Put terms before a second person; 409 while others wait."""
        facts = checked(HistoryProposalInput(data=request.data))
        reason = facts.pop("reason")
        made = history_actions.propose(by=actor_of(request), at=timezone.now(), terms=facts, reason=reason)
        return Response(terms_document(made, history_queries.in_force()), status=201)


class Agreements(ApiView):
    """The second person's word."""

    permission = MANAGE

    @extend_schema(request=None, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Agree to proposed terms; they count from a day later on. 403 to who proposed them, 409 when none wait."""
        get_object_or_404(KeepingTerms, number=number)
        made = history_actions.agree(by=actor_of(request), at=timezone.now(), number=number)
        return Response(terms_document(made, made), status=201)


class Endings(ApiView):
    """The end of a proposal."""

    permission = MANAGE

    @extend_schema(request=HistoryReasonInput, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Refuse proposed terms, or take one's own back; 409 when they do not wait."""
        get_object_or_404(KeepingTerms, number=number)
        reason = checked(HistoryReasonInput(data=request.data))["reason"]
        made = history_actions.end(by=actor_of(request), at=timezone.now(), number=number, reason=reason)
        return Response(terms_document(made, history_queries.in_force()), status=201)


class Previews(ApiView):
    """What terms would do."""

    permission = READ

    @extend_schema(request=HistoryTermsInput, responses=HistoryPreviewOutput)
    def post(self, request: Request) -> Response:
        """Return what terms would drop now, and what is held back from them; keeps nothing."""
        facts = checked(HistoryTermsInput(data=request.data))
        found = preview(terms=KeepingTerms(**facts), at=timezone.now())
        ids = {one.model_id for one in found.held_back}
        slugs = dict(RegisteredModel.registry.filter(pk__in=ids).values_list("pk", "slug"))
        held = [
            {
                "model": slugs[one.model_id],
                "month": month_text(one.month),
                "needed_by": [need.why for need in one.needs],
            }
            for one in found.held_back
        ]
        seen = found.as_json()
        return Response({"sorts": [{"sort": sort, **own} for sort, own in seen.items()], "held_back": held})


class HoldList(ApiView):
    """Legal holds."""

    permission = {"GET": READ, "POST": MANAGE}

    @extend_schema(responses=LegalHoldOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of legal holds, lifted ones included, newest first."""
        rows = LegalHold.objects.select_related("model", "placed_by", "lifted_by")
        return paginate(request, rows, hold_document, ordering=("-id",))

    @extend_schema(request=LegalHoldInput, responses={201: LegalHoldOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold back months of a model, or of all; it counts at once."""
        facts = checked(LegalHoldInput(data=request.data))
        model = RegisteredModel.registry.filter(slug=facts["model"]).first() if "model" in facts else None
        if "model" in facts and model is None:
            raise ValidationError({"model": ["No model is called so."]})
        until = month_day(facts["until"]) if "until" in facts else None
        made = history_actions.place_hold(
            by=actor_of(request), at=timezone.now(), model=model, since=month_day(facts["since"]), until=until,
            reason=facts["reason"],
        )  # fmt: skip
        return Response(hold_document(made), status=201)


class Liftings(ApiView):
    """The end of a hold."""

    permission = MANAGE

    @extend_schema(request=HistoryReasonInput, responses={201: LegalHoldOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Lift a hold; 403 to who placed it, 409 when it was lifted already."""
        get_object_or_404(LegalHold, pk=pk)
        reason = checked(HistoryReasonInput(data=request.data))["reason"]
        lifted = history_actions.lift_hold(by=actor_of(request), at=timezone.now(), pk=pk, reason=reason)
        return Response(hold_document(lifted), status=201)


class DropList(ApiView):
    """What was dropped."""

    permission = READ

    @extend_schema(responses=HistoryDropOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of drops with their counts and digests, newest first."""
        return paginate(request, Drop.objects.select_related("terms"), drop_document, ordering=("-id",))
