"""Alerts for programs: list them, and acknowledge one as a person."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.inbox import actions, queries, snoozing
from alerts.inbox.models import Alert, AlertState, Snooze
from governance.vocabulary import Tier
from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.lookup import find
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import Strict


class AlertFilter(serializers.Serializer[Any]):
    """What the list may be narrowed by."""

    tier = serializers.ChoiceField(choices=[tier.value for tier in Tier], required=False)
    state = serializers.ChoiceField(choices=[*AlertState.values, "UNRESOLVED"], required=False)
    model = serializers.SlugField(required=False)


class AlertOut(serializers.Serializer[Alert]):
    """One alert as programs read it."""

    id = serializers.IntegerField()
    tier = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AlertState.choices)
    title = serializers.CharField()
    body = serializers.CharField()
    model = serializers.SlugField(source="model.slug", default=None, allow_null=True)
    risk = serializers.IntegerField(source="risk_id", allow_null=True)
    occurrences = serializers.IntegerField(source="occurrence_count")
    opened_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", default=None, allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)


@extend_schema_serializer(component_name="AlertAcknowledgement")
class AcknowledgementIn(Strict):
    """An acknowledgement, with a note when there is something to say."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")


class AlertList(ApiView):
    """The alerts the caller may see."""

    permission: ClassVar = Permission.ALERT_READ

    @extend_schema(operation_id="alerts_list", parameters=[AlertFilter], responses=AlertOut(many=True))
    def get(self, request: Request) -> Response:
        """List alerts, newest first."""
        chosen = AlertFilter(data=request.query_params)
        chosen.is_valid(raise_exception=True)
        seen = queries.seen_by(actor_of(request)).select_related("model", "acknowledged_by")
        found = queries.narrowed(seen, **chosen.validated_data)
        return paginate(request, found, lambda alert: AlertOut(alert).data)


class Acknowledgements(ApiView):
    """Acknowledgements of one alert."""

    permission: ClassVar = Permission.ALERT_ACKNOWLEDGE

    @extend_schema(operation_id="alerts_acknowledge", request=AcknowledgementIn, responses={201: AlertOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Acknowledge the alert; 409 when it is answered already."""
        given = AcknowledgementIn(data=request.data)
        given.is_valid(raise_exception=True)
        caller = actor_of(request)
        at, note = timezone.now(), given.validated_data["note"]
        find(caller, Permission.ALERT_READ, Alert.objects.all(), through="model", pk=pk)
        alert = actions.acknowledge(by=caller, at=at, alert_id=pk)
        if note.strip():
            actions.annotate(by=caller, at=at, alert_id=pk, text=note)
        return Response(AlertOut(alert).data, status=201)


class SnoozeIn(Strict):
    """Until when an alert is put off; a week at most."""

    until = serializers.DateTimeField()


class SnoozeOut(serializers.Serializer[Snooze]):
    """A snooze on record."""

    id = serializers.IntegerField()
    alert = serializers.IntegerField(source="alert_id")
    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()
    until = serializers.DateTimeField()


class Snoozes(ApiView):
    """Snoozes of one alert."""

    permission: ClassVar = Permission.ALERT_ACKNOWLEDGE

    @extend_schema(operation_id="alerts_snooze", request=SnoozeIn, responses={201: SnoozeOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Put the alert off for the caller alone; 409 when it is answered already."""
        given = SnoozeIn(data=request.data)
        given.is_valid(raise_exception=True)
        caller = actor_of(request)
        find(caller, Permission.ALERT_READ, Alert.objects.all(), through="model", pk=pk)
        begun = snoozing.snooze(by=caller, at=timezone.now(), alert_id=pk, until=given.validated_data["until"])
        return Response(SnoozeOut(begun).data, status=201)
