"""The first sentence of a model's page, made by rule from the score (UX 4.2)."""

from dataclasses import dataclass
from datetime import timedelta

from governance.health.composite import Health
from governance.vocabulary import rounded


@dataclass(frozen=True, slots=True)
class Earlier:
    """The score some time ago, for "it fell 32 points in 9 days"."""

    score: float
    ago: timedelta


def summary(health: Health, *, redline: float, earlier: Earlier | None = None, event: str | None = None) -> str:
    """Return what a person reads first.

    "Health is 52, 23 past its redline. It fell 32 points in 9 days. Precision took
    21 of the 48 points lost, and began to fall when the index was rebuilt."
    `event` is what happened within 24 hours of the change, if anything did.
    """
    sentences = [_standing(health.score, redline)]
    if earlier is not None:
        sentences.append(_movement(health.score, earlier))
    if health.where_the_points_went:
        sentences.append(_taker(health, event))
    if health.coverage < 0.8:
        sentences.append(f"Only {health.coverage:.0%} of it is measured freshly.")
    return " ".join(sentences)


def words(key: str) -> str:
    """Return a component's key as people read it."""
    return key.replace("_", " ").replace("-", " ")


def _standing(score: float, redline: float) -> str:
    gap = rounded(abs(score - redline))
    if score < redline:
        return f"Health is {score:g}, {gap:g} past its redline."
    return f"Health is {score:g}, with {gap:g} points of room."


def _movement(score: float, earlier: Earlier) -> str:
    change = rounded(abs(score - earlier.score))
    if not change:
        return f"It is where it was {_span(earlier.ago)} ago."
    verb = "fell" if score < earlier.score else "rose"
    return f"It {verb} {change:g} point{'' if change == 1 else 's'} in {_span(earlier.ago)}."


def _taker(health: Health, event: str | None) -> str:
    worst = health.where_the_points_went[0]
    name = words(worst.component.key).capitalize()
    since = f", and began to fall when {event}" if event else ""
    return f"{name} took {worst.lost:g} of the {rounded(100 - health.score):g} points lost{since}."


def _span(ago: timedelta) -> str:
    hours = round(ago / timedelta(hours=1))
    count, unit = (round(hours / 24), "day") if hours >= 48 else (hours, "hour")
    return f"{count} {unit}{'' if count == 1 else 's'}"
