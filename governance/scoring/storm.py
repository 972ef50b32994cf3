"""The breaker: a rule that would change a large part of the portfolio at once is stopped.

One rule that changes more than a tenth of all models within ten minutes is more
likely wrong, or fed by a broken source, than right about all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
SHARE = 0.10
MINIMUM_MODELS = 5


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule version changed a risk of a model."""

    rule: str
    model: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trip:
    """The breaker of one rule opened, and why."""

    rule: str
    models: tuple[str, ...]
    limit: int
    sentence: str


def limit_of(portfolio_count: int) -> int:
    """Return how many models one rule may change within the window.

    A tenth of the portfolio, rounded down, but never fewer than four: the fifth trips.
    """
    return max(int(portfolio_count * SHARE), MINIMUM_MODELS - 1)


def trips(changes: Iterable[RuleChange], *, portfolio_count: int, now: datetime) -> tuple[Trip, ...]:
    """Return the rules whose breaker opens: those past the limit in the last ten minutes.

    Several changes of one model count once. The order of changes does not matter.
    """
    by_rule: dict[str, set[str]] = {}
    for change in changes:
        if now - WINDOW < change.at <= now:
            by_rule.setdefault(change.rule, set()).add(change.model)
    limit = limit_of(portfolio_count)
    return tuple(
        _trip(rule, models, limit, portfolio_count) for rule, models in sorted(by_rule.items()) if len(models) > limit
    )


def _trip(rule: str, models: set[str], limit: int, portfolio_count: int) -> Trip:
    sentence = (
        f"Rule {rule} changed {len(models)} of {portfolio_count} models in 10 minutes; "
        f"it may change {limit}. It is held until a person looks."
    )
    return Trip(rule, tuple(sorted(models)), limit, sentence)
