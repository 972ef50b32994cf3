"""From the whole evidence of a risk to its state at one moment.

The state is a function of what is known, not of the order in which it became
known: late, repeated or batched evidence gives the same answer. A level rises at
once, fades slowly after its cause clears, and steps down one band at a time;
from High and Critical only after a person released it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from governance.risks.method import (
    BASELINE,
    DWELL_HOURS,
    Contribution,
    effective_score,
    explain,
    factor_score,
    level_of,
    require_points,
    strongest,
)
from governance.vocabulary import RiskLevel, rounded

HOLD = timedelta(hours=24)
HALF_LIFE = {
    RiskLevel.LOW: timedelta(hours=48),
    RiskLevel.MEDIUM: timedelta(hours=48),
    RiskLevel.HIGH: timedelta(hours=72),
    RiskLevel.CRITICAL: timedelta(hours=168),
}
CUTOFF_POINTS = 5.0
HYSTERESIS_POINTS = 5.0
HORIZON = timedelta(days=120)
"""How far ahead the next change is looked for; every decay has ended by then."""

SECOND = timedelta(seconds=1)
TICK = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, from `began_at` up to but without `ended_at` (None: still open)."""

    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A stretch of time in which one cause held at one strength.

    `cleared_at` is the first fresh healthy reading, None while it holds. `quiet`
    lists stretches without data after that: fading stands still in them.
    """

    cause: str
    points: float
    began_at: datetime
    cleared_at: datetime | None = None
    text: str = ""
    rule: str = ""
    evidence: str = ""
    quiet: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        require_points(self.points)
        if self.cleared_at is not None and self.cleared_at < self.began_at:
            raise ValueError(f"{self.cause} cleared before it began")


@dataclass(frozen=True, slots=True)
class Assessment:
    """People judged the residual risk, without live evidence, at `points`."""

    points: float
    at: datetime

    def __post_init__(self) -> None:
        require_points(self.points)


@dataclass(frozen=True, slots=True)
class Change:
    """The level moved, or will move if nothing else happens."""

    at: datetime
    before: RiskLevel
    after: RiskLevel


@dataclass(frozen=True, slots=True)
class FactorState:
    """A risk at one moment: score F, held level, effective score E and why."""

    score: float
    level: RiskLevel
    effective: float
    contributions: tuple[Contribution, ...]
    explanation: str
    since: datetime
    changes: tuple[Change, ...]
    next_change: Change | None
    awaits_release: bool


@dataclass(frozen=True, slots=True)
class _Evidence:
    assessments: tuple[Assessment, ...]
    conditions: tuple[Condition, ...]
    releases: frozenset[datetime]


@dataclass(slots=True)
class _Walk:
    """Where the held level stands while time is walked through."""

    level: RiskLevel
    since: datetime
    calm_since: datetime | None = None
    released_at: datetime | None = None

    def move(self, *, to: RiskLevel, at: datetime) -> Change:
        change = Change(at, before=self.level, after=to)
        self.level, self.since, self.calm_since, self.released_at = to, at, None, None
        return change


def decayed(points: float, *, since_clear: timedelta) -> float:
    """Return what is left of cleared points: a day's hold, then the half-life of their band.

    Below 5 points nothing is left.
    """
    over = max(since_clear - HOLD, timedelta())
    left = points * 2 ** -(over / HALF_LIFE[level_of(points)])
    return left if not over or left >= CUTOFF_POINTS else 0.0


def fold(
    *,
    assessments: Iterable[Assessment],
    conditions: Iterable[Condition],
    releases: Iterable[datetime],
    now: datetime,
) -> FactorState:
    """Return the state of a risk at `now` from everything known about it.

    Evidence after `now` is not looked at. Arguments are sets: order and exact
    repeats do not matter. A new assessment releases too.
    """
    evidence = _known_at(now, assessments, conditions, releases)
    walk, past, last = _walk(evidence, until=now)
    ahead = _settle(replace(walk), evidence, last, now + HORIZON)
    live = tuple(strongest(_contributions(evidence, now)))
    score = factor_score(live)
    due = _step_due(walk)
    return FactorState(
        score=rounded(score),
        level=walk.level,
        effective=rounded(effective_score(score, held=walk.level)),
        contributions=live,
        explanation=explain(live, held=walk.level),
        since=walk.since,
        changes=tuple(past),
        next_change=next(iter(ahead), None),
        awaits_release=due is not None and due <= now and not _is_released(walk),
    )


def _known_at(
    now: datetime,
    assessments: Iterable[Assessment],
    conditions: Iterable[Condition],
    releases: Iterable[datetime],
) -> _Evidence:
    return _Evidence(
        tuple(sorted({one for one in assessments if one.at <= now}, key=lambda one: one.at)),
        tuple({_as_known(one, now) for one in conditions if one.began_at <= now}),
        frozenset(at for at in releases if at <= now),
    )


def _as_known(condition: Condition, now: datetime) -> Condition:
    """Return the condition without what lies after `now`."""
    quiet = tuple(Span(span.began_at, _past(span.ended_at, now)) for span in condition.quiet if span.began_at <= now)
    return replace(condition, cleared_at=_past(condition.cleared_at, now), quiet=quiet)


def _past(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def _walk(evidence: _Evidence, *, until: datetime) -> tuple[_Walk, list[Change], datetime]:
    """Walk from the first evidence to `until`: the end, the moves, the last moment."""
    moments = _moments(evidence, until)
    walk = _Walk(level=level_of(_baseline(evidence, moments[0])), since=moments[0])
    changes: list[Change] = []
    for start, end in zip(moments, [*moments[1:], until + TICK], strict=True):
        changes += _arrive(walk, evidence, start)
        changes += _settle(walk, evidence, start, end)
    return walk, changes, moments[-1]


def _moments(evidence: _Evidence, until: datetime) -> list[datetime]:
    """Return the times at which the score may jump or a person acts.

    Between two of them it only fades, which is what makes a search possible.
    """
    found = {one.at for one in evidence.assessments} | evidence.releases
    for one in evidence.conditions:
        found.add(one.began_at)
        found.update(_edges(one))
    return sorted(at for at in found if at <= until) or [until]


def _edges(condition: Condition) -> list[datetime]:
    edges = [condition.cleared_at, *(span.began_at for span in condition.quiet)]
    edges += [span.ended_at for span in condition.quiet]
    return [at for at in edges if at is not None]


def _arrive(walk: _Walk, evidence: _Evidence, at: datetime) -> list[Change]:
    """Apply what happens at one of the moments: a rise, a return of unrest, a release."""
    reached = level_of(_score(evidence, at))
    if reached > walk.level:
        return [walk.move(to=reached, at=at)]
    if not _is_calm(walk.level, evidence, at):
        walk.calm_since = None
    if level_of(_held_score(evidence, at)) >= walk.level:
        walk.released_at = None
    elif at in evidence.releases or any(one.at == at for one in evidence.assessments):
        walk.released_at = at
    return []


def _settle(walk: _Walk, evidence: _Evidence, start: datetime, end: datetime) -> list[Change]:
    """Step down as often as calm, dwell and release allow before `end`."""
    changes: list[Change] = []
    alive = replace(evidence, conditions=_alive(evidence, start))
    while walk.level > RiskLevel.LOW:
        if walk.calm_since is None:
            is_calm = partial(_is_calm, walk.level, alive)
            walk.calm_since = _first_second(is_calm, max(start, walk.since), end)
        due = _step_due(walk)
        if due is None or not _is_released(walk):
            break
        due = max(due, walk.released_at or due)
        if due >= end:
            break
        changes.append(walk.move(to=list(RiskLevel)[walk.level.order - 1], at=due))
    return changes


def _alive(evidence: _Evidence, at: datetime) -> tuple[Condition, ...]:
    return tuple(one for one in evidence.conditions if _points(one, at))


def _step_due(walk: _Walk) -> datetime | None:
    if walk.calm_since is None or walk.level is RiskLevel.LOW:
        return None
    return max(walk.calm_since, walk.since) + timedelta(hours=DWELL_HOURS[walk.level])


def _is_released(walk: _Walk) -> bool:
    return walk.level < RiskLevel.HIGH or walk.released_at is not None


def _is_calm(level: RiskLevel, evidence: _Evidence, at: datetime) -> bool:
    """Return whether the score is far enough below the level's entry to leave it."""
    live = _contributions(evidence, at)
    score = rounded(factor_score(live))
    if score <= level.entry_points - HYSTERESIS_POINTS:
        return True
    return level_of(score) < level and all(one.cause == BASELINE for one in live)


