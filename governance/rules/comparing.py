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
_new = tuple.__new__
"""Makes a named tuple of values in their order: half the cost of naming them, a million times a minute."""

type Run = tuple[int, float | None, tuple[Window, ...]]
type BadRun = Callable[[Slots, int, float], Run]
type GoodRun = Callable[[Slots, int, float, float | None], bool]


def compile_test(test: Test, clear: Clear) -> Judge:
    """Return the judge of one comparison, with everything fixed looked up once."""
    width, wanted, metric, over = test.over.seconds, test.windows, test.metric, test.over
    reads_current = wanted == 1 and (test.side, test.aggregate) not in _HEALS_WHILE_FILLING
    per_segment = test.per is Per.SEGMENT
    bad_run, good_run = _runs(test, clear)
    clear_threshold = clear.threshold or test.threshold
    limits = {grade: (test.threshold.at(grade), clear_threshold.at(grade)) for grade in Materiality}
    whole = SeriesKey(metric, OVERALL, over)

    def judge(store: Store, segment: str, moment: Moment) -> tuple[Finding, ...]:
        epoch, live, materiality = moment
        key = SeriesKey(metric, segment, over) if per_segment and segment else whole
        slots = store.get(key, _EMPTY)
        current = int(epoch // width)
        newest = current if reads_current and live and current in slots else current - 1
        limit, clear_limit = limits[materiality]
        try:
            run, value, used = bad_run(slots, newest, limit)
            holds = run >= wanted
            good = not holds and good_run(slots, current - 1, clear_limit, value if newest < current else None)
        except ReadingInvalid as problem:
            return (Finding(test, None, False, None, limit, (), 0, str(problem)),)
        if not holds and value is None:
            doubt = "no data in the newest window"  # of older ones it says nothing: how many were read varies
            return (Finding(test, None, good, None, limit, used, run, doubt),)
        return (_new(Finding, (test, holds, good, value, limit, used, run, "")),)

    return judge


def _runs(test: Test, clear: Clear) -> tuple[BadRun, GoodRun]:
    """Return how the comparison counts bad windows and how it finds good ones.

    Where a gap ends every run, as it does unless a rule says otherwise, nothing before it is looked for.
    """
    number = aggregator(test.aggregate)
    if test.gaps is Gaps.BREAK:
        sign = 1.0 if test.side is Side.ABOVE else -1.0
        return _unbroken_bad_run(test.windows, number, sign), _unbroken_good_run(clear.windows, number, sign)
    is_bad: IsBad = operator.gt if test.side is Side.ABOVE else operator.lt
    gaps, bad_wanted, good_wanted = test.gaps, test.windows, clear.windows
    return (
        lambda slots, newest, limit: _bad_run(slots, newest, bad_wanted, gaps, number, limit, is_bad),
        lambda slots, newest, limit, _: _good_run(slots, newest, good_wanted, gaps, number, limit, is_bad),
    )


def _unbroken_bad_run(wanted: int, number: Number, sign: float) -> BadRun:
    """Return `_bad_run` for gaps that end a run. `sign` turns the bad side up."""

    def bad_run(slots: Slots, newest: int, limit: float) -> Run:
        window = slots.get(newest)
        value = number(window) if window is not None else None
        if window is None or value is None:
            return 0, None, ()
        edge = sign * limit
        if sign * value <= edge:
            return 0, value, (window,)
        used, run = [window], 1
        while run < wanted:
            window = slots.get(newest - run)
            reading = number(window) if window is not None else None
            if window is None or reading is None:
                break
            used.append(window)
            if sign * reading <= edge:
                break
            run += 1
        return run, value, tuple(used)

    return bad_run


def _unbroken_good_run(wanted: int, number: Number, sign: float) -> GoodRun:
    """Return `_good_run` for gaps that end a run. `sign` turns the bad side up; `known` is the newest number."""

    def good_run(slots: Slots, newest: int, limit: float, known: float | None) -> bool:
        edge, index, oldest = sign * limit, newest, newest - wanted
        if known is not None:
            if sign * known > edge:
                return False
            index -= 1
        while index > oldest:
            window = slots.get(index)
            reading = number(window) if window is not None else None
            if reading is None or sign * reading > edge:
                return False
            index -= 1
        return True

    return good_run


def _bad_run(slots: Slots, newest: int, wanted: int, gaps: Gaps, number: Number, limit: float, is_bad: IsBad) -> Run:
    """Return the run of bad windows ending at `newest`, capped at `wanted`, the
    newest value, and the windows read for it, newest first, where a gap does not end it."""
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
        index = _before(slots, index) if gaps is Gaps.HOLD else index - 1
    return run, value, tuple(used)


def _good_run(slots: Slots, newest: int, wanted: int, gaps: Gaps, number: Number, limit: float, is_bad: IsBad) -> bool:
    """Tell whether the last `wanted` completed windows are all good, where a gap does not end a run."""
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
