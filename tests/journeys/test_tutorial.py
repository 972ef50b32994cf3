"""The tutorial's own commands, taken from its page and run in one shell against a live server."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from alerts.routing.actions import route
from governance.rules.actions import shipped_texts
from governance.scoring import pipeline
from governance.scoring.models import Posture
from models_registry.access.actions import create_account, grant_role
from models_registry.access.models import AccountKind
from models_registry.audit.models import AuditEntry
from models_registry.catalog.actions import register_version
from models_registry.catalog.models import Kind
from tests.journeys.builders import OPERATOR, a_model, a_person, an_enforced_formula, an_enforced_rule, people, send

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorials" / "first-red-model.md"
BLOCK = re.compile(r"<!-- tried: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)
DEMO = "http://localhost:8000"
SECONDS = 60
"""How long a block may take on a busy machine; together they take about ten."""

HEALTHY = {
    "accuracy": 0.94,
    "auc": 0.93,
    "psi": 0.06,
    "null_rate": 0.01,
    "p95_latency_ms": 300,
    "error_rate": 0.001,
    "demographic_parity_ratio": 0.94,
}


def blocks() -> dict[str, str]:
    """Return the tried blocks of the page by their names, in their order."""
    return dict(BLOCK.findall(TUTORIAL.read_text()))


class Terminal:
    """One shell in the folder of the checkout; what a block sets, the next one finds."""

    def __init__(self, environment: dict[str, str], places: dict[str, str]) -> None:
        self._places = places
        self._shell = subprocess.Popen(
            ["sh"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, block: str) -> str:
        """Type a block and return what it printed. Fails when its last command did."""
        for written, here in self._places.items():
            block = block.replace(written, here)
        assert self._shell.stdin
        assert self._shell.stdout
        limit = threading.Timer(SECONDS, self._shell.kill)
        limit.start()
        self._shell.stdin.write(f'{block}\necho "END-OF-BLOCK $?"\n')
        self._shell.stdin.flush()
        lines: list[str] = []
        for line in self._shell.stdout:
            if line.startswith("END-OF-BLOCK"):
                limit.cancel()
                assert line.split() == ["END-OF-BLOCK", "0"], "".join(lines)
                return "".join(lines)
            lines.append(line)
        limit.cancel()
        raise AssertionError(f"The shell ended: {''.join(lines)}")

    def close(self) -> None:
        """Leave the shell."""
        self._shell.kill()
        self._shell.wait()
        for stream in (self._shell.stdin, self._shell.stdout):
            assert stream
            stream.close()


@pytest.fixture
def company() -> None:
    """Priya's healthy model with two versions, the pipeline's account, and the shipped rule in force."""
    now = timezone.now()
    claims = people().claims
    priya = a_person("priya", "Priya Natarajan", "model_owner", unit=claims)
    pipeline_account = create_account(by=OPERATOR, at=now, username="bot-ci", kind=AccountKind.AUTOMATION)
    grant_role(by=OPERATOR, at=now, account=pipeline_account, role="automation_ci")
    an_enforced_rule(dict(shipped_texts())["weight-digest-changed"])
    an_enforced_formula(kinds=(Kind.VISION,))
    model = a_model("damage-photos", kind=Kind.VISION, owner=priya, unit=claims, materiality="MEDIUM")
    for number in (1, 2):
        register_version(by=priya, at=now, model=model, artifact_digest=f"sha256:{number:064x}")
    moment = now - timedelta(minutes=2)
    readings = [
        {"model": model.slug, "metric": name, "value": value, "observed_at": moment} for name, value in HEALTHY.items()
    ]
    send(readings, at=now)


@pytest.fixture
def terminal(live_server: Any, company: None) -> Iterator[Terminal]:
    """A shell whose commands meet the live server and its database, as they would meet the demo's."""
    held = connection.settings_dict
    database = f"postgresql://{held['USER']}:{held['PASSWORD']}@/{held['NAME']}?host={quote(held['HOST'])}"
    environment = {**os.environ, "DATABASE_URL": database, "REDLINE_URL": live_server.url}
    opened = Terminal(environment, {DEMO: live_server.url, ".venv/bin/python": sys.executable})
    yield opened
    opened.close()


def run_the_line() -> None:
    """Do what the demo's scheduler does each second."""
    while pipeline.process(limit=100, at=timezone.now()):
        pass
    while route(limit=100, at=timezone.now()):
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_the_commands_of_the_tutorial_do_what_the_page_says_and_the_trail_tells_it(terminal: Terminal):
    page = blocks()
    assert list(page) == ["ask", "connect", "send", "blocked", "answer", "prove"]

    asked = terminal.run(page["ask"])
    connected = terminal.run(page["connect"])
    sent = terminal.run(page["send"])
    again = terminal.run(page["send"])
    run_the_line()
    blocked = terminal.run(page["blocked"])
    run_the_line()
    answered = terminal.run(page["answer"])
    run_the_line()
    proved = terminal.run(page["prove"])

    assert (asked.splitlines()[0], asked.splitlines()[-1]) == ("APPROVE", "exit 0")
    assert '"source": "weights-watch"' in connected
    assert sent.startswith("202 ")
    assert ('"duplicate":false' in sent, '"duplicate":true' in again) == (True, True)
    assert (blocked.splitlines()[0], blocked.splitlines()[-1]) == ("BLOCK", "exit 20")
    assert "\n".join(blocked.splitlines()[:2]) in TUTORIAL.read_text()
    assert "CRITICAL is now MITIGATING" in answered
    assert "balance." in proved
    assert "byte for byte" in proved

    recorded = set(AuditEntry.objects.values_list("action", flat=True))
    assert Posture.objects.get(model__slug="damage-photos").in_the_red
    assert recorded >= {"gate.decided", "gate.blocked", "model.went_red", "risk.acknowledged", "risk.plan_submitted"}
