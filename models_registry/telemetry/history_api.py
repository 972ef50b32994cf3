"""The API of history: terms and what they would drop, legal holds, and what was dropped."""

import datetime as dt
from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.models import Account
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import history_actions, history_queries
from models_registry.telemetry.history_models import FLOORS, Drop, KeepingTerms, LegalHold, Sort

READ, MANAGE = Permission.SOURCE_READ, Permission.HISTORY_MANAGE
MONTH = r"^(19[7-9]\d|[2-8]\d{3})-(0[1-9]|1[0-2])$"
EXAMPLE = {"measurements_days": 400, "bodies_days": 200, "held_days": 400, "fine_days": 400, "coarse_days": None}


def _days(field: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=FLOORS[field], max_value=36_500, allow_null=True, help_text="Days; null is for ever."
    )


class HistoryTermsInput(Strict):
    """How long each sort of history is kept."""

    measurements_days = _days("measurements_days")
    bodies_days = _days("bodies_days")
    held_days = _days("held_days")
    fine_days = _days("fine_days")
    coarse_days = _days("coarse_days")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse terms that do not go together."""
        wrong = history_actions.unfit({name: attrs.get(name) for name in history_actions.FIELDS})
        if wrong:
            raise ValidationError({name: [why] for name, why in wrong.items()})
        return attrs


@extend_schema_serializer(
    examples=[OpenApiExample("Four hundred days", {**EXAMPLE, "reason": "Two audits."}, request_only=True)]
)
class HistoryProposalInput(HistoryTermsInput):
    """Terms to put before a second person."""

    reason = serializers.CharField(max_length=500)


class HistoryReasonInput(Strict):
    """Why something ends."""

    reason = serializers.CharField(max_length=500)


class HistoryTermsOutput(serializers.Serializer[Any]):
    """Terms of history. ``foreseen`` is what they would have dropped when they were proposed, by sort."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=["PROPOSED", "IN_FORCE", "REPLACED", "ENDED"])
    measurements_days = serializers.IntegerField(allow_null=True)
    bodies_days = serializers.IntegerField(allow_null=True)
    held_days = serializers.IntegerField(allow_null=True)
    fine_days = serializers.IntegerField(allow_null=True)
    coarse_days = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    foreseen = serializers.DictField()
    proposed_by = serializers.CharField()
    proposed_at = serializers.DateTimeField()
    agreed_by = serializers.CharField(allow_null=True)
    agreed_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_because = serializers.CharField()


class HistoryForeseenOutput(serializers.Serializer[Any]):
    """What terms would drop of one sort."""

    sort = serializers.ChoiceField(choices=Sort.choices)
    count = serializers.IntegerField()
    bytes = serializers.IntegerField(help_text="About so many would be free.")
    held_back = serializers.IntegerField()
    months = serializers.ListField(child=serializers.CharField())


class HistoryHeldBackOutput(serializers.Serializer[Any]):
    """A model's month that something needs."""

    model = serializers.CharField()
    month = serializers.CharField()
    needed_by = serializers.ListField(child=serializers.CharField())


class HistoryPreviewOutput(serializers.Serializer[Any]):
    """What terms would drop now."""

    sorts = HistoryForeseenOutput(many=True)
    held_back = HistoryHeldBackOutput(many=True)


class LegalHoldInput(Strict):
    """Months to hold back, of one model or of all."""

    model = serializers.SlugField(required=False, help_text="Slug of the model; every model when left out.")
    since = serializers.RegexField(MONTH, help_text="First month, such as 2026-01.")
    until = serializers.RegexField(MONTH, required=False, help_text="Last month; without it the hold has no end.")
    reason = serializers.CharField(max_length=500)


class LegalHoldOutput(serializers.Serializer[Any]):
    """A legal hold."""

    id = serializers.IntegerField()
    model = serializers.CharField(allow_null=True)
    since = serializers.CharField()
    until = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    placed_by = serializers.CharField()
    placed_at = serializers.DateTimeField()
    lifted_by = serializers.CharField(allow_null=True)
    lifted_at = serializers.DateTimeField(allow_null=True)
    lifted_because = serializers.CharField()


class HistoryDropOutput(serializers.Serializer[Any]):
    """What was dropped of one sort and month in one transaction."""

    id = serializers.IntegerField()
    sort = serializers.ChoiceField(choices=Sort.choices)
    month = serializers.CharField()
    count = serializers.IntegerField()
    freed_bytes = serializers.IntegerField()
    digest = serializers.CharField()
    terms = serializers.IntegerField()
    dropped_at = serializers.DateTimeField()


