"""`kill -9` while every door is knocked at: what was answered with 2xx is there, once."""

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
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

from governance.config.embedded import remove
from models_registry.telemetry.signatures import sign
from tests.chaos import oracle
from tests.chaos.rig import Rig
from tests.chaos.traffic import GIVE_UP_SECONDS, Receiver
from tests.models_registry.telemetry import otlp, prompb

PAYLOADS = Path(__file__).parents[1] / "payloads"
EACH = 15
KILLS = ("web", "postgres", "line", "web")
MODEL = "chaos-0"
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
        ({"redline__model": MODEL}, [otlp.gauge(f"{half}_reading", float(number), at=now)])
        for half in ("first", "second")
    ]
    return otlp.metrics_of(resources), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def spans(number: int, secret: str) -> Parcel:
    """A call to a model with what was asked, which becomes a prediction and five measurements."""
    facts = {"redline__model": MODEL, "gen_ai__operation__name": "chat", "gen_ai__input__messages": f"Claim {number}?"}
    call = otlp.span(number=number + 1, **facts)
    ended = time.time_ns()
    call |= {"start_time_unix_nano": ended - 10**8, "end_time_unix_nano": ended}
    return otlp.traces(call), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def judgements(number: int, secret: str) -> Parcel:
    """Two results of evaluations, as logs."""
    now = time.time_ns()
    told = [otlp.evaluation(f"{half}_reading", float(number), at=now, redline__model=MODEL) for half in "ab"]
    return otlp.logs(*told), {"Content-Type": otlp.PROTOBUF, **bearer(secret)}


def cloud_events(number: int, secret: str) -> Parcel:
    """A batch of two events."""
    events = [
        {
            "specversion": "1.0",
            "id": f"{half}-{number}",
            "source": "/storm",
            "type": "measured",
            "subject": MODEL,
            "data": {"metric": f"{half}_reading", "value": number},
        }
        for half in ("first", "second")
    ]
    kind = "application/cloudevents-batch+json"
    return json.dumps(events).encode(), {"Content-Type": kind, **bearer(secret)}


def webhook(number: int, secret: str) -> Parcel:
    """A signed webhook of two measurements."""
    body = json.dumps({"type": "measured", "data": {"measurements": two_readings(number)}}).encode()
    signed = sign(event_id=f"msg_{number}", at=datetime.now(UTC), body=body, secret=secret)
    return body, {"Content-Type": "application/json", **signed}


def bulk(number: int, secret: str) -> Parcel:
    """Two measurements in bulk, of their own minute."""
    return in_json({"measurements": [{**each, "observed_at": moment(number)} for each in two_readings(number)]}, secret)


def samples(number: int, secret: str) -> Parcel:
    """A remote write of two series."""
    told = [({"__name__": name, "model_id": MODEL}, [(float(number), ms(number))]) for name in ("psi", "accuracy")]
    packed = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    return prompb.packed(prompb.version_1(*told)), {**packed, **bearer(secret)}


def prometheus_alerts(number: int, secret: str) -> Parcel:
    """Two alerts as Prometheus posts them to an Alertmanager."""
    return in_json([alert(number, name) for name in ("psi", "accuracy")], secret)


def alertmanager(number: int, secret: str) -> Parcel:
    """Two alerts that an Alertmanager tells of."""
    return in_json(notification(number), secret)


def grafana(number: int, secret: str) -> Parcel:
    """Two alerts that Grafana tells of."""
    told = notification(number)
    return in_json(
        {**told, "version": "1", "alerts": [{**each, "values": {"A": 0.3}} for each in told["alerts"]]}, secret
    )


