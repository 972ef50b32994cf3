"""What goes in and out of the API of history."""

import datetime as dt
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from models_registry.access.strict import Strict
from models_registry.telemetry import history_actions
from models_registry.telemetry.history_models import FLOORS, Drop, KeepingTerms, LegalHold, Sort

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


def terms_document(one: KeepingTerms, force: KeepingTerms | None) -> dict[str, Any]:
    """Return terms as they are told, given those in force."""
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


def hold_document(one: LegalHold) -> dict[str, Any]:
    """Return a legal hold as it is told."""
    return {
        "id": one.pk,
        "model": one.model.slug if one.model else None,
        "since": month_text(one.since),
        "until": month_text(one.until) if one.until else None,
        "reason": one.reason,
        "placed_by": one.placed_by.username,
        "placed_at": one.placed_at,
        "lifted_by": one.lifted_by.username if one.lifted_by else None,
        "lifted_at": one.lifted_at,
        "lifted_because": one.lifted_because,
    }


def drop_document(one: Drop) -> dict[str, Any]:
    """Return a drop as it is told."""
    return {
        "id": one.pk,
        "sort": one.sort,
        "month": month_text(one.month),
        "count": one.count,
        "freed_bytes": one.freed,
        "digest": one.digest,
        "terms": one.terms.number,
        "dropped_at": one.dropped_at,
    }


def month_text(day: dt.date) -> str:
    """Return a month such as 2026-11."""
    return f"{day:%Y-%m}"


def month_day(month: str) -> dt.date:
    """Return the first day of a month such as 2026-11."""
    return dt.date.fromisoformat(f"{month}-01")
