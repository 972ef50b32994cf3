"""Reads of health formulas for their pages and their API."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, IntegerField, QuerySet, Value, When

from governance.health import actions
from governance.health import formula as formulas
from governance.health.composite import Health, NoComponents, Reading, composite
from governance.health.formula import Missing
from governance.health.models import Formula, FormulaVersion
from governance.health.scoring import ENVIRONMENT, HOUR_S, REACH, formula_of
from governance.rules import road
from governance.rules.models import VersionState
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import Kind, RegisteredModel

_NEWEST = """
select wanted.model, asked.metric, newest.sum, newest.count, newest.last_at
from unnest(%s::bigint[]) as wanted(model)
cross join unnest(%s::text[]) as asked(metric)
cross join lateral (
    select sum, count, last_at from telemetry_rollup
    where model_id = wanted.model and metric = asked.metric and width_s = %s and environment = %s
      and segment = '' and starts_at > %s and starts_at <= %s
    order by starts_at desc limit 1
) as newest
"""
"""The newest hour of each model and metric: one step down the index for each."""

MOST_MODELS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One formula of the list: its version in force or the newest one, and the models it scores."""

    version: FormulaVersion
    formula: formulas.Formula | None
    model_count: int
    under_way: tuple[str, ...]

    @property
    def kinds(self) -> str:
        """The kinds of model it scores, in words."""
        return kinds_of(self.version.formula)

    @property
    def changed_at(self) -> datetime:
        """When the shown version last took a step."""
        return road.last_step_at(self.version)


