"""When a row says it was observed: ISO 8601, or seconds, milliseconds, microseconds or nanoseconds since 1970.

Pure: no clock, no database.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from models_registry.telemetry.readings import EARLIEST, FUTURE_TOLERANCE, Unreadable

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{0,12})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ]+(\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?)(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?", re.ASCII
)


class Clock(StrEnum):
    """How a file writes its moments."""

    ISO = "iso"
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


CLOCK_WORDS: Final = {
    Clock.ISO: "ISO 8601 (2026-03-01T14:00:00Z)",
    Clock.SECONDS: "Seconds since 1970",
    Clock.MILLISECONDS: "Milliseconds since 1970",
    Clock.MICROSECONDS: "Microseconds since 1970",
    Clock.NANOSECONDS: "Nanoseconds since 1970",
}
PER_SECOND: Final = {
    Clock.SECONDS: 1,
    Clock.MILLISECONDS: 1_000,
    Clock.MICROSECONDS: 1_000_000,
    Clock.NANOSECONDS: 1_000_000_000,
}

type Teller = Callable[[Any], datetime]


class ZoneUnknown(ValueError):
    """There is no such time zone."""


def zone_named(name: str) -> tzinfo | None:
    """Return the zone of the IANA database, None for an empty name. Raises ZoneUnknown."""
    if not name:
        return None
    if name.upper() == "UTC":
        return UTC
    if name not in available_timezones():
        raise ZoneUnknown(f"{name!r} is no time zone. Such as Europe/Berlin or UTC.")
    return ZoneInfo(name)


def teller(*, clock: Clock, zone: tzinfo | None, now: datetime) -> Teller:
    """Return what turns a cell into a moment in UTC, or raises Unreadable with its code.

    ``zone`` is that of moments without an offset; of an hour that comes twice the first is meant. A day alone is
    its midnight. More than five minutes after ``now`` is E_FUTURE, before 2000 E_PAST.
    """
    latest = now + FUTURE_TOLERANCE

    def tell(cell: Any) -> datetime:
        moment = _moment(cell, clock, zone)
        if moment > latest:
            raise Unreadable.because("E_FUTURE", "", "the time is later than now")
        if moment < EARLIEST:
            raise Unreadable.because("E_PAST", "", "the time is before the year 2000")
        return moment

    return tell


def guess_clock(cells: Iterable[Any]) -> tuple[Clock, bool]:
    """Return how these cells write moments, and whether some need a zone to be told."""
    naive, numbers = False, []
    for cell in cells:
        if isinstance(cell, datetime):
            naive = naive or cell.tzinfo is None
        elif isinstance(cell, date):
            naive = True
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            numbers.append(abs(float(cell)))
        elif isinstance(cell, str) and cell.strip():
            text = cell.strip()
            if _NUMBER.fullmatch(text):
                numbers.append(abs(float(text)))
            else:
                found = _ISO.fullmatch(text)
                naive = naive or (found is not None and not found[3])
    if numbers:
        return _by_size(max(numbers)), False
    return Clock.ISO, naive


def _by_size(largest: float) -> Clock:
    """Return the unit in which a number of this size lies between 1973 and 5138."""
    for clock, end in ((Clock.SECONDS, 1e11), (Clock.MILLISECONDS, 1e14), (Clock.MICROSECONDS, 1e17)):
        if largest < end:
            return clock
    return Clock.NANOSECONDS


def _moment(cell: Any, clock: Clock, zone: tzinfo | None) -> datetime:
    if isinstance(cell, datetime):
        return _aware(cell, zone)
    if isinstance(cell, date):
        return _aware(datetime(cell.year, cell.month, cell.day), zone)  # noqa: DTZ001 - its zone is told next
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        raise Unreadable.because("E_MISSING", "", "there is no time")
    return _from_text(cell, zone) if clock is Clock.ISO else _from_number(cell, PER_SECOND[clock])


def _from_text(cell: Any, zone: tzinfo | None) -> datetime:
    found = _ISO.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        raise Unreadable.because("E_TIME", "", "the time is not ISO 8601")
    day, time, offset = found.groups()
    if offset in ("Z", "z", "UTC"):
        offset = "+00:00"
    try:
        return _aware(datetime.fromisoformat(f"{day}T{(time or '00:00').replace(',', '.')}{offset or ''}"), zone)
    except ValueError:
        raise Unreadable.because("E_TIME", "", "there is no such time") from None


def _aware(moment: datetime, zone: tzinfo | None) -> datetime:
    if moment.tzinfo is None:
        if zone is None:
            raise Unreadable.because("E_NAIVE_TIME", "", "the time has no offset from UTC, and no zone was stated")
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Unreadable.because("E_TIME", "", "there is no such time") from None


def _from_number(cell: Any, per_second: int) -> datetime:
    """Return the moment, exact to the microsecond: through decimals, because a float of microseconds is not."""
    text = cell.strip() if isinstance(cell, str) else cell
    if isinstance(text, bool) or (isinstance(text, str) and not _NUMBER.fullmatch(text)):
        raise Unreadable.because("E_TIME", "", "the time is not a number")
    try:
        micros = int(Decimal(str(text)) * 1_000_000 / per_second)
        return EPOCH + timedelta(microseconds=micros)
    except (InvalidOperation, OverflowError, ValueError):
        raise Unreadable.because("E_TIME", "", "the number is no time") from None
