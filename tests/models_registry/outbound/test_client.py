"""The guarded client: the corpus of inward addresses, disguises, rebinding, redirects."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from models_registry.outbound.client import AnswerClass, classify, send
from models_registry.outbound.guard import AddressRefused, Policy, allowed, check_url

INWARD = """127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 192.0.2.1
198.18.0.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1
::ffff:127.0.0.1 ::ffff:169.254.169.254 2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b:1::7f00:1 2001:0:7f00:1::1""".split()
LOCAL = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize("address", INWARD)
def test_every_inward_address_of_the_corpus_is_refused(address: str) -> None:
    assert len(INWARD) == 26
    assert not allowed(ipaddress.ip_address(address), Policy())


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_pass(address: str) -> None:
    assert allowed(ipaddress.ip_address(address), Policy())


@pytest.mark.parametrize(
    "url",
    """http://example.com ftp://example.com https://u:p@example.com https://@example.com https://example.com:22
    https://0x7f000001 https://2130706433 https://127.1 https://0177.0.0.1 https://localhost https:// https://[::1
    https://example.com\\@evil.com https://a..b.com https://ex\u00e4mple.com https://1.2.3.0x4""".split(),
)
def test_disguised_urls_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, Policy())


class _Server(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Host"], body))
        self.send_response(int(self.path.rsplit("/", 1)[-1]))
        self.send_header("Retry-After", "7")
        self.send_header("Location", "/stolen/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    _Server.seen = []
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_name_that_resolves_inward_even_once_is_never_called(port: int) -> None:
    policy = Policy(allow_http=True, ports=frozenset({port}))
    for found in (["127.0.0.1"], ["1.1.1.1", "127.0.0.1"]):
        answer = send(method="POST", url=f"http://a.example:{port}/200", headers={}, body=b"", policy=policy,
                      resolver=lambda host, port, found=found: found)  # fmt: skip
        assert (answer.answer_class, answer.reason) == (AnswerClass.REFUSED, "the address is not public")

    assert _Server.seen == []


def test_a_rebinding_name_is_resolved_once_and_the_checked_address_is_called(port: int) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    policy = Policy(allow_http=True, ports=frozenset({port}), allowed_networks=LOCAL)

    answer = send(method="POST", url=f"http://a.example:{port}/200", headers={}, body=b"x", policy=policy,
                  resolver=lambda host, port: next(answers))  # fmt: skip

    assert (answer.status, answer.answer_class) == (200, AnswerClass.DELIVERED)
    assert _Server.seen == [("/200", f"a.example:{port}", b"x")]
    assert next(answers) == ["127.0.0.2"]


@pytest.mark.parametrize(
    ("status", "expected"), [(302, "PERMANENT"), (404, "PERMANENT"), (429, "TEMPORARY"), (503, "TEMPORARY")]
)
def test_redirects_are_not_followed_and_failures_are_told_apart(port: int, status: int, expected: str) -> None:
    policy = Policy(allow_http=True, ports=frozenset({port}), allowed_networks=LOCAL)

    answer = send(method="POST", url=f"http://127.0.0.1:{port}/{status}", headers={}, body=b"", policy=policy)

    assert (answer.status, answer.answer_class, answer.retry_after) == (status, expected, 7)
    assert len(_Server.seen) == 1
    assert classify(status) == expected


def test_a_peer_that_drips_its_headers_is_cut_at_the_total_time() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=(server, stop))
        thread.start()
        port = server.getsockname()[1]
        policy = Policy(allow_http=True, ports=frozenset({port}), allowed_networks=LOCAL, total_seconds=0.4)

        started = time.monotonic()
        answer = send(method="POST", url=f"http://127.0.0.1:{port}/", headers={}, body=b"", policy=policy)
        took = time.monotonic() - started

        stop.set()
        thread.join()
    assert (answer.status, answer.answer_class) == (0, AnswerClass.TEMPORARY)
    assert took < 2


def _drip(server: socket.socket, stop: threading.Event) -> None:
    channel, _ = server.accept()
    with channel:
        try:
            channel.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.05):
                channel.sendall(b"x")
        except OSError:
            return
