"""What people see of alerts: the list, one alert with everything said about it, and how fast it was answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)

from alerts.delivery.models import DeliveryAttempt, Notification
from alerts.inbox.models import Alert, AlertState, Annotation, Snooze
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible

OPEN_STATES = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


class NinetyFifth(Aggregate):
    """PostgreSQL's continuous 95th percentile."""

    function = "percentile_cont"
    template = "%(function)s(0.95) within group (order by %(expressions)s)"


@dataclass(frozen=True)
class Answered:
    """How fast alerts were acknowledged: how many, the mean and the 95th percentile (None without any)."""

    count: int
    mean: timedelta | None
    p95: timedelta | None


def seen_by(actor: Account) -> QuerySet[Alert]:
    """Return the alerts the actor may see; those about no model are for readers of everything."""
    return visible(actor, Permission.ALERT_READ, Alert.objects.all(), through="model")


def unanswered_of(actor: Account, *, at: datetime) -> QuerySet[Alert]:
    """Return the open alerts that were sent to this person and wait for an acknowledgement, the gravest first.

    What the person put off is left out until its time.
    """
    told = Notification.objects.filter(alert=OuterRef("pk"), recipient=actor)
    put_off = Snooze.objects.filter(alert=OuterRef("pk"), by=actor).running(at=at)
    rows = seen_by(actor).filter(Exists(told), ~Exists(put_off), state=AlertState.OPEN)
    return rows.select_related("model").order_by("tier", "-last_at", "-id")


def snoozed_by(actor: Account, *, at: datetime) -> QuerySet[Snooze]:
    """Return what this person put off and nobody answered, the soonest to come back first."""
    rows = Snooze.objects.running(at=at).filter(by=actor, alert__state=AlertState.OPEN, alert__in=seen_by(actor))
    return rows.select_related("alert__model").order_by("until", "pk")


def narrowed(alerts: QuerySet[Alert], *, tier: int | None = None, state: str = "", model: str = "") -> QuerySet[Alert]:
    """Keep the alerts that match; ``UNRESOLVED`` is any state but RESOLVED."""
    found = alerts.filter(tier=tier) if tier else alerts
    if state:
        found = found.filter(state__in=OPEN_STATES if state == "UNRESOLVED" else (state,))
    return found.filter(model__slug=model) if model else found


def with_story(alerts: QuerySet[Alert], *, at: datetime) -> QuerySet[Alert]:
    """Read decisions, messages, tries, and who put them off at this moment, along with the alerts."""
    tries = Prefetch("delivery_attempts", DeliveryAttempt.objects.order_by("number"))
    messages = Notification.objects.select_related("channel", "recipient").order_by("id")
    room_above: Any = Alert._meta.get_field("routing_decisions").related_model
    decisions = room_above.objects
    return alerts.prefetch_related(
        Prefetch("routing_decisions", decisions.select_related("route", "entry").order_by("-id")),
        Prefetch("snoozes", Snooze.objects.running(at=at).select_related("by").order_by("until", "pk")),
        Prefetch("notifications", messages.prefetch_related(tries)),
    )


def notes(alert: Alert) -> QuerySet[Annotation]:
    """Return the notes on an alert, newest first."""
    return alert.annotations.select_related("by").order_by("-at", "-id")


def time_to_acknowledge(alerts: QuerySet[Alert], *, since: datetime) -> Answered:
    """Return how long the alerts opened since then waited for an acknowledgement."""
    waited = ExpressionWrapper(F("acknowledged_at") - F("opened_at"), output_field=DurationField())
    answered = alerts.filter(opened_at__gte=since, acknowledged_at__isnull=False)
    found = answered.annotate(waited=waited).aggregate(
        count=Count("id"),
        mean=Avg("waited"),
        p95=NinetyFifth("waited", output_field=DurationField()),
    )
    return Answered(**found)


def counts(alerts: QuerySet[Alert]) -> dict[str, int]:
    """Return how many alerts stand in each state."""
    found = dict(alerts.order_by().values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in AlertState.values}


def open_at(*, model_id: int, at: datetime) -> list[tuple[str, str, datetime, str]]:
    """Return the alerts about a model that were open at a moment, the gravest first: title, tier, opening, address."""
    rows = Alert.objects.filter(model_id=model_id, opened_at__lte=at)
    rows = rows.filter(Q(resolved_at__isnull=True) | Q(resolved_at__gt=at)).order_by("tier", "opened_at", "pk")
    return [(one.title, one.get_tier_display(), one.opened_at, f"/alerts/{one.pk}/") for one in rows]
