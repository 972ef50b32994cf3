"""Judging a rule on windows of readings: pure, and blind to the order of arrival.

A series is cut into windows of one width, aligned to UTC multiples of it. The
answer depends on (definition, set of windows, now) and on nothing else.

Which windows are read
    A window is *completed* once `now` has reached its end. A rule that asks for
    several windows reads completed ones only. A rule with `for: 1` reads the
    current, still filling window too when it has readings, so that one bad
    reading raises at once; except where filling up can only heal it (`below` a
    sum, count or max; `above` a min), which waits for the end of the window.
    Clearing reads completed windows only.

What a window without readings means (`gaps`)
    break   it ends the run; when it is the newest window the answer is doubt.
    hold    it is passed over; the run goes on from the window before, however long ago that was.
    breach  it counts as bad, from the series' first window on, however long it lasts.
    It never counts as good: a run of good windows ends at it (break, breach) or
    passes over it (hold). A series that never had a reading is doubt.

Groups are three-valued (Kleene): `all` is False if any part is False, else doubt
if any part is doubt; `any` is True if any part is True, else doubt likewise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from governance.rules.comparing import OVERALL, Finding, Judge, Moment, Store, compile_test
from governance.rules.definition import (
    Aggregate,
    AllOf,
    Clear,
    Condition,
    Definition,
    Gaps,
    Per,
    Test,
    Width,
    comparisons,
)
from governance.rules.windows import PERCENTILES, SeriesKey, Slots, Window, by_index
from governance.vocabulary import Materiality
from models_registry.telemetry.metrics import label, measured


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller must fetch to judge a rule: so many of the newest windows.

    ``earlier`` says how many with readings it needs before those, however long ago they were: a run that
    passes over a gap goes on there, and a gap that counts as bad only does so once the series has begun.
    """

    metric: str
    width: Width
    per: Per
    windows: int
    raw_values: bool
    earlier: int = 0

    def joined(self, other: "Need") -> "Need":
        """Return what serves both; they are of one series."""
        return replace(
            self,
            windows=max(self.windows, other.windows),
            raw_values=self.raw_values or other.raw_values,
            earlier=max(self.earlier, other.earlier),
        )


class Outcome(NamedTuple):
    """One rule judged on one segment at one moment.

    `holds` None is doubt: no data, or data that cannot be read. What holds does not
    clear: one comparison is never both. `value`,
    `threshold`, `windows` and `consecutive` are those of the deciding comparison.
    """

    holds: bool | None
    clears: bool
    segment: str
    value: float | None
    threshold: float
    windows: tuple[Window, ...]
    consecutive: int
    findings: tuple[Finding, ...]

    @property
    def explanation(self) -> str:
        """Return what each comparison found, in words."""
        return "; ".join(_explain(finding, self.segment) for finding in self.findings)


type Series = Mapping[SeriesKey, Sequence[Window] | Slots]

_new = tuple.__new__


# ---- the doors ------------------------------------------------------------------


def evaluate(
    definition: Definition,
    *,
    series: Series,
    now: datetime,
    materiality: Materiality,
) -> list[Outcome]:
    """Return one outcome per segment, or one for the whole model, sorted by segment.

    A rule with any `per: segment` comparison is judged on every segment its
    series have, the whole model ("") among them; `per: model` comparisons beside
    it read the whole. Windows of the future are not read. `now` must be aware.
    """
    rule = compile_rule(definition)
    store = indexed(series)
    moment = _moment(now, materiality)
    if not rule.segmented:
        return [_outcome(rule.when, OVERALL, rule.judge(store, OVERALL, moment))]
    return [_outcome(rule.when, segment, rule.judge(store, segment, moment)) for segment in _segments(rule, store)]


@lru_cache(maxsize=1024)
def _moment(now: datetime, materiality: Materiality) -> Moment:
    """Return the moment that many rules are judged at, made once."""
    return Moment(now.timestamp(), live=True, materiality=materiality)


class Indexed(dict[SeriesKey, Slots]):
    """Windows by series and index: what rules read. Many rules may judge the same one."""


def indexed(series: Series) -> Indexed:
    """Return the windows by index; what is so already stays as it is."""
    if type(series) is Indexed:
        return series
    return Indexed((key, own if isinstance(own, dict) else by_index(own)) for key, own in series.items())  # type: ignore[arg-type]


