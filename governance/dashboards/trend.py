"""What the aside of the board tells over time: models by risk day by day, what this week brought, and when
sources were last heard.

The past does not change, so its days are kept for an hour; each day is found by one probe of an index
per model, and this week by the index on the time of an entry. Neither cost grows with the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.utils.safestring import SafeString

from governance.dashboards.standing import models_at
from governance.dashboards.steps import Band, steps
from governance.gates.models import GateDecision
from governance.risks.models import Acknowledgement
from governance.scoring.models import PostureChange
from governance.vocabulary import RiskLevel, Verdict
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.audit.models import ActorKind, AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Source, TelemetryEvent

DAYS = 30
KEPT_S = 3600
WEEK = timedelta(days=7)
DRAWN = (RiskLevel.MEDIUM, RiskLevel.HIGH, RiskLevel.CRITICAL)
MOVES = ("risk.level_raised", "risk.level_lowered")

type Counts = Mapping[str, int]


@dataclass(frozen=True)
class Week:
    """The last seven days: answers, gates and moves. ``acknowledged_in`` is the median, None without any."""

    acknowledged_in: timedelta | None
    blocked: int
    decided: int
    by_rules: int
    by_people: int


def by_level(*, actor: Account, at: datetime, as_of: datetime | None) -> SafeString:
    """Draw how many models stood at each level over 30 days up to ``at``; Low is not drawn."""
    models = models_at(actor=actor, at=as_of)
    moments = [at - timedelta(days=back) for back in range(DAYS - 1, 0, -1)]
    key = f"board-days:{actor.pk}:{at:%Y-%m-%d-%H}:{as_of.timestamp() if as_of else ''}"
    earlier: Sequence[Counts] = cache.get_or_set(key, lambda: _counted(models, moments), KEPT_S) or []
    days = [*earlier, *_counted(models, [at])]
    bands = [Band(level.lower(), [day.get(level, 0) for day in days]) for level in DRAWN]
    now = ", ".join(f"{band.values[-1]} {band.level}" for band in reversed(bands))
    return steps([moment.date() for moment in [*moments, at]], bands, f"Models by risk over 30 days: {now} now")


def _counted(models: QuerySet[RegisteredModel], moments: Sequence[datetime]) -> list[Counts]:
    """Return how many models stood at each level at each moment; one query."""
    found: dict[datetime, dict[str, int]] = {moment: {} for moment in moments}
    first, *others = [_at(models, moment) for moment in moments]
    for moment, level, number in first.union(*others, all=True) if others else first:
        found[moment][level] = number
    return [found[moment] for moment in moments]


def _at(models: QuerySet[RegisteredModel], moment: datetime) -> QuerySet:
    newest = PostureChange.objects.filter(model=OuterRef("pk"), changed_at__lte=moment).order_by("-changed_at", "-id")
    stood = models.annotate(
        moment=Value(moment, output_field=DateTimeField()),
        stood=Subquery(newest.values("level")[:1], output_field=CharField()),
    )
    counted = stood.filter(stood__in=DRAWN).order_by().values("moment", "stood").annotate(number=Count("pk"))
    return counted.values_list("moment", "stood", "number")


def week(*, actor: Account, at: datetime, as_of: datetime | None) -> Week:
    """Return what the seven days before ``at`` brought to the models the actor may see; three queries."""
    models = models_at(actor=actor, at=as_of)
    since = at - WEEK
    gates = GateDecision.objects.filter(version__model__in=models, decided_at__gt=since, decided_at__lte=at)
    verdicts = dict(gates.order_by().values_list("verdict").annotate(Count("pk")))
    moves = AuditEntry.objects.filter(at__gt=since, at__lte=at, action__in=MOVES, model_id__in=models.values("pk"))
    movers = dict(moves.order_by().values_list("actor_kind").annotate(Count("pk")))
    return Week(
        acknowledged_in=_acknowledged_in(models, since, at),
        blocked=verdicts.get(Verdict.BLOCK, 0),
        decided=sum(verdicts.values()),
        by_rules=sum(number for kind, number in movers.items() if kind != ActorKind.PERSON),
        by_people=movers.get(ActorKind.PERSON, 0),
    )


def _acknowledged_in(models: QuerySet[RegisteredModel], since: datetime, at: datetime) -> timedelta | None:
    """Return the median time from the raise that was answered to its acknowledgement; what was undone is none."""
    rows = Acknowledgement.objects.standing().filter(risk__model__in=models, at__gt=since, at__lte=at)
    pairs = [(raised, seen) for raised, seen in rows.values_list("risk__raised_at", "at") if raised and raised <= seen]
    return timedelta(seconds=median((seen - raised).total_seconds() for raised, seen in pairs)) if pairs else None


def sources(actor: Account) -> list[Source]:
    """Return the sources in use with ``seen_at``, the longest silent first; none without the right to read them."""
    if not may_open(actor, Permission.SOURCE_READ):
        return []
    newest = TelemetryEvent.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    rows = Source.objects.filter(disabled_at__isnull=True).annotate(seen_at=Subquery(newest))
    seen: list[Any] = list(rows)
    return sorted(seen, key=lambda one: (one.seen_at is not None, one.seen_at, one.name))