def _first_second(holds: Callable[[datetime], bool], start: datetime, end: datetime) -> datetime | None:
    """Return the first whole second after `start`, before `end`, at which it holds.

    Once it holds it must go on holding up to `end`. Whole seconds from `start` keep the answer
    the same whatever the `end` of the search.
    """
    low, high = 0, -(-(end - start) // SECOND)
    if high <= 0 or not holds(end - TICK):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(start + middle * SECOND) else (middle + 1, high)
    found = start + low * SECOND
    return found if found < end else None


def _score(evidence: _Evidence, at: datetime) -> float:
    return factor_score(_contributions(evidence, at))


def _held_score(evidence: _Evidence, at: datetime) -> float:
    """Return the score of the baseline and of the conditions that hold at this moment."""
    holding = [
        Contribution(one.cause, one.points)
        for one in evidence.conditions
        if one.began_at <= at and (one.cleared_at is None or at < one.cleared_at)
    ]
    return factor_score([*holding, Contribution(BASELINE, _baseline(evidence, at))])


def _contributions(evidence: _Evidence, at: datetime) -> list[Contribution]:
    found = [Contribution(BASELINE, _baseline(evidence, at))]
    for one in evidence.conditions:
        points = _points(one, at)
        if points:
            peak = None if points == one.points else one.points
            found.append(Contribution(one.cause, points, one.text, one.rule, one.evidence, peak))
    return found


def _baseline(evidence: _Evidence, at: datetime) -> float:
    """Return the latest assessment's points (the worse of two at once), 0 before any."""
    known = [one for one in evidence.assessments if one.at <= at]
    return max((one.points for one in known if one.at == known[-1].at), default=0.0)


def _points(condition: Condition, at: datetime) -> float:
    if at < condition.began_at:
        return 0.0
    if condition.cleared_at is None or at < condition.cleared_at:
        return condition.points
    since_clear = at - condition.cleared_at - _silence(condition.quiet, condition.cleared_at, at)
    return decayed(condition.points, since_clear=since_clear)


def _silence(spans: Sequence[Span], start: datetime, end: datetime) -> timedelta:
    """Return how long it was quiet between two moments; overlapping spans count once."""
    total, reached = timedelta(), start
    for span in sorted(spans, key=lambda one: one.began_at):
        begin, finish = max(span.began_at, reached), min(span.ended_at or end, end)
        if finish > begin:
            total, reached = total + (finish - begin), finish
    return total
