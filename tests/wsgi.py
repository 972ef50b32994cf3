"""Questions to the house by its WSGI door, past Django's test client."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory


@dataclass(frozen=True)
class Answered:
    """What the door sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


@contextmanager
def connection_kept() -> Iterator[None]:
    """Let requests leave the connection open that the test's own transaction is on, as Django's test client does."""
    signals = (request_started, request_finished)
    with mock.patch("models_registry.access.porch.close_old_connections"):
        for signal in signals:
            signal.disconnect(close_old_connections)
        yield
        for signal in signals:
            signal.connect(close_old_connections)


def ask(application: Any, path: str, *, token: str = "", method: str = "GET", **environ: Any) -> Answered:
    """Send one request without a body."""
    request = RequestFactory().generic(method, path, headers={"Authorization": f"Bearer {token}"} if token else {})
    told: list[Any] = []
    parts = application({**request.environ, **environ}, lambda status, headers: told.append((status, headers)))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    status, headers = told[0]
    return Answered(int(status.split()[0]), dict(headers), body)
