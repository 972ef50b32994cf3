"""Which route an entry takes: the first, in order, all of whose conditions hold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.routing.fingerprint import Facts
from governance.vocabulary import Tier

KEYS = ("actions", "levels", "categories", "units", "materialities", "tiers")
"""What a route may ask about. `tiers` is the tier before any route spoke."""


@dataclass(frozen=True)
class RouteRule:
    """A route as matching sees it: `match` maps a key of `KEYS` to the allowed words."""

    id: int
    name: str
    match: Mapping[str, Sequence[str | int]]
    tier: Tier
    tell_owner: bool = True


class UnknownCondition(ValueError):
    """A route asks about something that no entry has."""


def check(match: Mapping[str, object]) -> None:
    """Raise UnknownCondition unless every key is known and holds a list."""
    for key, allowed in match.items():
        if key not in KEYS:
            raise UnknownCondition(f"{key!r} is not a condition; the conditions are {', '.join(KEYS)}.")
        if not isinstance(allowed, list | tuple):
            raise UnknownCondition(f"{key!r} must hold a list of words.")


def first_match(routes: Iterable[RouteRule], *, facts: Facts, tier: Tier) -> RouteRule | None:
    """Return the first route that matches, or None. A condition on a fact the entry lacks does not hold."""
    found = _values(facts, tier)
    return next((route for route in routes if _holds(route.match, found)), None)


def _values(facts: Facts, tier: Tier) -> dict[str, str]:
    return {
        "actions": facts.action,
        "levels": facts.level or "",
        "categories": facts.category,
        "units": facts.unit,
        "materialities": facts.materiality or "",
        "tiers": str(tier.value),
    }


def _holds(match: Mapping[str, Sequence[str | int]], found: Mapping[str, str]) -> bool:
    return all(key in found and _among(found[key], allowed) for key, allowed in match.items())


def _among(value: str, allowed: Sequence[str | int]) -> bool:
    return bool(value) and value.casefold() in {str(one).casefold() for one in allowed}
