"""The live stream, `/live/`: an ASGI application that tells open pages which topics changed.

Server-sent events carry topics alone. What a reader may see is decided where it always is, when
the page asks for its fragment. A stream ends when its session does.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections
from django.http import HttpRequest, parse_cookie
from django.http.request import split_domain_port, validate_host

from governance.dashboards.hub import HouseFull, Hub, Listener
from governance.dashboards.live import look
from models_registry.access.models import Account
from models_registry.access.rights import roles_of

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

PATH = "/live/"
BEAT_S = 20.0
ASK_AGAIN_S = 60.0
"""How often an open stream asks whether its session still stands."""


class Refused(Exception):
    """The stream is not opened; ``status`` says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def _look() -> dict[str, str]:
    close_old_connections()
    return look()


hub = Hub(sync_to_async(_look))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `/live/` with a stream, `/healthz` for whoever watches this process, and nothing else."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/healthz":
        await _answer(send, 200, "ok")
        return
    try:
        session_key, origin = _asked(scope)
        await _admit(session_key)
        async with hub.joined() as listener:
            await _open(send, origin)
            await _until_either(_pump(listener, session_key, send), _gone(receive))
            await _close(send)
    except Refused as refusal:
        await _answer(send, refusal.status, str(refusal))
    except HouseFull:
        await _answer(send, 503, "Too many pages listen.")


def _asked(scope: Scope) -> tuple[str, str]:
    """Return the session's key and the origin of the asking page, if it is another port of this host."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host, _ = split_domain_port(headers.get("host", ""))
    if scope["path"] != PATH:
        raise Refused(404, "Only /live/ is here.")
    if scope["method"] != "GET":
        raise Refused(405, "A stream is read with GET.")
    if not validate_host(host, settings.ALLOWED_HOSTS):
        raise Refused(400, "This server does not answer to that name.")
    origin = headers.get("origin", "")
    if origin and not _is_ours(origin, host):
        raise Refused(403, "Only Redline's own pages may listen.")
    return parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, ""), origin


def _is_ours(origin: str, host: str) -> bool:
    """Return whether a page of this origin is ours: the same host, or one whose forms are accepted."""
    try:
        parts = urlsplit(origin)
        return parts.hostname == host.strip("[]") or origin in settings.CSRF_TRUSTED_ORIGINS
    except ValueError:
        return False


async def _admit(session_key: str) -> None:
    """Let in whoever is signed in and holds a role."""
    allowed = await sync_to_async(_holds_a_role)(session_key) if session_key else None
    if allowed is None:
        raise Refused(401, "Sign in first.")
    if not allowed:
        raise Refused(403, "None of your roles may read anything here.")


def _holds_a_role(session_key: str) -> bool | None:
    """Return whether the session's account holds a role; None without such a session."""
    close_old_connections()
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    account = get_user(request)
    return bool(roles_of(account)) if isinstance(account, Account) else None


async def _pump(listener: Listener, session_key: str, send: Send) -> None:
    """Tell topics as they come and beat in between, until the session or the hub ends."""
    asked_at = monotonic()
    while True:
        topics = await listener.next(within_s=BEAT_S)
        if monotonic() - asked_at >= ASK_AGAIN_S:
            with suppress(Refused):
                await _admit(session_key)
                asked_at = monotonic()
        if listener.ended or monotonic() - asked_at >= ASK_AGAIN_S:
            return
        await _event(send, *sorted(topics or {"beat"}))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_either(*both: Awaitable[None]) -> None:
    """Wait for the first to end and cancel the other; what the first raised is raised."""
    tasks = [asyncio.ensure_future(one) for one in both]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


# ---- words on the wire ----


async def _open(send: Send, origin: str) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx passes every event on at once
    ]
    if origin:
        headers += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _event(send, "beat")


async def _event(send: Send, *names: str) -> None:
    """Send events that say their own name; a browser drops an event without data."""
    body = "".join(f"event: {name}\ndata: {name}\n\n" for name in names)
    await send({"type": "http.response.body", "body": body.encode(), "more_body": True})


async def _close(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _answer(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
