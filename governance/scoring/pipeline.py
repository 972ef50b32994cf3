"""Stations 2 and 3 of the line: measure a batch of events and score what they touched, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from governance.health import scoring as health
from governance.risks.models import Risk
from governance.risks.settling import settle
from governance.rules.judging import Finding, Loaded, category_of, in_force, judge_model
from governance.rules.models import VersionState
from governance.scoring import posture, switch
from governance.scoring.models import Posture
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent

PRODUCTION = "production"
QUIET_COVERAGE = 0.6
SWEEP_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Touch:
    """New evidence about one model: where, and from which observation on."""

    model_id: int
    environments: frozenset[str]
    since: datetime
    event_id: int


def process(*, limit: int, at: datetime) -> int:
    """Claim waiting events, measure and score them; return how many were taken.

    The attempt is counted before the work (see ``telemetry.actions.claim``), the work commits as a whole.
    """
    claimed = telemetry.claim(limit=limit, at=at)
    if claimed:
        _work(claimed, at)
    return len(claimed)


@transaction.atomic
def _work(claimed: Sequence[int], at: datetime) -> None:
    events = list(
        TelemetryEvent.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("source")
        .filter(pk__in=claimed, state=EventState.NEW)
        .order_by("pk")
    )
    touched = telemetry.measure_all(events=events, at=at)
    score(touches=_touches([one.event_pk for one in touched if one.series]), at=at)


def _touches(event_ids: Sequence[int]) -> list[Touch]:
    """Return, per model, what these events touched, in the order in which models must be locked."""
    rows = (
        Measurement.objects.filter(event_id__in=event_ids)
        .values("model_id", "environment")
        .annotate(since=Min("observed_at"), event=Min("event_id"))
        .order_by("model_id")
    )
    found: dict[int, Touch] = {}
    for row in rows:
        before = found.get(row["model_id"])
        found[row["model_id"]] = Touch(
            model_id=row["model_id"],
            environments=frozenset({row["environment"]}) | (before.environments if before else frozenset()),
            since=min(row["since"], before.since) if before else row["since"],
            event_id=row["event"] if before is None else before.event_id,
        )
    return list(found.values())


@transaction.atomic
def score(*, touches: Iterable[Touch], at: datetime) -> None:
    """Judge the touched models by every rule in force; move risks, health and posture, with their trail."""
    pauses = switch.hold_open()
    rules = [rule for rule in in_force() if not pauses.rule(rule.version.rule.slug)]
    formulas = health.in_force()
    for touch in sorted(touches, key=lambda one: one.model_id):
        model = RegisteredModel.objects.select_related("unit").get(pk=touch.model_id)
        state = posture.locked(model=model, at=at)
        if pauses.model(model.slug):
            _remember(state, touch.since)
            continue
        since = min(filter(None, (touch.since, state.dirty_since)))
        _score_model(model, rules, formulas.get(model.kind), touch.environments, since, at, touch.event_id)


@transaction.atomic
def sweep(*, at: datetime, limit: int = 50) -> int:
    """Re-judge models for which time alone may have changed something; return how many.

    Windows complete, contributions fade, readings grow stale: every model is looked at again at least
    every five minutes, and when one of its risks is due to change.
    """
    pauses = switch.hold_open()
    if pauses.everything:
        return 0
    due = list(
        Posture.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(Q(swept_at__isnull=True) | Q(swept_at__lte=at - SWEEP_EVERY) | Q(model__in=_fading(at)))
        .select_related("model__unit")
        .order_by("swept_at", "model_id")[:limit]
    )
    rules = [rule for rule in in_force() if not pauses.rule(rule.version.rule.slug)]
    formulas = health.in_force()
    for state in due:
        if not pauses.model(state.model.slug):
            environments = frozenset({PRODUCTION})
            _score_model(state.model, rules, formulas.get(state.model.kind), environments, state.dirty_since, at, None)
    return len(due)


def _fading(at: datetime) -> QuerySet[Risk, Any]:
    return Risk.objects.filter(next_change_at__lte=at).values("model_id")


def _score_model(
    model: RegisteredModel,
    rules: Sequence[Loaded],
    formula: health.InForce | None,
    environments: Iterable[str],
    since: datetime | None,
    at: datetime,
    event_id: int | None,
) -> None:
    findings = judge_model(
        model=model, rules=rules, environments=environments, touched_since=since, at=at, event_id=event_id
    )
    settle(model=model, categories=_categories(model, findings, at), at=at, event_id=event_id)
    health_score = health.rescore(model=model, formula=formula, at=at)
    quiet = health_score is None or health_score.coverage < QUIET_COVERAGE
    posture.refresh(model=model, at=at, health=health_score, quiet=quiet, event_id=event_id)
    Posture.objects.filter(model=model).update(swept_at=at, dirty_since=None, last_observed_at=_last_observed(model))


def _categories(model: RegisteredModel, findings: Iterable[Finding], at: datetime) -> set[str]:
    """Return the risks that may have moved: those with new findings and those that fade or hold."""
    fresh = {
        category_of(finding).value
        for finding in findings
        if (finding.changed or finding.judgement.open) and finding.version.state == VersionState.ENFORCED
    }
    fading = Risk.objects.filter(model=model, next_change_at__lte=at).values_list("category", flat=True)
    decaying = Risk.objects.filter(model=model, score__gt=0).exclude(level="LOW", state="CLOSED")
    return fresh | set(fading) | set(decaying.values_list("category", flat=True))


def _remember(state: Posture, since: datetime) -> None:
    """Keep from where a paused model must be judged once it goes on."""
    state.dirty_since = min(filter(None, (state.dirty_since, since)))
    state.save(update_fields=["dirty_since"])


def _last_observed(model: RegisteredModel) -> datetime | None:
    newest = Measurement.objects.filter(model_id=model.pk).order_by("-observed_at").values_list("observed_at")
    return next((at for (at,) in newest[:1]), None)
