"""Start and stop a whole Redline on one machine: `python -m governance.config.launcher demo`.

`demo` runs an embedded PostgreSQL, brings the database up to date, loads the demo company on the
first start, then runs web, worker and scheduler until Ctrl-C. `serve` runs the three against
`DATABASE_URL` and `BROKER_URL`. The data stay in `REDLINE_VAR` when it stops.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from governance.config.demonstration import COLLECTED_FILE, LOADED_FILE, LOADING_FILE, demo
from governance.config.embedded import remove
from governance.config.env import INSTANCE_FILE, ROOT, Environment, SettingRefused, var_directory
from governance.config.processes import Failed, Processes, getting_ready, manage, say, start_line, watch
from governance.config.server_places import ServerUnavailable

STARTUP_SECONDS = 600
PID_FILE = "launcher.pid"


class Stopped(Exception):
    """Somebody asked for the end."""


def serve(var: Path, host: str, port: int) -> None:
    """Run the production shape until stopped."""
    environment = Environment.of_this_process()
    environment.text("DATABASE_URL", remedy="Set DATABASE_URL to postgresql://redline_app:password@host/redline.")
    (var / "broker").mkdir(parents=True, exist_ok=True)
    processes = Processes(var / "log", dict(os.environ))
    workers = environment.number("WEB_WORKERS", 2, least=1, most=64)
    threads = environment.number("WEB_THREADS", 16, least=1, most=256)
    try:
        with getting_ready(processes, var=var, host=host, port=port, workers=workers, threads=threads):
            processes.run("collectstatic", manage("collectstatic", "--noinput", "--verbosity", "0"))
        start_line(processes, host=host, port=port)
        say(f"Redline serves on {host}:{port}; logs are in {processes.logs}.")
        watch(processes)
    finally:
        say("Stopping ...")
        processes.stop()


def detach(var: Path, port: int, *, empty: bool = False) -> None:
    """Start the demo as a process of its own and return when its address answers."""
    (var / "log").mkdir(parents=True, exist_ok=True)
    log = var / "log" / "launcher.log"
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "governance.config.launcher", "demo", *(["--empty"] if empty else [])],
            cwd=ROOT,
            env={**os.environ, "REDLINE_VAR": str(var), "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    shown = 0
    deadline = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < deadline:
        text = log.read_text(errors="replace")
        sys.stdout.write(text[shown:])
        sys.stdout.flush()
        shown = len(text)
        if "Redline is at" in text:
            return
        if child.poll() is not None:
            raise Failed(f"The demo ended with status {child.returncode}.")
        time.sleep(0.2)
    raise Failed(f"The demo did not answer within {STARTUP_SECONDS} s. See {log}.")


def stop(var: Path) -> None:
    """End the launcher that runs in this data directory and wait until it has ended."""
    path = var / PID_FILE
    pid = int(path.read_text()) if path.exists() else 0
    if not pid or not _is_launcher(pid):
        say("Nothing runs here.")
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 60
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    if path.exists():
        raise Failed(f"Process {pid} does not end. See {var / 'log'}.")
    say("Stopped.")


def _is_launcher(pid: int) -> bool:
    """Return whether the process is a launcher: a stale file may name somebody else's process."""
    asked = subprocess.run(  # noqa: S603 - fixed arguments
        ["/bin/sh", "-c", f"cat /proc/{pid}/cmdline 2>/dev/null || ps -o args= -p {pid}"],
        capture_output=True,
        check=False,
    )
    return b"governance.config.launcher" in asked.stdout


def clean(var: Path) -> None:
    """Delete the demo's data. Raises ServerUnavailable while it runs."""
    if (var / PID_FILE).exists() and _is_launcher(int((var / PID_FILE).read_text())):
        raise Failed("The demo is running. Stop it first: make stop.")
    remove(var / "postgres")
    for name in ("postgres", "log", "broker", "static", "mail", "files"):
        shutil.rmtree(var / name, ignore_errors=True)
    for name in (INSTANCE_FILE, PID_FILE, COLLECTED_FILE, LOADING_FILE, LOADED_FILE, "demo-secret-key", "vault-keys"):
        (var / name).unlink(missing_ok=True)
    for schedule in var.glob("beat-schedule*"):
        schedule.unlink()


@contextlib.contextmanager
def alone(var: Path) -> Iterator[None]:
    """Leave our process id in the data directory while we run, and end at SIGTERM as at Ctrl-C."""
    path = var / PID_FILE
    var.mkdir(parents=True, exist_ok=True)
    if path.exists() and _is_launcher(int(path.read_text() or 0)):
        raise Failed(f"Redline already runs in {var}. Stop it with: make stop.")

    def end(*_: object) -> None:
        raise Stopped

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    path.write_text(str(os.getpid()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def main() -> None:
    """Read the command line and run one of the jobs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["demo", "serve", "stop", "clean"])
    parser.add_argument("--detach", action="store_true", help="return when the address answers")
    parser.add_argument("--empty", action="store_true", help="a demo without its company, which stays empty")
    chosen = parser.parse_args()
    var = var_directory()
    try:
        _run(chosen, var)
    except Stopped:
        pass
    except (Failed, ServerUnavailable, SettingRefused) as error:
        sys.exit(f"redline: {error}")


def _run(chosen: argparse.Namespace, var: Path) -> None:
    environment = Environment(os.environ)
    host = environment.text("HOST", "127.0.0.1")
    port = environment.number("PORT", 8000, least=1, most=65535)
    if chosen.job == "stop":
        stop(var)
    elif chosen.job == "clean":
        clean(var)
    elif chosen.detach:
        detach(var, port, empty=chosen.empty)
    else:
        with alone(var):
            serve(var, host, port) if chosen.job == "serve" else demo(var, host, port, company=not chosen.empty)


if __name__ == "__main__":
    main()