def formulas_for(*, actor: Account) -> list[Line]:
    """Return the formulas by title, with how many models the actor sees under each."""
    first = Case(When(state=VersionState.ENFORCED, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = FormulaVersion.objects.select_related("formula", "author").order_by("formula_id", first, "-number")
    shown = sorted(rows.distinct("formula_id"), key=lambda one: (one.formula.title.lower(), one.formula_id))
    ongoing = _ongoing()
    counted = Counter(_models(actor).values_list("kind", flat=True))
    return [
        Line(
            version=version,
            formula=parsed(version),
            model_count=sum(counted[kind] for kind in version.formula.kinds),
            under_way=tuple(
                f"v{number} {word}" for number, word in ongoing.get(version.formula_id, ()) if number != version.number
            ),
        )
        for version in shown
    ]


def _ongoing() -> dict[int, list[tuple[int, str]]]:
    words = {"DRAFT": "draft", "SUBMITTED": "waits for approval", "APPROVED": "approved"}
    found: dict[int, list[tuple[int, str]]] = {}
    rows = FormulaVersion.objects.filter(state__in=words).order_by("formula_id", "number")
    for pk, number, state in rows.values_list("formula_id", "number", "state"):
        found.setdefault(pk, []).append((number, words[state]))
    return found


def _models(actor: Account) -> QuerySet[RegisteredModel]:
    return visible(actor, Permission.MODEL_READ, RegisteredModel.objects.filter(archived_at__isnull=True))


def kinds_of(formula: Formula) -> str:
    """Return the kinds of model a formula scores, in words."""
    return ", ".join(Kind(kind).label for kind in formula.kinds) or "No kind of model"


def versions_of(*, formula: Formula) -> QuerySet[FormulaVersion]:
    """Return the versions of a formula, newest first."""
    return formula.versions.select_related("author", "formula").order_by("-number")


def parsed(version: FormulaVersion) -> formulas.Formula | None:
    """Return the formula of a version's text; None while it cannot be read."""
    try:
        return formula_of(version.text)
    except formulas.FormulaInvalid:
        return None


def words(version: FormulaVersion) -> str:
    """Return a version as one sentence; empty while its text cannot be read."""
    found = parsed(version)
    return actions.summary(found) if found else ""


# ---- its components


@dataclass(frozen=True, slots=True)
class Row:
    """One component as the page shows it; ``share`` is its part of the whole, 0–1."""

    component: formulas.Component
    share: float

    @property
    def missing(self) -> str:
        """What happens when nothing new is measured."""
        age = _span(self.component.max_age)
        if self.component.missing is Missing.HOLD:
            return f"fresh for {age}, then its last value is held"
        return f"left out after {age}"


def rows_of(formula: formulas.Formula) -> list[Row]:
    """Return the components with their shares, the weightiest first."""
    found = [Row(component, share) for component, share in formula.shares]
    return sorted(found, key=lambda row: (-row.share, row.component.key))


def _span(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    if hours >= 48 and hours % 24 == 0:
        return f"{int(hours // 24)} days"
    return f"{hours:g} h" if hours >= 1 else f"{age / timedelta(minutes=1):g} min"


# ---- what it would change


@dataclass(frozen=True, slots=True)
class Change:
    """One model under the formula in force and under another text, on the same readings. None: not measured."""

    model: RegisteredModel
    before: Health | None
    after: Health | None
    redline_before: float | None
    redline_after: float

    @property
    def was_past(self) -> bool:
        """Its health is past the redline now."""
        return self.before is not None and self.redline_before is not None and self.before.score < self.redline_before

    @property
    def is_past(self) -> bool:
        """Its health would be past the redline."""
        return self.after is not None and self.after.score < self.redline_after

    @property
    def moved(self) -> float | None:
        """By how many points its score would move."""
        if self.before is None or self.after is None:
            return None
        return round(self.after.score - self.before.score, 1)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a text would make of the models it scores, those that move most first."""

    changes: tuple[Change, ...]

    @property
    def crossing(self) -> tuple[Change, ...]:
        """The models that would change sides of their redline."""
        return tuple(one for one in self.changes if one.was_past != one.is_past)

    @property
    def sentence(self) -> str:
        """Return the whole of it in a sentence."""
        if not self.changes:
            return "No model that you see is scored by it."
        moved = sum(1 for one in self.changes if one.moved)
        crossing = len(self.crossing)
        crosses = "None would cross" if not crossing else f"{crossing} would cross"
        total = len(self.changes)
        return (
            f"{moved} of {total} {'model' if total == 1 else 'models'} would score differently. {crosses} the redline."
        )


def preview(*, actor: Account, formula: formulas.Formula, kinds: Iterable[str], at: datetime) -> Preview:
    """Score the models of these kinds by a text and by the formula in force, on the same stored readings."""
    models = list(_models(actor).filter(kind__in=list(kinds)).order_by("name", "pk")[:MOST_MODELS])
    enforced = _in_force(models)
    metrics = {one.metric for text in (formula, *enforced.values()) for one in text.components}
    readings = _readings([model.pk for model in models], metrics, at)
    changes = [
        Change(
            model=model,
            before=_health(enforced.get(model.kind), readings.get(model.pk, {}), at),
            after=_health(formula, readings.get(model.pk, {}), at),
            redline_before=enforced[model.kind].redline if model.kind in enforced else None,
            redline_after=formula.redline,
        )
        for model in models
    ]
    return Preview(tuple(sorted(changes, key=lambda one: (-abs(one.moved or 0), one.model.name))))


def _in_force(models: Iterable[RegisteredModel]) -> dict[str, formulas.Formula]:
    kinds = {model.kind for model in models}
    rows = FormulaVersion.objects.filter(state=VersionState.ENFORCED, formula__kinds__overlap=list(kinds))
    return {
        kind: formula_of(version.text) for version in rows.select_related("formula") for kind in version.formula.kinds
    }


def _health(formula: formulas.Formula | None, readings: Mapping[str, Reading], at: datetime) -> Health | None:
    if formula is None:
        return None
    by_key = {one.key: readings[one.metric] for one in formula.components if one.metric in readings}
    try:
        return composite(formula, by_key, now=at)
    except NoComponents:
        return None


def _readings(model_ids: list[int], metrics: Iterable[str], at: datetime) -> dict[int, dict[str, Reading]]:
    """Return, per model and metric, the average of the newest hour that has readings, of the model as a whole."""
    found: dict[int, dict[str, Reading]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [model_ids, sorted(metrics), HOUR_S, ENVIRONMENT, at - REACH, at])
        for model_id, metric, total, count, last_at in cursor.fetchall():
            found.setdefault(model_id, {})[metric] = Reading(float(total) / count, min(last_at, at))
    return found
