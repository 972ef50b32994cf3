"""Judge models by the rule versions in force, a batch at a time.

Shadow and enforced versions are judged alike; what differs is who reads the episodes afterwards.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from governance.rules import episodes, evidence
from governance.rules.applies import ModelFacts, applies
from governance.rules.conditions import Indexed, Need, needs
from governance.rules.definition import Definition, comparisons
from governance.rules.evidence import Held, Place, Standing, Wanted
from governance.rules.keeping import Finding, earlier, keep
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.rules.parsing import parse
from governance.rules.windows import SeriesKey, Slots, by_index
from governance.rules.yamltree import RuleInvalid
from governance.vocabulary import Materiality
from models_registry.catalog.models import RegisteredModel

LOOKBACK = timedelta(days=120)
"""Older windows never decide anything: every decay has ended by then."""
IN_FORCE = (VersionState.SHADOW, VersionState.ENFORCED)


@dataclass(frozen=True, slots=True)
class Reads:
    """A definition and what it reads, worked out once per text: its metrics, and how far back each width reaches."""

    definition: Definition
    metrics: frozenset[str]
    needs: tuple[tuple[Need, timedelta], ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rule version in force with its parsed definition."""

    version: RuleVersion
    reads: Reads

    @property
    def definition(self) -> Definition:
        """The parsed text."""
        return self.reads.definition


@dataclass(frozen=True, slots=True)
class Subject:
    """A model in one environment that is to be judged.

    ``fresh`` holds, per metric, the earliest observation that is new: only rules that read one of them are
    judged. ``whole`` judges every rule that applies, as time alone may have moved it; ``since`` is then the
    earliest observation of any metric that nobody judged yet.
    """

    model: RegisteredModel
    environment: str
    fresh: Mapping[str, datetime] = field(default_factory=dict)
    whole: bool = False
    since: datetime | None = None
    event_id: int | None = None


@lru_cache(maxsize=2048)
def reads_of(text: str) -> Reads:
    """Return the parsed definition of a version's text with what it reads; equal texts share one."""
    definition = parse(text)
    return Reads(
        definition=definition,
        metrics=frozenset(test.metric for test in comparisons(definition.when)),
        needs=tuple((need, _reach(need)) for need in needs(definition)),
    )


def definition_of(text: str) -> Definition:
    """Return the parsed definition of a version's text; equal texts share one. Raises RuleInvalid."""
    return reads_of(text).definition


def in_force() -> list[Loaded]:
    """Return every shadow and enforced version that can be parsed, by rule.

    One that cannot is left out and marked with its error, which makes gates doubt.
    """
    loaded: list[Loaded] = []
    versions = RuleVersion.objects.filter(state__in=IN_FORCE).select_related("rule").order_by("rule_id", "id")
    for version in versions:
        try:
            loaded.append(Loaded(version, reads_of(version.text)))
        except RuleInvalid as problem:
            _mark_error(version, str(problem))
    return loaded


def judge(*, subjects: Iterable[Subject], rules: Sequence[Loaded], at: datetime) -> list[Finding]:
    """Judge models by the rules that apply to them, at ``at``; `keeping.keep` writes what is returned.

    The answers depend on the stored windows and ``at`` alone, not on how often or when this ran before.
    The number of queries grows neither with the number of models nor with that of rules.
    """
    cases = list(_cases(subjects, rules))
    if not cases:
        return []
    bench = _Bench(cases, at)
    return [finding for case in cases for finding in bench.findings(case)]


def judge_model(
    *,
    model: RegisteredModel,
    rules: Sequence[Loaded],
    environments: Iterable[str],
    touched_since: datetime | None,
    at: datetime,
    event_id: int | None = None,
) -> list[Finding]:
    """Judge one model by all ``rules`` that apply to it, and keep what they say.

    ``touched_since`` is the earliest observation that is new; None judges only what time has brought.
    """
    subjects = [
        Subject(model, environment, whole=True, since=touched_since, event_id=event_id)
        for environment in sorted(set(environments))
    ]
    findings = judge(subjects=subjects, rules=rules, at=at)
    keep(findings, at=at)
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


@dataclass(frozen=True, slots=True)
class _Case:
    """One rule before one subject."""

    rule: Loaded
    subject: Subject
    place: Place

    @property
    def touched(self) -> datetime | None:
        """The earliest new observation this rule reads."""
        fresh = self.subject.fresh
        moments = [fresh[metric] for metric in self.rule.reads.metrics if metric in fresh]
        return min([*moments, *filter(None, [self.subject.since])], default=None)


