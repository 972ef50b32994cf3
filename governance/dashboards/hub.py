"""Who listens, and what they have yet to be told: one look at the house serves every listener.

The database is asked a few times a second while anybody listens, and not at all otherwise. A
listener keeps a set of topics rather than a queue: it is bounded by itself, and a reader that is
slow learns once what changed many times.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from governance.dashboards.live import changed

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.3
LOOK_AT_MOST_S = 10.0
MOST_LISTENERS = 2000


class HouseFull(Exception):
    """So many pages listen already that one more would slow the others."""


class Listener:
    """One open page. ``topics`` are what changed since it was last told."""

    def __init__(self) -> None:
        self.topics: set[str] = set()
        self.ended = False
        self._woken = asyncio.Event()

    def tell(self, topics: frozenset[str]) -> None:
        """Add topics and wake the page."""
        self.topics |= topics
        self._woken.set()

    def end(self) -> None:
        """Wake the page for the last time."""
        self.ended = True
        self._woken.set()

    async def next(self, *, within_s: float) -> frozenset[str]:
        """Return what changed, at the latest after ``within_s`` seconds, then with nothing in it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), within_s)
        self._woken.clear()
        topics, self.topics = frozenset(self.topics), set()
        return topics


class Hub:
    """Looks for changes while anybody listens, and tells every listener their topics."""

    def __init__(self, look: Callable[[], Awaitable[Mapping[str, str]]]) -> None:
        self._look = look
        self._listeners: set[Listener] = set()
        self._watch: asyncio.Task[None] | None = None
        self._began: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[Listener]:
        """Listen from here on. Raises HouseFull, and what the first look raises."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise HouseFull
        listener = Listener()
        self._listeners.add(listener)
        try:
            await asyncio.shield(self._watching())
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._watch:
                self._watch.cancel()
                self._watch = None

    def _watching(self) -> asyncio.Future[None]:
        """Return what is done once the first look was taken; changes after it are told."""
        if self._watch is None or self._watch.done() or self._began is None:
            self._began = asyncio.get_running_loop().create_future()
            self._watch = asyncio.create_task(self._keep_looking(self._began))
        return self._began

    async def _keep_looking(self, began: asyncio.Future[None]) -> None:
        try:
            known = await self._looked()
            began.set_result(None)
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                seen = await self._looked()
                topics = changed(known, seen)
                known = seen
                for listener in self._listeners if topics else ():
                    listener.tell(topics)
        except Exception as error:  # whatever it is, no page may go on saying that it is live
            log.warning("live.look_failed", error=str(error))
            self._end_all(began, error)

    def _end_all(self, began: asyncio.Future[None], error: Exception) -> None:
        if not began.done():
            began.set_exception(error)
            began.exception()  # whoever still waits reads it; nobody may
        for listener in self._listeners:
            listener.end()

    async def _looked(self) -> Mapping[str, str]:
        async with asyncio.timeout(LOOK_AT_MOST_S):
            return await self._look()
