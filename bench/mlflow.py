"""G7: what an MLflow client asks most, of Redline and of a stock `mlflow server` on the same PostgreSQL, in turn.

Both serve with one worker process. Redline authenticates, checks the right, guards aliases and writes the trail on
every call; the stock server does none of it. `make mlflow-client` installs the stock server, or BENCH_MLFLOW names its
Python; without one Redline is measured alone.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from bench.lib.instance import ROOT, Instance, Served
from bench.lib.load import Load, Post, ask
from bench.lib.rounds import SECONDS, Report, Series, interleave

CONNECTIONS = 8
MODELS = 200
API = "/api/2.0/mlflow/"
JSON = {"Content-Type": "application/json"}
STOCK = Path(os.environ.get("BENCH_MLFLOW", ROOT / ".venv-mlflow" / "bin" / "python"))
GOALS = {"create version": 3.0, "set alias": 4.0, "get version": 4.0, "search versions": 3.0}


def main() -> None:
    """Measure and tell."""
    report = Report("mlflow")
    with Instance() as instance:
        headers = {"Authorization": f"Bearer {_token()}"}
        with instance.served(workers=1, threads=8) as redline, stock(instance) as peer:
            servers = {"Redline": (redline, headers), **({"MLflow": (peer, {})} if peer else {})}
            for served, given in servers.values():
                _fill(served, given)
            found: dict[str, list[Load]] = interleave(
                {
                    f"{call}: {name}": lambda call=call, served=served, given=given: _ask(call, served, given)  # type: ignore[misc]
                    for call in GOALS
                    for name, (served, given) in servers.items()
                }
            )
        _tell(report, found)


def _ask(call: str, served: Served, headers: dict[str, str]) -> Load:
    sent: dict[str, object] = {"connections": CONNECTIONS, "seconds": SECONDS}
    names = [f"model-{number}" for number in range(MODELS)]
    if call == "create version":
        bodies: list[dict[str, str]] = [{"name": name, "source": "s3://models/a"} for name in names]
        path = API + "model-versions/create"
    elif call == "set alias":
        bodies = [
            {"name": name, "alias": "live", "version": version} for version in ("1", "2") for name in names
        ]  # each call moves it
        path = API + "registered-models/alias"
    else:
        asked = "model-versions/get?version=1&name={}" if call == "get version" else "model-versions/search?filter={}"
        texts = names if call == "get version" else [quote(f"name='{name}'") + "&max_results=1" for name in names]
        paths = [API + asked.format(text) for text in texts]
        return ask(served, paths[0], headers=headers, paths=paths, **sent)  # type: ignore[arg-type]
    posts = [Post(json.dumps(body), headers | JSON) for body in bodies]
    return ask(served, path, posts=posts, **sent)  # type: ignore[arg-type]


def _tell(report: Report, found: dict[str, list[Load]]) -> None:
    for name, loads in found.items():
        cpu = round(sorted(one.cpu_us for one in loads)[len(loads) // 2])
        refused = sum(one.bad for one in loads)
        report.line(f"{name}", _rates(loads), "per s", cpu_us=cpu, refused=refused)
        report.line(f"{name}, p99", Series(tuple(one.p99 for one in loads)), "ms")
    for call, least in GOALS.items():
        ours, theirs = found[f"{call}: Redline"], found.get(f"{call}: MLflow")
        if theirs:
            report.goal("G7", f"{call}: Redline / MLflow", _rates(ours).over(_rates(theirs)), least=least)
            tails = Series(tuple(one.p99 for one in ours)).over(Series(tuple(one.p99 for one in theirs)))
            report.goal("G7", f"{call}: p99, Redline / MLflow", tails, most=0.6)


def _rates(loads: list[Load]) -> Series:
    return Series(tuple(one.rate for one in loads))


def _token() -> str:
    """Return the token of a pipeline that may register and move versions."""
    from django.db import transaction
    from django.utils import timezone

    from models_registry.access.issuing import issue_token
    from models_registry.access.models import Account, AccountKind, BusinessUnit, RoleGrant
    from models_registry.audit.actions import record
    from models_registry.audit.actor import System

    now = timezone.now()
    with transaction.atomic():
        unit = BusinessUnit.objects.create(slug="bench", name="Bench")
        robot = Account.objects.create(username="pipeline", kind=AccountKind.AUTOMATION, unit=unit)
        RoleGrant.objects.create(account=robot, role="automation_ci", granted_at=now)
        record(by=System("bench"), action="role.granted", on=robot, body={})
        return issue_token(by=robot, at=now, account=robot, name="bench").raw


def _fill(served: Served, headers: dict[str, str]) -> None:
    """Register the models, each with two versions and an alias."""
    for number in range(MODELS):
        name = f"model-{number}"
        _post(served, headers, "registered-models/create", {"name": name})
        for _ in range(2):
            _post(served, headers, "model-versions/create", {"name": name, "source": "s3://models/a"})
        _post(served, headers, "registered-models/alias", {"name": name, "alias": "live", "version": "1"})


def _post(served: Served, headers: dict[str, str], path: str, body: dict[str, str]) -> None:
    request = urllib.request.Request(served.address + API + path, json.dumps(body).encode(), headers | JSON)
    urllib.request.urlopen(request, timeout=60).read()


class _Stock(Served):
    """MLflow's own server; it answers `/health`."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]", place: Path) -> None:
        import time

        self.address, self.process, self.place = address, process, place
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"The stock server does not answer.\n{(place / 'log').read_text()[-2000:]}")


@contextmanager
def stock(instance: Instance) -> Iterator[_Stock | None]:
    """Serve MLflow's own registry from a database of its own on the same PostgreSQL."""
    if not STOCK.exists():
        yield None
        return
    admin = instance.postgres.admin_url()
    with psycopg.connect(admin, autocommit=True) as held:
        held.execute("CREATE DATABASE stock")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = instance.place / "stock"
    place.mkdir()
    command = [
        str(STOCK), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", instance.postgres.admin_url("stock"), "--default-artifact-root", str(place / "files"),
    ]  # fmt: skip
    quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=place, env={**os.environ, **quiet}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield _Stock(f"http://127.0.0.1:{port}", process, place)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # its own group; it takes its time to end otherwise
            process.wait()
            shutil.rmtree(place)
            with psycopg.connect(admin, autocommit=True) as held:
                held.execute("DROP DATABASE stock WITH (FORCE)")


if __name__ == "__main__":
    main()
