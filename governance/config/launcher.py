"""Start and stop a whole Redline on one machine: `python -m governance.config.launcher demo`.

`demo` runs an embedded PostgreSQL, brings the database up to date, loads the demo company on the
first start, then runs web, worker and scheduler until Ctrl-C. `serve` runs the three against
`DATABASE_URL` and `BROKER_URL`. The data stay in `REDLINE_VAR` when it stops.
"""

import argparse
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from governance.config.embedded import EmbeddedPostgres, ServerUnavailable, remove, stop_with_owner
from governance.config.env import (
    INSTANCE_FILE,
    ROOT,
    Environment,
    SettingRefused,
    read_instance,
    var_directory,
    write_instance,
)

STARTUP_SECONDS = 600
GRACE_SECONDS = 15
MOST_RESTARTS, RESTART_WINDOW_SECONDS = 5, 60.0
"""`serve` starts a process again that ended, this often in this time; then it gives up with its log."""
PID_FILE = "launcher.pid"
COLLECTED_FILE = "static-collected"
HELD_BACK_FILE = "held-back"
LOADING_FILE, LOADED_FILE = "demo-loading", "demo-loaded"


class Stopped(Exception):
    """Somebody asked for the end."""


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
            if process.poll() is None:
                continue
            now = time.monotonic()
            recent = [at for at in self._restarts.get(name, []) if now - at < RESTART_WINDOW_SECONDS]
            if len(recent) >= MOST_RESTARTS:
                self.refuse_ended()
            say(f"{name} ended with status {process.returncode}; starting it again.")
            self._restarts[name] = [*recent, now]
            self.start(name, self._commands[name])

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


def watch(processes: Processes, *, restart: bool = False) -> None:
    """Return only by an exception: Stopped when asked, Failed when a process ends, or goes on ending."""
    while True:
        processes.restart_ended() if restart else processes.refuse_ended()
        time.sleep(0.5)


def demo_environment(var: Path, postgres: EmbeddedPostgres, port: int) -> dict[str, str]:
    """Return the settings of a demo; they are kept, so that management commands find its database."""
    path = var / INSTANCE_FILE
    kept = read_instance(path)
    values = {
        "REDLINE_MODE": "demo",
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "PORT": str(port),
        **live_settings(Environment(os.environ), before=kept.get("REDLINE_LIVE_PORT", "")),
    }
    for name, role in (("DATABASE_URL", "redline_app"), ("DATABASE_OWNER_URL", "redline_owner")):
        password = kept.get(f"{role.upper()}_PASSWORD") or secrets.token_urlsafe(32)
        values[f"{role.upper()}_PASSWORD"] = password
        values[name] = postgres.url(name="redline", user=role, password=password)
    write_instance(path, values)
    return {name: value for name, value in values.items() if not name.endswith("_PASSWORD")}


def live_settings(environment: Environment, *, before: str = "") -> dict[str, str]:
    """Return the settings under which a demo's pages hear of changes: by a port of their own host, without a proxy.

    The port is the one of the last start, so that open pages find it again, or any that is free: the one after
    the pages' may be another demo's.
    """
    port = environment.number("REDLINE_LIVE_PORT", free_port(int(before or 0)), least=1, most=65535)
    return {
        "REDLINE_LIVE": environment.text("REDLINE_LIVE", "sse"),
        "REDLINE_LIVE_PORT": str(port),
        "REDLINE_LIVE_URL": environment.text("REDLINE_LIVE_URL", f":{port}/live/"),
    }


def free_port(wanted: int) -> int:
    """Return the wanted port of this machine when nobody listens there, or else one that is free."""
    for port in (wanted, 0):
        with socket.socket() as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                held.bind(("127.0.0.1", port))
                return int(held.getsockname()[1])
    raise Failed("This machine has no free port.")


def has_command(name: str) -> bool:
    """Return whether a management command of that name is there."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def demo(var: Path, host: str, port: int, *, company: bool = True) -> None:
    """Run the demo until stopped. Without its company it stays empty for good."""
    var.mkdir(parents=True, exist_ok=True)
    postgres = EmbeddedPostgres(var / "postgres")
    processes: Processes | None = None
    try:
        say("Starting PostgreSQL and bringing the database up to date ...")
        postgres.claim()
        own = demo_environment(var, postgres, port)
        processes = Processes(var / "log", {**os.environ, "REDLINE_VAR": str(var), **own})
        (var / "broker").mkdir(exist_ok=True)
        with getting_ready(processes, var=var, host=host, port=port, workers=1, threads=4):
            prepare(var, processes, postgres)
            if company:
                load_once(var, processes)
            else:
                (var / LOADED_FILE).touch()
        start_line(processes, host=host, port=port)
        first = "" if company else "manage.py bootstrap makes the first administrator. "
        say(f"\n  Redline is at http://localhost:{port}/\n\n{first}Ctrl-C stops it; the data stay in {var}.")
        watch(processes)
    finally:
        say("Stopping ...")
        if processes:
            processes.stop()
        postgres.stop()


def prepare(var: Path, processes: Processes, postgres: EmbeddedPostgres) -> None:
    """Start the server, and bring tables, grants and static files up to date."""
    forget_half_loaded(var, postgres)
    done, digest = var / COLLECTED_FILE, static_digest()
    collected = done.exists() and done.read_text() == digest and (var / "static").is_dir()
    command = manage("setup_database", "--wait", "60", *([] if collected else ["--static"]))
    processes.begin("setup_database", command, DATABASE_ADMIN_URL=postgres.admin_url())
    postgres.start()  # the command reads its code meanwhile
    processes.finish("setup_database")
    done.write_text(digest)


def static_digest() -> str:
    """Return what differs when a static file, ours or a library's, may have changed."""
    facts = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        about = path.stat()
        facts.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return facts.hexdigest()


def forget_half_loaded(var: Path, postgres: EmbeddedPostgres) -> None:
    """Drop the database of a demo whose first load was interrupted; nobody has seen it yet."""
    if not (var / LOADING_FILE).exists():
        return
    import psycopg  # rarely needed, and every start would wait for it

    say("The first load was interrupted, so it begins anew.")
    postgres.start()
    with psycopg.connect(postgres.admin_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS redline WITH (FORCE)")
    (var / LOADING_FILE).unlink()


def load_once(var: Path, processes: Processes) -> None:
    """Load the demo company on the first start."""
    loading, done = var / LOADING_FILE, var / LOADED_FILE
    if done.exists() or not has_command("load_demo"):
        return
    say("Loading the demo company (first start only) ...")
    loading.touch()
    step = subprocess.run(  # noqa: S603 - our own command; its progress goes to the terminal
        manage("load_demo"), cwd=ROOT, env=processes.environment, check=False
    )
    if step.returncode:
        raise Failed("load_demo failed; the next start begins anew.")
    loading.rename(done)


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
        watch(processes, restart=True)
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
