"""What Meridian Mutual's models report, hour by hour: pure functions of the seed, the model and the moment.

Every value is a base level, a daily and weekly rhythm, a little noise and what the model's plot adds.
The same seed and moment always give the same number, so the live feed continues the loaded history.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import islice

from demo.story import ModelStory

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
EVENT_SIZE = 3_000
QUIET_FOR = timedelta(hours=26)
HELD_EVENTS = 37

CLASSIC = {
    "accuracy": 0.925,
    "auc": 0.915,
    "psi": 0.07,
    "null_rate": 0.008,
    "p95_latency_ms": 420.0,
    "error_rate": 0.003,
    "demographic_parity_ratio": 0.91,
    "cost_usd": 18.0,
}
LANGUAGE = {
    "groundedness": 0.935,
    "hallucination_rate": 0.014,
    "precision_at_5": 0.85,
    "toxicity_rate": 0.0009,
    "embedding_cosine_drift": 0.07,
    "p95_latency_ms": 1700.0,
    "cost_per_1k_requests_usd": 11.0,
    "cost_usd": 60.0,
}
RANKING = {
    "precision_at_5": 0.43,
    "recall": 0.93,
    "embedding_cosine_drift": 0.07,
    "p95_latency_ms": 190.0,
    "availability": 0.9996,
    "demographic_parity_ratio": 0.92,
    "cost_usd": 12.0,
}
PROFILES: Mapping[str, Mapping[str, float]] = {
    "LLM_APPLICATION": LANGUAGE,
    "RAG_APPLICATION": LANGUAGE,
    "FINE_TUNED_ADAPTER": LANGUAGE,
    "AGENT": LANGUAGE,
    "RECOMMENDER": RANKING,
}
DAILY_TOTALS = frozenset({"cost_usd"})
"""Metrics that are summed over a day: an hour reports its twenty-fourth part."""

HOURLY_ONLY = frozenset({"availability"})
"""Metrics whose rule takes a missing hour for a failure: reported every hour, however long ago."""

RATIOS = frozenset({"accuracy", "auc", "groundedness", "precision_at_5", "recall", "availability"})
NOISE = {"accuracy": 0.002, "auc": 0.002, "availability": 0.00005, "groundedness": 0.003, "recall": 0.003}
RHYTHM = {"p95_latency_ms": 0.06, "cost_usd": 0.12, "psi": 0.05}


@dataclass(frozen=True, slots=True)
class Point:
    """One number that a model reported."""

    model: str
    metric: str
    value: float
    at: datetime
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a plot sees it: how long before the present of the story, in days; negative is later."""

    days_ago: float

    def since(self, days: float) -> float:
        """Return how many days ago this began, as seen here: 0 before it began."""
        return max(0.0, days - self.days_ago)

    def within(self, first: float, last: float) -> bool:
        """Return whether this moment lies between so many days ago and so many."""
        return last <= self.days_ago <= first


Plot = Callable[[Moment, str, float], float]


def steady(_: Moment, __: str, base: float) -> float:
    """Nothing happens."""
    return base


def season(moment: Moment, metric: str, base: float) -> float:
    """Drift comes and goes with the season and stays within its limits."""
    if metric in ("psi", "embedding_cosine_drift"):
        return base + 0.03 * math.sin(moment.days_ago / 90 * 2 * math.pi)
    return base


def close(moment: Moment, metric: str, base: float) -> float:
    """Quality declines slowly and has come near the line."""
    worn = min(1.0, moment.since(40) / 38)
    lost = {"accuracy": 0.095, "auc": 0.12, "groundedness": 0.115, "precision_at_5": 0.03}.get(metric, 0.0)
    gains = {"hallucination_rate": 0.019, "psi": 0.04, "embedding_cosine_drift": 0.1, "cost_per_1k_requests_usd": 10.0}
    risen = gains.get(metric, 0.0)
    return base - lost * worn + risen * worn


def index_rebuild(moment: Moment, metric: str, base: float) -> float:
    """Retrieval broke 54 hours ago with the rebuild of the index, and answers lose their sources."""
    if moment.days_ago > 54 / 24:
        return base
    return {"precision_at_5": 0.585, "groundedness": 0.84, "hallucination_rate": 0.026}.get(metric, base)


def hallucinations(moment: Moment, metric: str, base: float) -> float:
    """Invented facts rise for a week, most of all in German."""
    risen = min(1.0, moment.since(7) / 6.5) ** 2
    if metric == "hallucination_rate":
        return base + 0.050 * risen
    return base - 0.1 * risen if metric == "groundedness" else base