def firing(previous: bool, outcome: Outcome) -> bool:
    """Return whether the rule fires after this outcome: hysteresis in one line.

    Holding fires, clearing ends it, and anything between, doubt included,
    changes nothing. Holding wins when both are so.
    """
    if outcome.holds:
        return True
    return previous and not outcome.clears


def fold_history(definition: Definition, *, series: Series, now: datetime, materiality: Materiality) -> dict[str, bool]:
    """Return which segments fire at `now`, derived from the windows alone.

    Equal to folding `firing` over the end of every window and then `now`. It
    looks backwards and stops at the newest moment that decides, so that the cost
    follows the distance to that moment and not the length of the history.
    """
    rule = compile_rule(definition)
    store = indexed(series)
    live = Moment(now.timestamp(), live=True, materiality=materiality)
    return {segment: _newest_decision(rule, store, segment, live) for segment in _segments(rule, store)}


def decisions(
    rule: "CompiledRule", *, series: Series, since: datetime, now: datetime, materiality: Materiality
) -> Iterator[tuple[Moment, list[Outcome]]]:
    """Yield what the rule says at every moment after `since` at which it can change, oldest first.

    The last moment is `now`, the only one that reads a filling window.
    """
    store = indexed(series)
    epochs = reversed(_deciding_epochs(rule, store, now.timestamp(), since=since.timestamp()))
    moments = [Moment(epoch, live=False, materiality=materiality) for epoch in epochs]
    moments.append(Moment(now.timestamp(), live=True, materiality=materiality))
    segments = _segments(rule, store)
    for moment in moments:
        yield (
            moment,
            [_outcome(rule.when, segment, rule.judge(store, segment, moment)) for segment in segments],
        )


def needs(definition: Definition) -> tuple[Need, ...]:
    """Return what to fetch, once per metric and width."""
    found: dict[tuple[str, Width], Need] = {}
    for test in comparisons(definition.when):
        key, need = (test.metric, test.over), _need(test, definition.clear)
        found[key] = found[key].joined(need) if key in found else need
    return tuple(found.values())


def _need(test: Test, clear: Clear) -> Need:
    windows = max(test.windows, clear.windows) + 2  # the current one, and one more to see the run's beginning
    earlier = {Gaps.BREAK: 0, Gaps.HOLD: windows, Gaps.BREACH: 1}[test.gaps]
    return Need(test.metric, test.over, test.per, windows, test.aggregate in PERCENTILES, earlier)


# ---- the compiled rule ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A condition as closures, with what every judgement looks up worked out once."""

    when: Condition
    judge: Judge
    tests: tuple[Test, ...]
    segmented: frozenset[tuple[str, Width]]


def compile_rule(definition: Definition) -> CompiledRule:
    """Return the compiled condition; equal conditions share one.

    Hashing a whole condition costs more than judging it, so a definition met before is known by its identity.
    """
    known = _MET.get(id(definition))
    if known is not None and known[0] is definition:
        return known[1]
    rule = _compiled(definition.when, definition.clear)
    if len(_MET) >= MOST_MET:
        _MET.clear()
    _MET[id(definition)] = (definition, rule)
    return rule


MOST_MET = 4096
_MET: dict[int, tuple[Definition, CompiledRule]] = {}
"""Compiled rules by the identity of their definition, which is kept so that no other can take its place."""


@lru_cache(maxsize=4096)
def _compiled(when: Condition, clear: Clear) -> CompiledRule:
    tests = comparisons(when)
    segmented = frozenset((t.metric, t.over) for t in tests if t.per is Per.SEGMENT)
    return CompiledRule(when, _compile_condition(when, clear), tests, segmented)


_WHOLE = (OVERALL,)


def _segments(rule: CompiledRule, store: Store) -> Sequence[str]:
    """Return the segments this rule is judged on, sorted; never empty."""
    if not rule.segmented:
        return _WHOLE
    found = {key.segment for key in store if (key.metric, key.width) in rule.segmented}
    return sorted(found) or _WHOLE


# ---- groups ---------------------------------------------------------------------


