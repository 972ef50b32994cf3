"""Judge a model by the rule versions in force, and keep what they found.

Shadow and enforced versions are judged alike; what differs is who reads the episodes afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import Q

from governance.rules import episodes
from governance.rules.applies import ModelFacts, applies
from governance.rules.conditions import Need, needs
from governance.rules.definition import Definition, Gaps, comparisons
from governance.rules.episodes import Firing, Judgement, Step
from governance.rules.models import Episode, Evaluation, RuleVersion, SeriesState, VersionState
from governance.rules.parsing import parse
from governance.rules.windows import SeriesKey, Window
from governance.rules.yamltree import RuleInvalid
from governance.vocabulary import Materiality, Mode, RiskCategory
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Measurement, Rollup

LOOKBACK = timedelta(days=120)
"""Older windows never decide anything: every decay has ended by then."""
IN_FORCE = (VersionState.SHADOW, VersionState.ENFORCED)
STATE_FIELDS = ["holds", "firing", "firing_since", "cleared_at", "value", "explanation", "evaluated_at"]


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
    The number of queries does not grow with the number of rules.
    """
    findings: list[Finding] = []
    for environment in sorted(set(environments)):
        facts = facts_of(model, environment=environment)
        fitting = [rule for rule in rules if applies(rule.definition, facts)]
        if fitting:
            findings += _Bench(model, environment, fitting, touched_since, at, event_id).judge()
    return findings


def facts_of(model: RegisteredModel, *, environment: str) -> ModelFacts:
    """Return what rules may ask about a model; words in lower case, as rule files write them."""
    return ModelFacts(
        kind=model.kind.lower(),
        environment=environment,
        materiality=Materiality(model.materiality),
        regulatory_class=model.regulatory_class.lower().replace("_", "-"),
        business_unit=model.unit.slug,
        tags=frozenset(model.tags),
    )