def drift(moment: Moment, metric: str, base: float) -> float:
    """The mix of applicants has moved since a new sales channel opened, and accuracy follows."""
    moved = min(1.0, moment.since(30) / 28)
    change = {"psi": 0.16, "feature_drift_ks": 0.17, "accuracy": -0.075, "auc": -0.06}
    return base + change.get(metric, 0.0) * moved


def slow(moment: Moment, metric: str, base: float) -> float:
    """The speech service slows down under load since the last release."""
    if metric == "p95_latency_ms":
        return base + 3100 * min(1.0, moment.since(19) / 6)
    worn = min(1.0, moment.since(19) / 12)
    return base - {"accuracy": 0.088, "auc": 0.09}.get(metric, 0.0) * worn


def nulls(moment: Moment, metric: str, base: float) -> float:
    """A scanner leaves dates empty more often every week."""
    if metric == "null_rate":
        return base + 0.07 * min(1.0, moment.since(25) / 24)
    return close(moment, metric, base) if metric in ("accuracy", "auc") else base


def cost_spike(moment: Moment, metric: str, base: float) -> float:
    """A loop in a campaign tool spends a month's budget, and the drafts stay dearer."""
    if metric == "cost_usd" and moment.within(5.5, 4.2):
        return base * 6
    if metric == "cost_per_1k_requests_usd":
        return base + 15 * min(1.0, moment.since(5.5))
    return close(moment, metric, base) if metric != "precision_at_5" else base


def outage(moment: Moment, metric: str, base: float) -> float:
    """A data centre lost power three days ago for five hours."""
    if not moment.within(3.2, 3.0):
        return base
    return {"error_rate": 0.34, "p95_latency_ms": 1900.0}.get(metric, base)


def injection(moment: Moment, metric: str, base: float) -> float:
    """Brokers' e-mails carried instructions for the agent six days ago; the filter stops them now."""
    return 0.002 if metric == "prompt_injection_rate" and moment.within(6.2, 5.8) else base


PLOTS: Mapping[str, Plot] = {
    "steady": steady,
    "season": season,
    "close": close,
    "index_rebuild": index_rebuild,
    "hallucinations": hallucinations,
    "drift": drift,
    "slow": slow,
    "nulls": nulls,
    "cost_spike": cost_spike,
    "outage": outage,
    "injection": injection,
    "quiet": steady,
}
MORE: Mapping[str, Mapping[str, float]] = {
    "drift": {"feature_drift_ks": 0.09},
    "injection": {"prompt_injection_rate": 0.0004},
}
SEGMENTS: Mapping[str, Mapping[str, float]] = {"hallucinations": {"lang=de": 1.45, "lang=fr": 0.9}}
"""Segments of a plot's own metric, as a factor of the value without a segment."""
SEGMENTED = {"hallucinations": "hallucination_rate"}


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The reports of the company, seen from ``present``, the moment at which its story was loaded."""

    seed: int
    present: datetime

    def profile(self, model: ModelStory) -> dict[str, float]:
        """Return the model's metrics with their base levels, a little different for each model."""
        base = {**PROFILES.get(model.kind, CLASSIC), **MORE.get(model.plot, {})}
        return {metric: value * (1 + 0.01 * self._chance(model.slug, metric)) for metric, value in base.items()}

    def points(self, model: ModelStory, at: datetime, *, share: float = 1.0) -> list[Point]:
        """Return what the model reports at a moment. ``share`` is the part of a day that a total covers."""
        moment = Moment((self.present - at) / DAY)
        found = []
        for metric, base in self.profile(model).items():
            value = self._value(model, metric, base, moment, at)
            if metric in DAILY_TOTALS:
                value *= share
            found.append(Point(model.slug, metric, _tidy(metric, value), at))
            if SEGMENTED.get(model.plot) == metric:
                found += [
                    Point(model.slug, metric, _tidy(metric, value * factor), at, segment)
                    for segment, factor in SEGMENTS[model.plot].items()
                ]
        return found

    def hours_before(self, model: ModelStory, at: datetime) -> list[Point]:
        """Return the reports of the day before ``at`` that are made every hour."""
        profile = self.profile(model)
        found = []
        for metric in sorted(HOURLY_ONLY & profile.keys()):
            for hour in range(23, 0, -1):
                then = at - hour * HOUR
                moment = Moment((self.present - then) / DAY)
                value = self._value(model, metric, profile[metric], moment, then)
                found.append(Point(model.slug, metric, _tidy(metric, value), then))
        return found

    def _value(self, model: ModelStory, metric: str, base: float, moment: Moment, at: datetime) -> float:
        told = PLOTS[model.plot](moment, metric, base)
        rhythm = RHYTHM.get(metric, 0.0) * math.sin((at.hour - 8) / 24 * 2 * math.pi)
        weekend = -0.25 * RHYTHM.get(metric, 0.0) if at.weekday() > 4 else 0.0
        noise = NOISE.get(metric, 0.02) * self._chance(model.slug, metric, at.isoformat())
        return told * (1 + rhythm + weekend + noise)

    def _chance(self, *names: str) -> float:
        """Return a number between -1 and 1 that these names always have, most often near 0."""
        drawn = blake2b("|".join((str(self.seed), *names)).encode(), digest_size=8).digest()
        first, second = int.from_bytes(drawn[:4]), int.from_bytes(drawn[4:])
        return (first + second) / 2**32 - 1

    def moments(self, since: datetime, until: datetime, *, fine_from: datetime) -> Iterator[tuple[datetime, bool]]:
        """Yield the moments of reports after ``since`` in order, ``until`` included.

        There is one a day until ``fine_from`` and one an hour after it; the flag says which.
        """
        at = since
        while at < until:
            hourly = at >= fine_from
            at = min(until, at + (HOUR if hourly else DAY))
            yield at, hourly