def _compile_condition(condition: Condition, clear: Clear) -> Judge:
    """Return a closure that returns the findings of every comparison, in order."""
    if isinstance(condition, Test):
        return compile_test(condition, clear)
    judges = [_compile_condition(part, clear) for part in condition.parts]

    def judge(store: Store, segment: str, moment: Moment) -> tuple[Finding, ...]:
        return tuple(finding for part in judges for finding in part(store, segment, moment))

    return judge


def _holds(condition: Condition, found: Iterator[Finding]) -> bool | None:
    """Return the three-valued answer; `found` yields the findings in the tests' order."""
    if isinstance(condition, Test):
        return next(found).holds
    answers = [_holds(part, found) for part in condition.parts]
    decisive = not isinstance(condition, AllOf)
    if decisive in answers:
        return decisive
    return None if None in answers else not decisive


def _clears(condition: Condition, found: Iterator[Finding]) -> bool:
    """`all` clears as soon as one part is good again, `any` once every part is."""
    if isinstance(condition, Test):
        return next(found).clears
    answers = [_clears(part, found) for part in condition.parts]
    return any(answers) if isinstance(condition, AllOf) else all(answers)


def _outcome(condition: Condition, segment: str, found: tuple[Finding, ...]) -> Outcome:
    if len(found) == 1:
        _, holds, clears, value, threshold, windows, consecutive, _ = found[0]
        return _new(Outcome, (holds, clears, segment, value, threshold, windows, consecutive, found))
    holds = _holds(condition, iter(found))
    deciding = next((finding for finding in found if finding.holds is holds), found[0])
    used = tuple(window for finding in found for window in finding.windows)
    clears = _clears(condition, iter(found))
    return Outcome(holds, clears, segment, deciding.value, deciding.threshold, used, deciding.consecutive, found)


def _newest_decision(rule: CompiledRule, store: Store, segment: str, live: Moment) -> bool:
    decision = _decision(rule, store, segment, live)
    if decision is not None:
        return decision
    for epoch in _deciding_epochs(rule, store, live.epoch):
        past = Moment(epoch, live=False, materiality=live.materiality)
        decision = _decision(rule, store, segment, past)
        if decision is not None:
            return decision
    return False


def _decision(rule: CompiledRule, store: Store, segment: str, moment: Moment) -> bool | None:
    """Return True where the rule holds, False where it clears, None where neither is so."""
    found = rule.judge(store, segment, moment)
    if _holds(rule.when, iter(found)):
        return True
    return False if _clears(rule.when, iter(found)) else None


def _deciding_epochs(rule: CompiledRule, store: Store, now: float, since: float = 0) -> list[int]:
    """Return the ends of windows after `since` and before `now` at which the answer can change to a
    decision, newest first. A gap decides something only when it counts as bad."""
    epochs: set[int] = set()
    for test in rule.tests:
        width = test.over.seconds
        newest, oldest = int(now // width), int(since // width)
        for key, slots in store.items():
            if key.metric != test.metric or key.width is not test.over or not slots:
                continue
            counts_gaps = test.gaps is Gaps.BREACH
            indexes = range(max(min(slots), oldest), newest) if counts_gaps else slots
            epochs.update((index + 1) * width for index in indexes if oldest <= index < newest)
    return sorted(epochs, reverse=True)


# ---- words ----------------------------------------------------------------------


def _explain(finding: Finding, segment: str) -> str:
    test = finding.test
    where = f" in segment {segment}" if segment and test.per is Per.SEGMENT else ""
    name = f"{label(test.metric)} ({test.aggregate.word} over {test.over.word}){where}"
    of = "" if test.aggregate is Aggregate.COUNT else test.metric  # a count of readings has no unit
    rule = f"{test.side.word} {measured(f'{finding.threshold:g}', of)}"
    if finding.doubt:
        return f"{name}: {finding.doubt}, cannot tell whether it is {rule}"
    value = "no reading" if finding.value is None else measured(f"{finding.value:g}", of)
    if finding.holds and finding.value is None:
        return f"{name} has no reading, which counts as {rule}, for {finding.consecutive} of {test.windows} windows"
    if finding.holds:
        return f"{name} is {value}, {rule} for {finding.consecutive} of {test.windows} windows"
    return f"{name} is {value}; {rule} for {finding.consecutive} of {test.windows} windows"