class _Bench:
    """One model in one environment before all the rules that apply, with their evidence fetched at once."""

    def __init__(
        self,
        model: RegisteredModel,
        environment: str,
        rules: Sequence[Loaded],
        touched_since: datetime | None,
        at: datetime,
        event_id: int | None,
    ) -> None:
        self.model, self.environment, self.rules = model, environment, rules
        self.at, self.event_id = at, event_id
        self.scope = {"model": model, "environment": environment}
        self.states = self._states()
        self.since = {
            rule.version.pk: _since(rule.definition, self.states[rule.version.pk].values(), touched_since, at)
            for rule in rules
        }
        self.episodes = self._episodes()
        self.windows = self._windows()
        self.judged: list[SeriesState] = []

    def judge(self) -> list[Finding]:
        """Return every finding, and write states, episodes and evaluations."""
        findings = [finding for rule in self.rules for finding in self._judge(rule)]
        SeriesState.objects.bulk_create(
            self.judged,
            update_conflicts=True,
            unique_fields=["rule_version", "model", "environment", "segment"],
            update_fields=STATE_FIELDS,
        )
        return findings

    def _judge(self, rule: Loaded) -> list[Finding]:
        since = self.since[rule.version.pk]
        known = self.episodes[rule.version.pk]
        series = self._series(rule, since)
        if not series and not self.states[rule.version.pk]:
            return []  # never measured: there is nothing to say yet
        answers = episodes.judge(
            rule.definition,
            series=series,
            since=since,
            now=self.at,
            materiality=Materiality(self.model.materiality),
            earlier=_earlier(known, since),
        )
        return [self._keep(rule, segment, answer, since) for segment, answer in answers.items()]

    # ---- evidence ----

    def _states(self) -> dict[int, dict[str, SeriesState]]:
        found: dict[int, dict[str, SeriesState]] = defaultdict(dict)
        versions = [rule.version for rule in self.rules]
        for state in SeriesState.objects.filter(**self.scope, rule_version__in=versions):
            found[state.rule_version_id][state.segment] = state
        return found

    def _episodes(self) -> dict[int, list[Episode]]:
        found: dict[int, list[Episode]] = defaultdict(list)
        recent = Q(cleared_at__isnull=True) | Q(cleared_at__gte=min(self.since.values()))
        for row in Episode.objects.filter(recent, **self.scope, rule_version__in=list(self.since)):
            found[row.rule_version_id].append(row)
        return found

    def _windows(self) -> dict[tuple[str, int], list[Rollup]]:
        """Fetch the rollups that any rule reads: one query per width of window."""
        wanted: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
        for rule in self.rules:
            for need in needs(rule.definition):
                begins = self.since[rule.version.pk] - _reach(rule.definition, need)
                wanted[need.width.seconds].append((need.metric, begins))
        found: dict[tuple[str, int], list[Rollup]] = defaultdict(list)
        for width_s, needed in wanted.items():
            rows = Rollup.objects.filter(
                **self.scope,
                width_s=width_s,
                metric__in={metric for metric, _ in needed},
                starts_at__gte=min(begins for _, begins in needed),
                starts_at__lte=self.at,
            )
            for row in rows:
                found[row.metric, width_s].append(row)
        return found

    def _series(self, rule: Loaded, since: datetime) -> dict[SeriesKey, list[Window]]:
        """Return the windows one rule reads from ``since`` (with its run before that) on."""
        series: dict[SeriesKey, list[Window]] = defaultdict(list)
        for need in {(n.metric, n.width): n for n in needs(rule.definition)}.values():
            begins = since - _reach(rule.definition, need)
            values = self._raw_values(need, begins) if need.raw_values else {}
            for row in self.windows[need.metric, need.width.seconds]:
                if row.starts_at >= begins:
                    index = int(row.starts_at.timestamp() // need.width.seconds)
                    key = SeriesKey(need.metric, row.segment, need.width)
                    series[key].append(_window(row, index, values.get((row.segment, index))))
        return series

    def _raw_values(self, need: Need, since: datetime) -> dict[tuple[str, int], tuple[float, ...]]:
        width = need.width.seconds
        rows = Measurement.objects.filter(
            model_id=self.model.pk,
            metric=need.metric,
            environment=self.environment,
            observed_at__gte=datetime.fromtimestamp(since.timestamp() // width * width, UTC),
            observed_at__lte=self.at,
        ).values_list("segment", "observed_at", "value")
        found: dict[tuple[str, int], list[float]] = defaultdict(list)
        for segment, observed_at, value in rows:
            found[segment, int(observed_at.timestamp() // width)].append(value)
        return {key: tuple(values) for key, values in found.items()}

    # ---- what is written ----

    def _keep(self, rule: Loaded, segment: str, answer: Judgement, since: datetime) -> Finding:
        """Write the episodes and, when the answer changed, an evaluation; note the state."""
        before = self.states[rule.version.pk].get(segment)
        moved = self._replace_episodes(rule, segment, answer, since)
        changed = moved or before is None or before.holds != answer.outcome.holds
        evaluation = self._evaluation(rule, segment, answer) if changed else None
        current = answer.open
        last_end = answer.episodes[-1].cleared_at if answer.episodes else None
        self.judged.append(
            SeriesState(
                **self.scope,
                rule_version=rule.version,
                segment=segment,
                holds=answer.outcome.holds,
                firing=current is not None,
                firing_since=current.began_at if current else None,
                cleared_at=None if current else last_end or (before.cleared_at if before else None),
                value=answer.outcome.value,
                explanation=answer.outcome.explanation,
                evaluated_at=self.at,
            )
        )
        return Finding(
            version=rule.version,
            definition=rule.definition,
            environment=self.environment,
            segment=segment,
            judgement=answer,
            changed=moved,
            evaluation_id=evaluation.pk if evaluation else None,
        )

    def _replace_episodes(self, rule: Loaded, segment: str, answer: Judgement, since: datetime) -> bool:
        """Make the stored episodes from ``since`` on equal to the derived ones. True if anything moved."""
        stored = {
            row.began_at: row
            for row in self.episodes[rule.version.pk]
            if row.segment == segment and (row.began_at >= since or row.cleared_at is None or row.cleared_at > since)
        }
        moved = False
        for firing in answer.episodes:
            row = stored.pop(firing.began_at, None) or Episode(
                **self.scope, rule_version=rule.version, segment=segment, began_at=firing.began_at
            )
            steps = [_stored(step) for step in firing.steps]
            if row.pk is None or row.steps != steps or row.cleared_at != firing.cleared_at:
                row.category = rule.definition.then.risk.value
                row.points, row.steps, row.cleared_at = firing.points, steps, firing.cleared_at
                row.save()
                moved = True
        for row in stored.values():
            row.delete()
            moved = True
        return moved

    def _evaluation(self, rule: Loaded, segment: str, answer: Judgement) -> Evaluation:
        outcome = answer.outcome
        return Evaluation.objects.create(
            **self.scope,
            rule_version=rule.version,
            segment=segment,
            mode=Mode.ENFORCED if rule.version.state == VersionState.ENFORCED else Mode.SHADOW,
            holds=outcome.holds,
            firing=answer.open is not None,
            value=outcome.value,
            threshold=outcome.threshold,
            points=answer.open.points if answer.open else 0,
            readings=[_reading(window) for window in outcome.windows],
            explanation=outcome.explanation,
            event_id=self.event_id,
            judged_at=self.at,
        )


def _since(definition: Definition, states: Iterable[SeriesState], touched: datetime | None, at: datetime) -> datetime:
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


def _reach(definition: Definition, need: Need) -> timedelta:
    """Return how far before its first judged moment a rule reads; further where gaps are passed over."""
    holds = any(test.gaps is Gaps.HOLD for test in comparisons(definition.when))
    return timedelta(seconds=need.width.seconds * need.windows * (4 if holds else 1))


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


def _reading(window: Window) -> dict[str, object]:
    return {
        "start": window.start.isoformat(),
        "count": window.count,
        "sum": window.sum,
        "min": window.min,
        "max": window.max,
        "last": window.last,
    }


def _mark_error(version: RuleVersion, text: str) -> None:
    if version.error != text:
        RuleVersion.objects.filter(pk=version.pk).update(error=text)


def category_of(finding: Finding) -> RiskCategory:
    """Return the risk category a finding speaks about."""
    return finding.definition.then.risk