def _tidy(metric: str, value: float) -> float:
    if metric in RATIOS:
        value = min(value, 1.0)
    return round(max(value, 0.0), 5)


# ---- bodies, as the platforms send them ----


def measurement_bodies(points: Iterable[Point], *, size: int = EVENT_SIZE) -> Iterator[bytes]:
    """Yield bodies of the bulk form with at most ``size`` readings each."""
    waiting = iter(points)
    while batch := list(islice(waiting, size)):
        yield _json({"measurements": [_measurement(point) for point in batch]})


def _measurement(point: Point) -> dict[str, object]:
    row: dict[str, object] = {
        "model": point.model,
        "metric": point.metric,
        "value": point.value,
        "observed_at": point.at.isoformat(),
    }
    return row | ({"segment": point.segment} if point.segment else {})


PLATFORM_MAPPING: Mapping[str, object] = {
    "mapping": 1,
    "items": "/results",
    "fields": {"model": "/subject/model", "observed_at": "/at", "segment": {"pointer": "/slice", "default": ""}},
    "values": [{"metric": "/name", "value": "/score"}],
}
"""How the company's own evaluation platform writes its results."""


def platform_bodies(points: Iterable[Point], *, size: int = EVENT_SIZE) -> Iterator[bytes]:
    """Yield bodies of the evaluation platform, read by ``PLATFORM_MAPPING``."""
    waiting = iter(points)
    while batch := list(islice(waiting, size)):
        results = [
            {
                "subject": {"model": point.model},
                "name": point.metric,
                "score": point.value,
                "at": point.at.isoformat(),
                **({"slice": point.segment} if point.segment else {}),
            }
            for point in batch
        ]
        yield _json({"run": batch[0].at.isoformat(), "results": results})


def arize_body(point: Point, *, renamed: bool = False) -> bytes:
    """Return a monitor alert of Arize; ``renamed`` is what it sent after its field got another name."""
    return _json(
        {
            "model_id": point.model,
            "monitor_name": f"{point.model} {point.metric}",
            "metric_name": point.metric,
            "metric_value_v2" if renamed else "metric_value": point.value,
            "severity": "info",
            "timestamp": point.at.isoformat(),
        }
    )


def alertmanager_body(points: Sequence[Point], *, alertname: str, until: datetime | None = None) -> bytes:
    """Return a delivery of Alertmanager that says the alert fires, or with ``until`` that it was resolved."""
    status = "firing" if until is None else "resolved"
    alerts = [
        {
            "status": status,
            "labels": {"alertname": alertname, "model": point.model, "severity": "page", "metric": point.metric},
            "annotations": {"value": f"{point.value:.5f}", "summary": f"{alertname} on {point.model}"},
            "startsAt": point.at.isoformat(),
            "endsAt": "0001-01-01T00:00:00Z" if until is None else until.isoformat(),
            "generatorURL": "http://prometheus.meridian.example/graph",
            "fingerprint": blake2b(f"{alertname}{point.model}".encode(), digest_size=8).hexdigest(),
        }
        for point in points
    ]
    return _json(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="{alertname}"}}',
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "redline",
            "groupLabels": {"alertname": alertname},
            "commonLabels": {"alertname": alertname},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.meridian.example",
            "alerts": alerts,
        }
    )


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
