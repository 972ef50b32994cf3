"""What the launcher does when a process ends, and when it is asked to end itself."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from governance.config import demonstration, launcher
from governance.config import processes as children
from governance.config.embedded import EmbeddedPostgres, remove
from governance.config.processes import Failed, Processes


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


def until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
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

    for _ in range(children.MOST_RESTARTS):
        processes._running["web"].wait()
        processes.restart_ended()
    processes._running["web"].wait()

    with pytest.raises(Failed, match="web ended with status 3:\ncannot bind"):
        processes.restart_ended()


def test_stopping_ends_a_process_that_does_not_listen(processes, monkeypatch):
    monkeypatch.setattr(children, "GRACE_SECONDS", 0.5)
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


@pytest.fixture
def order(processes, monkeypatch) -> list[str]:
    """What is done, in its order, instead of being done."""
    told: list[str] = []

    def begin(name: str, command: list[str], **_: str) -> None:
        told.append("setup_database --static" if "--static" in command else name)

    monkeypatch.setattr(processes, "start", lambda name, *_, **__: told.append(name))
    monkeypatch.setattr(processes, "begin", begin)
    monkeypatch.setattr(processes, "finish", lambda name: told.append(f"{name} ended"))
    monkeypatch.setattr(children, "wait_for", lambda *_: told.append("web answers"))
    return told


def server(order: list[str]) -> types.SimpleNamespace:
    return types.SimpleNamespace(admin_url=lambda: "postgresql://", start=lambda: order.append("server"))


def test_tables_are_prepared_for_while_the_server_starts_and_static_files_meanwhile(processes, tmp_path, order):
    demonstration.prepare(tmp_path, processes, server(order))

    assert order == ["setup_database --static", "server", "setup_database ended"]


def test_static_files_are_collected_again_only_when_they_may_differ(processes, tmp_path, order, monkeypatch):
    def again() -> str:
        order.clear()
        demonstration.prepare(tmp_path, processes, server(order))
        (tmp_path / "static").mkdir(exist_ok=True)
        return order[0]

    assert again() == "setup_database --static"
    assert again() == "setup_database"

    (tmp_path / "static").rmdir()
    assert again() == "setup_database --static"

    monkeypatch.setattr(demonstration, "static_digest", lambda: "another")
    assert again() == "setup_database --static"


def test_the_pages_load_at_once_stay_silent_until_all_stands_and_answer_before_the_rest_starts(
    processes, tmp_path, order
):
    with children.getting_ready(processes, var=tmp_path, host="127.0.0.1", port=8000, workers=1, threads=4):
        order.append("tables")
        assert (tmp_path / children.HELD_BACK_FILE).exists()
    assert not (tmp_path / children.HELD_BACK_FILE).exists()
    children.start_line(processes, host="127.0.0.1", port=8000)

    assert order[:3] == ["web", "tables", "web answers"]
    assert set(order[3:]) >= {"worker", "beat", "line"}


def test_the_pages_stay_silent_when_a_step_before_them_fails(processes, tmp_path, order):
    with (
        pytest.raises(Failed),
        children.getting_ready(processes, var=tmp_path, host="127.0.0.1", port=8000, workers=1, threads=4),
    ):
        raise Failed("setup_database failed.")

    assert (tmp_path / children.HELD_BACK_FILE).exists()
    assert order == ["web"]


def test_a_step_that_fails_shows_the_end_of_its_output(processes):
    processes.begin("step", ["sh", "-c", "echo no room; exit 2"])

    with pytest.raises(Failed, match="step failed:\nno room"):
        processes.finish("step")
    processes.refuse_ended()  # a step that ended is no process that ended


@pytest.fixture
def empty_demo():
    made = Path(tempfile.mkdtemp(prefix="redline-empty-"))
    made.chmod(0o711)  # under root the server's user passes through
    port = demonstration.free_port(0)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    running = subprocess.Popen(
        [sys.executable, "-m", "governance.config.launcher", "demo", "--empty"],
        cwd=launcher.ROOT,
        env={**kept, "REDLINE_VAR": str(made), "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield made, running, f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
        remove(made / "postgres")
        shutil.rmtree(made)


def test_an_empty_demo_answers_with_its_first_page_and_never_before_it_stands(empty_demo):
    _, running, address = empty_demo

    status, page = first_answer(f"{address}/sign-in/", running)

    assert status == 200
    assert "Sign in" in page


def test_a_demo_lives_on_when_its_server_and_its_pages_are_killed(empty_demo):
    made, running, address = empty_demo
    first_answer(f"{address}/sign-in/", running)
    server_of_demo = EmbeddedPostgres(made / "postgres").data / "postmaster.pid"
    killed = int(server_of_demo.read_text().split()[0])
    os.kill(killed, signal.SIGKILL)
    subprocess.run(["pkill", "-9", "-f", f"granian .*--port {address.rpartition(':')[2]} "], check=True)

    until(lambda: answers(f"{address}/readyz"), seconds=60)

    assert answers(f"{address}/readyz")
    assert int(server_of_demo.read_text().split()[0]) != killed


def answers(address: str) -> bool:
    """Return whether there is a good answer."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answered:
            return bool(answered.status == 200)
    except OSError:
        return False


def first_answer(address: str, running: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """Return the first answer of any kind."""
    while running.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=60) as answered:
                return answered.status, answered.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the demo ended")


def test_a_first_load_that_was_interrupted_begins_anew_and_a_finished_one_stays(tmp_path, monkeypatch, processes):
    dropped: list[str] = []
    monkeypatch.setattr("psycopg.connect", lambda *_, **__: _Connection(dropped))
    postgres = server([])
    monkeypatch.setattr(demonstration, "manage", lambda *_: ["false"])

    demonstration.forget_half_loaded(tmp_path, postgres)
    with pytest.raises(Failed, match="the next start begins anew"):
        demonstration.load_once(tmp_path, processes)
    demonstration.forget_half_loaded(tmp_path, postgres)
    monkeypatch.setattr(demonstration, "manage", lambda *_: ["true"])
    demonstration.load_once(tmp_path, processes)
    demonstration.forget_half_loaded(tmp_path, postgres)

    assert dropped == ["DROP DATABASE IF EXISTS redline WITH (FORCE)"]
    assert (tmp_path / "demo-loaded").exists()


class _Connection:
    def __init__(self, told: list[str]) -> None:
        self.execute = told.append

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        return None
