"""Senders as they are on the wire: whatever comes, it is kept or refused, nothing is lost, and the next one is served."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, AccountKind, RoleGrant
from models_registry.telemetry.actions import create_source
from models_registry.telemetry.models import TelemetryEvent
from tests.journeys.builders import a_person
from tests.wire import Said, say, web_process


@dataclass(frozen=True)
class Web:
    """A running web process and a source that it knows."""

    port: int
    path: bytes
    token: bytes

    def head(self, *headers: bytes, line: bytes = b"") -> bytes:
        """Return a request for bulk measurements up to its body."""
        start = line or b"POST " + self.path + b" HTTP/1.1"
        known = (b"Host: 127.0.0.1", b"Authorization: Bearer " + self.token, b"Redline-Source: monitoring")
        return b"\r\n".join((start, *known, b"Content-Type: application/json", *headers, b"", b""))

    def sent(self, body: bytes, *headers: bytes) -> Said:
        """Send a whole request."""
        return say(self.port, self.head(b"Content-Length: %d" % len(body), *headers) + body)


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[Web]:
    at = timezone.now()
    adam = a_person("adam", "Adam Ames", "administrator", at=at)
    robot = Account.objects.create(username="robot", kind=AccountKind.AUTOMATION)
    RoleGrant.objects.create(account=robot, role="automation_ingest", granted_at=at)
    token = issue_token(by=robot, at=at, account=robot, name="sender").raw
    create_source(by=adam, at=at, name="Monitoring", kind="measurements")
    with web_process(place=tmp_path) as port:
        yield Web(port, b"/api/v1/measurements/", token.encode())


def kept() -> list[bytes]:
    return [bytes(raw) for raw in TelemetryEvent.objects.order_by("pk").values_list("raw", flat=True)]


def numbered(number: int) -> bytes:
    return json.dumps({"measurements": [], "number": number}).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


LENGTH = b"Content-Length: %d"
LARGE = b'{"measurements": ["' + b"x" * 1_150_000 + b'"]}'


def refusals(web: Web) -> dict[str, tuple[Callable[[], Said], set[int]]]:
    """Return what senders may do wrong, and which answers are fit; 0 is a closed connection without one."""
    body, port, head = numbered(0), web.port, web.head
    size, chunks = len(body), b"Transfer-Encoding: chunked"

    def with_length(length: bytes) -> Callable[[], Said]:
        return lambda: say(port, head(b"Content-Length: " + length) + body)

    return {
        "longer than sent": (lambda: say(port, head(LENGTH % (size + 50)) + body, done=True), {400}),
        "negative": (with_length(b"-1"), {400}),
        "signed": (with_length(b"+%d" % size), {400}),
        "past every integer": (with_length(b"9" * 30), {400, 413}),
        "a word": (with_length(b"ten"), {400}),
        "two lengths": (lambda: say(port, head(LENGTH % size, LENGTH % (size + 1)) + body), {400}),
        "length and chunks": (lambda: say(port, head(LENGTH % size, chunks) + chunked(body)), {400, 411}),
        "chunks": (lambda: say(port, head(chunks) + chunked(body)), {411}),
        "chunks cut off": (lambda: say(port, head(chunks) + chunked(body)[:9], done=True), {411}),
        "no chunks": (lambda: say(port, head(chunks) + b"zz\r\n" + body), {400, 411}),
        "another coding": (lambda: say(port, head(b"Transfer-Encoding: gzip") + body), {400, 501}),
        "1.1 MB": (lambda: web.sent(LARGE), {413}),
        "1.1 MB after a promise": (lambda: say(port, head(LENGTH % len(LARGE), b"Expect: 100-continue")), {413}),
        "a bomb": (lambda: web.sent(gzip.compress(b"0" * 60_000_000), b"Content-Encoding: gzip"), {413}),
        "a long header": (lambda: say(port, head(LENGTH % size, b"X-Long: " + b"x" * 600_000) + body), {431, 0}),
        "many headers": (lambda: say(port, head(LENGTH % size, *[b"X-%d: 1" % n for n in range(300)]) + body), {431}),
        "a long address": (lambda: say(port, head(line=b"GET /" + b"x" * 100_000 + b" HTTP/1.1")), {414, 431}),
        "a header over two lines": (lambda: say(port, head(LENGTH % size, b"X-A: a\r\n b") + body), {400}),
        "NUL in a header": (lambda: say(port, head(LENGTH % size, b"X-A: a\x00b") + body), {400}),
        "a space before the colon": (lambda: say(port, head(b"Content-Length : %d" % size) + body), {400}),
        "bytes in the address": (lambda: say(port, head(line=b"GET /api/v1/models/\xff/ HTTP/1.1")), {400, 404}),
        "no host": (lambda: say(port, b"GET /healthz HTTP/1.1\r\n\r\n"), {400}),
        "two hosts": (lambda: say(port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), {400}),
        "another protocol": (lambda: say(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200), {400, 0}),
        "a tunnel": (lambda: say(port, head(line=b"CONNECT 127.0.0.1:80 HTTP/1.1")), {400, 403, 404, 405}),
    }


def is_up(web: Web) -> bool:
    return say(web.port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status == 200


def test_what_is_wrong_on_the_wire_is_refused_and_nothing_of_it_is_kept(web: Web) -> None:
    wrong = []

    for name, (send, fit) in refusals(web).items():
        said = send()
        if said.status not in fit or (not said.status and not said.closed) or kept() or not is_up(web):
            wrong.append((name, said.status, said.closed, kept(), said.raw[:200]))

    assert not wrong, "\n".join(str(line) for line in wrong)


def test_unusual_senders_are_heard_whole(web: Web) -> None:
    path, bodies = web.path, [numbered(number) for number in range(6)]
    slow, old, absolute, promised, one, two = bodies
    length = LENGTH % len(one)

    answers = [
        say(web.port, web.head(length), *[slow[place : place + 1] for place in range(len(slow))], pause_s=0.05),
        say(web.port, web.head(length, line=b"POST " + path + b" HTTP/1.0") + old),
        say(web.port, web.head(length, line=b"POST http://127.0.0.1" + path + b" HTTP/1.1") + absolute),
        say(web.port, web.head(length, b"Expect: 100-continue"), promised, pause_s=0.3),
        say(web.port, web.head(length) + one + web.head(length) + two),
    ]

    assert [said.status for said in answers] == [202, 202, 202, 100, 202]
    assert answers[-1].answers == 2
    assert kept() == bodies


def test_a_length_shorter_than_the_body_keeps_what_it_names_and_reads_no_second_request(web: Web) -> None:
    said = say(web.port, web.head(LENGTH % 10) + numbered(1))

    assert (said.status, said.answers, said.closed) == (202, 2, True)
    assert b" 400 " in said.raw
    assert kept() == [numbered(1)[:10]]
