"""Reads of rules for their pages and their API."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from governance.rules import actions, comparison, road, sentence
from governance.rules.comparison import Comparison, Stretch
from governance.rules.definition import Definition
from governance.rules.judging import definition_of
from governance.rules.models import Episode, Evaluation, Rule, RuleVersion, SeriesState, VersionState
from governance.rules.yamltree import RuleInvalid
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel

FINDINGS_SHOWN = 50
LOOK_BACK = timedelta(days=30)
"""How far back the version in shadow is compared with the one in force."""

ONGOING = (VersionState.DRAFT, VersionState.SUBMITTED, VersionState.APPROVED, VersionState.SHADOW)


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the list: its version in force, or the newest one, what it finds, and what is under way."""

    version: RuleVersion
    definition: Definition | None
    firing: int
    would_fire: int
    under_way: tuple[str, ...]
    shipped: bool

    @property
    def rule(self) -> Rule:
        """The rule this line is about."""
        return self.version.rule

    @property
    def changed_at(self) -> datetime:
        """When the shown version last took a step."""
        return road.last_step_at(self.version)

    @property
    def category(self) -> str:
        """The risk it is about; empty when its text cannot be read."""
        return self.definition.then.risk.value if self.definition else ""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of models it judges; empty when it names none, or cannot be read."""
        return tuple(self.definition.applies_to.kind) if self.definition else ()

    @property
    def problem(self) -> str:
        """Why it cannot be judged; empty when it can."""
        if self.version.error:
            return self.version.error
        return "" if self.definition else "Its text cannot be read."


def lines(rules: Iterable[Rule] | QuerySet[Rule], *, actor: Account) -> list[Line]:
    """Return a line for each of these rules, in no order, counted over the models the actor may see.

    ``firing`` counts series that fire an enforced version, ``would_fire`` those that fire one in shadow.
    """
    firing = _firing(actor)
    states = _states()
    shipped = shipped_slugs()
    return [
        Line(
            version=version,
            definition=definition(version),
            firing=firing.get((version.rule_id, VersionState.ENFORCED), 0),
            would_fire=firing.get((version.rule_id, VersionState.SHADOW), 0),
            under_way=_under_way(states.get(version.rule_id, {}), version),
            shipped=version.rule.slug in shipped,
        )
        for version in _shown(rules)
    ]


def shipped_slugs() -> frozenset[str]:
    """Return the names of the rules that come with Redline."""
    return frozenset(slug for slug, _ in actions.shipped_texts())


def _shown(rules: Iterable[Rule] | QuerySet[Rule]) -> QuerySet[RuleVersion]:
    """Return, per rule, the version in force, or else the newest."""
    first = Case(When(state=VersionState.ENFORCED, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = RuleVersion.objects.filter(rule__in=rules).select_related("rule", "author")
    return rows.order_by("rule_id", first, "-number").distinct("rule_id")


def _states() -> dict[int, dict[str, list[int]]]:
    """Return, per rule and state under way, the numbers of its versions."""
    rows = RuleVersion.objects.filter(state__in=ONGOING).values_list("rule_id", "state").order_by("rule_id", "state")
    found: dict[int, dict[str, list[int]]] = {}
    for rule, state, numbers in rows.annotate(numbers=ArrayAgg("number", order_by="number")):
        found.setdefault(rule, {})[state] = numbers
    return found


def _under_way(states: dict[str, list[int]], shown: RuleVersion) -> tuple[str, ...]:
    words = {"DRAFT": "draft", "SUBMITTED": "waits for approval", "APPROVED": "approved", "SHADOW": "in shadow"}
    return tuple(
        f"v{number} {words[state]}" for state in words for number in states.get(state, ()) if number != shown.number
    )


def _firing(actor: Account) -> dict[tuple[int, str], int]:
    rows = visible(actor, Permission.RISK_READ, SeriesState.objects.filter(firing=True), through="model")
    counted = rows.values_list("rule_version__rule_id", "rule_version__state").annotate(count=Count("pk"))
    return {(rule, state): count for rule, state, count in counted}


# ---- one version


def definition(version: RuleVersion) -> Definition | None:
    """Return the parsed definition of a version; None while its text cannot be read."""
    try:
        return definition_of(version.text)
    except RuleInvalid:
        return None


def words(version: RuleVersion) -> str:
    """Return the version as one sentence; empty while its text cannot be read."""
    found = definition(version)
    return sentence.sentence(found) if found else ""


def versions_of(*, rule: Rule) -> QuerySet[RuleVersion]:
    """Return the versions of a rule, newest first."""
    return rule.versions.select_related("author", "rule").order_by("-number")


def models_in_scope(*, actor: Account, definition: Definition) -> QuerySet[RegisteredModel]:
    """Return the models a rule is for that the actor may see, by name; the environment is not a model's own fact."""
    scope = definition.applies_to
    rows = RegisteredModel.objects.filter(archived_at__isnull=True)
    if scope.kind:
        rows = rows.filter(kind__in=[kind.upper() for kind in scope.kind])
    if scope.materiality:
        rows = rows.filter(materiality__in=[grade.value for grade in scope.materiality])
    if scope.regulatory_class:
        rows = rows.filter(regulatory_class__in=[_stored(word) for word in scope.regulatory_class])
    if scope.business_unit:
        rows = rows.filter(unit__slug__in=scope.business_unit)
    if scope.tags:
        rows = rows.filter(tags__overlap=list(scope.tags))
    return visible(actor, Permission.MODEL_READ, rows).select_related("unit").order_by("name", "pk")


