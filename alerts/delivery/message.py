"""What goes to a channel, and what comes back: plain values without a framework."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Outgoing:
    """One message on its way: `key` is the same for every try, `thread` for everything about one alert.

    `link` is absolute; `address` is an e-mail address, empty for channels that are one address
    themselves; `facts` is what machines read; `lines` are the items of a digest.
    """

    key: str
    thread: str
    tier: int
    title: str
    text: str
    link: str
    at: datetime
    address: str = ""
    facts: Mapping[str, Any] | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What one try came to.

    `permanent` says that trying again cannot help; `retry_after` is the provider's own wish;
    `gone` says that the channel itself no longer exists (HTTP 410).
    """

    succeeded: bool
    permanent: bool = False
    status: int | None = None
    error: str = ""
    retry_after: timedelta | None = None
    gone: bool = False


DELIVERED = Outcome(succeeded=True)
