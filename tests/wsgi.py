"""Questions to the house by its WSGI door, past Django's test client."""

import json
from dataclasses import dataclass
from typing import Any

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