class TermsList(ApiView):
    """Terms of history."""

    permission = {"GET": READ, "POST": MANAGE}

    @extend_schema(responses=HistoryTermsOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of terms, those that were replaced or ended included, newest first."""
        force = history_queries.in_force()
        rows = KeepingTerms.objects.select_related("proposed_by", "agreed_by", "ended_by")
        return paginate(request, rows, lambda one: _terms(one, force), ordering=("-number",))

    @extend_schema(request=HistoryProposalInput, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Put terms before a second person; 409 while others wait."""
        facts = _checked(HistoryProposalInput(data=request.data))
        reason = facts.pop("reason")
        made = history_actions.propose(by=_actor(request), at=timezone.now(), terms=facts, reason=reason)
        return Response(_terms(made, history_queries.in_force()), status=201)


class Agreements(ApiView):
    """The second person's word."""

    permission = MANAGE

    @extend_schema(request=None, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Agree to proposed terms; they count from a day later on. 403 to who proposed them, 409 when none wait."""
        get_object_or_404(KeepingTerms, number=number)
        made = history_actions.agree(by=_actor(request), at=timezone.now(), number=number)
        return Response(_terms(made, made), status=201)


class Endings(ApiView):
    """The end of a proposal."""

    permission = MANAGE

    @extend_schema(request=HistoryReasonInput, responses={201: HistoryTermsOutput})
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Refuse proposed terms, or take one's own back; 409 when they do not wait."""
        get_object_or_404(KeepingTerms, number=number)
        reason = _checked(HistoryReasonInput(data=request.data))["reason"]
        made = history_actions.end(by=_actor(request), at=timezone.now(), number=number, reason=reason)
        return Response(_terms(made, history_queries.in_force()), status=201)


class Previews(ApiView):
    """What terms would do."""

    permission = READ

    @extend_schema(request=HistoryTermsInput, responses=HistoryPreviewOutput)
    def post(self, request: Request) -> Response:
        """Return what terms would drop now, and what is held back from them; keeps nothing."""
        facts = _checked(HistoryTermsInput(data=request.data))
        found = history_queries.preview(terms=KeepingTerms(**facts), at=timezone.now())
        ids = {one.model_id for one in found.held_back}
        slugs = dict(RegisteredModel.registry.filter(pk__in=ids).values_list("pk", "slug"))
        held = [
            {"model": slugs[one.model_id], "month": _month(one.month), "needed_by": [need.why for need in one.needs]}
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
        return paginate(request, rows, _hold, ordering=("-id",))

    @extend_schema(request=LegalHoldInput, responses={201: LegalHoldOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Hold back months of a model, or of all; it counts at once."""
        facts = _checked(LegalHoldInput(data=request.data))
        model = RegisteredModel.registry.filter(slug=facts["model"]).first() if "model" in facts else None
        if "model" in facts and model is None:
            raise ValidationError({"model": ["No model is called so."]})
        until = _day(facts["until"]) if "until" in facts else None
        made = history_actions.place_hold(
            by=_actor(request), at=timezone.now(), model=model, since=_day(facts["since"]), until=until,
            reason=facts["reason"],
        )  # fmt: skip
        return Response(_hold(made), status=201)


class Liftings(ApiView):
    """The end of a hold."""

    permission = MANAGE

    @extend_schema(request=HistoryReasonInput, responses={201: LegalHoldOutput})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Lift a hold; 403 to who placed it, 409 when it was lifted already."""
        get_object_or_404(LegalHold, pk=pk)
        reason = _checked(HistoryReasonInput(data=request.data))["reason"]
        lifted = history_actions.lift_hold(by=_actor(request), at=timezone.now(), pk=pk, reason=reason)
        return Response(_hold(lifted), status=201)


class DropList(ApiView):
    """What was dropped."""

    permission = READ

    @extend_schema(responses=HistoryDropOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of drops with their counts and digests, newest first."""
        return paginate(request, Drop.objects.select_related("terms"), _drop, ordering=("-id",))


def _actor(request: Request) -> Account:
    return cast(Account, request.user)


def _checked(serializer: Strict) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    facts: dict[str, Any] = dict(serializer.validated_data)
    return facts


def _terms(one: KeepingTerms, force: KeepingTerms | None) -> dict[str, Any]:
    state = "PROPOSED" if one.is_proposed else "ENDED" if one.ended_at else "REPLACED"
    return {
        "number": one.number,
        "state": "IN_FORCE" if force is not None and force.pk == one.pk else state,
        **{name: getattr(one, name) for name in history_actions.FIELDS},
        "reason": one.reason,
        "foreseen": one.foreseen,
        "proposed_by": one.proposed_by.username,
        "proposed_at": one.proposed_at,
        "agreed_by": one.agreed_by.username if one.agreed_by else None,
        "agreed_at": one.agreed_at,
        "ended_by": one.ended_by.username if one.ended_by else None,
        "ended_at": one.ended_at,
        "ended_because": one.ended_because,
    }


def _hold(one: LegalHold) -> dict[str, Any]:
    return {
        "id": one.pk,
        "model": one.model.slug if one.model else None,
        "since": _month(one.since),
        "until": _month(one.until) if one.until else None,
        "reason": one.reason,
        "placed_by": one.placed_by.username,
        "placed_at": one.placed_at,
        "lifted_by": one.lifted_by.username if one.lifted_by else None,
        "lifted_at": one.lifted_at,
        "lifted_because": one.lifted_because,
    }


def _drop(one: Drop) -> dict[str, Any]:
    return {
        "id": one.pk,
        "sort": one.sort,
        "month": _month(one.month),
        "count": one.count,
        "freed_bytes": one.freed,
        "digest": one.digest,
        "terms": one.terms.number,
        "dropped_at": one.dropped_at,
    }


def _month(day: dt.date) -> str:
    return f"{day:%Y-%m}"


def _day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")
