"""`make serve` as an operator meets it: a link for the first administrator, an event scored, an end without orphans."""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from governance.config.embedded import remove
from tests.chaos.rig import ROOT, Rig
from tests.chaos.traffic import Receiver, Senders, Sent


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Path(tempfile.mkdtemp(prefix="redline-serve-"))
    made.chmod(0o711)
    receiver = Receiver()
    rig = Rig(made, receiver_port=receiver.port)
    try:
        rig.source = rig.prepare(models=1, receiver=receiver.url)  # type: ignore[attr-defined]
        yield rig
    finally:
        rig.stop()
        receiver.stop()
        remove(made / "pg")
        shutil.rmtree(made, ignore_errors=True)


def running_with(var: str) -> list[str]:
    """Return the command lines of processes whose environment names this data directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"REDLINE_VAR={var}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [one for one in found if one]


def until(condition, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def asked(url: str, statement: str) -> object:
    with psycopg.connect(url) as opened:
        row = opened.execute(statement).fetchone()
        return row[0] if row else None


def sign_in_by(link: str) -> str:
    """Open the one-time link as a browser does, set a password, and return the page that follows."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(jar)
    form = browser.open(link, timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    names = re.findall(r'<input[^>]*type="password"[^>]*name="([^"]+)"', form) or re.findall(
        r'name="([^"]+)"[^>]*type="password"', form
    )
    given = {"csrfmiddlewaretoken": token[1], **dict.fromkeys(names, "a long way round the lake")}
    request = urllib.request.Request(link, urllib.parse.urlencode(given).encode(), {"Referer": link})
    browser.open(request, timeout=20).read()
    page: str = browser.open(urllib.parse.urljoin(link, "/people/"), timeout=20).read().decode()
    return page


def test_serve_takes_an_event_signs_the_first_administrator_in_and_leaves_no_orphan(rig):
    environment = {**rig.environment, "HOST": "127.0.0.1", "WEB_WORKERS": "2"}
    with (rig.place / "serve.log").open("wb") as log:
        serve = subprocess.Popen(
            [sys.executable, "-m", "governance.config.launcher", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until(lambda: b"Redline serves on" in (rig.place / "serve.log").read_bytes() or serve.poll() is not None)
        assert serve.poll() is None, (rig.place / "serve.log").read_text()

        assert "admin" in sign_in_by(rig.manage("bootstrap").strip())

        reading = {"model": "chaos-0", "metric": "accuracy", "value": 0.1, "observed_at": _just_now()}
        sent = Sent("first", json.dumps({"measurements": [reading]}).encode())
        senders = Senders(port=rig.port, **rig.source, work=[sent], threads=1, seed=1)
        senders.start()
        senders.join()
        level = "select level from risks_risk where category = 'PERFORMANCE'"
        until(lambda: asked(rig.urls["redline_owner"], level) == "HIGH")
    finally:
        os.kill(serve.pid, signal.SIGINT)
        serve.wait(60)

    var = rig.environment["REDLINE_VAR"]
    until(lambda: not running_with(var), seconds=10)
    assert serve.returncode == 0


def _just_now() -> str:
    return (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
