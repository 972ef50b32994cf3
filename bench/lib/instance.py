"""A Redline of its own for one benchmark: embedded PostgreSQL, migrated, served, and removed at the end."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from governance.config.embedded import EmbeddedPostgres, remove

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only-for-benchmarks"
ROLES = {"DATABASE_URL": "redline_app", "DATABASE_OWNER_URL": "redline_owner"}


class Instance:
    """Use as a context manager. The server is as durable as in production: fsync and synchronous_commit are on."""

    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="redline-bench-"))
        self.place.chmod(0o711)  # under root the server's user passes through
        self.postgres = EmbeddedPostgres(self.place / "pg")
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "django" in sys.modules:
            from django.db import connections

            connections.close_all()
        self._remove()

    def _set_up(self) -> None:
        self.postgres.start()
        self.environment = {
            "REDLINE_MODE": "demo",
            "REDLINE_VAR": str(self.place),
            "REDLINE_LOG_LEVEL": "CRITICAL",
            "SECRET_KEY": "benchmarks-keep-no-secret-longer-than-they-run-for",
            "DJANGO_SETTINGS_MODULE": "bench.lib.settings",
            "DATABASE_ADMIN_URL": self.postgres.admin_url(),
            **{name: self.postgres.url(name="redline", user=role, password=PASSWORD) for name, role in ROLES.items()},
        }
        self.manage("setup_database")
        os.environ.update(self.environment)
        import django

        django.setup()

    def _remove(self) -> None:
        self.postgres.stop()
        remove(self.postgres.directory)
        shutil.rmtree(self.place, ignore_errors=True)

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **self.environment}, check=True, stdout=subprocess.DEVNULL)

    def connect(self) -> psycopg.Connection[Any]:
        """Return a superuser's connection that fires no triggers: for filling tables, never for measuring."""
        held = psycopg.connect(self.postgres.admin_url("redline"), autocommit=True)
        held.execute("set session_replication_role = replica")
        return held

    def pgbench(self, script: str, *, clients: int, seconds: float) -> float:
        """Return transactions per second of PostgreSQL's own load generator, as the application's role."""
        path = self.place / "pgbench.sql"
        path.write_text(script)
        command = [
            str(self.postgres.binaries / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j",
            str(min(clients, 2)), "-T", str(max(1, round(seconds))), "-f", str(path),
            self.environment["DATABASE_URL"],
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        rates = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("tps =")]
        if not rates:
            raise RuntimeError(done.stderr[-2000:])
        return float(rates[0])

    @contextmanager
    def served(self, *, workers: int = 2, threads: int = 16) -> Iterator["Served"]:
        """Serve the house as `make serve` does, and `/plain/` beside it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", str(threads), "--log-level", "error",
            "bench.lib.wsgi:application",
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.environment}, start_new_session=True)
        try:
            yield Served(f"http://127.0.0.1:{port}", process, self.place)
        finally:
            process.terminate()
            process.wait(20)


class Served:
    """A running server."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]", place: Path) -> None:
        self.address, self.process, self.place = address, process, place
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("The server ended.") from None
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("The server does not answer.")

    def cpu_seconds(self) -> float:
        """Return the user and system time of the server and its workers so far."""
        import psutil

        top = psutil.Process(self.process.pid)
        return sum(sum(one.cpu_times()[:2]) for one in [top, *top.children(recursive=True)])

    def resident_mib(self) -> float:
        """Return the resident memory of the server and its workers."""
        import psutil

        top = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in [top, *top.children(recursive=True)]) / 2**20
