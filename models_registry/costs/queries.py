"""Costs shaped for pages, files and programs: who spent how much in a month, beside the month before.

Everything is read from the daily amounts. A reader of some models sees what is spent on those; what belongs to no
model is seen by those who may read all costs. The lines always add up to the total: what is not attributed is a line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db.models import Count, Q, QuerySet, Sum

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel
from models_registry.costs.forecast import DAY, LOOKED_BACK, Forecast, forecast, last_day, month_of
from models_registry.costs.models import Budget, CostOrigin, DailyCost
from models_registry.costs.money import FIRST_DAY, LARGEST_SUM
from models_registry.costs.watching import counted

UNATTRIBUTED: Final = "Unattributed"
LINES_SHOWN: Final = 100
HELD_NAMED: Final = 3
BEYOND: Final = Q(amount_micros__in=(-LARGEST_SUM, LARGEST_SUM))
"""Amounts that are more than can be counted."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to divide costs. ``fields`` are what a line is told by: its key, its name, what its address needs."""

    label: str
    key: str
    fields: tuple[str, ...]


DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "unit": Dimension("Unit", "unit_id", ("unit__name", "unit__slug")),
    "team": Dimension("Team", "team_id", ("team__name", "team__slug")),
    "project": Dimension("Project", "project", ("project", "project")),
    "model": Dimension("Model", "model_id", ("model__name", "model__slug")),
    "version": Dimension("Version", "version_id", ("version__model__name", "version__number")),
    "origin": Dimension("Known from", "origin", ("origin", "origin")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one part spent. Amounts are millionths of the reporting currency; ``key`` is empty where unattributed."""

    name: str
    key: str
    now: int
    before: int
    share: float
    slug: str = ""

    @property
    def change(self) -> float | None:
        """The change against the month before as a share of it, None without one."""
        return (self.now - self.before) / self.before if self.before > 0 else None


@dataclass(frozen=True, slots=True)
class Span:
    """A month up to a day, and the days of the month before that it is compared with."""

    month: date
    until: date

    @property
    def is_over(self) -> bool:
        """Say whether the whole month is told."""
        return self.until == last_day(self.month)

    @property
    def before(self) -> tuple[date, date]:
        """The month before: all of it, or as far as this one has come."""
        first = month_of(self.month - DAY)
        end = last_day(first)
        return first, end if self.is_over else min(end, first.replace(day=min(self.until.day, end.day)))


@dataclass(frozen=True)
class Showback:
    """A month divided. ``waiting`` amounts have no exchange rate yet and are not in the sums.

    Nor are ``held`` ones, which are more than can be counted; ``held_of`` names some of their models and days.
    """

    span: Span
    by: str
    lines: Sequence[Line]
    now: int
    before: int
    waiting: int
    held: int = 0
    held_of: Sequence[str] = ()

    def top(self, count: int = LINES_SHOWN) -> Sequence[Line]:
        """Return the largest lines; the others, if any, as one."""
        shown, rest = self.lines[:count], self.lines[count:]
        if not rest:
            return shown
        now, before = sum(one.now for one in rest), sum(one.before for one in rest)
        return [*shown, Line(f"{len(rest)} more", "", now, before, sum(one.share for one in rest))]


def span_of(*, month: str, at: datetime) -> Span:
    """Return the month that a text such as 2026-11 names, up to a moment; the moment's own month for any other."""
    today = at.astimezone(UTC).date()
    try:
        asked = date.fromisoformat(f"{month}-01")
    except ValueError:
        return Span(month_of(today), today)
    begun = FIRST_DAY <= asked < month_of(today)
    return Span(asked, last_day(asked)) if begun else Span(month_of(today), today)


def amounts_for(*, actor: Account) -> QuerySet[DailyCost]:
    """Return the amounts that count and that this reader may see."""
    return visible(actor, Permission.COST_READ, counted(), through="model")


def showback(*, actor: Account, span: Span, by: str) -> Showback:
    """Return who spent how much in the span, and in the same days of the month before; two queries."""
    dimension = DIMENSIONS[by]
    first, last = span.before
    rows = amounts_for(actor=actor).filter(day__gte=first, day__lte=span.until)
    in_span, in_before = Q(day__gte=span.month), Q(day__lte=last)
    name, more = dimension.fields
    sums = rows.values(*dict.fromkeys((dimension.key, name, more))).annotate(
        now=Sum("reporting_micros", filter=in_span, default=0),
        before=Sum("reporting_micros", filter=in_before, default=0),
    )
    told = [(row[dimension.key], row[name], row[more], int(row["now"]), int(row["before"])) for row in sums.order_by()]
    total = sum(now for *_, now, _ in told)
    lines = [
        Line(
            _named(by, words, slug) or UNATTRIBUTED, str(key or ""), now, before, now / total if total > 0 else 0.0,
            str(slug or ""),
        )
        for key, words, slug, now, before in told
        if now or before
    ]  # fmt: skip
    lines.sort(key=lambda one: (not one.key, -one.now, one.name))
    waiting = visible(actor, Permission.COST_READ, DailyCost.objects.filter(counted=True), through="model").filter(
        reporting_micros__isnull=True, day__range=(span.month, span.until)
    )
    known = waiting.aggregate(waiting=Count("pk", filter=~BEYOND), held=Count("pk", filter=BEYOND))
    named = waiting.filter(BEYOND).order_by("day", "pk") if known["held"] else waiting.none()
    held_of = [f"{name or UNATTRIBUTED} on {day}" for name, day in named.values_list("model__name", "day")[:HELD_NAMED]]
    return Showback(span, by, lines, total, sum(before for *_, before in told), **known, held_of=held_of)


def daily(*, rows: QuerySet[DailyCost], since: date, until: date) -> dict[date, int]:
    """Return the sum of each day that has one."""
    sums = rows.filter(day__range=(since, until)).values_list("day").annotate(micros=Sum("reporting_micros"))
    return {day: int(micros) for day, micros in sums.order_by()}


@dataclass(frozen=True)
class Course:
    """A month's way: what each day cost, and those of the month before, and where it is heading (None when over)."""

    span: Span
    days: Mapping[date, int]
    before: Mapping[date, int]
    forecast: Forecast | None


def course(*, rows: QuerySet[DailyCost], span: Span) -> Course:
    """Return the way of a month among some amounts; one query."""
    first = month_of(span.month - DAY)
    known = daily(rows=rows, since=min(first, span.month - LOOKED_BACK * DAY), until=span.until)
    return Course(
        span,
        {day: micros for day, micros in known.items() if day >= span.month},
        {day: micros for day, micros in known.items() if first <= day < span.month},
        None if span.is_over else forecast(known, today=span.until),
    )


def months(*, actor: Account, at: datetime, most: int = 24) -> Sequence[date]:
    """Return the months with amounts, newest first, this one always among them."""
    today = at.astimezone(UTC).date()
    oldest = amounts_for(actor=actor).order_by("day").values_list("day", flat=True).first() or today
    found: list[date] = []
    month = month_of(today)
    while month >= month_of(oldest) and len(found) < most:
        found.append(month)
        month = month_of(month - DAY)
    return found


def of_model(*, model: RegisteredModel) -> QuerySet[DailyCost]:
    """Return the amounts of one model."""
    return counted().filter(model=model)


def budgets_for(*, actor: Account) -> QuerySet[Budget]:
    """Return the budgets that this reader may see, with what they limit and how they stood when last looked at."""
    rows = visible(actor, Permission.COST_READ, Budget.objects.all(), through="model")
    return rows.select_related("unit", "team", "model", "created_by", "status__answering")


def tokens_of(*, rows: QuerySet[DailyCost], span: Span) -> tuple[int, int, int]:
    """Return the tokens read and written in a span, and how many versions they are known of."""
    found = rows.filter(day__range=(span.month, span.until)).aggregate(
        read=Sum("tokens_in", default=0), written=Sum("tokens_out", default=0), n=Count("version", distinct=True)
    )
    return int(found["read"]), int(found["written"]), int(found["n"])


def by_day(*, actor: Account, since: date, until: date) -> QuerySet[DailyCost]:
    """Return the daily amounts of a span, for a program."""
    rows = amounts_for(actor=actor).filter(day__range=(since, until))
    return rows.select_related("model", "version", "unit", "team")


def _named(by: str, name: object, more: object) -> str:
    if not name:
        return ""
    if by == "version":
        return f"{name} v{more}"
    return CostOrigin(str(name)).label if by == "origin" else str(name)
