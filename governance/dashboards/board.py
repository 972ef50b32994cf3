"""The board "In the red": every model against its line, at one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.dashboards import exposure
from governance.dashboards.exposure import OpenRisk
from governance.dashboards.matrix import matrix
from governance.dashboards.spark import spark
from governance.dashboards.standing import Standing, changes_at, grouped, models_at, standings
from governance.dashboards.strip import StripMark, strip
from governance.health.models import HealthScore
from governance.risks.models import Acceptance, AcceptanceState, RiskState
from governance.vocabulary import RiskLevel
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import Answer, can, may_open
from models_registry.audit.canonical import digest
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Source, TelemetryEvent

SPARK_DAYS = 30
ENDING_SOON = timedelta(days=14)
LATEST_ENTRIES = 200


@dataclass(frozen=True)
class Row:
    """One model on the board, with its gravest risk and what the reader may do about it."""

    standing: Standing
    risk: OpenRisk | None
    spark: SafeString | str
    step: str = ""
    answer: Answer = field(default_factory=lambda: Answer(True))


@dataclass(frozen=True)
class Chips:
    """What waits for people, in numbers."""

    overdue: int
    approvals: int
    acceptances_ending: int
    quiet: int


@dataclass(frozen=True)
class Board:
    """Everything the page shows, for one reader at one moment."""

    total: int
    rows: Mapping[str, Sequence[Row]]
    chips: Chips
    strip: SafeString
    matrix: SafeString
    open_count: int
    grave_count: int
    sources: Sequence[Source]

    @property
    def past(self) -> int:
        """How many models are past their line."""
        return len(self.rows["past"])

    @property
    def nearest(self) -> Row | None:
        """The model with the least room among those that have some."""
        return next(iter([*self.rows["close"], *self.rows["steady"]]), None)


def board(*, actor: Account, now: datetime, as_of: datetime | None = None) -> Board:
    """Return the board of what the actor may see, now or as it was at ``as_of``; at most eight queries."""
    at = as_of or now
    models = models_at(actor=actor, at=as_of)
    found = standings(models=models, at=as_of)
    risks = exposure.open_risks(models=models, at=as_of)
    groups = grouped(found)
    drawn = sparks([one.model.pk for name in ("past", "close", "quiet") for one in groups[name]], until=at)
    worst = exposure.gravest(risks)
    read_only = as_of is not None
    rows = {
        name: [_row(actor, one, worst.get(one.model.pk), drawn, read_only=read_only) for one in group]
        for name, group in groups.items()
    }
    return Board(
        total=len(found),
        rows={**rows, "past": sorted(rows["past"], key=_urgency)},
        chips=_chips(actor, models, risks, len(groups["quiet"]), now, as_of),
        strip=strip(_marks(found, changes_at(models=models, at=at - timedelta(days=7)))),
        matrix=matrix(exposure.cells(risks), href=_cell_address),
        open_count=len(risks),
        grave_count=sum(1 for one in risks if one.level >= RiskLevel.HIGH),
        sources=[] if read_only else _sources(actor),
    )


def state_token(*, actor: Account, now: datetime) -> str:
    """Return a short text that changes when the actor's board may have changed.

    The newest entries are summed, because an older one may commit after a newer one.
    The minute is part of it, so that deadlines and ages move.
    """
    newest = AuditEntry.objects.order_by("-id").values("id")[:LATEST_ENTRIES]
    total = AuditEntry.objects.filter(id__in=newest).aggregate(total=Sum("id"))["total"] or 0
    facts = {"actor": actor.pk, "entries": str(total), "minute": now.strftime("%Y-%m-%dT%H:%M")}
    return digest(facts).removeprefix("sha256:")[:16]


def sparks(model_ids: Sequence[int], *, until: datetime) -> dict[int, SafeString]:
    """Return the last 30 days of health of these models as small lines; one value a day, the day's last."""
    since = until - timedelta(days=SPARK_DAYS)
    rows = HealthScore.objects.filter(model__in=model_ids, scored_at__gt=since, scored_at__lte=until)
    days: dict[int, dict[int, float | None]] = defaultdict(dict)
    redlines: dict[int, float] = {}
    for model_id, score, redline, at in rows.order_by("scored_at", "id").values_list(
        "model_id", "score", "redline", "scored_at"
    ):
        days[model_id][min((at - since).days, SPARK_DAYS - 1)] = score
        redlines[model_id] = redline
    return {model_id: spark(carried(known), redlines[model_id], "Health, 30 days") for model_id, known in days.items()}


