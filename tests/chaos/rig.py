"""A Redline of real processes that can be killed: its own durable PostgreSQL, the web and the line."""

import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from governance.config.embedded import DURABLE, EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
METRICS_TOKEN = "only-for-chaos"
ALONE = frozenset(
    {"PATH", "HOME", "LD_LIBRARY_PATH", "LANG", "TMPDIR", "VIRTUAL_ENV", "REDLINE_PGBIN", "REDLINE_POSTGRES_USER"}
)


class DidNotStart(Exception):
    """A process of the rig did not come up; the message ends with its log."""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Rig:
    """Start it, kill parts of it by name, read its database as its owner."""

    PARTS = ("line", "web", "postgres")

    def __init__(self, place: Path, *, receiver_port: int) -> None:
        self.place = place
        self.port = free_port()
        self.postgres = EmbeddedPostgres(place / "pg", settings=DURABLE)
        passwords = {role: secrets.token_urlsafe(16) for role in ("redline_app", "redline_owner")}
        self.urls = {
            role: self.postgres.url(name="redline", user=role, password=one) for role, one in passwords.items()
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {name: value for name, value in os.environ.items() if name in ALONE} | {
            "REDLINE_MODE": "production",
            "REDLINE_VAR": str(place / "var"),
            "REDLINE_HTTPS": "off",
            "REDLINE_HOSTS": "127.0.0.1",
            "REDLINE_URL": self.address,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "REDLINE_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            "REDLINE_METRICS_TOKEN": METRICS_TOKEN,
            "REDLINE_OUTBOUND_HTTP": "on",
            "REDLINE_OUTBOUND_NETWORKS": "127.0.0.1/32",
            "REDLINE_OUTBOUND_PORTS": str(receiver_port),
            "DATABASE_URL": self.urls["redline_app"],
            "DATABASE_OWNER_URL": self.urls["redline_owner"],
            "PORT": str(self.port),
        }

    @property
    def address(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.port}"

    def prepare(self, *, models: int, receiver: str) -> dict[str, str]:
        """Start PostgreSQL, make tables and world; return the source's path and secret."""
        (self.place / "var" / "static").mkdir(parents=True)
        self.postgres.start()
        self.manage("setup_database", DATABASE_ADMIN_URL=self.postgres.admin_url())
        made = self.run("tests.chaos.world", str(models), receiver)
        answer: dict[str, str] = json.loads(made)
        return answer

    def manage(self, *arguments: str, **extra: str) -> str:
        """Run a management command to its end and return what it printed. Raises DidNotStart."""
        return self._run([sys.executable, "manage.py", *arguments], **extra)

    def run(self, module: str, *arguments: str) -> str:
        """Run a module of the tests to its end and return what it printed. Raises DidNotStart."""
        return self._run([sys.executable, "-m", module, *arguments])

    def _run(self, command: list[str], **extra: str) -> str:
        done = subprocess.run(
            command, cwd=ROOT, env={**self.environment, **extra}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise DidNotStart(f"{' '.join(command)}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done.stdout

    def start(self, name: str) -> None:
        """Start one part, or start it again; returns when it works."""
        if name == "postgres":
            self.postgres.start_again()
        elif name == "line":
            self._spawn("line", [sys.executable, "manage.py", "run_line"])
        else:
            granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
            shape = ["--port", str(self.port), "--workers", "1", "--blocking-threads", "8", "--log-level", "error"]
            self._spawn("web", [*granian, *shape, "governance.config.wsgi:application"], DATABASE_POOL="8")
            self._wait_for_web()

    def _spawn(self, name: str, command: list[str], **extra: str) -> None:
        with (self.place / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **extra},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/healthz", timeout=2).close()
                return
            time.sleep(0.05)
        raise DidNotStart((self.place / "web.log").read_text()[-3000:])

    def kill(self, name: str) -> None:
        """End one part as `kill -9` does: nothing in it hears of it."""
        if name == "postgres":
            assert self.postgres.pid
            os.kill(self.postgres.pid, signal.SIGKILL)
            while not self.postgres.has_ended():
                time.sleep(0.01)
            self.postgres.stop()
        else:
            process = self._processes.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def scrape(self) -> str | None:
        """Return what `/metrics` says, or None while it does not answer."""
        asked = urllib.request.Request(f"{self.address}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        try:
            with urllib.request.urlopen(asked, timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return None

    def stop(self) -> None:
        """End everything that this rig started."""
        for name in list(self._processes):
            self.kill(name)
        self.postgres.stop()

    def unproved(self) -> list[str]:
        """Return what is stored and does not follow from the evidence, as `replay --all` finds it."""
        command = [sys.executable, "manage.py", "replay", "--all", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)
        return [f"{one['model']}: {told}" for one in found for told in [*one["differences"], one["waits"]] if told]

    def books(self) -> dict[str, Any]:
        """Return the books as `check_books` prints them, the windows included."""
        answer: dict[str, Any] = json.loads(self.manage("check_books", "--json"))
        return answer
