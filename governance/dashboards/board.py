"""The board "In the red": every model against its line, at one moment.

Every model is counted; only those that a reader may have to do something about are read
whole and listed, the worst first. So the page costs about the same for forty models and for ten thousand.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.approvals.queries import waiting_for
from governance.dashboards import exposure
from governance.dashboards.exposure import OpenRisk
from governance.dashboards.lineup import Lineup, lineup
from governance.dashboards.matrix import matrix
from governance.dashboards.sparks import sparks
from governance.dashboards.standing import Standing, changes_at, models_at, standings
from governance.dashboards.strip import DOTS_UP_TO, ROWS_PAST, StripMark, strip
from governance.risks.models import Acceptance, AcceptanceState
from models_registry.access.counting import count_each
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import Answer, can, may_open
from models_registry.audit.canonical import digest
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.queries import held_events

ENDING_SOON = timedelta(days=14)
LATEST_ENTRIES = 200
LISTED: Mapping[str, int] = {"past": 40, "close": 20, "quiet": 10, "steady": 10}
"""How many models of each group are listed; the rest is a link to the models."""
ELSEWHERE: Mapping[str, str] = {"past": "in_red=true", "close": "sort=room", "quiet": "quiet=true", "steady": ""}
SHORT_WHY = 130
HEADER = (
    "group",
    "model",
    "slug",
    "unit",
    "owner",
    "materiality",
    "level",
    "room",
    "health",
    "risk score",
    "coverage",
    "accepted",
    "past since",
    "gravest risk",
    "due",
    "why",
    "way out",
)


@dataclass(frozen=True)
class Row:
    """One model on the board, with its gravest risk and what the reader may do about it."""

    standing: Standing
    risk: OpenRisk | None
    url: str = ""
    spark: SafeString | str = ""
    step: str = ""
    answer: Answer = field(default_factory=lambda: Answer(True))

    @property
    def why(self) -> str:
        """Why it stands where it stands, in full."""
        return self.standing.why or (self.risk.explanation if self.risk else "")

    @property
    def short_why(self) -> str:
        """The same in about two lines, cut between words."""
        if len(self.why) <= SHORT_WHY:
            return self.why
        return f"{self.why[:SHORT_WHY].rsplit(' ', 1)[0].rstrip('.,;: ')} …"


@dataclass(frozen=True)
class Group:
    """Some models that stand alike: how many there are, and those of them that are listed."""

    count: int
    rows: Sequence[Row]
    elsewhere: str

    @property
    def more(self) -> int:
        """How many are not listed here."""
        return self.count - len(self.rows)


@dataclass(frozen=True)
class Chips:
    """What waits for people, in numbers."""

    overdue: int
    approvals: int
    acceptances_ending: int
    quiet: int
    held: int = 0
    """Events of any source that nothing can read yet; for readers of sources."""


@dataclass(frozen=True)
class Board:
    """Everything the page shows, for one reader at one moment."""

    total: int
    groups: Mapping[str, Group]
    chips: Chips
    strip: SafeString
    matrix: SafeString
    open_count: int
    grave_count: int

    @property
    def past(self) -> int:
        """How many models are past their line."""
        return self.groups["past"].count

    @property
    def nearest(self) -> Row | None:
        """The model with the least room among those that have some."""
        return next(iter([*self.groups["close"].rows, *self.groups["steady"].rows]), None)


def board(*, actor: Account, now: datetime, as_of: datetime | None = None) -> Board:
    """Return the board of what the actor may see, now or as it was at ``as_of``; at most twelve queries."""
    at = as_of or now
    models = models_at(actor=actor, at=as_of)
    stood = lineup(models=models, at=as_of, listed=LISTED, whole_up_to=DOTS_UP_TO)
    open_risks = exposure.exposure(models=models, now=now, at=as_of)
    return Board(
        total=stood.total,
        groups=_groups(actor, stood, at=at, as_of=as_of),
        chips=_chips(actor, models, open_risks.overdue_count, stood.counts["quiet"], now, as_of),
        strip=_strip(stood, week_ago=at - timedelta(days=7), as_of=as_of),
        matrix=matrix(open_risks.cells, href=_cell_address),
        open_count=open_risks.open_count,
        grave_count=open_risks.grave_count,
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


def csv_rows(*, actor: Account, as_of: datetime | None) -> Iterator[Sequence[object]]:
    """Return every model of the board as cells in the order of `HEADER`, furthest past the line first."""
    models = models_at(actor=actor, at=as_of)
    worst = exposure.gravest(exposure.open_risks(models=models, at=as_of))
    for one in standings(models=models, at=as_of):
        row = Row(one, worst.get(one.model.pk))
        yield (
            one.group,
            one.model.name,
            one.model.slug,
            one.model.unit.name,
            str(one.model.owner),
            one.model.materiality,
            one.level,
            one.room,
            one.health,
            one.risk_score,
            one.coverage,
            "yes" if one.accepted else "no",
            one.since.isoformat() if one.since else "",
            row.risk.reference if row.risk else "",
            row.risk.due_at.isoformat() if row.risk and row.risk.due_at else "",
            row.why,
            one.way_out,
        )


# ---- the models that are listed ----


def _groups(actor: Account, stood: Lineup, *, at: datetime, as_of: datetime | None) -> dict[str, Group]:
    """Return the groups with the rows that are listed, read whole; at most four queries."""
    listed = [place.pk for name, limit in LISTED.items() for place in stood.first(name, limit)]
    models = RegisteredModel.objects.filter(pk__in=listed)
    found = {one.model.pk: one for one in standings(models=models, at=as_of)}
    worst = exposure.gravest_of(models=listed, at=as_of)
    drawn = sparks(listed, until=at)
    address = _address_of(as_of)
    groups = {}
    for name, limit in LISTED.items():
        rows = [
            _row(
                actor,
                Row(found[place.pk], worst.get(place.pk), address(place.slug), drawn.get(place.pk, "")),
                read_only=as_of is not None,
            )
            for place in stood.first(name, limit)
        ]
        rows = sorted(rows, key=_urgency) if name == "past" else rows
        groups[name] = Group(count=stood.counts[name], rows=rows, elsewhere=ELSEWHERE[name])
    return groups


def _row(actor: Account, row: Row, *, read_only: bool) -> Row:
    """Return the row with what the reader may do about its gravest risk; nothing can be done in the past."""
    if row.risk is None or read_only:
        return row
    unseen = row.risk.awaits_acknowledgement
    permission = Permission.RISK_ACKNOWLEDGE if unseen else Permission.RISK_MITIGATE
    answer = can(actor, permission, on=row.standing.model)
    return replace(row, step="Acknowledge" if unseen else "Respond", answer=answer)


def _address_of(as_of: datetime | None) -> Callable[[str], str]:
    """Return what makes a model's address of its slug; asking the resolver for each of many is slow."""
    moment = f"?{urlencode({'as_of': as_of.isoformat()})}" if as_of else ""
    before, after = reverse("dashboards:model", args=["slug"]).split("slug")
    return lambda slug: f"{before}{slug}{after}{moment}"


