"""`kill -9` while every door is knocked at: what was answered with 2xx is there, once."""

import http.client
import json
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from governance.config.embedded import remove
from models_registry.telemetry.models import SourceKind
from tests.chaos import oracle
from tests.chaos.doors import DOORS
from tests.chaos.rig import Rig
from tests.chaos.traffic import GIVE_UP_SECONDS, Receiver

EACH = 12
KILLS = ("web", "postgres", "line", "web")


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


class Sender(threading.Thread):
    """Sends numbered parcels to one door, each until it is answered with 2xx."""

    def __init__(self, name: str, *, host: str, address: str, secret: str) -> None:
        super().__init__(daemon=True)
        self.called, self.door, self.secret, self.host = name, DOORS[name], secret, host
        self.path = self.door.path(address=address, secret=secret)
        self.acknowledged, self.final = 0, [0]

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
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def test_every_kind_of_source_has_a_door_that_is_stormed_but_the_one_that_files_are_loaded_into() -> None:
    assert set(SourceKind.values) - {door.kind for door in DOORS.values()} == {SourceKind.BACKFILL}


def test_what_a_door_acknowledged_is_there_once_whatever_is_killed(rig: Rig) -> None:
    host = urlsplit(rig.address).netloc
    made = json.loads(rig.run("tests.chaos.doors"))
    senders = [Sender(name, host=host, address=address, secret=secret) for name, (address, secret) in made.items()]
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
            "select s.name,"
            " (select count(*) from telemetry_event e where e.source_id = s.id),"
            " (select count(distinct e.raw) from telemetry_event e where e.source_id = s.id),"
            " (select count(*) from telemetry_measurement m join telemetry_event e on e.id = m.event_id"
            "  where e.source_id = s.id),"
            " (select count(*) from lineage_prediction p where p.source_id = s.id)"
            " from telemetry_source s where s.name like 'Storm %'"
        ).fetchall()
        [findings] = opened.execute(
            "select count(*) from audit_entry where action = 'risk.evidence_received'"
        ).fetchall()[0]
    kept = {name.removeprefix("Storm "): counts for name, *counts in found}
    for name, door in DOORS.items():
        events, told, measured, predicted = kept[name]
        repeated = events - told
        assert (told, predicted) == (EACH * door.events, EACH * door.predictions), name
        assert measured == (EACH * door.events + repeated) * door.measurements // max(door.events, 1), name
        assert 0 <= repeated <= (0 if door.named else len(KILLS)), name
    assert findings == EACH * sum(door.findings for door in DOORS.values())
    assert set(states) == {"DONE"}
    assert rig.books()["imbalances"] == []
