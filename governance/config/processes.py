"""The processes of a Redline on one machine: started, watched, started again, stopped; their logs under `var/log`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from governance.config.embedded import EmbeddedPostgres, stop_with_owner
from governance.config.env import ROOT, Environment

GRACE_SECONDS = 15
MOST_RESTARTS, RESTART_WINDOW_SECONDS = 5, 60.0
"""A process that ended is started again, this often in this time; then the launcher gives up with its log."""
HELD_BACK_FILE = "held-back"


class Failed(Exception):
    """A step or a process failed; the message says which and where its output is."""


def say(text: str) -> None:
    """Show one line of progress."""
    print(text, flush=True)  # noqa: T201 - this is what the command is for


def _end_with_launcher() -> None:
    stop_with_owner(signal.SIGTERM)


class Processes:
    """The running children; each has a log file of its own under `var/log`."""

    def __init__(self, logs: Path, environment: dict[str, str]) -> None:
        self.logs = logs
        self.environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, Sequence[str]] = {}
        self._restarts: dict[str, list[float]] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], **extra: str) -> None:
        """Start one process in a session of its own, so that Ctrl-C reaches only the launcher."""
        self._commands[name] = command
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                cwd=ROOT,
                env={**self.environment, **extra},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_launcher if sys.platform == "linux" else None,
            )

    def run(self, name: str, command: Sequence[str]) -> None:
        """Run one step to its end. Raises Failed with the end of its output."""
        self.begin(name, command)
        self.finish(name)

    def begin(self, name: str, command: Sequence[str], **extra: str) -> None:
        """Start one step that ends by itself; other things may be done until `finish`."""
        (self.logs / f"{name}.log").unlink(missing_ok=True)
        self.start(name, command, **extra)

    def finish(self, name: str) -> None:
        """Wait for the end of a step. Raises Failed with the end of its output."""
        status = self._running[name].wait()
        del self._running[name]
        if status:
            output = (self.logs / f"{name}.log").read_text(errors="replace")
            raise Failed(f"{name} failed:\n{output.strip()[-3000:]}")

    def refuse_ended(self) -> None:
        """Raise Failed when a process has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                end = (self.logs / f"{name}.log").read_text(errors="replace")[-1500:]
                raise Failed(f"{name} ended with status {process.returncode}:\n{end}")

    def restart_ended(self) -> None:
        """Start again what has ended by itself. Raises Failed for one that ends time after time."""
        for name, process in self._running.items():
            if process.poll() is not None:
                if not self.may_restart(name):
                    self.refuse_ended()
                say(f"{name} ended with status {process.returncode}; starting it again.")
                self.start(name, self._commands[name])

    def may_restart(self, name: str) -> bool:
        """Note that something is to be started again, and return whether that has not happened too often."""
        now = time.monotonic()
        recent = [at for at in self._restarts.get(name, []) if now - at < RESTART_WINDOW_SECONDS]
        self._restarts[name] = [*recent, now]
        return len(recent) < MOST_RESTARTS

    def stop(self) -> None:
        """Ask every process to end, last started first, and end the ones that do not."""
        running = list(reversed(self._running.values()))
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def manage(*arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def start_web(processes: Processes, *, host: str, port: int, workers: int, threads: int, **extra: str) -> None:
    """Start what serves pages and the API, with so many threads in each process."""
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    limits = ["--workers", str(workers), "--blocking-threads", str(threads)]
    processes.start("web", [*granian, *limits, "governance.config.wsgi:application"], **extra)


@contextlib.contextmanager
def getting_ready(
    processes: Processes, *, var: Path, host: str, port: int, workers: int, threads: int
) -> Iterator[None]:
    """Start the pages at once and let them answer at the end of this block: loading their code takes a second.

    They never answer from a half-made database. Where the block fails they stay silent until they are stopped.
    """
    held_back = var / HELD_BACK_FILE
    held_back.touch()
    start_web(processes, host=host, port=port, workers=workers, threads=threads, REDLINE_SILENT_WHILE=str(held_back))
    yield
    held_back.unlink()
    wait_for(f"http://{host}:{port}/healthz", processes)


def start_line(processes: Processes, *, host: str, port: int) -> None:
    """Start worker and scheduler, and the live stream where the settings ask for it."""
    environment = Environment(processes.environment)
    if environment.text("REDLINE_LIVE", "poll") == "sse":
        start_live(processes, host=host, port=live_port(environment, port))
    celery = [sys.executable, "-m", "celery", "--app", "governance.config.celery"]
    processes.start("worker", [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"])
    processes.start("beat", [*celery, "beat", "--loglevel", "WARNING"])
    processes.start("line", manage("run_line"))


def live_port(environment: Environment, port: int) -> int:
    """Return the port of the live stream; the one after the pages' where nothing else is said."""
    return environment.number("REDLINE_LIVE_PORT", port + 1, least=1, most=65535)


def start_live(processes: Processes, *, host: str, port: int) -> None:
    """Start the live stream. Its open pages are not waited for when it ends: they come back by themselves."""
    granian = [sys.executable, "-m", "granian", "--interface", "asginl", "--host", host, "--port", str(port)]
    limits = ["--workers", "1", "--backpressure", "4096", "--workers-kill-timeout", "1"]
    processes.start("live", [*granian, *limits, "governance.config.asgi:application"])


def wait_for(address: str, processes: Processes) -> None:
    """Return when the address answers 200. Raises Failed when a process ends first."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        processes.refuse_ended()
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - our own http address
        except OSError:  # not yet
            time.sleep(0.1)
            continue
        return
    raise Failed(f"{address} does not answer. See {processes.logs / 'web.log'}.")


def watch(processes: Processes, *, postgres: EmbeddedPostgres | None = None) -> None:
    """Start again what ends, the server first. Returns only by Stopped, or by Failed for what goes on ending."""
    while True:
        if postgres and postgres.has_ended():
            if not processes.may_restart("postgres"):
                raise Failed(f"PostgreSQL ended time after time. See {postgres.log}.")
            say("PostgreSQL ended; starting it again.")
            postgres.start_again()
        processes.restart_ended()
        time.sleep(0.5)
