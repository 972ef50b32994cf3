"""One comparison of a rule against the windows of one series, compiled to a closure."""

import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple

from governance.rules.definition import Aggregate, Clear, Gaps, Per, Side, Test
from governance.rules.windows import ReadingInvalid, SeriesKey, Slots, Window, aggregator
from governance.vocabulary import Materiality

OVERALL = ""


class Finding(NamedTuple):
    """What one comparison found."""

    test: Test
    holds: bool | None
    clears: bool
    value: float | None
    threshold: float
    windows: tuple[Window, ...]
    consecutive: int
    doubt: str = ""


type Store = Mapping[SeriesKey, Slots]
type Number = Callable[[Window], float | None]
type IsBad = Callable[[float, float], bool]


class Moment(NamedTuple):
    """When and for whom to judge. `live` lets a filling window be read."""

    epoch: float
    live: bool
    materiality: Materiality


type Judge = Callable[[Store, str, Moment], tuple[Finding, ...]]

_HEALS_WHILE_FILLING = {
    (Side.BELOW, Aggregate.SUM),
    (Side.BELOW, Aggregate.COUNT),
    (Side.BELOW, Aggregate.MAX),
    (Side.ABOVE, Aggregate.MIN),
}
_EMPTY: Slots = {}


def compile_test(test: Test, clear: Clear) -> Judge:
    """Return the judge of one comparison, with everything fixed looked up once."""
    width, wanted, gaps = test.over.seconds, test.windows, test.gaps
    reads_current = wanted == 1 and (test.side, test.aggregate) not in _HEALS_WHILE_FILLING
    per_segment = test.per is Per.SEGMENT
    number = aggregator(test.aggregate)
    is_bad: IsBad = operator.gt if test.side is Side.ABOVE else operator.lt
    limits = {grade: test.threshold.at(grade) for grade in Materiality}
    clear_limits = {grade: (clear.threshold or test.threshold).at(grade) for grade in Materiality}
    keys: dict[str, SeriesKey] = {}

    def judge(store: Store, segment: str, moment: Moment) -> tuple[Finding, ...]:
        epoch, live, materiality = moment
        name = segment if per_segment else OVERALL
        key = keys.get(name) or keys.setdefault(name, SeriesKey(test.metric, name, test.over))
        slots = store.get(key, _EMPTY)
        current = int(epoch // width)
        newest = current if reads_current and live and current in slots else current - 1
        limit = limits[materiality]
        try:
            run, value, used = _bad_run(slots, newest, wanted, gaps, number, limit, is_bad)
            holds = run >= wanted
            good = not holds and _good_run(
                slots, current - 1, clear.windows, gaps, number, clear_limits[materiality], is_bad
            )
        except ReadingInvalid as problem:
            return (Finding(test, None, False, None, limit, (), 0, str(problem)),)
        if not holds and value is None:
            doubt = "no data in the newest window"  # of older ones it says nothing: how many were read varies
            return (Finding(test, None, good, None, limit, used, run, doubt),)
        return (Finding(test, holds, good, value, limit, used, run),)

    return judge


def _bad_run(
    slots: Slots, newest: int, wanted: int, gaps: Gaps, number: Number, limit: float, is_bad: IsBad
) -> tuple[int, float | None, tuple[Window, ...]]:
    """Return the run of bad windows ending at `newest`, capped at `wanted`, the
    newest value, and the windows read for it, newest first."""
    run, value, used = 0, None, []
    index = newest
    while run < wanted:
        window = slots.get(index)
        reading = number(window) if window is not None else None
        if window is not None and reading is not None:
            used.append(window)
            value = reading if value is None else value
            if not is_bad(reading, limit):
                break
            run += 1
        elif window is None and (not slots or index < min(slots)):
            break  # before the series began
        elif gaps is Gaps.BREACH:
            run += 1
        elif gaps is Gaps.BREAK:
            break
        index = _before(slots, index) if gaps is Gaps.HOLD else index - 1
    return run, value, tuple(used)


def _good_run(slots: Slots, newest: int, wanted: int, gaps: Gaps, number: Number, limit: float, is_bad: IsBad) -> bool:
    """Tell whether the last `wanted` completed windows are all good."""
    holds = gaps is Gaps.HOLD
    if holds and newest not in slots:
        newest = _before(slots, newest)
    good, index = 0, newest
    while good < wanted:
        window = slots.get(index)
        if window is None and (not slots or index < min(slots)):
            break
        reading = number(window) if window is not None else None
        if reading is None:
            if not holds:
                return False
        elif is_bad(reading, limit):
            return False
        else:
            good += 1
        index = _before(slots, index) if holds else index - 1
    return good >= wanted


def _before(slots: Slots, index: int) -> int:
    """Return the nearest earlier window with a row: a long gap costs one step."""
    if index - 1 in slots:
        return index - 1
    return max((place for place in slots if place < index), default=-1)
