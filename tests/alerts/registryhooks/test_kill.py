"""`kill -9` of the line while webhooks are delivered: no change is lost, and a repeated one has its old id."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from alerts.delivery.models import Notification, NotificationState
from alerts.routing import queries as books
from alerts.routing.bookkeeping import one_moment
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import RegisteredModel
from tests.alerts.receiving import Receiver
from tests.alerts.registryhooks.world import a_webhook, verified
from tests.governance.mlflow.world import Registry, mia
from tests.streaming import database_url

ROOT = Path(__file__).resolve().parents[3]
VERSIONS = 120

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def a_line(place: Path, receiver: Receiver) -> Iterator[subprocess.Popen[bytes]]:
    """Run the scheduler as production does, and end it by `kill -9`."""
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "REDLINE_OUTBOUND_HTTP": "true",
        "REDLINE_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "REDLINE_OUTBOUND_PORTS": str(receiver.port),
    }
    command = [sys.executable, "manage.py", "run_line"]
    with (place / "line.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(receiver: Receiver, count: int, place: Path) -> None:
    deadline = time.monotonic() + 90
    while len(receiver.got) < count:
        assert time.monotonic() < deadline, (place / "line.log").read_text()[-3000:]
        time.sleep(0.01)


def test_no_change_is_lost_when_the_line_is_killed_while_it_delivers(receiver: Receiver, tmp_path: Path) -> None:
    person = mia()
    a_webhook(person, receiver.url, events=("model_version.created",))
    Registry(person).model("busy")
    model = RegisteredModel.objects.get()
    receiver.pause_s = 0.02

    for killed in range(1, 4):
        with transaction.atomic():
            for _ in range(VERSIONS // 3):
                catalog.register_version(by=person, at=timezone.now(), model=model, source_uri="s3://a")
        with a_line(tmp_path, receiver):
            wait_for(receiver, len(receiver.got) + 15, tmp_path)
        left = Notification.objects.filter(state=NotificationState.PENDING)
        assert killed == 3 or left.exists()  # it was killed at work
        left.update(lease_until=None)  # as when the leases of the dead have run out
    with a_line(tmp_path, receiver):
        deadline = time.monotonic() + 90
        while Notification.objects.exclude(state=NotificationState.DELIVERED).exists() or not all_told(receiver):
            assert time.monotonic() < deadline, (tmp_path / "line.log").read_text()[-3000:]
            time.sleep(0.1)

    ids: dict[str, set[str]] = defaultdict(set)
    for headers, body in receiver.got:
        ids[verified(headers, body)["data"]["version"]].add(headers["X-MLflow-Delivery-Id"])
    assert sorted(map(int, ids)) == list(range(1, VERSIONS + 1))
    assert all(len(one) == 1 for one in ids.values())
    with one_moment():
        counted, proven = books.books(), books.recount()
    assert counted == proven
    assert counted.balanced
    assert counted.delivered == VERSIONS


def all_told(receiver: Receiver) -> bool:
    return len({json.loads(body)["data"]["version"] for _, body in receiver.got}) == VERSIONS
