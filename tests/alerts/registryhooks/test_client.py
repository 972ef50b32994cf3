"""A stock mlflow client looks after webhooks, and the code of a stock server finds nothing wrong with what arrives.

Needs the client in an environment of its own: `make mlflow-client` makes it, or REDLINE_MLFLOW_PYTHON names one.
"""

import json
from pathlib import Path

import pytest

from alerts.delivery.models import Notification, NotificationState
from alerts.registryhooks.models import RegistryWebhook
from tests.alerts.receiving import Receiver
from tests.alerts.registryhooks.world import told
from tests.governance.mlflow.test_client import NEW, run
from tests.governance.mlflow.world import Registry, mia
from tests.wire import web_process

STORY = Path(__file__).with_name("client_story.py")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not NEW.exists(), reason="no mlflow client here: `make mlflow-client` installs one"),
]


def test_webhooks_of_a_stock_client_receive_what_a_stock_server_would_send(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDLINE_OUTBOUND_HTTP", "true")
    monkeypatch.setenv("REDLINE_OUTBOUND_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("REDLINE_OUTBOUND_PORTS", str(receiver.port))
    token = Registry(mia()).raw
    with web_process(place=tmp_path) as port:
        env = {
            "HOME": str(tmp_path),
            "MLFLOW_REGISTRY_URI": f"http://127.0.0.1:{port}",
            "MLFLOW_TRACKING_TOKEN": token,
            "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/runs.db",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "RECEIVER": receiver.url,
        }
        assert run([str(NEW), str(STORY)], env, tmp_path).splitlines()[-1] == "all is well"
    tests = len(receiver.got)
    told()

    recorded = tmp_path / "recorded.json"
    recorded.write_text(json.dumps([(headers, body.decode()) for headers, body in receiver.got]))
    assert run([str(NEW), str(STORY), str(recorded)], env, tmp_path).splitlines()[-1] == "all is well"
    assert tests == 2
    assert RegistryWebhook.objects.standing().count() == 1
    assert set(Notification.objects.values_list("state", flat=True)) == {NotificationState.DELIVERED}
    assert len(receiver.got) == Notification.objects.count()
