"""What prediction traces say of a day's use, as one room hands it to another.

The rooms that keep traces and costs stand beside each other and do not import one another; `settings.USAGE_FEEDS` lists
the dotted callables ``(since, until) -> Iterable[DailyUsage]`` that tell the days from ``since`` to ``until``,
both included.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """What one model version used of one product of its provider on a UTC day.

    ``cost_micros`` is what the traces themselves say it cost, in millionths of ``currency``; None where they do not
    say it, and tokens are priced instead.
    """

    day: date
    model_id: int
    version_id: int | None
    provider: str
    product: str
    tokens_in: int
    tokens_out: int
    cost_micros: int | None = None
    currency: str = "USD"


UsageFeed = Callable[[date, date], Iterable[DailyUsage]]