def _stored(word: str) -> str:
    return word.upper().replace("-", "_")


@dataclass(frozen=True, slots=True)
class Fired:
    """A series that fires now, and the windows that its latest evaluation read."""

    state: SeriesState
    readings: list[dict[str, object]]
    threshold: float | None


def firing_on(*, actor: Account, version: RuleVersion) -> list[Fired]:
    """Return the series that fire this version now, of models the actor may see, longest first."""
    states = version.series_states.filter(firing=True).select_related("model")
    rows = list(visible(actor, Permission.RISK_READ, states, through="model").order_by("firing_since", "pk")[:200])
    latest = _latest_evaluations(version, rows)
    found = []
    for state in rows:
        evaluation = latest.get((state.model_id, state.environment, state.segment))
        found.append(
            Fired(state, evaluation.readings if evaluation else [], evaluation.threshold if evaluation else None)
        )
    return found


def _latest_evaluations(version: RuleVersion, states: Iterable[SeriesState]) -> dict[tuple[int, str, str], Evaluation]:
    rows = (
        version.evaluations.filter(model__in=[state.model_id for state in states], firing=True)
        .order_by("model_id", "environment", "segment", "-id")
        .distinct("model_id", "environment", "segment")
    )
    return {(row.model_id, row.environment, row.segment): row for row in rows}


# ---- shadow beside what is in force


@dataclass(frozen=True, slots=True)
class Told:
    """One stretch of a comparison with the model's name."""

    stretch: Stretch
    model: RegisteredModel


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What a candidate would have done since ``since``, beside the version in force, if there is one."""

    since: datetime
    against: RuleVersion | None
    comparison: Comparison
    more: list[Told]
    fewer: list[Told]
    both: list[Told]
    model_count: int


def in_shadow(*, actor: Account, version: RuleVersion, at: datetime) -> Shadowed:
    """Compare a version that is or was in shadow with the one in force, over thirty days."""
    since = at - LOOK_BACK
    against = version.rule.versions.filter(state=VersionState.ENFORCED).exclude(pk=version.pk).first()
    stretches = _stretches(actor, [version, *([against] if against else [])], since)
    found = comparison.compare(
        candidate=stretches.get(version.pk, []),
        enforced=stretches.get(against.pk, []) if against else [],
        since=since,
    )
    everything = [*found.more, *found.fewer, *found.both]
    models = RegisteredModel.objects.in_bulk({one.model_id for one in everything})
    return Shadowed(
        since=since,
        against=against,
        comparison=found,
        more=_told(found.more, models),
        fewer=_told(found.fewer, models),
        both=_told(found.both, models),
        model_count=len({one.model_id for one in (*found.more, *found.both)}),
    )


def _stretches(actor: Account, versions: list[RuleVersion], since: datetime) -> dict[int, list[Stretch]]:
    rows = Episode.objects.filter(rule_version__in=versions).filter(
        Q(cleared_at__isnull=True) | Q(cleared_at__gt=since)
    )
    found: dict[int, list[Stretch]] = {}
    for row in visible(actor, Permission.RISK_READ, rows, through="model"):
        found.setdefault(row.rule_version_id, []).append(
            Stretch(
                model_id=row.model_id,
                environment=row.environment,
                segment=row.segment,
                began_at=row.began_at,
                cleared_at=row.cleared_at,
                points=row.points,
                text=str(row.steps[-1]["text"]) if row.steps else "",
            )
        )
    return found


def _told(stretches: Iterable[Stretch], models: dict[int, RegisteredModel]) -> list[Told]:
    return [Told(one, models[one.model_id]) for one in stretches][:FINDINGS_SHOWN]