def carried(known: Mapping[int, float | None]) -> list[float | None]:
    """Return one value a day: a score holds until the next one; before the first there is none."""
    values: list[float | None] = []
    last: float | None = None
    for day in range(SPARK_DAYS):
        last = known.get(day, last)
        values.append(last)
    return values


def _row(
    actor: Account, one: Standing, risk: OpenRisk | None, drawn: Mapping[int, SafeString], *, read_only: bool
) -> Row:
    spark = drawn.get(one.model.pk, "")
    if risk is None or read_only:
        return Row(one, risk, spark)
    unseen = risk.awaits_acknowledgement
    step = "Acknowledge" if unseen else "Respond"
    permission = Permission.RISK_ACKNOWLEDGE if unseen else Permission.RISK_MITIGATE
    return Row(one, risk, spark, step, can(actor, permission, on=one.model))


def _urgency(row: Row) -> tuple[float, float, str]:
    """Sort by points past the line, then by the clock."""
    room = row.standing.room
    due = row.risk.due_at if row.risk else None
    return (0.0 if room is None else room, due.timestamp() if due else float("inf"), row.standing.model.name)


def _marks(found: Iterable[Standing], before: Mapping[int, object]) -> list[StripMark]:
    return [
        StripMark(
            name=one.model.name,
            url=reverse("dashboards:model", args=[one.model.slug]),
            level=one.level.lower() if one.group != "quiet" else "none",
            room=None if one.group == "quiet" else one.room,
            room_before=getattr(before.get(one.model.pk), "room", None),
        )
        for one in found
    ]


def _chips(
    actor: Account,
    models: QuerySet[RegisteredModel],
    risks: Iterable[OpenRisk],
    quiet: int,
    now: datetime,
    as_of: datetime | None,
) -> Chips:
    if as_of is not None:
        return Chips(overdue=0, approvals=0, acceptances_ending=0, quiet=quiet)
    overdue = sum(1 for one in risks if one.state == RiskState.OPEN and one.due_at and one.due_at < now)
    ending = Acceptance.objects.filter(
        state=AcceptanceState.ACTIVE, risk__model__in=models, expires_on__lte=(now + ENDING_SOON).date()
    ).count()
    return Chips(overdue=overdue, approvals=_approvals(actor, now), acceptances_ending=ending, quiet=quiet)


def _approvals(actor: Account, now: datetime) -> int:
    """Return how many requests this person may still vote on."""
    if not may_open(actor, Permission.APPROVAL_VOTE):
        return 0
    waiting = ApprovalRequest.objects.filter(state=ApprovalState.PENDING, expires_at__gt=now)
    return waiting.exclude(requested_by=actor).exclude(votes__voter=actor).count()


def _sources(actor: Account) -> list[Source]:
    """Return the sources in use with ``seen_at``, the longest silent first; none without the right to read them."""
    if not may_open(actor, Permission.SOURCE_READ):
        return []
    newest = TelemetryEvent.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    rows = Source.objects.filter(disabled_at__isnull=True).annotate(seen_at=Subquery(newest))
    seen: list[Any] = list(rows)
    return sorted(seen, key=lambda one: (one.seen_at is not None, one.seen_at, one.name))


def _cell_address(likelihood: int, impact: int) -> str:
    return f"/risks/?likelihood={likelihood}&impact={impact}"


def past_count(actor: Account) -> Mapping[str, int]:
    """Return the count beside "In the red" in the navigation."""
    return {reverse("dashboards:red"): models_at(actor=actor, at=None).filter(posture__in_the_red=True).count()}
