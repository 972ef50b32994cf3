"""The command as a pipeline runs it: a process of its own against a running server."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from governance.risks.models import Risk
from models_registry.catalog.models import ModelVersion
from tests.governance.gates.world import RULE, a_clean_version, a_token, otto

ROOT = Path(__file__).resolve().parents[2]
QUESTION = ("gate", "--model", "claims-triage", "--version", "1", "--target", "production")


def run(*arguments: str, url: str = "", token: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "REDLINE_URL": url, "REDLINE_TOKEN": token}
    command = [sys.executable, "-m", "redline_cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def token(live_server: Any) -> str:
    now = timezone.now()
    a_clean_version(at=now)
    return a_token(otto(), at=now)


@pytest.mark.django_db(transaction=True)
def test_the_exit_code_is_the_answer(live_server: Any, token: str) -> None:
    approved = run(*QUESTION, url=live_server.url, token=token)
    Risk.objects.update(score=45)
    review = run(*QUESTION, url=live_server.url, token=token)
    ModelVersion.objects.update(artifact_digest="")
    blocked = run(*QUESTION, url=live_server.url, token=token)
    stranger = run(*QUESTION, url=live_server.url, token="rdl_nobody")

    assert (approved.returncode, approved.stdout.splitlines()[0]) == (0, "APPROVE"), approved
    assert (review.returncode, "ABOVE_APPETITE" in review.stderr) == (10, True)
    assert (blocked.returncode, "Register a version with the SHA-256" in blocked.stderr) == (20, True)
    assert (stranger.returncode, "401" in stranger.stderr) == (30, True)


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_review_ends_in_an_error_and_never_in_0(live_server: Any, token: str) -> None:
    Risk.objects.update(score=45)

    waited = run(*QUESTION, "--wait", "--timeout", "30", "--interval", "60", url=live_server.url, token=token)

    assert (waited.returncode, waited.stderr.splitlines()[:2]) == (
        30,
        ["No approval within 30 seconds.", "REVIEW_REQUIRED"],
    )


@contextmanager
def gate_that_says(*decisions: str) -> Iterator[str]:
    """Answer with one decision after the other, and nothing any more after the last."""
    left, over = list(decisions), threading.Event()

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if not left:
                over.wait()
                return
            body = json.dumps(
                {"decision": left.pop(0), "reasons": [{"code": "ABOVE_APPETITE", "text": "Too high."}]}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()


def test_waiting_asks_again_until_it_is_no_review_any_more() -> None:
    with gate_that_says("REVIEW_REQUIRED", "REVIEW_REQUIRED", "BLOCK") as url:
        waited = run(*QUESTION, "--wait", "--interval", "0.01", url=url, token="rdl_x")

    assert (waited.returncode, waited.stderr.splitlines()[0]) == (20, "BLOCK")


@pytest.mark.parametrize(
    ("decisions", "seconds"), [((), "1"), (("REVIEW_REQUIRED",), "3")], ids=["the first", "a later one"]
)
def test_a_wait_whose_time_is_over_before_an_answer_says_so(decisions: tuple[str, ...], seconds: str) -> None:
    with gate_that_says(*decisions) as url:
        waited = run(*QUESTION, "--wait", "--timeout", seconds, "--interval", "0.01", url=url, token="rdl_x")

    first, *rest = waited.stderr.splitlines()
    assert (waited.returncode, first) == (30, f"No approval within {seconds} seconds.")
    assert rest[:-1] == ["REVIEW_REQUIRED", "  ABOVE_APPETITE: Too high."][: 2 * len(decisions)]
    assert rest[-1].startswith("Redline cannot be reached")


def test_nobody_listening_is_an_error() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]

    assert run(*QUESTION, url=f"http://127.0.0.1:{port}", token="rdl_x").returncode == 30


@pytest.mark.parametrize(
    "arguments",
    [(), ("gate",), ("gate", "--model", "m", "--version", "one", "--target", "production"), QUESTION],
    ids=["nothing", "no question", "no number", "no address"],
)
def test_a_command_that_cannot_ask_is_an_error(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 30


def test_an_address_that_is_not_http_is_an_error() -> None:
    assert run(*QUESTION, url="file:///etc/hosts", token="rdl_x").returncode == 30


def test_lint_names_line_and_column(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(RULE)
    bad.write_text(RULE.replace("risk: privacy", "risk: prviacy"))

    assert run("rules", "lint", str(good)).returncode == 0
    found = run("rules", "lint", str(good), str(bad))
    assert (found.returncode, f"{bad}:9:" in found.stdout) == (1, True), found.stdout
    assert run("rules", "lint", str(tmp_path / "absent.yaml")).returncode == 1


def test_wrong_arguments_are_one_line_and_30() -> None:
    answered = run("gate", "--model", "claims-triage")

    assert (answered.returncode, answered.stderr.count("\n")) == (30, 1)
    assert "the following arguments are required: --version, --target" in answered.stderr
