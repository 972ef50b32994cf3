"""Judge a model by the rule versions in force, and keep what they found.

Shadow and enforced versions are judged alike; what differs is who reads the episodes afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import transaction

from governance.rules import episodes
from governance.rules.applies import ModelFacts, applies
from governance.rules.conditions import Need, SeriesKey, Window, needs
from governance.rules.definition import Definition, Gaps, Width, comparisons
from governance.rules.episodes import Firing, Judgement, Step
from governance.rules.models import Episode, Evaluation, RuleVersion, SeriesState, VersionState
from governance.rules.parsing import RuleInvalid, parse
from governance.vocabulary import Materiality, Mode, RiskCategory
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Measurement, Rollup

LOOKBACK = timedelta(days=120)
"""Older windows never decide anything: every decay has ended by then."""
IN_FORCE = (VersionState.SHADOW, VersionState.ENFORCED)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule version in force with its parsed definition."""

    version: RuleVersion
    definition: Definition


@dataclass(frozen=True, slots=True)
class Finding:
    """A version's answer on a segment, after it was written down. ``changed``: it differs from before."""

    version: RuleVersion
    definition: Definition
    environment: str
    segment: str
    judgement: Judgement
    changed: bool
    evaluation_id: int | None


@lru_cache(maxsize=2048)
def definition_of(text: str) -> Definition:
    """Return the parsed definition of a version's text; equal texts share one."""
    return parse(text)


def in_force() -> list[Loaded]:
    """Return every shadow and enforced version that can be parsed, by rule.

    One that cannot is left out and marked with its error, which makes gates doubt.
    """
    loaded: list[Loaded] = []
    versions = RuleVersion.objects.filter(state__in=IN_FORCE).select_related("rule").order_by("rule_id", "id")
    for version in versions:
        try:
            loaded.append(Loaded(version, definition_of(version.text)))
        except RuleInvalid as problem:
            _mark_error(version, str(problem))
    return loaded


@transaction.atomic
def judge_model(
    *,
    model: RegisteredModel,
    rules: Sequence[Loaded],
    environments: Iterable[str],
    touched_since: datetime | None,
    at: datetime,
    event_id: int | None = None,
) -> list[Finding]:
    """Judge one model by all ``rules`` that apply to it, at ``at``.

    ``touched_since`` is the earliest observation that is new; None judges only what time has brought.
    The answer depends on the stored windows and ``at`` alone, not on how often or when this ran before.
    """
    findings: list[Finding] = []
    for environment in sorted(set(environments)):
        facts = facts_of(model, environment=environment)
        for rule in rules:
            if applies(rule.definition, facts):
                findings += _judge(model, rule, environment, touched_since, at, event_id)
    return findings


def facts_of(model: RegisteredModel, *, environment: str) -> ModelFacts:
    """Return what rules may ask about a model; words in lower case, as rule files write them."""
    return ModelFacts(
        kind=model.kind.lower(),
        environment=environment,
        materiality=Materiality(model.materiality),
        regulatory_class=model.regulatory_class.lower(),
        business_unit=model.unit.slug,
        tags=frozenset(model.tags),
    )


def _judge(
    model: RegisteredModel,
    rule: Loaded,
    environment: str,
    touched_since: datetime | None,
    at: datetime,
    event_id: int | None,
) -> list[Finding]:
    scope = {"rule_version": rule.version, "model": model, "environment": environment}
    states = {state.segment: state for state in SeriesState.objects.filter(**scope)}
    since = _since(rule.definition, states.values(), touched_since, at)
    earlier = _earlier(Episode.objects.filter(**scope), since)
    answers = episodes.judge(
        rule.definition,
        series=_series(model, environment, rule.definition, since, at),
        since=since,
        now=at,
        materiality=Materiality(model.materiality),
        earlier=earlier,
    )
    return [
        _keep(scope, rule, segment, answer, states.get(segment), since, at, event_id)
        for segment, answer in answers.items()
    ]


def _since(
    definition: Definition, states: Iterable[SeriesState], touched: datetime | None, at: datetime
) -> datetime:
    """Return from where to judge again: the last judgement, or earlier if older windows changed."""
    known = [state.evaluated_at for state in states]
    moments = [*known, *([touched] if touched else [])] if known else []
    earliest = max(min(moments), at - LOOKBACK) if moments else at - LOOKBACK
    return episodes.floor_of(min(earliest, at), definition=definition)


def _earlier(rows: Iterable[Episode], since: datetime) -> dict[str, Firing]:
    """Return the episodes that were open at ``since``, cut to what was known by then."""
    found: dict[str, Firing] = {}
    for row in rows:
        if row.began_at < since and (row.cleared_at is None or row.cleared_at > since):
            steps = tuple(step for step in map(_step, row.steps) if step.at < since)
            found[row.segment] = Firing(steps)
    return found


def _step(stored: Mapping[str, object]) -> Step:
    return Step(
        at=datetime.fromisoformat(str(stored["at"])),
        points=float(str(stored["points"])),
        value=None if stored["value"] is None else float(str(stored["value"])),
        text=str(stored["text"]),
    )


def _stored(step: Step) -> dict[str, object]:
    return {"at": step.at.isoformat(), "points": step.points, "value": step.value, "text": step.text}


# ---- windows ----


