"""When a rule fired and when it stopped, derived from windows alone.

An episode begins at the start of the window that made the rule hold and ends at the end of the
window that cleared it, so that the answer is the same whether evidence came early, late or twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from governance.rules.comparing import Moment
from governance.rules.conditions import Outcome, Series, compile_rule, decisions
from governance.rules.definition import Definition, comparisons
from governance.rules.effects import contribution
from governance.vocabulary import Materiality


@dataclass(frozen=True, slots=True)
class Step:
    """From ``at`` on the rule contributed ``points`` (0–100) because it read ``value``."""

    at: datetime
    points: float
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Firing:
    """One stretch of firing. ``steps`` ascend in time and in points; ``cleared_at`` None: still firing."""

    steps: tuple[Step, ...]
    cleared_at: datetime | None = None

    @property
    def began_at(self) -> datetime:
        """The start of the first window that made the rule hold."""
        return self.steps[0].at

    @property
    def points(self) -> float:
        """The most it contributed."""
        return self.steps[-1].points


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of one segment now, and its episodes since the moment asked about."""

    outcome: Outcome
    episodes: tuple[Firing, ...]

    @property
    def open(self) -> Firing | None:
        """The episode that goes on now, if any."""
        last = self.episodes[-1] if self.episodes else None
        return last if last and last.cleared_at is None else None


def floor_of(at: datetime, *, definition: Definition) -> datetime:
    """Return the latest moment at or before ``at`` at which every window of the rule begins."""
    width = max(test.over.seconds for test in comparisons(definition.when))
    return datetime.fromtimestamp(at.timestamp() // width * width, UTC)


def judge(
    definition: Definition,
    *,
    series: Series,
    since: datetime,
    now: datetime,
    materiality: Materiality,
    earlier: Mapping[str, Firing],
) -> dict[str, Judgement]:
    """Return the judgement of every segment.

    ``since`` must be a ``floor_of`` moment; ``earlier`` holds, per segment, the episode that was open
    there, cut to the steps before it. The returned episodes are that one, continued, and all later ones.
    """
    rule = compile_rule(definition)
    narrowest = min(test.over.seconds for test in comparisons(definition.when))
    open_: dict[str, Firing | None] = dict(earlier)
    closed: dict[str, list[Firing]] = {}
    latest: dict[str, Outcome] = {}
    for moment, outcomes in decisions(rule, series=series, since=since, now=now, materiality=materiality):
        begins = _window_start(moment, narrowest)
        for outcome in outcomes:
            latest[outcome.segment] = outcome
            firing = _advance(open_.get(outcome.segment), outcome, definition, begins)
            ends = begins if moment.live else datetime.fromtimestamp(moment.epoch, UTC)
            if firing and outcome.clears and not outcome.holds:
                closed.setdefault(outcome.segment, []).append(replace(firing, cleared_at=ends))
                firing = None
            open_[outcome.segment] = firing
    return {
        segment: Judgement(outcome, _with_open(closed.get(segment, ()), open_.get(segment)))
        for segment, outcome in latest.items()
    }


def _window_start(moment: Moment, width: int) -> datetime:
    """Return the start of the narrowest window that ``moment`` looks at."""
    last = moment.epoch // width * width if moment.live else moment.epoch - width
    return datetime.fromtimestamp(last, UTC)


def _advance(firing: Firing | None, outcome: Outcome, definition: Definition, at: datetime) -> Firing | None:
    """Open an episode, add a step that is worse than the last one, or leave it as it is."""
    if not outcome.holds:
        return firing
    points = contribution(definition.then.effect, value=outcome.value)
    step = Step(at, points, outcome.value, outcome.explanation)
    if firing is None:
        return Firing((step,))
    return replace(firing, steps=(*firing.steps, step)) if points > firing.points else firing


def _with_open(closed: Iterable[Firing], last: Firing | None) -> tuple[Firing, ...]:
    return (*closed, last) if last else tuple(closed)
