"""G12: from an empty directory to the first page, to the living demo, and the second start."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.lib.instance import ROOT, Instance
from bench.lib.rounds import Report, Series, interleave, timed
from bench.mlflow import stock

STARTS = int(os.environ.get("STARTS", "3"))
MLFLOW_START_S = 5.8
MLFLOW_WORKER_MIB = 481.0
"""Recorded: MLflow server 3.17 on a PostgreSQL that already runs, one worker, 2 cores."""


def main() -> None:
    """Measure and tell. Without the demo company first, then with it."""
    report = Report("start")
    with Instance() as instance:
        found = interleave({"ours": first_start, "peer": lambda: stock_start(instance)}, rounds=STARTS)
    first_page, peer = (Series(tuple(found[name])) for name in ("ours", "peer"))
    report.line("empty directory → first page, no company loaded", first_page, "s")
    report.line("an MLflow server's start on a PostgreSQL that runs", peer, "s")
    report.goal("G12", "empty directory → first page / MLflow's start", first_page.over(peer), most=0.6)
    migrated = Series((migration(),))
    report.goal("G12", "migrate, s", migrated, most=5.0)
    with empty_directory() as place:
        living, again, web, whole = demo_twice(place)
    report.goal("G12", "empty directory → living demo, s", Series((living,)), most=60.0)
    report.goal("G12", "second start, s", Series((again,)), most=10.0)
    report.goal("G12", "web process / MLflow's worker (recorded), MiB", Series((web / MLFLOW_WORKER_MIB,)), most=0.35)
    report.goal("G12", "the whole demo, MiB", Series((whole,)), most=600.0)


LAUNCHER = [sys.executable, "-m", "governance.config.launcher"]


@contextmanager
def empty_directory() -> Iterator[Path]:
    """Yield a place for a demo; what it becomes is removed."""
    place = Path(tempfile.mkdtemp(prefix="redline-bench-"))
    place.chmod(0o711)  # under root the server's user passes through
    try:
        yield place
    finally:
        subprocess.run([*LAUNCHER, "clean"], cwd=ROOT, env=environment(place, 1), check=False, capture_output=True)
        shutil.rmtree(place, ignore_errors=True)


def first_start() -> float:
    """Return the seconds until `make demo EMPTY=1` answers its first page: a database server, tables, static files."""
    with empty_directory() as place, running(place, "--empty") as (_, taken):
        return taken


def stock_start(instance: Instance) -> float:
    """Return the seconds until a stock MLflow server answers from an empty database; the recorded ones without one."""
    began = time.perf_counter()
    with stock(instance) as server:
        taken = time.perf_counter() - began
    return taken if server else MLFLOW_START_S


def migration() -> float:
    """Return the seconds of setting up an empty database, process start included."""
    with Instance() as instance:
        with instance.connect() as admin:
            admin.execute("drop schema public cascade")
            admin.execute("create schema public authorization redline_owner")
        return timed(lambda: instance.manage("setup_database"))


def environment(place: Path, port: int) -> dict[str, str]:
    """Return the settings of a demo in this directory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDLINE_"))}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    kept.pop("SECRET_KEY", None)
    return {**kept, "REDLINE_VAR": str(place), "PORT": str(port)}


def demo_twice(place: Path) -> tuple[float, float, float, float]:
    """Return seconds of the first and the second start, MiB of the web process and of everything."""
    first, web, whole = one_demo(place)
    second, _, _ = one_demo(place)
    return first, second, web, whole


def one_demo(place: Path) -> tuple[float, float, float]:
    """Start the demo, wait for its front page, weigh it and stop it."""
    with running(place) as (launcher, taken):
        time.sleep(3)
        return taken, *weight(launcher.pid)


@contextmanager
def running(place: Path, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    """Yield a demo and the seconds until its sign-in page, which reads the database, was there; stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command, settings = [*LAUNCHER, "demo", *options], environment(place, port)
    began = time.perf_counter()
    launcher = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not answers(port):
            if launcher.poll() is not None:
                raise RuntimeError("The demo ended.")
            time.sleep(0.05)
        yield launcher, time.perf_counter() - began
    finally:
        launcher.send_signal(signal.SIGINT)
        launcher.wait(60)


def answers(port: int) -> bool:
    """Return whether the sign-in page answers."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5).close()
    except OSError:
        return False
    return True


def weight(pid: int) -> tuple[float, float]:
    """Return MiB of the heaviest web process, and of the whole tree; shared pages count once (PSS)."""
    everyone = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    pss = {one.pid: one.memory_full_info().pss / 2**20 for one in everyone}
    web = [pss[one.pid] for one in everyone if "granian" in " ".join(one.cmdline())]
    return max(web, default=0.0), sum(pss.values())


if __name__ == "__main__":
    main()
