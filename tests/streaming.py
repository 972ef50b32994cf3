"""The live process as production runs it, beside a test, and a client that reads its stream."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """Return the address of the test's database, as a process would be given it."""
    known = connection.settings_dict
    return f"postgresql://{known['USER']}:{known['PASSWORD']}@/{known['NAME']}?host={quote(known['HOST'])}"


@contextmanager
def live_process() -> Iterator[int]:
    """Run the live process against the test's database; give its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--workers-kill-timeout", "1", "governance.config.asgi:application"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError):
            if asked(port, "/healthz")[0] == 200:
                return
        time.sleep(0.1)
    raise AssertionError("The live process did not start.")


def asked(port: int, path: str = "/live/", *, session: str = "", **headers: str) -> tuple[int, dict[str, str]]:
    """Return status and headers of an answer, without reading on."""
    with opened(port, path, session=session, **headers) as answer:
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


@contextmanager
def opened(port: int, path: str = "/live/", *, session: str = "", **headers: str) -> Iterator[http.client.HTTPResponse]:
    """Open the stream with the cookie of a session."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
    asking.request("GET", path, headers={**cookie, **headers})
    try:
        yield asking.getresponse()
    finally:
        asking.close()


def heard(stream: http.client.HTTPResponse, topic: str) -> float:
    """Read on until the event of this topic; return how many seconds that took."""
    began = time.monotonic()
    while (line := stream.readline()) != b"":
        if line.strip() == f"event: {topic}".encode():
            return time.monotonic() - began
    raise AssertionError(f"The stream ended before {topic!r}.")