def datadog(number: int, secret: str) -> Parcel:
    """A monitor of Datadog that was triggered."""
    body = json.loads((PAYLOADS / "datadog/triggered.json").read_text())
    tags = f"env:prod,model_id:{MODEL}"
    told = {"id": str(number), "cycle_key": f"c{number}", "tags": tags, "scope": tags, "at": str(ms(number) // 1000)}
    return in_json(body | told, secret)


def arize(number: int, secret: str) -> Parcel:
    """A drift alert of Arize."""
    body = json.loads((PAYLOADS / "arize/drift_alert.json").read_text())
    return in_json(body | {"model_id": MODEL, "timestamp": moment(number)}, secret)


def siem(number: int, secret: str) -> Parcel:
    """Two events of a SIEM."""
    told = {"type": "jailbreak", "model": MODEL, "at": moment(number)}
    return in_json({"events": [{**told, "id": f"{half}-{number}"} for half in "ab"]}, secret)


def predictions(number: int, secret: str) -> Parcel:
    """Two answers of a model, one by one."""
    told = {
        "model": MODEL,
        "observed_at": moment(number),
        "outcome": "ok",
        "version": 1,
        "input": f"Claim {number}?",
    }
    return in_json({"predictions": [{**told, "prediction_id": f"{half}-{number}"} for half in "ab"]}, secret)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def in_json(body: Any, secret: str) -> Parcel:
    return json.dumps(body).encode(), {"Content-Type": "application/json", **bearer(secret)}


def two_readings(number: int) -> list[dict[str, Any]]:
    return [{"model": MODEL, "metric": f"{half}_reading", "value": number} for half in ("first", "second")]


def alert(number: int, metric: str) -> dict[str, Any]:
    labels = {"alertname": "Drift", "model_id": MODEL, "metric": metric}
    return {"labels": labels, "annotations": {"value": "0.3"}, "startsAt": moment(number)}


def notification(number: int) -> dict[str, Any]:
    return {"version": "4", "alerts": [{**alert(number, name), "status": "firing"} for name in ("psi", "accuracy")]}


def ms(number: int) -> int:
    return (int(time.time()) // 3600 * 3600 - 3600 + number) * 1000


def moment(number: int) -> str:
    return datetime.fromtimestamp(ms(number) / 1000, UTC).isoformat()


class Door(NamedTuple):
    """One way in: what kind of source, where below its address, what is sent, and what becomes of a parcel."""

    kind: str
    parcel: Callable[[int, str], Parcel]
    events: int = 1
    measurements: int = 2
    predictions: int = 0
    below: str = ""


DOORS: dict[str, Door] = {
    "metrics": Door("opentelemetry", export, events=2, below="/v1/metrics"),
    "traces": Door("opentelemetry", spans, measurements=5, predictions=1, below="/v1/traces"),
    "logs": Door("opentelemetry", judgements, below="/v1/logs"),
    "cloudevents": Door("cloudevents", cloud_events, events=2),
    "webhooks": Door("standard_webhooks", webhook),
    "bulk": Door("measurements", bulk),
    "remote write": Door("prometheus", samples, below="api/v1/write"),
    "prometheus alerts": Door("prometheus", prometheus_alerts, measurements=4, below="api/v2/alerts"),
    "alertmanager": Door("alertmanager", alertmanager, measurements=4),
    "grafana": Door("grafana", grafana, measurements=4),
    "datadog": Door("datadog", datadog, measurements=1),
    "arize": Door("arize", arize, measurements=1),
    "security": Door("security", siem),
    "predictions": Door("generic_json", predictions, events=0, measurements=0, predictions=2),
}


class Sender(threading.Thread):
    """Sends numbered parcels to one door, each until it is answered with 2xx."""

    def __init__(self, name: str, url: str, secret: str) -> None:
        super().__init__(daemon=True)
        self.door, self.secret, self.acknowledged, self.final = DOORS[name], secret, 0, [0]
        self.called, place = name, urlsplit(url)
        token = place.path.rstrip("/").rpartition("/")[2]
        own = f"/api/v1/predictions/from/{token}/" if name == "predictions" else place.path + self.door.below
        self.address, self.path = place.netloc, own

    def run(self) -> None:
        """Send them all."""
        for number in range(EACH):
            body, headers = self.door.parcel(number, self.secret)
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


def sources(rig: Rig) -> dict[str, dict[str, str]]:
    """Create a source for each door, in one process."""
    calls = "".join(
        f"call_command('create_source', 'Storm {name}', kind='{door.kind}');" for name, door in DOORS.items()
    )
    told = rig.manage("shell", "-v", "0", "-c", f"from django.core.management import call_command;{calls}")
    return dict(zip(DOORS, map(json.loads, told.splitlines()), strict=True))


def test_what_a_door_acknowledged_is_there_once_whatever_is_killed(rig: Rig) -> None:
    made = sources(rig)
    senders = [Sender(name, told["url"], told["secret"]) for name, told in made.items()]
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

    assert {each.called: (each.acknowledged, each.final) for each in senders} == dict.fromkeys(DOORS, (EACH, [0]))
    with psycopg.connect(owner) as opened:
        states = dict(opened.execute("select state, count(*) from telemetry_event group by state").fetchall())
        found = opened.execute(
            "select s.name, (select count(*) from telemetry_event e where e.source_id = s.id),"
            " (select count(*) from telemetry_measurement m join telemetry_event e on e.id = m.event_id"
            "  where e.source_id = s.id),"
            " (select count(*) from lineage_prediction p where p.source_id = s.id) from telemetry_source s"
            " where s.name like 'Storm %'"
        ).fetchall()
    expected = {
        f"Storm {name}": (EACH * door.events, EACH * door.measurements, EACH * door.predictions)
        for name, door in DOORS.items()
    }
    assert {name: tuple(counts) for name, *counts in found} == expected
    assert set(states) == {"DONE"}
    assert rig.books()["imbalances"] == []
