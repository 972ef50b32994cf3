"""The register as a list: filters, order, pages and files, now or as it was at a past moment.

Now is read from the columns of `Risk`; the past from its history, where every move of level, score and
state left a row. Both give the same shape: ``at_level``, ``at_score``, ``at_state``, ``at_since``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import QueryDict

from governance.risks import moments
from governance.risks.method import placed
from governance.risks.models import (
    Risk,
    RiskState,
)
from governance.risks.placing import Cell, bands, points
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.listing import ListFilters, Slice, one_of, searched, several
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import Answer, can, may_open, visible
from models_registry.access.saved import SavedList
from models_registry.catalog.models import RegisteredModel, Stage
from models_registry.catalog.queries import numbers_in

STEPS = sorted({points((likelihood, impact)) for likelihood in range(1, 6) for impact in range(1, 6)})
"""The points that cells of the matrix have."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
CHANGED = {"1d": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
WITHOUT_CLOCK = (RiskState.CLOSED, RiskState.ACCEPTED)
HEADS = (
    ("Risk", "model"), ("Level", "-score"), ("Status", "state"), ("Owner", "owner"), ("Since", "-since"),
    ("Due", "due"),
)  # fmt: skip
HEADER = (
    "reference", "model", "model_slug", "unit", "owner", "category", "level", "from_level", "since", "score", "status",
    "plan_steps_done", "plan_steps", "accepted_until", "due_at", "likelihood", "impact", "explanation",
)  # fmt: skip


class RegisterFilters(ListFilters):
    """Narrow the register. Without a status it holds what is above Low or owes an answer, as the board does."""

    q = searched("Model, R-number or words", method="named")
    level = several("Level", RiskLevel.choices()[::-1], field_name="at_level")
    category = several("Category", RiskCategory.choices())
    state = several("Status", RiskState.choices, field_name="at_state")
    owner = one_of("Owner", method="owned")
    unit = one_of("Unit", field_name="model__unit__slug")
    stage = one_of("Stage", Stage.choices, method="staged")
    overdue = one_of("Due", [("true", "Overdue")], method="late")
    changed = one_of(
        "Changed",
        [("1d", "In 24 hours"), ("7d", "In 7 days"), ("30d", "In 30 days"), ("90d", "In 90 days")],
        method="moved",
    )
    likelihood = one_of("Likelihood", [(str(grade), str(grade)) for grade in range(1, 6)], method="unplaced")
    impact = one_of("Impact", [(str(grade), str(grade)) for grade in range(1, 6)], method="unplaced")

    SORTS: ClassVar[Mapping[str, Any]] = {
        "score": F("at_score"),
        "due": Coalesce(F("due_at"), Value(NEVER)),
        "since": F("at_since"),
        "model": Lower("model__name"),
        "owner": Lower(Coalesce(NullIf(F("model__owner__display_name"), Value("")), F("model__owner__username"))),
        "state": F("at_state"),
    }
    SORT = "-score"
    HIDDEN = ("likelihood", "impact")

    class Meta:
        model = Risk
        fields: Sequence[str] = ()

    def __init__(self, asked: QueryDict, *, actor: Account, at: datetime | None, now: datetime) -> None:
        self.actor, self.at, self.moment = actor, at, at or now
        super().__init__(asked, queryset=moments.standing(actor=actor, at=at))

    def prepare(self) -> None:
        """Offer the owners and units that the reader sees; the past knows no due times."""
        rows = visible(self.actor, Permission.RISK_READ, RegisteredModel.objects.all())
        found = set(rows.values_list("owner__username", "owner__display_name", "unit__slug", "unit__name").distinct())
        owners = sorted({(shown or name, name) for name, shown, _, _ in found})
        units = sorted({(shown, slug) for _, _, slug, shown in found})
        self.filters["owner"].extra["choices"] = [("me", "Me"), *((name, shown) for shown, name in owners)]
        self.filters["unit"].extra["choices"] = [(slug, shown) for shown, slug in units]
        if self.at is not None:
            del self.filters["overdue"]

    def named(self, risks: QuerySet[Risk], _: str, text: str) -> QuerySet[Risk]:
        """Keep the risk of this number, or those whose model or explanation holds the text."""
        number = text.upper().removeprefix("R-")
        if text.upper().startswith("R-") and number.isascii() and number.isdigit() and len(number) < 19:
            return risks.filter(pk=int(number))
        words = Q(model__name__icontains=text) | Q(model__slug__icontains=text)
        return risks.filter(words | Q(explanation__icontains=text))

    def owned(self, risks: QuerySet[Risk], _: str, name: str) -> QuerySet[Risk]:
        """Keep the risks of one person's models; `me` counts those one deputises for."""
        if name == "me":
            return risks.filter(Q(model__owner=self.actor) | Q(model__deputy=self.actor))
        return risks.filter(model__owner__username=name)

    def staged(self, risks: QuerySet[Risk], _: str, stage: str) -> QuerySet[Risk]:
        """Keep the risks of models that have a version in this stage, at the moment shown."""
        return risks.filter(Exists(numbers_in(stage, model=OuterRef("model"), at=self.at)))

    def late(self, risks: QuerySet[Risk], _: str, __: str) -> QuerySet[Risk]:
        """Keep those whose answer was due before now."""
        return risks.filter(due_at__lt=self.moment).exclude(state__in=WITHOUT_CLOCK)

    def moved(self, risks: QuerySet[Risk], _: str, span: str) -> QuerySet[Risk]:
        """Keep those whose level moved within so many days."""
        since = Q(at_since__gte=self.moment - CHANGED[span])
        return risks.filter(since)

    def unplaced(self, risks: QuerySet[Risk], _: str, __: str) -> QuerySet[Risk]:
        """Leave the cell of the matrix to `found`: the matrix itself counts every cell."""
        return risks

    @property
    def cell(self) -> Cell | None:
        """Return the cell of the matrix that was asked for, likelihood first."""
        likelihood, impact = self.data.get("likelihood"), self.data.get("impact")
        return (int(likelihood), int(impact)) if likelihood and impact else None

    def everywhere(self) -> QuerySet[Risk]:
        """Return what matches, in any cell of the matrix."""
        found: QuerySet[Risk] = self.qs
        if self.data.getlist("state"):
            return found
        return found.filter(~Q(at_level=RiskLevel.LOW) | ~Q(at_state=RiskState.CLOSED))

    def found(self) -> QuerySet[Risk]:
        """Return what matches."""
        return self.everywhere() if self.cell is None else self.everywhere().filter(_inside(self.cell))


@dataclass(frozen=True)
class Placing:
    """How many of the risks lie in each cell of the matrix, and where a cell leads."""

    counts: Mapping[Cell, int]
    cell: Cell | None
    clear_url: str
    filters: RegisterFilters = field(repr=False)

    def address(self, likelihood: int, impact: int) -> str:
        """Return the list narrowed to one cell."""
        query = self.filters.address(likelihood=str(likelihood), impact=str(impact), **self.filters.carried())
        return f"?{query}"

    @property
    def total(self) -> int:
        """How many the list holds."""
        return sum(self.counts.values()) if self.cell is None else self.counts.get(self.cell, 0)


@dataclass(frozen=True)
class Row:
    """One line of the register as a reader sees it; ``answer`` says whether they may acknowledge it now."""

    risk: Risk
    level: str
    from_level: str
    state: str
    status: str
    since: datetime
    due_at: datetime | None
    answer: Answer | None
    mine: bool

    @property
    def target(self) -> str:
        """Which row an answer replaces."""
        return f"#risk-{self.risk.pk}"

    @property
    def pick(self) -> str:
        """What a form sends back: which risk, and the state that was read."""
        return f"{self.risk.pk}:{self.risk.digest}"


def _inside(cell: Cell) -> Q:
    """Return the condition that a risk lies in a cell: which assessments reach it, by which scores."""
    condition = Q(pk__in=[])
    for band in bands(cell):
        part = Q(at_likelihood=band.assessed[0], at_impact=band.assessed[1])
        part &= Q() if band.over is None else Q(at_score__gt=band.over)
        part &= Q() if band.up_to is None else Q(at_score__lte=band.up_to)
        condition |= part
    return condition


def placing(filters: RegisterFilters) -> Placing:
    """Return how the risks that match spread over the matrix; one query, grouped in the database."""
    found: QuerySet[Any] = filters.everywhere().order_by()
    rows = found.annotate(reached=_reached()).values_list("reached", "at_likelihood", "at_impact")
    counts: Counter[Cell] = Counter()
    for reached, likelihood, impact, number in rows.annotate(number=Count("pk")):
        counts[placed(STEPS[-reached], likelihood=likelihood, impact=impact)] += number
    clear = filters.address(likelihood=None, impact=None, **filters.carried())
    return Placing(counts, filters.cell, f"?{clear}", filters)


def _reached() -> Func:
    """Count the steps that hold the score, so that scores between two steps are one group."""
    below = Value([-float(step) for step in reversed(STEPS)], output_field=ArrayField(FloatField()))
    return Func(-F("at_score"), below, function="width_bucket", output_field=IntegerField())


def rows_of(filters: RegisterFilters, risks: Iterable[Any]) -> list[Row]:
    """Return risks as lines; nothing can be done in the past."""
    acts = filters.at is None and bool(may_open(filters.actor, Permission.RISK_ACKNOWLEDGE))
    return [_row(risk, filters.actor, past=filters.at is not None, acts=acts) for risk in risks]


def _row(risk: Any, actor: Account, *, past: bool, acts: bool) -> Row:
    owed = acts and risk.at_state == RiskState.OPEN
    return Row(
        risk=risk,
        level=risk.at_level,
        from_level=RiskLevel(risk.from_level).label if risk.from_level else "",
        state=risk.at_state,
        status=status(risk),
        since=risk.at_since,
        due_at=None if past or risk.at_state == RiskState.CLOSED else risk.due_at,
        answer=can(actor, Permission.RISK_ACKNOWLEDGE, on=risk) if owed else None,
        mine=actor.pk in (risk.model.owner_id, risk.model.deputy_id),
    )


def status(risk: Any) -> str:
    """Return in words where the answer stands: `Plan 2 of 4`, `Accepted until 12 Dec 2026`."""
    if risk.at_state == RiskState.MITIGATING and risk.plan_count:
        return f"Plan {risk.plan_done or 0} of {risk.plan_count}"
    if risk.at_state == RiskState.ACCEPTED and risk.accepted_until:
        until: date = risk.accepted_until
        return f"Accepted until {until.day} {until:%b %Y}"
    return str(RiskState(risk.at_state).label)


def page_of(filters: RegisterFilters) -> tuple[list[Row], str]:
    """Return a hundred lines, and after which risk the rest follows."""
    part: Slice[Risk] = filters.slice_of(filters.found(), detail=lambda risks: moments.explained(risks, at=filters.at))
    return rows_of(filters, part.rows), part.after


def csv_rows(filters: RegisterFilters) -> Iterator[Sequence[object]]:
    """Return every line that matches as cells in the order of `HEADER`."""
    risks: Any = filters.ordered(moments.explained(filters.found(), at=filters.at))
    for risk in risks.iterator(chunk_size=500):
        likelihood, impact = placed(risk.at_score, likelihood=risk.at_likelihood, impact=risk.at_impact)
        due_at = None if filters.at is not None or risk.at_state == RiskState.CLOSED else risk.due_at
        yield [
            risk.reference, risk.model.name, risk.model.slug, risk.model.unit.slug, risk.model.owner.username,
            risk.category, risk.at_level, risk.from_level, risk.at_since.isoformat(), risk.at_score, risk.at_state,
            risk.plan_done or 0, risk.plan_count or 0, risk.accepted_until, due_at.isoformat() if due_at else None,
            likelihood, impact, risk.at_explanation,
        ]  # fmt: skip


def _tidy(actor: Account, query: str) -> str:
    return RegisterFilters(QueryDict(query), actor=actor, at=None, now=NEVER).query


LIST = SavedList(
    name="risks",
    route="risks:list",
    tidy=_tidy,
    presets=(
        ("Open", ""),
        ("Mine", "owner=me"),
        ("Critical and High", "level=critical,high"),
        ("To acknowledge", "state=open"),
        ("Overdue", "overdue=true"),
        ("Accepted", "state=accepted"),
    ),
)
