"""What the page of a model says about its health: the sentence, the chart, where the points went, the segments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString

from governance.dashboards.bars import Loss, lost_bar, mini_bar
from governance.dashboards.timechart import Event, Point, health_chart
from governance.health.composite import Health, Part, Reading
from governance.health.models import HealthScore
from governance.health.scoring import formula_of
from governance.health.sentence import Earlier, summary
from models_registry.telemetry.metrics import canonical_unit

MOST_MARKS = 6
"""Of what happened while a chart ran, the newest so many are marked."""
EVERY_SCORE_UP_TO = timedelta(days=7)
"""A longer chart draws the last score of each hour."""


@dataclass(frozen=True)
class Component:
    """One component of a health score as the table shows it."""

    name: str
    metric: str
    weight: float
    value: float | None
    unit: str
    score: float | None
    lost: float
    fresh: bool
    observed_at: datetime | None
    zero_at: float
    hundred_at: float
    bar: SafeString


def sentence(score: HealthScore | None, at: datetime) -> str:
    if score is None:
        return "No health formula covers this model yet, so its health is not scored."
    if score.score is None:
        return "Nothing that the health formula asks for was ever measured."
    return summary(_health(score, at), redline=score.redline, earlier=_earlier(score, at))


def _health(score: HealthScore, at: datetime) -> Health:
    """Return the stored score in the shape the sentence is made from."""
    known = {one.key: one for one in formula_of(score.formula_version.text).components}
    parts = tuple(
        Part(
            component=known[part["name"]],
            reading=None
            if part["value"] is None
            else Reading(part["value"], datetime.fromisoformat(part["observed_at"])),
            score=part["score"],
            weight=part["weight"],
            lost=part["lost"],
            fresh=part["fresh"],
        )
        for part in score.components
        if part["name"] in known
    )
    return Health(score=score.score or 0.0, coverage=score.coverage, parts=parts, observed_at=at)


def _earlier(score: HealthScore, at: datetime) -> Earlier | None:
    """Return the highest score of the last 30 days, from which the present one fell, if it is another."""
    rows = HealthScore.objects.filter(model_id=score.model_id, score__isnull=False, scored_at__lt=score.scored_at)
    best = rows.filter(scored_at__gte=at - timedelta(days=30)).order_by("-score", "-scored_at").first()
    if best is None or best.score is None or best.score == score.score:
        return None
    return Earlier(score=best.score, ago=at - best.scored_at)


def components(score: HealthScore | None) -> list[Component]:
    parts = sorted(score.components if score else [], key=lambda part: -part["lost"])
    largest = max((part["lost"] for part in parts), default=0.0)
    whole = sum(part["weight"] for part in parts) or 1.0
    return [
        Component(
            name=plain(part["name"]),
            metric=part["metric"],
            weight=part["weight"] / whole,
            value=part["value"],
            unit=canonical_unit(part["metric"]),
            score=part["score"],
            lost=part["lost"],
            fresh=part["fresh"],
            observed_at=datetime.fromisoformat(part["observed_at"]) if part["observed_at"] else None,
            zero_at=part["zero_at"],
            hundred_at=part["hundred_at"],
            bar=mini_bar(part["lost"], largest, worst=part["lost"] == largest > 0),
        )
        for part in parts
    ]


def points_bar(score: HealthScore | None) -> SafeString | str:
    if score is None or score.score is None:
        return ""
    parts = sorted(score.components, key=lambda part: -part["lost"])
    losses = [Loss(plain(part["name"]), part["lost"]) for part in parts if part["lost"] > 0]
    return lost_bar(losses, kept=score.score, redline=score.redline)


def segments(score: HealthScore | None) -> dict[str, Any] | None:
    """Return the heat table: one row a segment, worst first, one column a component that some segment measures."""
    if score is None or not score.segments:
        return None
    measured = {name for one in score.segments for name, value in one["parts"].items() if value is not None}
    names = [part["name"] for part in score.components if part["name"] in measured]
    rows = [
        {"name": one["name"], "cells": [_cell(one["score"]), *(_cell(one["parts"].get(name)) for name in names)]}
        for one in sorted(score.segments, key=lambda one: (one["score"], one["name"]))
    ]
    return {"columns": ["All", *(plain(name) for name in names)], "rows": rows}


def _cell(value: float | None) -> dict[str, Any]:
    """Return one cell with its tint: the lower the score, the darker."""
    if value is None:
        return {"value": None, "tint": ""}
    tint = "low" if value >= 75 else "medium" if value >= 60 else "high" if value >= 40 else "critical"
    return {"value": value, "tint": tint}


def chart(
    latest: HealthScore | None, *, model_id: int, since: datetime, at: datetime, events: Sequence[Event]
) -> SafeString | str:
    """Draw health from ``since`` to ``at`` with its redline and what happened meanwhile; empty without a score."""
    if latest is None:
        return ""
    rows = HealthScore.objects.filter(model_id=model_id, scored_at__gt=since, scored_at__lte=at)
    if at - since > EVERY_SCORE_UP_TO:
        hours = ("scored_at__date", "scored_at__hour")
        rows = rows.order_by(*hours, "-scored_at", "-id").distinct(*hours)
    else:
        rows = rows.order_by("scored_at", "id")
    points = [Point(when, value) for when, value in rows.values_list("scored_at", "score")]
    drawn = [*(points or [Point(since, latest.score)]), Point(at, latest.score)]
    return health_chart(key="health", points=drawn, redline=latest.redline, events=marks(events, drawn[0].at))


def marks(events: Sequence[Event], since: datetime) -> list[Event]:
    """Return the newest events from ``since`` on, oldest first, each with its day."""
    found = sorted((one for one in events if one.at >= since), key=lambda one: one.at)[-MOST_MARKS:]
    return [Event(one.at, f"{one.label}, {one.at.day} {one.at:%b}") for one in found]


def plain(name: str) -> str:
    """Return a name of a file as people read it."""
    return name.replace("_", " ").replace("-", " ").capitalize()
