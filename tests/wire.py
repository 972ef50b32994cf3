"""The web process as production runs it, beside a test, and raw bytes for its socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.streaming import database_url, free_port

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 8.0
"""For how long an answer is awaited."""


@dataclass(frozen=True)
class Said:
    """What came back before the other side fell silent or closed."""

    raw: bytes
    closed: bool

    @property
    def status(self) -> int:
        """Return the first answer's status, 0 without an answer."""
        line = self.raw.partition(b"\r\n")[0].split(b" ")
        return int(line[1]) if len(line) > 1 and line[0].startswith(b"HTTP/") else 0

    @property
    def answers(self) -> int:
        """Return how many answers came."""
        return self.raw.count(b"HTTP/1.1 ") + self.raw.count(b"HTTP/1.0 ")


@contextmanager
def web_process(*, place: Path) -> Iterator[int]:
    """Run granian as `make serve` does, against the test's database; give its port."""
    port, log = free_port(), place / "web.log"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--blocking-threads", "4", "governance.config.wsgi:application"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url(), "REDLINE_HOSTS": "127.0.0.1"},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    try:
        _wait(port, process, log)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def say(port: int, *parts: bytes, pause_s: float = 0.0, done: bool = False, patience_s: float = PATIENCE_S) -> Said:
    """Send the parts, with pauses between them, and return what is said back.

    Reads until the other side closes, until an answer is whole and nothing follows for a moment, or until the
    patience ends; ``done`` closes this side's half first, as senders do that were cut off.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=patience_s) as line:
        with suppress(OSError):  # the other side may refuse before the last part
            for number, part in enumerate(parts):
                time.sleep(pause_s if number else 0)
                line.sendall(part)
            if done:
                line.shutdown(socket.SHUT_WR)
        return _heard(line, patience_s)


def _heard(line: socket.socket, patience_s: float) -> Said:
    raw, until = b"", time.monotonic() + patience_s
    while (left := until - time.monotonic()) > 0:
        line.settimeout(min(left, 0.3) if _is_whole(raw) else left)
        try:
            piece = line.recv(65536)
        except TimeoutError:
            break
        except OSError:
            return Said(raw, closed=True)
        if not piece:
            return Said(raw, closed=True)
        raw += piece
    return Said(raw, closed=False)


def _is_whole(raw: bytes) -> bool:
    head, found, body = raw.partition(b"\r\n\r\n")
    lengths = [one.partition(b":")[2] for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")]
    return bool(found and lengths and len(body) >= int(lengths[0]))


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if say(port, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"The web process did not start:\n{log.read_text()[-2000:]}")
