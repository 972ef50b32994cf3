"""`kill -9` while OpenTelemetry, CloudEvents and webhooks arrive: what was answered with 2xx is there, once."""

import http.client
import json
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from governance.config.embedded import remove
from models_registry.telemetry.signatures import sign
from tests.chaos import oracle
from tests.chaos.rig import Rig
from tests.chaos.traffic import GIVE_UP_SECONDS, Receiver
from tests.models_registry.telemetry import otlp

EACH = 40
KILLS = ("web", "postgres", "line", "web")
type Parcel = tuple[bytes, dict[str, str]]


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Path(tempfile.mkdtemp(prefix="redline-doors-"))
    made.chmod(0o711)
    receiver = Receiver()
    rig = Rig(made, receiver_port=receiver.port)
    try:
        rig.prepare(models=1, receiver=receiver.url)
        yield rig
    finally:
        rig.stop()
        receiver.stop()
        remove(made / "pg")
        shutil.rmtree(made, ignore_errors=True)


def export(number: int, secret: str) -> Parcel:
    """An export of two resources, which becomes two events."""
    now = time.time_ns()
    resources = [
        ({"redline__model": "chaos-0"}, [otlp.gauge(f"{half}_reading", float(number), at=now)])
        for half in ("first", "second")
    ]
    return otlp.metrics_of(resources), {"Content-Type": otlp.PROTOBUF, "Authorization": f"Bearer {secret}"}


def cloud_events(number: int, secret: str) -> Parcel:
    """A batch of two events."""
    events = [
        {
            "specversion": "1.0",
            "id": f"{half}-{number}",
            "source": "/storm",
            "type": "measured",
            "subject": "chaos-0",
            "data": {"metric": f"{half}_reading", "value": number},
        }
        for half in ("first", "second")
    ]
    kind = "application/cloudevents-batch+json"
    return json.dumps(events).encode(), {"Content-Type": kind, "Authorization": f"Bearer {secret}"}


def webhook(number: int, secret: str) -> Parcel:
    """A signed webhook of two measurements."""
    several = [{"model": "chaos-0", "metric": f"{half}_reading", "value": number} for half in ("first", "second")]
    body = json.dumps({"type": "measured", "data": {"measurements": several}}).encode()
    signed = sign(event_id=f"msg_{number}", at=datetime.now(UTC), body=body, secret=secret)
    return body, {"Content-Type": "application/json", **signed}


DOORS: dict[str, Callable[[int, str], Parcel]] = {
    "opentelemetry": export,
    "cloudevents": cloud_events,
    "standard_webhooks": webhook,
}


class Sender(threading.Thread):
    """Sends numbered parcels to one door, each until it is answered with 2xx."""

    def __init__(self, kind: str, url: str, secret: str) -> None:
        super().__init__(daemon=True)
        self.kind, self.secret, self.acknowledged, self.final = kind, secret, 0, [0]
        place = urlsplit(url)
        self.address, self.path = place.netloc, place.path + ("/v1/metrics" if kind == "opentelemetry" else "")

    def run(self) -> None:
        """Send them all."""
        for number in range(EACH):
            body, headers = DOORS[self.kind](number, self.secret)
            deadline = time.monotonic() + GIVE_UP_SECONDS
            while not 200 <= (status := self._post(body, headers)) < 300 and time.monotonic() < deadline:
                if 400 <= status < 500 and status != 429:
                    self.final.append(status)
                    return
                time.sleep(0.05)
            self.acknowledged += 1

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def test_what_a_new_door_acknowledged_is_measured_once_whatever_is_killed(rig: Rig) -> None:
    made = {kind: json.loads(rig.manage("create_source", f"Storm {kind}", "--kind", kind)) for kind in DOORS}
    senders = [Sender(kind, told["url"], told["secret"]) for kind, told in made.items()]
    chance, owner = random.Random(20261121), rig.urls["redline_owner"]
    for part in ("web", "line"):
        rig.start(part)

    for sender in senders:
        sender.start()
    for number, part in enumerate(KILLS, start=1):
        share = EACH * len(senders) * (number - chance.random()) / (len(KILLS) + 1)
        while sum(each.acknowledged for each in senders) < share and any(each.is_alive() for each in senders):
            time.sleep(0.005)
        rig.kill(part)
        rig.start(part)
    for sender in senders:
        sender.join()
    deadline = time.monotonic() + 120
    while oracle.waiting(owner) and time.monotonic() < deadline:
        time.sleep(0.2)

    assert {each.kind: (each.acknowledged, each.final) for each in senders} == dict.fromkeys(DOORS, (EACH, [0]))
    with psycopg.connect(owner) as opened:
        states = dict(opened.execute("select state, count(*) from telemetry_event group by state").fetchall())
        measured = opened.execute(
            "select s.kind, m.metric, m.value::integer, count(*) from telemetry_measurement m"
            " join telemetry_event e on e.id = m.event_id join telemetry_source s on s.id = e.source_id"
            " group by 1, 2, 3 having count(*) <> 1"
        ).fetchall()
        numbers = opened.execute("select count(*) from telemetry_measurement").fetchone()
    assert measured == []
    assert numbers == (EACH * 2 * len(DOORS),)
    assert set(states) == {"DONE"}
    assert rig.books()["imbalances"] == []