def _cases(subjects: Iterable[Subject], rules: Sequence[Loaded]) -> Iterator[_Case]:
    """Yield the rules that apply and have something to read anew, subject by subject."""
    by_metric: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for metric in rule.reads.metrics:
            by_metric[metric].append(number)
    for subject in subjects:
        numbers: Collection[int] = {number for metric in subject.fresh for number in by_metric.get(metric, ())}
        numbers = range(len(rules)) if subject.whole else sorted(numbers)
        facts = facts_of(subject.model, environment=subject.environment) if numbers else None
        for rule in (rules[number] for number in numbers):
            if facts and applies(rule.definition, facts):
                yield _Case(rule, subject, Place(rule.version.pk, subject.model.pk, subject.environment))


class _Bench:
    """All cases of a batch with their evidence, fetched at once."""

    def __init__(self, cases: Sequence[_Case], at: datetime) -> None:
        self.at = at
        self.states = evidence.states([case.place for case in cases])
        self.since = {
            case.place: _since(case.rule.definition, self.states.get(case.place, {}).values(), case.touched, at)
            for case in cases
        }
        self.episodes = evidence.episodes(self.since)
        self.windows = self._windows(cases)
        self.slots: dict[tuple[Wanted, datetime, int], dict[str, Slots]] = {}

    def findings(self, case: _Case) -> list[Finding]:
        """Return what the case's rule says of each segment."""
        since, states = self.since[case.place], self.states.get(case.place, {})
        series = self._series(case, since)
        if not series and not states:
            return []  # never measured: there is nothing to say yet
        known = self.episodes.get(case.place, [])
        answers = episodes.judge(
            case.rule.definition,
            series=series,
            since=since,
            now=self.at,
            materiality=Materiality(case.subject.model.materiality),
            earlier=earlier(known, since),
        )
        return [
            Finding(
                version=case.rule.version,
                definition=case.rule.definition,
                place=case.place,
                segment=segment,
                judgement=answer,
                before=states.get(segment),
                stored=_stored(known, segment, since),
                event_id=case.subject.event_id,
            )
            for segment, answer in answers.items()
        ]

    def _windows(self, cases: Iterable[_Case]) -> dict[Wanted, Held]:
        since: dict[Wanted, datetime] = {}
        single_values: set[Wanted] = set()
        earlier: dict[Wanted, int] = {}
        for case in cases:
            for need, reach in case.rule.reads.needs:
                wanted = _wanted(case, need)
                begins = self.since[case.place] - reach
                since[wanted] = min(begins, since.get(wanted, begins))
                if need.raw_values:
                    single_values.add(wanted)
                if need.earlier:
                    earlier[wanted] = max(need.earlier, earlier.get(wanted, 0))
        return evidence.windows(since, until=self.at, single_values=single_values, earlier=earlier)

    def _series(self, case: _Case, since: datetime) -> Indexed:
        """Return the windows one rule reads from ``since`` (with its run before that) on."""
        return Indexed(
            (SeriesKey(need.metric, segment, need.width), slots)
            for need, reach in case.rule.reads.needs
            for segment, slots in self._slots(_wanted(case, need), since - reach, need.earlier).items()
        )

    def _slots(self, wanted: Wanted, begins: datetime, earlier: int) -> dict[str, Slots]:
        """Return what one rule reads of a series, by segment; rules that read the same windows share them."""
        known = self.slots.get((wanted, begins, earlier))
        if known is None:
            reached = self.windows[wanted].reaching(begins, earlier=earlier)
            known = {segment: by_index(windows) for segment, windows in reached.items()}
            self.slots[wanted, begins, earlier] = known
        return known


def _wanted(case: _Case, need: Need) -> Wanted:
    return Wanted(case.place.model_id, case.place.environment, need.metric, need.width)


def _stored(rows: Iterable[Episode], segment: str, since: datetime) -> dict[datetime, Episode]:
    """Return the stored episodes of a segment that were open at ``since`` or began later."""
    return {
        row.began_at: row
        for row in rows
        if row.segment == segment and (row.began_at >= since or row.cleared_at is None or row.cleared_at > since)
    }


def _since(definition: Definition, states: Iterable[Standing], touched: datetime | None, at: datetime) -> datetime:
    """Return from where to judge again: the last judgement, or earlier if older windows changed."""
    known = [state.evaluated_at for state in states]
    moments = [*known, *([touched] if touched else [])] if known else []
    earliest = max(min(moments), at - LOOKBACK) if moments else at - LOOKBACK
    return episodes.floor_of(min(earliest, at), definition=definition)


def _reach(need: Need) -> timedelta:
    """Return how far before its first judged moment a rule reads every window."""
    return timedelta(seconds=need.width.seconds * need.windows)


def _mark_error(version: RuleVersion, text: str) -> None:
    if version.error != text:
        RuleVersion.objects.filter(pk=version.pk).update(error=text)