def _urgency(row: Row) -> tuple[float, float, str]:
    """Sort by points past the line, then by the clock."""
    room = row.standing.room
    due = row.risk.due_at if row.risk else None
    return (0.0 if room is None else room, due.timestamp() if due else float("inf"), row.standing.model.name)


# ---- the strip ----


def _strip(stood: Lineup, *, week_ago: datetime, as_of: datetime | None) -> SafeString:
    """Draw the strip; only models that have a row of their own are asked where they stood a week ago."""
    rows = stood.first("past", ROWS_PAST)
    before = {key: row.room for key, row in changes_at(models=[one.pk for one in rows], at=week_ago).items()}
    crowd = stood.crowd if stood.total > DOTS_UP_TO else None
    address = _address_of(as_of)
    marks = [
        StripMark(
            name=one.name,
            url=address(one.slug),
            level=one.level.lower() if one.group != "quiet" else "none",
            room=one.drawn_room,
            room_before=before.get(one.pk),
        )
        for one in (rows if crowd else chain.from_iterable(stood.places.values()))
    ]
    return strip(marks, crowd, more_url=f"{reverse('dashboards:models')}?{ELSEWHERE['past']}")


# ---- the facts beside it ----


def _chips(
    actor: Account,
    models: QuerySet[RegisteredModel],
    overdue: int,
    quiet: int,
    now: datetime,
    as_of: datetime | None,
) -> Chips:
    if as_of is not None:
        return Chips(overdue=0, approvals=0, acceptances_ending=0, quiet=quiet)
    ending = Acceptance.objects.filter(
        state=AcceptanceState.ACTIVE, risk__model__in=models, expires_on__lte=(now + ENDING_SOON).date()
    )
    asked: dict[str, QuerySet[Any]] = {"ending": ending, "approvals": waiting_for(actor, at=now)}
    if may_open(actor, Permission.SOURCE_READ):
        asked["held"] = held_events()
    found = count_each(asked)
    return Chips(
        overdue=overdue,
        approvals=found["approvals"],
        acceptances_ending=found["ending"],
        quiet=quiet,
        held=found.get("held", 0),
    )


def _cell_address(likelihood: int, impact: int) -> str:
    return f"{reverse('risks:list')}?likelihood={likelihood}&impact={impact}"
