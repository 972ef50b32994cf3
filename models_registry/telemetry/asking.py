"""Asking a platform: its address and credential added, requests counted before they are sent, refusals in our words."""

import base64
import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlencode

from models_registry.outbound.client import Fetched, NotFetched, fetch
from models_registry.outbound.guard import Policy
from models_registry.telemetry.pollers.shapes import (
    Answer,
    Ask,
    BudgetSpent,
    Endless,
    Refused,
    Scheme,
    SpareSpent,
    Throttled,
    Unreachable,
    Unread,
)
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import loads
from models_registry.vault.envelope import Secret

LARGEST: Final = 8 * 1_048_576
"""How large an answer may be, in bytes."""
TOTAL_S: Final = 30.0
LONGEST_WAIT_S: Final = 86_400.0
AGENT: Final = "Redline"
_REFUSALS: Final = {
    400: "The platform does not understand the question (400).",
    401: "The platform does not know the credential (401).",
    403: "The credential may not read this (403).",
    404: "There is nothing at this address (404).",
}


@dataclass(slots=True)
class Asker:
    """Asks one platform within one sweep.

    ``count`` is called before each request and raises what ends the sweep; ``left`` is how many requests it has.
    ``spare`` says, given how many were sent for news, how many more may be sent for what was there before.
    """

    address: str
    scheme: Scheme
    credential: Secret | None
    policy: Policy
    left: int
    count: Callable[[], None]
    now: Callable[[], datetime]
    spare: Callable[[int], int] = lambda asked: 0
    asked: int = 0
    _spared: int | None = None
    _seen: set[str] = field(default_factory=set)

    def __call__(self, ask: Ask) -> Answer:
        """Return the platform's 2xx answer. Raises what `pollers.shapes` names, a `Stopped` each."""
        key = json.dumps([ask.method, ask.path, dict(ask.query), ask.json, ask.earlier], sort_keys=True, default=list)
        if key in self._seen:
            raise Endless("The platform gave the same page twice.")
        if ask.earlier:
            self._spend()
        elif self.asked >= self.left:
            raise BudgetSpent(f"The {self.left} requests of a sweep are used up.")
        self._seen.add(key)
        self.count()
        self.asked += 1
        try:
            fetched = fetch(
                method=ask.method,
                url=url_of(self.address, ask),
                headers={**ask.headers, **self._headers(ask)},
                body=b"" if ask.json is None else json.dumps(ask.json).encode(),
                policy=replace(self.policy, max_bytes=LARGEST, total_seconds=TOTAL_S),
            )
        except NotFetched as error:
            raise Unreachable(str(error)) from None
        return answer_of(fetched, now=self.now())

    def _spend(self) -> None:
        """Take one of the requests that are to spare. Raises SpareSpent."""
        if self._spared is None:
            self._spared = self.spare(self.asked)
            if self._spared <= 0:
                raise SpareSpent("Earlier runs wait: the requests of the day are needed for news.")
        if self._spared <= 0 or self.asked >= self.left:
            raise SpareSpent
        self._spared -= 1

    def _headers(self, ask: Ask) -> dict[str, str]:
        found = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": AGENT}
        if ask.json is not None:
            found["Content-Type"] = "application/json"
        if self.credential is None or self.scheme == Scheme.NONE:
            return found
        told = self.credential.reveal()
        if self.scheme == Scheme.BEARER:
            return found | {"Authorization": f"Bearer {told}"}
        pair = told if self.scheme == Scheme.BASIC else f"api:{told}"
        return found | {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def url_of(address: str, ask: Ask) -> str:
    """Return the whole URL. The path is taken as its file wrote it, beside characters that no URL has."""
    base = address.rstrip("/") + "/" + quote(ask.path.lstrip("/"), safe="/%:@~")
    return f"{base}?{urlencode(dict(ask.query), doseq=True)}" if ask.query else base


def answer_of(fetched: Fetched, *, now: datetime) -> Answer:
    """Return what a 2xx answer holds. Raises Throttled, Refused, Unreachable and Unread; never shows its text."""
    status = fetched.status
    wait = wait_told(fetched.headers, now=now)
    if status == 429 or (status == 503 and wait is not None):
        raise Throttled(wait)
    if status >= 500:
        raise Unreachable(f"The platform fails ({status}).")
    if 300 <= status < 400:
        raise Refused(status, f"The platform points elsewhere ({status}); the address must be the last one.")
    if status >= 400:
        raise Refused(status, _REFUSALS.get(status, f"The platform refuses the question ({status})."))
    try:
        return Answer(status, fetched.headers, loads(fetched.body))
    except Unreadable as error:
        raise Unread(f"The answer is no JSON that can be read ({error.problems[0].code}).") from None


def wait_told(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return the seconds that an answer asks to wait, by Retry-After or RateLimit-Reset; None when it does not say."""
    for name in ("retry-after", "ratelimit-reset"):
        text = headers.get(name, "").strip()
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return min(float(text), LONGEST_WAIT_S)
        if name == "retry-after" and text:
            try:
                until = email.utils.parsedate_to_datetime(text)
            except ValueError:
                continue
            until = until if until.tzinfo else until.replace(tzinfo=UTC)
            return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT_S)
    return None
