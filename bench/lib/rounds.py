"""Interleaved rounds: every thing measured takes its turn in each round, so that noise falls on all alike."""

import json
import math
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / "results"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "3"))
FULL = os.environ.get("FULL") == "1"


@dataclass(frozen=True)
class Series:
    """What was measured of one thing, a value a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def error(self) -> float:
        """How far the mean of more rounds like these may lie from that of these, with 95 % confidence."""
        if len(self.values) < 2:
            return math.inf
        return 1.96 * statistics.stdev(self.values) / math.sqrt(len(self.values))

    def __str__(self) -> str:
        return f"{self.median:,.4g} [{min(self.values):,.4g} … {max(self.values):,.4g}]"

    def over(self, other: "Series") -> "Series":
        """Return the ratio of each round to the same round of another."""
        return Series(tuple(ours / theirs for ours, theirs in zip(self.values, other.values, strict=True)))


@dataclass
class Report:
    """Prints each line of a benchmark and keeps it in `bench/results/<name>.jsonl`."""

    name: str
    goals_met: list[bool] = field(default_factory=list)

    def line(self, what: str, series: Series, unit: str, **more: object) -> None:
        """Tell one series."""
        print(f"{self.name:8} {what:62} {series!s:>34} {unit} {_told(more)}", flush=True)
        self._keep({"what": what, "unit": unit, "median": series.median, "values": series.values, **more})

    def goal(
        self,
        goal: str,
        what: str,
        series: Series,
        *,
        least: float | None = None,
        most: float | None = None,
        error: float | None = None,
    ) -> None:
        """Tell a series that a goal limits, and whether its median keeps the limit; ``error`` is told beside it."""
        limit = f"≥ {least}" if least is not None else f"≤ {most}"
        met = series.median >= least if least is not None else series.median <= (most or 0)
        self.goals_met.append(met)
        beside = "" if error is None else f"± {error:.2g} "
        print(f"{goal:8} {what:62} {series!s:>34} {beside}{limit}  {'met' if met else 'NOT MET'}", flush=True)
        found = {
            "goal": goal,
            "what": what,
            "limit": limit,
            "median": series.median,
            "values": series.values,
            "met": met,
        }
        self._keep(found if error is None else {**found, "error": error})

    def _keep(self, found: Mapping[str, object]) -> None:
        RESULTS.mkdir(exist_ok=True)
        stamp = {"bench": self.name, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        with (RESULTS / f"{self.name}.jsonl").open("a") as file:
            file.write(json.dumps({**stamp, **found}) + "\n")


def interleave[T](cases: Mapping[str, Callable[[], T]], *, rounds: int = ROUNDS) -> dict[str, list[T]]:
    """Run every case once a round, in turn and then in the opposite order, and return what each gave."""
    found: dict[str, list[T]] = {name: [] for name in cases}
    for number in range(rounds):
        for name in list(cases) if number % 2 == 0 else list(reversed(cases)):
            found[name].append(cases[name]())
    return found


def timed(work: Callable[[], object], *, times: int = 1) -> float:
    """Return the seconds that one call takes, as the average of ``times`` calls."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _told(more: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in more.items())
