"""What test runs leave that were killed: directories with a server in them, removed by the next run."""

import contextlib
import os
import shutil
from pathlib import Path

from governance.config.embedded import remove
from governance.config.server_places import ServerUnavailable

PREFIXES = ("redline-test-", "redline-kill-", "redline-serve-", "redline-chaos-")
OLD_S = 6 * 3600.0
"""No run takes this long; a directory this old whose server nobody owns belongs to no one."""


def remove_old(place: Path, *, now: float) -> list[str]:
    """Remove our own old directories in ``place`` that no process uses, and return their names."""
    removed = []
    for prefix in PREFIXES:
        for directory in place.glob(f"{prefix}*"):
            with contextlib.suppress(OSError, ServerUnavailable):  # gone meanwhile, or in use
                about = directory.lstat()
                if directory.is_symlink() or about.st_uid != os.geteuid() or now - about.st_mtime < OLD_S:
                    continue
                remove(directory / "pg")
                shutil.rmtree(directory)
                removed.append(directory.name)
    return sorted(removed)
