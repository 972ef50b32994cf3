"""What a platform holds from before its sweeps began: how far back it is wanted, and how far back it was read.

It is read newest first, list by list (a project each, or one for all), after the news of each sweep. The cursor holds
under `before`, by list, the moment that it was read back to and how many were read, so that it goes on from there.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models_registry.telemetry.pollers.reading import moment_told
from models_registry.telemetry.pollers.shapes import Field

NAME: Final = "before_days"
PLACE: Final = "before"
USUAL_DAYS: Final = 90
MOST_DAYS: Final = 3_650
FIELD: Final = Field(
    NAME,
    "Days of earlier runs",
    f"Runs of so many days before the sweeps began are read as well, {USUAL_DAYS} when left empty, 0 for none. The "
    "newest come first, with the requests that the day has to spare.",
    required=False,
    initial=str(USUAL_DAYS),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far back it was read: from ``begun`` to ``back_to``, of what is wanted since ``wanted_since``."""

    begun: dt.datetime
    wanted_since: dt.datetime
    back_to: dt.datetime
    count: int

    @property
    def is_over(self) -> bool:
        """Whether all that is wanted was read."""
        return self.back_to <= self.wanted_since

    @property
    def percent(self) -> int:
        """How much of the time that is wanted was read, 0 to 100."""
        share = (self.begun - self.back_to) / (self.begun - self.wanted_since)
        return max(0, min(100, int(100 * share)))


def faults(config: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the field."""
    text = config.get(NAME) or str(USUAL_DAYS)
    if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= MOST_DAYS:
        return {}
    return {NAME: f"A whole number of days from 0 to {MOST_DAYS:,}."}


def wanted_since(config: Mapping[str, str], begun: dt.datetime) -> dt.datetime:
    """Return since when it is wanted. Settings from before there was such a field want nothing."""
    days = config.get(NAME, "0") or str(USUAL_DAYS)
    return begun - dt.timedelta(days=int(days))


def reached(place: Mapping[str, Any], name: str, *, config: Mapping[str, str], begun: dt.datetime) -> Progress:
    """Return how far back one list was read, by the cursor."""
    held = place.get(PLACE, {}).get(name)
    back_to = moment_told(held["back_to"], "cursor") if held else begun
    return Progress(begun, wanted_since(config, begun), back_to, held["count"] if held else 0)


def keep(place: dict[str, Any], name: str, *, back_to: dt.datetime, count: int, **more: str) -> None:
    """Write into the cursor how far back one list was read, and what else is needed to go on."""
    place[PLACE] = {**place.get(PLACE, {}), name: {"back_to": back_to.isoformat(), "count": count, **more}}


def progress(
    *, config: Mapping[str, str], cursor: Mapping[str, Any], begun: dt.datetime, lists: Sequence[str]
) -> Progress | None:
    """Return how far back all of these lists were read; None where nothing earlier is wanted."""
    each = [reached(cursor, name, config=config, begun=begun) for name in lists]
    if not each or each[0].wanted_since >= begun:
        return None
    return Progress(begun, each[0].wanted_since, max(one.back_to for one in each), sum(one.count for one in each))
