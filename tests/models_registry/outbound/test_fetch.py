"""Reading a whole answer: bounded in size and time, never followed elsewhere, never from an inward address."""

import ipaddress
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from models_registry.outbound.client import NotFetched, fetch
from models_registry.outbound.guard import Policy

LOCAL = (ipaddress.ip_network("127.0.0.0/8"),)


class _Platform(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        sort = self.path.strip("/")
        self.send_response(302 if sort == "elsewhere" else 429 if sort == "busy" else 200)
        self.send_header("Location", "/whole")
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", {"large": "3000000", "cut": "1000", "slow": "300"}.get(sort, "13"))
        self.end_headers()
        try:
            if sort == "large":
                self.wfile.write(b"x" * 3_000_000)
            elif sort == "slow":
                for _ in range(300):
                    self.wfile.write(b"x")
                    time.sleep(0.2)
            else:
                self.wfile.write(b'{"data": [1]}')
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def policy() -> Iterator[Policy]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Platform)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Policy(allow_http=True, ports=frozenset({server.server_port}), allowed_networks=LOCAL)
    server.shutdown()
    thread.join()
    server.server_close()


def _get(path: str, policy: Policy, **changes: object) -> tuple[int, bytes, str | None]:
    (port,) = policy.ports
    url = f"http://127.0.0.1:{port}/{path}"
    answer = fetch(method="GET", url=url, headers={}, body=b"", policy=replace(policy, **changes))  # type: ignore[arg-type]
    return answer.status, answer.body, answer.headers.get("retry-after")


def test_a_whole_answer_comes_with_its_status_and_headers(policy: Policy) -> None:
    assert _get("whole", policy) == (200, b'{"data": [1]}', "7")
    assert _get("busy", policy) == (429, b'{"data": [1]}', "7")


def test_a_redirect_is_an_answer_and_is_not_followed(policy: Policy) -> None:
    assert _get("elsewhere", policy)[0] == 302


def test_an_answer_past_the_limit_is_not_read_to_its_end(policy: Policy) -> None:
    with pytest.raises(NotFetched, match="larger than 1 MiB"):
        _get("large", policy)


def test_an_answer_that_ends_early_is_none(policy: Policy) -> None:
    with pytest.raises(NotFetched):
        _get("cut", policy, total_seconds=3.0)


def test_a_peer_that_drips_is_cut_at_the_total_time(policy: Policy) -> None:
    began = time.monotonic()

    with pytest.raises(NotFetched):
        _get("slow", policy, total_seconds=0.5)

    assert time.monotonic() - began < 10, "it would drip for a minute"


def test_an_inward_address_is_never_asked(policy: Policy) -> None:
    with pytest.raises(NotFetched, match="not public"):
        _get("whole", policy, allowed_networks=())
