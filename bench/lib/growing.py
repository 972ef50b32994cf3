"""Growth exponents: how what is asked grows with what is kept, the slope of log time over log size.

The sizes cannot take turns, because history only grows. So each time is divided by that of a yardstick that reads
nothing that grows and is measured in the same round: a machine that is busier at one size slows both. Each round gives
an exponent of its own; beside their median stands its error.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.lib.rounds import ROUNDS, Report, Series, timed

TIMES = 10
YARDSTICK = "a page that asks the database for nothing that grows"

type Works = Mapping[str, Callable[[], Any]]


def pages(client: Any) -> Callable[..., Callable[[], None]]:
    """Return what makes work of an address: to ask for it and insist on 200."""

    def page(path: str, **headers: str) -> Callable[[], None]:
        def get() -> None:
            response = client.get(path, headers=headers)
            if response.status_code != 200:
                raise RuntimeError(f"{path} answers {response.status_code}: {response.content[:200]!r}")

        return get

    return page


def growth(
    report: Report,
    works: Works,
    *,
    sizes: Sequence[int],
    grow: Callable[[int], object],
    noun: str,
    most: Callable[[str], float] = lambda _: 0.05,
) -> None:
    """Measure every work at every size, grown to in turn, and tell times and exponents; ``noun`` is what grows."""
    taken: dict[str, list[list[float]]] = {name: [] for name in works if name != YARDSTICK}
    for size in sizes:
        grow(size)
        for work in works.values():
            work()
        for name in taken:
            taken[name].append([])
        for _ in range(ROUNDS):
            for name, by_size in taken.items():
                stick = timed(works[YARDSTICK], times=TIMES)
                by_size[-1].append(timed(works[name], times=TIMES) / stick)
    for name, by_size in taken.items():
        for size, values in zip(sizes, by_size, strict=True):
            report.line(f"{name}, {size:,} {noun}", Series(tuple(values)), "yardsticks")
        slopes = Series(tuple(slope(sizes, turn) for turn in zip(*by_size, strict=True)))
        report.goal("G9", f"growth exponent: {name}", slopes, most=most(name), error=slopes.error)


def slope(sizes: Sequence[int], taken: Sequence[float]) -> float:
    """Return the least-squares slope of log time over log size."""
    across, up = [math.log(size) for size in sizes], [math.log(one) for one in taken]
    return statistics.linear_regression(across, up).slope
