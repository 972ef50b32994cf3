"""Prometheus and Alertmanager as their makers ship them, a service to scrape, and waiting for what they do."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from models_registry.telemetry.models import TelemetryEvent
from tests.models_registry.telemetry import world

PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
PATIENCE_S = 60.0


class Exporter(BaseHTTPRequestHandler):
    """What Prometheus scrapes: two models and one metric that nothing reads."""

    def do_GET(self) -> None:
        """Expose the series of this moment."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.exposed())

    def exposed(self) -> bytes:
        """Return the same three series every time."""
        return b"""# TYPE psi gauge
psi{model_id="claims-triage",env="prod"} 0.31
psi{model_id="nobody-knows-me"} 0.5
# TYPE something_else gauge
something_else{model_id="claims-triage"} 7
"""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def exporter(exposing: type[Exporter] = Exporter) -> Iterator[int]:
    """Expose the series on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), exposing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def running(place: Path, name: str, *command: str) -> Iterator[None]:
    """Run a server until the end of the test."""
    with (place / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def until(happened: Callable[[], Any], place: Path) -> None:
    """Wait until it happened; fail with the servers' logs. A server that does not answer yet is asked again."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if happened():
                return
        except OSError:
            pass
        time.sleep(0.3)
    told = [*TelemetryEvent.objects.values_list("source__kind", "state", "reason").distinct()]
    pytest.fail(f"{told}\n" + "\n".join(log.read_text(errors="replace")[-3000:] for log in place.glob("*.log")))


def until_measured(happened: Callable[[], Any], place: Path) -> None:
    """Measure what arrives until it happened."""

    def measured() -> Any:
        world.work(timezone.now())
        return happened()

    until(measured, place)
