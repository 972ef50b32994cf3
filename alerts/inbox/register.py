"""The list of alerts: filtered and sorted in the database, with what was done about each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import django_filters
from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from alerts.delivery.models import Notification, NotificationState
from alerts.inbox.models import Alert, AlertState
from alerts.inbox.queries import seen_by, with_story
from governance.vocabulary import Tier
from models_registry.access.listing import ListFilters, one_of, searched, several
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import Answer, can
from models_registry.access.saved import SavedList

HEADS = (("Alert", ""), ("Tier", "tier"), ("Told", ""), ("Last entry", "-last"), ("State", ""))
HEADER = (
    "id", "title", "model", "tier", "state", "entries", "opened_at", "last_at", "acknowledged_by", "acknowledged_at",
    "resolved_at",
)  # fmt: skip
PERIODS = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}


class AlertFilters(ListFilters):
    """Narrow the list; a value that is not known narrows nothing."""

    q = searched("Words of an alert, or a model", method="named")
    tier = several("Tier", [(str(tier.value), tier.label) for tier in Tier])
    state = several("State", AlertState.choices)
    told = one_of("Told", [("me", "To me")], method="told_to")
    since = one_of("Period", [("1d", "In 24 hours"), ("7d", "In 7 days"), ("30d", "In 30 days")], method="moved")
    model = django_filters.CharFilter(field_name="model__slug")

    SORTS: ClassVar[Mapping[str, Any]] = {"last": F("last_at"), "tier": F("tier")}
    SORT = "-last"
    HIDDEN = ("model",)

    class Meta:
        model = Alert
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account, now: datetime) -> None:
        self.actor, self.now = actor, now
        super().__init__(asked, queryset=seen_by(actor).select_related("model", "acknowledged_by"))

    def named(self, alerts: QuerySet[Alert], _: str, text: str) -> QuerySet[Alert]:
        """Keep alerts whose title, or whose model's name, holds the text."""
        return alerts.filter(Q(title__icontains=text) | Q(model__name__icontains=text))

    def told_to(self, alerts: QuerySet[Alert], _: str, __: str) -> QuerySet[Alert]:
        """Keep alerts about which the reader was sent a message."""
        sent = Notification.objects.filter(recipient=self.actor, alert__isnull=False)
        return alerts.filter(pk__in=sent.values("alert"))

    def moved(self, alerts: QuerySet[Alert], _: str, period: str) -> QuerySet[Alert]:
        """Keep alerts that an entry opened or joined in the period."""
        return alerts.filter(last_at__gte=self.now - PERIODS[period])


@dataclass(frozen=True)
class Row:
    """One line: the alert, what people were told of it, whether the reader may take it on (None: nothing to do)."""

    alert: Alert
    told: str
    answer: Answer | None


def page_of(filters: AlertFilters) -> tuple[list[Row], str]:
    """Return the rows of this page, and the key after which the rest follows."""
    part = filters.slice_of(filters.qs, detail=partial(with_story, at=filters.now))
    return rows_of(filters, part.rows), part.after


def rows_of(filters: AlertFilters, alerts: Sequence[Alert]) -> list[Row]:
    """Return alerts as lines, for this reader."""
    return [_row(alert, filters.actor) for alert in alerts]


def _row(alert: Alert, actor: Account) -> Row:
    open_still = alert.state == AlertState.OPEN
    return Row(alert, told(alert), can(actor, Permission.ALERT_ACKNOWLEDGE, on=alert) if open_still else None)


def told(alert: Alert) -> str:
    """Return in a few words what was done: whom a message reached, or why nobody was told."""
    sent: list[Notification] = list(alert.notifications.all())
    reached = [one for one in sent if one.state == NotificationState.DELIVERED]
    if reached:
        names = list(dict.fromkeys(str(one.recipient or one.channel) for one in reached))
        return f"{', '.join(names[:2])}{f' and {len(names) - 2} more' if len(names) > 2 else ''}"
    if any(one.state == NotificationState.PENDING for one in sent):
        return "Message waiting"
    if any(one.state == NotificationState.GIVEN_UP for one in sent):
        return "Could not be delivered"
    decisions = list(alert.routing_decisions.all())
    return "In the digest" if any(one.outcome == "DIGEST" for one in decisions) else "Nobody"


def csv_rows(filters: AlertFilters) -> Iterator[Sequence[object]]:
    """Return the rows of the list for a file, all of them, in its order."""
    for alert in filters.ordered(filters.qs).iterator(chunk_size=1000):
        yield (
            alert.pk,
            alert.title,
            alert.model.slug if alert.model else "",
            alert.tier,
            alert.state,
            alert.occurrence_count,
            alert.opened_at.isoformat(),
            alert.last_at.isoformat(),
            alert.acknowledged_by or "",
            alert.acknowledged_at.isoformat() if alert.acknowledged_at else "",
            alert.resolved_at.isoformat() if alert.resolved_at else "",
        )


def _tidy(account: Account, query: str) -> str:
    """Return what this list knows of a query string."""
    return AlertFilters(QueryDict(query), actor=account, now=timezone.now()).query


LIST = SavedList(
    name="alerts",
    route="alerts_inbox:list",
    tidy=_tidy,
    presets=(("All", ""), ("Unanswered", "state=open"), ("Sent to me", "told=me"), ("Pages", "tier=1")),
)
