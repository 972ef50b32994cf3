"""What a how-to says is done as it says: its sources are made, and each of its commands and programs is run."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from models_registry.access.actions import create_account, grant_role
from models_registry.access.issuing import issue_token
from models_registry.access.models import AccountKind
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from tests.models_registry.telemetry import world
from tests.wire import web_process

DOCS = Path(__file__).parents[3] / "docs" / "how-to"
PAYLOADS = Path(__file__).parents[2] / "payloads"
PAGES = (
    "connect-alertmanager", "connect-arize", "connect-cloud-monitors", "connect-datadog", "connect-evidently",
    "connect-grafana", "connect-mlflow-webhooks", "connect-phoenix", "connect-prometheus", "connect-security-events",
    "connect-wandb", "map-a-payload", "poll-a-platform", "send-cloudevents", "send-findings", "send-measurements",
    "send-opentelemetry",
)  # fmt: skip
ELSEWHERE = {
    "amtool ": "an Alertmanager", "aws ": "AWS", "az ": "Azure", "gcloud ": "Google Cloud", "from evidently": "Evidently",
    "from mlflow import": "an MLflow server", "import boto3": "AWS", "manage.py ": "the server's terminal",
    "OTEL_EXPORTER": "an application", "start_http_server": "a service that is scraped",
}  # fmt: skip
"""How what needs more than a shell and Redline begins; the real senders' own tests run those that can be had."""
IN_THE_BROWSER = {"map-a-payload": "generic_json", "poll-a-platform": "phoenix", "send-findings": "security"}
"""Pages whose sources are made elsewhere, and of which kind they are."""
CREATE = re.compile(r"manage\.py create_source (\"[^\"]+\") --kind (\w+)((?: --\w+ (?:'[^']*'|\d+))*)")
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass
class Page:
    """A how-to with its sources, in the order in which it makes them, and what of it is run."""

    name: str
    sources: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Place in the text → address and secret."""

    @property
    def text(self) -> str:
        return (DOCS / f"{self.name}.md").read_text()

    def blocks(self) -> Iterator[tuple[int, str, str]]:
        """Yield place, language and text of what may be run."""
        for found in FENCE.finditer(self.text):
            indent, language, text = found.groups()
            if language in ("sh", "python"):
                yield found.start(), language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)


def connect(page: Page, *, port: int) -> None:
    """Make each source that a page's commands make, as the commands say."""
    commands = [(found.start(), *found.groups()) for found in CREATE.finditer(page.text)]
    if page.name in IN_THE_BROWSER:
        commands = [(0, page.name, IN_THE_BROWSER[page.name], "")]
    for place, name, kind, options in commands:
        if "google:" in options:  # nobody here signs as Google does; the page's other way is walked
            options = ""
        told = io.StringIO()
        call_command("create_source", name.strip('"'), "--kind", kind, *shlex.split(options), stdout=told)
        made = json.loads(told.getvalue())
        page.sources[place] = (re.sub(r"^https?://[^/]+", f"http://127.0.0.1:{port}", made["url"]), made["secret"])


def filled_in(text: str, *, address: str, secret: str) -> str:
    """Return a text with what its page says to replace, and the host that answers here."""
    host, token = address.partition("/api/")[0].partition("/otlp/")[0], address.rstrip("/").rpartition("/")[2]
    text = text.replace("https://redline.example.com", host).replace("ADDRESS", token)
    return re.sub(r"\bMODEL\b", "claims-triage", re.sub(r"\bSECRET\b", secret, text))


@contextmanager
def a_phoenix() -> Iterator[str]:
    """What answers `span_annotations` as Phoenix does."""

    class Phoenix(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write((PAYLOADS / "phoenix/annotations.json").read_bytes())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Phoenix)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def a_token(role: str) -> str:
    """A token of somebody who has this role."""
    at, is_automation = timezone.now(), role.startswith("automation")
    kind = AccountKind.AUTOMATION if is_automation else AccountKind.PERSON
    account = create_account(by=world.OPERATOR, at=at, username=role, kind=kind)
    grant_role(by=world.OPERATOR, at=at, account=account, role=role)
    return issue_token(by=world.OPERATOR if is_automation else account, at=at, account=account).raw


def test_every_how_to_is_walked_as_it_is_written(
    transactional_db: None, tmp_path: Path, run_line: Callable[[], None]
) -> None:
    world.claims_model()
    scorer, manager = a_token("automation_scorer"), a_token("administrator")
    (tmp_path / "weights.bin").write_bytes(b"weights")
    wrong, ran = {}, dict.fromkeys(PAGES, 0)
    with web_process(place=tmp_path) as port, a_phoenix() as phoenix:
        known = {"PHOENIX": phoenix, "PHOENIX_API_KEY": "key", "SPAN": "67f6740bbe1ddc3f"}
        for name in PAGES:
            page = Page(name)
            connect(page, port=port)
            known["REDLINE_TOKEN"] = scorer if name == "send-findings" else manager
            for place, language, text in page.blocks():
                if any(re.search(rf"^(?:\S*python )?{start}", text, re.MULTILINE) for start in ELSEWHERE):
                    continue
                address, secret = page.sources[max(at for at in page.sources if at <= place)]
                command = [sys.executable, "-c"] if language == "python" else ["bash", "-euo", "pipefail", "-c"]
                done = subprocess.run(
                    [*command, filled_in(text, address=address, secret=secret)],
                    cwd=tmp_path, env={**os.environ, **known}, capture_output=True, text=True, timeout=60, check=False,
                )  # fmt: skip
                ran[name] += 1
                if done.returncode or re.search(r'"(?:code"\s*:\s*"E_|status"\s*:\s*[45])', done.stdout):
                    wrong[name, text[:60]] = done.stdout + done.stderr
    run_line()

    assert wrong == {}
    assert {name for name, count in ran.items() if not count} == set()
    states = TelemetryEvent.objects.values_list("source__kind", "state", "reason")
    assert {each for each in states if each[1] != EventState.DONE} <= {
        ("generic_json", EventState.QUARANTINED, "E_MAPPING:/mapping")
    }
    assert {each.model.slug for each in Measurement.objects.select_related("model")} == {"claims-triage"}
