"""Senders that repeat until they are answered, and a receiver that counts what it is told."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from models_registry.telemetry.signatures import sign

GIVE_UP_SECONDS = 240


@dataclass(frozen=True)
class Sent:
    """One event: its identifier and the body with one reading."""

    event_id: str
    body: bytes


def events(*, count: int, models: int, metrics: Sequence[str], bad: int, chance: random.Random) -> list[Sent]:
    """Return events of readings over the last hours; all readings of a metric on the first `bad` models are bad."""
    now = datetime.now(UTC)
    made = []
    for number in range(count):
        model, metric = chance.randrange(models), chance.choice(metrics)
        is_bad = model < bad
        low = chance.uniform(0.05, 0.3)
        reading = {
            "model": f"chaos-{model}",
            "metric": metric,
            "value": round(low if is_bad == (metric == "accuracy") else 1 - low, 6),
            "observed_at": (now - timedelta(seconds=chance.randrange(60, 6 * 3600))).isoformat(),
        }
        made.append(Sent(f"storm-{number}", json.dumps({"measurements": [reading]}).encode()))
    return made


class Senders:
    """Threads that send every event until it is answered with 2xx, and one in ten a second time."""

    def __init__(self, *, port: int, path: str, secret: str, work: Sequence[Sent], threads: int, seed: int) -> None:
        self.port, self.path, self.secret = port, path, secret
        self.acknowledged: dict[str, int] = {}
        self.refused: list[tuple[str, int]] = []
        self.tries = 0
        self._work = list(work)
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed + number),)) for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until every event was answered."""
        for thread in self._threads:
            thread.join()

    @property
    def done(self) -> int:
        """How many events were acknowledged so far."""
        with self._lock:
            return len(self.acknowledged)

    @property
    def are_sending(self) -> bool:
        """Whether any thread still has work."""
        return any(thread.is_alive() for thread in self._threads)

    def _run(self, chance: random.Random) -> None:
        while True:
            with self._lock:
                if not self._work:
                    return
                one = self._work.pop()
            self._until_answered(one, chance)
            if chance.random() < 0.1:
                self._until_answered(one, chance)

    def _until_answered(self, one: Sent, chance: random.Random) -> None:
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            status, kept_as = self._post(one)
            with self._lock:
                self.tries += 1
                if 200 <= status < 300:
                    self.acknowledged[kept_as] = self.acknowledged.get(kept_as, 0) + 1
                    return
                if 400 <= status < 500 and status != 429:
                    self.refused.append((one.event_id, status))
                    return
            time.sleep(chance.uniform(0.02, 0.2))

    def _post(self, one: Sent) -> tuple[int, str]:
        """Return the status and the event's id; 0 where no answer came: the event may have been kept or not."""
        signed = sign(event_id=one.event_id, at=datetime.now(UTC), body=one.body, secret=self.secret)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", self.path, one.body, {"Content-Type": "application/json", **signed})
            answer = connection.getresponse()
            said = json.loads(answer.read() or b"{}")
            return answer.status, said.get("event_id", "")
        except (OSError, ValueError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()


class Receiver:
    """An HTTP server on this machine that counts the messages it gets by their key."""

    def __init__(self) -> None:
        self.keys: Counter[str] = Counter()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.keys[body["data"]["key"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where messages go."""
        return f"http://127.0.0.1:{self.port}/told"

    def stop(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()
