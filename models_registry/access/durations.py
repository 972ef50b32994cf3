"""Lengths of time as people type them: `45m`, `1h`, `30d`."""

import re
from datetime import timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class NotADuration(ValueError):
    """A length of time is a whole number and m, h or d: 45m, 1h, 30d."""


def parse_duration(text: str) -> timedelta:
    """Return the length of time; raise NotADuration."""
    found = re.fullmatch(r"(\d{1,6})([mhd])", text.strip())
    if found is None:
        raise NotADuration(f"{text!r} is not a length of time such as 45m, 1h or 30d.")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
