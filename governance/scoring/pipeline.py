"""Stations 2 and 3 of the line: measure a batch of events and score what they touched, in one transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from governance.health import scoring as health
from governance.risks.models import Risk
from governance.risks.settling import settle_all
from governance.rules.judging import IN_FORCE, Loaded, Subject, in_force, judge
from governance.rules.keeping import Finding, keep
from governance.rules.models import Episode, RuleVersion, SeriesState, VersionState
from governance.scoring import breaker, posture, switch
from governance.scoring.models import AutomationControl, ControlScope, Posture, RuleTrip
from models_registry.audit.actor import HISTORY, SCORING, Actor
from models_registry.backfills import late
from models_registry.telemetry import actions as telemetry
from models_registry.telemetry.models import EventState, SourceKind, TelemetryEvent

PRODUCTION = "production"
SWEEP_EVERY = timedelta(minutes=5)
LATE_COMMIT = timedelta(seconds=2)
"""How long after its moment a decision about a rule may take to commit."""

_OBSERVED = """
update scoring_posture as held set last_observed_at = greatest(held.last_observed_at, given.observed_at)
from unnest(%s::bigint[], %s::timestamptz[]) as given(model, observed_at)
where held.model_id = given.model
"""

_NEWEST = """
update scoring_posture set last_observed_at = greatest(last_observed_at, %s) where model_id = %s
"""


@dataclass(frozen=True, slots=True)
class Touch:
    """New evidence about one model: the earliest new observation per environment and metric, and the latest of all."""

    model_id: int
    fresh: Mapping[str, Mapping[str, datetime]]
    newest: datetime
    event_id: int

    @property
    def since(self) -> datetime:
        """The earliest new observation."""
        return min(moment for metrics in self.fresh.values() for moment in metrics.values())


def process(*, limit: int, at: datetime) -> int:
    """Claim waiting events, measure and score them; return how many were taken.

    The attempt is counted before the work (see ``telemetry.actions.claim``), the work commits as a whole.
    """
    claimed = telemetry.claim(limit=limit, at=at)
    if claimed:
        _work(claimed, at)
    return len(claimed)


def process_history(*, limit: int, at: datetime) -> int:
    """Claim waiting events of files of history and measure them; return how many were taken.

    They are not judged one by one: `catch_up` judges their models once no more comes.
    """
    claimed = telemetry.claim_history(limit=limit, at=at)
    if claimed:
        _work(claimed, at)
    return len(claimed)


@transaction.atomic
def _work(claimed: Sequence[int], at: datetime) -> None:
    events = list(
        TelemetryEvent.objects.select_for_update(skip_locked=True)
        .prefetch_related("source")
        .filter(pk__in=claimed, state=EventState.NEW)
        .order_by("pk")
    )
    history = {event.pk for event in events if event.source.kind == SourceKind.BACKFILL}
    measured = telemetry.measure_all(events=events, at=at)
    late.remember((one for one in measured if one.event_pk in history), at=at)
    score(touches=touches_of(one for one in measured if one.event_pk not in history), at=at)


def touches_of(measured: Iterable[telemetry.Touched]) -> list[Touch]:
    """Return, per model, what these events touched. The first event that did is named as the cause."""
    fresh: dict[int, dict[str, dict[str, datetime]]] = defaultdict(lambda: defaultdict(dict))
    newest: dict[int, datetime] = {}
    causes: dict[int, int] = {}
    for one in measured:
        for series, (first, last) in one.spans.items():
            metrics = fresh[series.model_id][series.environment]
            metrics[series.metric] = min(first, metrics.get(series.metric, first))
            newest[series.model_id] = max(last, newest.get(series.model_id, last))
            causes.setdefault(series.model_id, one.event_pk)
    return [Touch(pk, environments, newest[pk], causes[pk]) for pk, environments in fresh.items()]


@transaction.atomic(savepoint=False)
def score(*, touches: Iterable[Touch], at: datetime) -> None:
    """Judge the touched models by every rule in force that reads what is new; move risks, health and posture.

    The number of statements does not grow with the number of models, and a series that no rule and no
    formula reads costs nothing but its measurement.
    """
    touched = {touch.model_id: touch for touch in touches}
    if not touched:
        return
    pauses = switch.hold_open()
    postures = posture.lock(model_ids=touched, at=at)
    _observe(touched.values())
    running = {pk: one for pk, one in postures.items() if not pauses.model(one.model.slug)}
    _remember({pk: touched[pk].since for pk in postures.keys() - running.keys()}, postures)
    rules, paused = _rules(pauses)
    subjects: list[Subject] = []
    for pk, standing in running.items():
        subjects += _subjects(touched[pk], standing, catch_up=not paused)
    _remember({pk: touched[pk].since for pk in running if _reads_any(paused, touched[pk])}, postures)
    formulas = health.in_force()
    measured = {pk for pk, one in running.items() if _feeds(formulas.get(one.model.kind), touched[pk])}
    measured |= {subject.model.pk for subject in subjects if subject.whole}
    _settle(subjects, running, rules, formulas, at, measured=measured)
    _caught_up([subject.model.pk for subject in subjects if subject.whole])


@transaction.atomic
def sweep(*, at: datetime, limit: int = 50) -> int:
    """Re-judge models for which time or a decision about a rule may have changed something; return how many.

    Windows complete, contributions fade, readings grow stale: every model is looked at again at least
    every five minutes, when one of its risks is due to change, and as soon as a rule that fired on it was
    enforced, retired or reinstated.
    """
    pauses = switch.hold_open()
    if pauses.everything:
        return 0
    rules, paused = _rules(pauses)
    reruled = _reruled(at)
    seen = _due(at, reruled, limit, catch_up=not paused)
    postures = posture.lock(model_ids=seen, at=at, skip_locked=True)
    due = {pk: one for pk, one in postures.items() if one.swept_at == seen[pk]}
    environments = _environments(due)
    subjects = [
        Subject(one.model, environment, whole=True, since=one.dirty_since)
        for pk, one in due.items()
        for environment in sorted(environments[pk])
    ]
    _settle(subjects, due, rules, health.in_force(), at, measured=due.keys(), reruled=reruled)
    Posture.objects.filter(pk__in=list(due)).update(swept_at=at)
    if not paused:
        _caught_up(due)
    return len(due)


@transaction.atomic
def catch_up(*, at: datetime, limit: int = 1) -> int:
    """Judge models of which history came in, from its earliest observation on; return how many.

    What moves because of evidence that ended more than a day ago is told in the name of history, and pages nobody.
    """
    pauses = switch.hold_open()
    if pauses.everything:
        return 0
    asked = late.due(at=at, limit=limit)
    postures = posture.lock(model_ids=asked, at=at, skip_locked=True) if asked else {}
    taken = {one.model_id: one for one in late.take(model_ids=postures)}
    paused = {pk for pk in taken if pauses.model(postures[pk].model.slug)}
    rules, held = _rules(pauses)
    _remember({pk: one.since for pk, one in taken.items() if pk in paused or held}, postures)
    with connection.cursor() as cursor:
        cursor.executemany(_NEWEST, [(one.newest, pk) for pk, one in taken.items()])
    for actor in (HISTORY, SCORING):
        own = {
            pk: postures[pk]
            for pk, one in taken.items()
            if pk not in paused and (HISTORY if one.newest < at - late.LONG_PAST else SCORING) is actor
        }
        subjects = [
            Subject(one.model, environment, whole=True, since=taken[pk].since)
            for pk, one in own.items()
            for environment in sorted(late.environments(one.model) | {PRODUCTION})
        ]
        _settle(subjects, own, rules, health.in_force(), at, measured=own.keys(), by=actor)
    return len(taken)


# ---- what is to be judged ----


def _rules(pauses: switch.Pauses) -> tuple[list[Loaded], list[Loaded]]:
    """Return the rules in force that run and those that are paused."""
    running: list[Loaded] = []
    paused: list[Loaded] = []
    for rule in in_force():
        (paused if pauses.rule(rule.version.rule.slug) else running).append(rule)
    return running, paused


def _subjects(touch: Touch, standing: Posture, *, catch_up: bool) -> list[Subject]:
    """Return what to judge of a touched model; everything, when evidence waited through a pause."""
    since = standing.dirty_since if catch_up else None
    return [
        Subject(standing.model, environment, fresh, whole=since is not None, since=since, event_id=touch.event_id)
        for environment, fresh in sorted(touch.fresh.items())
    ]


def _reads_any(rules: Iterable[Loaded], touch: Touch) -> bool:
    metrics = {metric for fresh in touch.fresh.values() for metric in fresh}
    return any(not metrics.isdisjoint(rule.reads.metrics) for rule in rules)


def _feeds(formula: health.InForce | None, touch: Touch) -> bool:
    """Return whether the formula weighs anything that is new."""
    if formula is None:
        return False
    fresh = touch.fresh.get(health.ENVIRONMENT, {})
    return any(component.metric in fresh for component in formula.formula.components)


def _due(
    at: datetime, reruled: Mapping[int, Collection[str]], limit: int, *, catch_up: bool
) -> dict[int, datetime | None]:
    """Return the models to look at and when they were swept last; paused ones wait."""
    fading = Risk.objects.filter(next_change_at__lte=at).values("model_id")
    due = Q(swept_at__isnull=True) | Q(swept_at__lte=at - SWEEP_EVERY) | Q(model__in=fading)
    if catch_up:
        due |= Q(dirty_since__isnull=False)
    if reruled:
        due |= Q(model__in=list(reruled))
    paused = AutomationControl.objects.filter(scope=ControlScope.MODEL, resumed_at__isnull=True).values("scope_id")
    rows = Posture.objects.filter(due).exclude(model__slug__in=paused).order_by("swept_at", "model_id")
    return dict(rows.values_list("model_id", "swept_at")[:limit])


def _reruled(at: datetime) -> dict[int, set[str]]:
    """Return the models, and the categories of risk, that a rule fired on which began or ceased to count lately."""
    lately = at - SWEEP_EVERY
    enforced = RuleVersion.objects.filter(enforced_at__gte=lately, state=VersionState.ENFORCED)
    moments = dict(enforced.values_list("pk", "enforced_at"))
    moments |= dict(RuleVersion.objects.filter(retired_at__gte=lately).values_list("pk", "retired_at"))
    moments |= dict(RuleTrip.objects.filter(settled_at__gte=lately).values_list("rule_version_id", "settled_at"))
    found: dict[int, set[str]] = defaultdict(set)
    for version, moment in ((version, moment) for version, moment in moments.items() if moment):
        rows = Episode.objects.filter(
            Q(model__posture__swept_at__lt=moment + LATE_COMMIT) | Q(model__posture__swept_at__isnull=True),
            rule_version=version,
        )
        for model, category in rows.values_list("model_id", "category").distinct():
            found[model].add(category)
    return found


def _environments(due: Iterable[int]) -> dict[int, set[str]]:
    found = {pk: {PRODUCTION} for pk in due}
    rows = SeriesState.objects.filter(model__in=list(found), rule_version__state__in=IN_FORCE)
    for model, environment in rows.exclude(environment=PRODUCTION).values_list("model_id", "environment").distinct():
        found[model].add(environment)
    return found


# ---- what follows ----


def _settle(
    subjects: Sequence[Subject],
    postures: Mapping[int, Posture],
    rules: Sequence[Loaded],
    formulas: Mapping[str, health.InForce],
    at: datetime,
    *,
    measured: Collection[int],
    reruled: Mapping[int, Collection[str]] | None = None,
    by: Actor = SCORING,
) -> None:
    """Judge, and let risks, health and posture follow. ``measured`` are the models whose health may have moved."""
    models = {pk: one.model for pk, one in postures.items()}
    events = {subject.model.pk: subject.event_id for subject in subjects}
    findings = judge(subjects=subjects, rules=rules, at=at)
    past = by is HISTORY  # an episode that is over changes nothing now, however many models had one
    held = breaker.held_versions([one for one in findings if one.judgement.open or not past], at=at)
    keep(findings, at=at, held=held)
    fresh = _categories(findings, held)
    for pk in models.keys() & (reruled or {}).keys():
        fresh[pk] |= set((reruled or {})[pk])
    risks = settle_all(models=models, fresh=fresh, at=at, events=events, by=by)
    scores = health.rescore_all(models=[models[pk] for pk in sorted(measured)], formulas=formulas, at=at)
    moved = {risk.model_id for risk in risks} | set(measured)
    scores |= health.latest(model_ids=[pk for pk in moved - set(measured) if models[pk].kind in formulas])
    posture.refresh_all(
        postures=[postures[pk] for pk in sorted(moved)],
        health=scores,
        quiet={pk: posture.is_quiet(scores.get(pk)) for pk in moved},
        at=at,
        events=events,
        by=by,
    )


def _categories(findings: Iterable[Finding], held: Collection[int]) -> dict[int, set[str]]:
    """Return the risks that rules speak about which are enforced and not held."""
    fresh: dict[int, set[str]] = defaultdict(set)
    for finding in findings:
        counts = finding.version.state == VersionState.ENFORCED and finding.version.pk not in held
        if counts and (finding.moved or finding.judgement.open):
            fresh[finding.model_id].add(finding.category.value)
    return fresh


def _remember(since: Mapping[int, datetime], postures: Mapping[int, Posture]) -> None:
    """Keep from where models must be judged once the pause over them, or over a rule, has ended."""
    later = []
    for pk, moment in since.items():
        standing = postures[pk]
        earliest = min(filter(None, (standing.dirty_since, moment)))
        if earliest != standing.dirty_since:
            standing.dirty_since = earliest
            later.append(standing)
    Posture.objects.bulk_update(later, ["dirty_since"])


def _caught_up(model_ids: Collection[int]) -> None:
    Posture.objects.filter(pk__in=list(model_ids), dirty_since__isnull=False).update(dirty_since=None)


def _observe(touches: Iterable[Touch]) -> None:
    moments = [(touch.model_id, touch.newest) for touch in touches]
    with connection.cursor() as cursor:
        cursor.execute(_OBSERVED, [list(column) for column in zip(*moments, strict=True)])
