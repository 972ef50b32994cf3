"""What the launcher does when a process ends, and when it is asked to end itself."""

import os
import subprocess
import sys
import time
import types

import pytest

from governance.config import launcher
from governance.config.launcher import Failed, Processes


@pytest.fixture
def processes(tmp_path):
    made = Processes(tmp_path, dict(os.environ))
    yield made
    made.stop()


def alive_in(group: int) -> list[str]:
    """Return the commands of a process group that still run."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [args for pgid, state, args in rows if int(pgid) == group and not state.startswith("Z")]


def until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_process_that_was_killed_is_started_again(processes, capsys):
    processes.start("line", ["sleep", "60"])
    first = processes._running["line"]
    first.kill()
    first.wait()

    processes.restart_ended()

    assert processes._running["line"].pid != first.pid
    assert processes._running["line"].poll() is None
    assert "line ended with status -9; starting it again." in capsys.readouterr().out


def test_a_process_that_goes_on_ending_is_given_up_with_its_log(processes):
    processes.start("web", ["sh", "-c", "echo cannot bind; exit 3"])

    for _ in range(launcher.MOST_RESTARTS):
        processes._running["web"].wait()
        processes.restart_ended()
    processes._running["web"].wait()

    with pytest.raises(Failed, match="web ended with status 3:\ncannot bind"):
        processes.restart_ended()


def test_stopping_ends_a_process_that_does_not_listen(processes, monkeypatch):
    monkeypatch.setattr(launcher, "GRACE_SECONDS", 0.5)
    processes.start("deaf", ["sh", "-c", "trap '' TERM; sleep 60 & echo ready; wait; wait"])
    until(lambda: "ready" in (processes.logs / "deaf.log").read_text())
    process = processes._running["deaf"]

    processes.stop()

    assert process.returncode is not None
    until(lambda: not alive_in(process.pid))
    assert alive_in(process.pid) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "SECRET_KEY is not set. Set SECRET_KEY"),
        ({"SECRET_KEY": "x" * 50}, "REDLINE_HOSTS is not set. Set REDLINE_HOSTS"),
        ({"SECRET_KEY": "x" * 50, "REDLINE_HOSTS": "h"}, "DATABASE_URL is not set. Set DATABASE_URL"),
        (
            {"SECRET_KEY": "x" * 50, "REDLINE_HOSTS": "h", "DATABASE_URL": "postgresql://redline_app@/redline"},
            'REDLINE_KEYS is not set. Make a key once with: echo "k1:$(openssl rand -base64 32)"',
        ),
    ],
)
def test_production_says_in_one_line_what_it_lacks(changes, message, tmp_path):
    answered = manage("check", REDLINE_VAR=str(tmp_path), **changes)

    assert answered.returncode == 1
    assert answered.stderr.startswith(f"redline: {message}")
    assert answered.stderr.count("\n") == 1


PRODUCTION = {
    "SECRET_KEY": "".join(chr(33 + number) for number in range(60)),
    "REDLINE_HOSTS": "redline.example.com",
    "REDLINE_URL": "https://redline.example.com",
    "REDLINE_KEYS": "k1:" + "A" * 43 + "=",
    "DATABASE_URL": "postgresql://redline_app:secret@127.0.0.1:1/redline",
    "DATABASE_OWNER_URL": "postgresql://redline_owner:secret@127.0.0.1:1/redline",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=launcher.ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_checks_are_clean(tmp_path):
    answered = manage("check", "--deploy", "--fail-level", "WARNING", REDLINE_VAR=str(tmp_path), **PRODUCTION)

    assert answered.returncode == 0, answered.stderr
    assert "no issues (0 silenced)" in answered.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["check_books"],
        ["replay", "--all"],
        ["backup", "kept"],
        ["setup_database"],
        ["bootstrap"],
        ["create_account", "olive", "--role", "model_owner"],
        ["create_token", "ci"],
        ["create_source", "Arize", "--kind", "arize"],
    ],
    ids=lambda command: command[0],
)
def test_a_command_without_a_database_ends_with_one_line(command, tmp_path):
    answered = manage(*command, REDLINE_VAR=str(tmp_path), **PRODUCTION)

    assert answered.returncode == 1
    assert answered.stderr.count("\n") == 1, answered.stderr
    assert "The database" in answered.stderr


def test_static_files_are_collected_again_only_when_they_may_differ(processes, tmp_path, monkeypatch):
    collected = []
    monkeypatch.setattr(processes, "run", lambda name, _: (collected.append(name), (tmp_path / "static").mkdir()))

    launcher.collect_static(tmp_path, processes)
    launcher.collect_static(tmp_path, processes)
    assert collected == ["collectstatic"]

    (tmp_path / "static").rmdir()
    launcher.collect_static(tmp_path, processes)
    assert len(collected) == 2

    monkeypatch.setattr(launcher, "static_digest", lambda: "another")
    (tmp_path / "static").rmdir()
    launcher.collect_static(tmp_path, processes)
    assert len(collected) == 3


def test_the_pages_answer_before_anything_else_is_started(processes, monkeypatch):
    order = []
    monkeypatch.setattr(processes, "start", lambda name, *_, **__: order.append(name))
    monkeypatch.setattr(launcher, "wait_for", lambda *_: order.append("answers"))

    launcher.start_all(processes, host="127.0.0.1", port=8000, workers=1)

    assert order[:2] == ["web", "answers"]
    assert set(order[2:]) >= {"worker", "beat", "line"}


def test_a_first_load_that_was_interrupted_begins_anew_and_a_finished_one_stays(tmp_path, monkeypatch, processes):
    dropped: list[str] = []
    monkeypatch.setattr(launcher.psycopg, "connect", lambda *_, **__: _Connection(dropped))
    postgres = types.SimpleNamespace(admin_url=lambda: "postgresql://")
    monkeypatch.setattr(launcher, "manage", lambda *_: ["false"])

    launcher.forget_half_loaded(tmp_path, postgres)
    with pytest.raises(Failed, match="the next start begins anew"):
        launcher.load_once(tmp_path, processes)
    launcher.forget_half_loaded(tmp_path, postgres)
    monkeypatch.setattr(launcher, "manage", lambda *_: ["true"])
    launcher.load_once(tmp_path, processes)
    launcher.forget_half_loaded(tmp_path, postgres)

    assert dropped == ["DROP DATABASE IF EXISTS redline WITH (FORCE)"]
    assert (tmp_path / "demo-loaded").exists()


class _Connection:
    def __init__(self, told: list[str]) -> None:
        self.execute = told.append

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        return None
