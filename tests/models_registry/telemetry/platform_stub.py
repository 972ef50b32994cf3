"""A platform on this machine that answers what a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request: query values are lists; ``headers`` have names in lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    json: Any
    headers: Mapping[str, str]


@dataclass
class Reply:
    """What the platform answers."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


type Answering = Callable[[Asked], Reply]


@dataclass
class Platform:
    """Where the platform is, how it answers now, and what it was asked so far."""

    address: str
    answering: Answering
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def platform(settings: Any, answering: Answering) -> Iterator[Platform]:
    """Serve the answers on a free port that this deployment lets sweeps call."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.command,
                parts.path,
                parse_qs(parts.query),
                json.loads(content) if content else None,
                {name.lower(): value for name, value in self.headers.items()},
            )
            held.asked.append(asked)
            reply = held.answering(asked)
            body = reply.raw if reply.raw is not None else json.dumps(reply.data).encode()
            self.send_response_only(reply.status)
            for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held = Platform(f"http://127.0.0.1:{server.server_port}", answering)
    settings.OUTBOUND_HTTP = True
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    settings.OUTBOUND_PORTS = [server.server_port]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