def _series(
    model: RegisteredModel, environment: str, definition: Definition, since: datetime, at: datetime
) -> dict[SeriesKey, list[Window]]:
    """Fetch the windows a rule reads between ``since`` (with its run before that) and ``at``."""
    series: dict[SeriesKey, list[Window]] = defaultdict(list)
    holds = any(test.gaps is Gaps.HOLD for test in comparisons(definition.when))
    for need in {(n.metric, n.width): n for n in needs(definition)}.values():
        reach = timedelta(seconds=need.width.seconds * need.windows * (4 if holds else 1))
        begins = since - reach
        values = _raw_values(model, environment, need, begins, at) if need.raw_values else {}
        rows = Rollup.objects.filter(
            model=model,
            width_s=need.width.seconds,
            metric=need.metric,
            environment=environment,
            starts_at__gte=begins,
            starts_at__lte=at,
        )
        for row in rows:
            index = int(row.starts_at.timestamp() // need.width.seconds)
            key = SeriesKey(need.metric, row.segment, need.width)
            series[key].append(_window(row, index, values.get((row.segment, index))))
    return series


def _window(row: Rollup, index: int, values: tuple[float, ...] | None) -> Window:
    return Window(
        index=index,
        start=row.starts_at,
        count=row.count,
        sum=float(row.sum),
        min=row.min,
        max=row.max,
        first=row.first,
        last=row.last,
        values=values,
    )


def _raw_values(
    model: RegisteredModel, environment: str, need: Need, since: datetime, until: datetime
) -> dict[tuple[str, int], tuple[float, ...]]:
    rows = Measurement.objects.filter(
        model_id=model.pk,
        metric=need.metric,
        environment=environment,
        observed_at__gte=_aligned(since, need.width),
        observed_at__lte=until,
    ).values_list("segment", "observed_at", "value")
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for segment, observed_at, value in rows:
        found[segment, int(observed_at.timestamp() // need.width.seconds)].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _aligned(at: datetime, width: Width) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // width.seconds * width.seconds, UTC)


# ---- what is written ----


def _keep(
    scope: Mapping[str, object],
    rule: Loaded,
    segment: str,
    answer: Judgement,
    before: SeriesState | None,
    since: datetime,
    at: datetime,
    event_id: int | None,
) -> Finding:
    """Write the state, the episodes and, when the answer changed, an evaluation."""
    episodes_changed = _replace_episodes(scope, rule, segment, answer, since)
    state = before or SeriesState(**scope, segment=segment)
    current = answer.open
    changed = episodes_changed or before is None or state.holds != answer.outcome.holds
    evaluation = _evaluation(scope, rule, segment, answer, at, event_id) if changed else None
    state.holds = answer.outcome.holds
    state.firing = current is not None
    state.firing_since = current.began_at if current else None
    state.cleared_at = answer.episodes[-1].cleared_at if answer.episodes and not current else state.cleared_at
    state.value = answer.outcome.value
    state.explanation = answer.outcome.explanation
    state.evaluated_at = at
    state.save()
    return Finding(
        version=rule.version,
        definition=rule.definition,
        environment=str(scope["environment"]),
        segment=segment,
        judgement=answer,
        changed=episodes_changed,
        evaluation_id=evaluation.pk if evaluation else None,
    )


def _replace_episodes(
    scope: Mapping[str, object], rule: Loaded, segment: str, answer: Judgement, since: datetime
) -> bool:
    """Make the stored episodes from ``since`` on equal to the derived ones. True if anything moved."""
    stored = {
        row.began_at: row
        for row in Episode.objects.filter(**scope, segment=segment)
        if row.began_at >= since or row.cleared_at is None or row.cleared_at > since
    }
    changed = False
    for firing in answer.episodes:
        row = stored.pop(firing.began_at, None) or Episode(**scope, segment=segment, began_at=firing.began_at)
        steps = [_stored(step) for step in firing.steps]
        if row.pk is None or row.steps != steps or row.cleared_at != firing.cleared_at:
            row.category = rule.definition.then.risk.value
            row.points, row.steps, row.cleared_at = firing.points, steps, firing.cleared_at
            row.save()
            changed = True
    for row in stored.values():
        row.delete()
        changed = True
    return changed


def _evaluation(
    scope: Mapping[str, object],
    rule: Loaded,
    segment: str,
    answer: Judgement,
    at: datetime,
    event_id: int | None,
) -> Evaluation:
    outcome = answer.outcome
    return Evaluation.objects.create(
        **scope,
        segment=segment,
        mode=Mode.ENFORCED if rule.version.state == VersionState.ENFORCED else Mode.SHADOW,
        holds=outcome.holds,
        firing=answer.open is not None,
        value=outcome.value,
        threshold=outcome.threshold,
        points=answer.open.points if answer.open else 0,
        readings=[
            {
                "start": window.start.isoformat(),
                "count": window.count,
                "sum": window.sum,
                "min": window.min,
                "max": window.max,
                "last": window.last,
            }
            for window in outcome.windows
        ],
        explanation=outcome.explanation,
        event_id=event_id,
        judged_at=at,
    )


def _mark_error(version: RuleVersion, text: str) -> None:
    if version.error != text:
        RuleVersion.objects.filter(pk=version.pk).update(error=text)


def category_of(finding: Finding) -> RiskCategory:
    """Return the risk category a finding speaks about."""
    return finding.definition.then.risk
