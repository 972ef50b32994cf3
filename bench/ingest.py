"""G1: one durable event per request, beside pgbench sending the very statement that the door sends."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from bench.lib.instance import Instance, Served
from bench.lib.load import Load, Post, ask
from bench.lib.rounds import SECONDS, Report, Series, interleave

LIMITS = {1: 0.3, 16: 0.25, 64: 0.5}
CPU_LIMIT = 4.0
EVENTS = 20_000
"""Signed bodies made for one turn: more than a turn can send, so that none is a duplicate."""

_numbers = itertools.count(1)


def main() -> None:
    """Measure and tell."""
    report = Report("ingest")
    with Instance() as instance:
        from models_registry.audit.actor import System
        from models_registry.telemetry.source_actions import create_source

        at = datetime.now(UTC)
        source, secret = create_source(by=System("bench"), at=at, name="Load", kind="measurements")
        statement = peer(source.pk, source.revision)
        with instance.served() as served:
            for connections, least in LIMITS.items():
                rounds(report, instance, served, (source.path_token, secret), statement, connections, least)


def rounds(
    report: Report,
    instance: Instance,
    served: Served,
    address: tuple[str, str],
    statement: str,
    connections: int,
    least: float,
) -> None:
    """Measure with so many connections, and empty the inbox again."""
    found = interleave(
        {
            "plain": lambda: ask(served, "/plain/", connections=connections, seconds=SECONDS),
            "pgbench": lambda: instance.pgbench(statement, clients=connections, seconds=SECONDS),
            "door": lambda: (emptied(instance), send(served, *address, connections))[1],
        }
    )
    tell(report, connections, least, found)


def emptied(instance: Instance) -> None:
    """Empty the inbox, so that no round meets the limit of a backlog that nobody works off here."""
    with instance.connect() as admin:
        admin.execute("truncate telemetry_event, telemetry_tally cascade")


def send(served: Served, path_token: str, secret: str, connections: int) -> Load:
    """Send signed events, each of them once."""
    from models_registry.telemetry.signatures import sign

    at = datetime.now(UTC)
    posts = []
    for _ in range(EVENTS):
        body = event(next(_numbers), at)
        posts.append(
            Post(body, sign(event_id=f"b{len(posts)}-{at:%H%M%S%f}", at=at, body=body.encode(), secret=secret))
        )
    return ask(served, f"/api/v1/telemetry/{path_token}/", connections=connections, seconds=SECONDS, posts=posts)


def event(number: int, at: datetime) -> str:
    """Return a body of one measurement."""
    reading = {"model": f"model-{number % 1000}", "metric": "accuracy", "value": 0.9, "observed_at": at.isoformat()}
    return json.dumps({"measurements": [{**reading, "segment": "eu-west-1", "attributes": {"run": number}}]})


def peer(source_id: int, revision: int) -> str:
    """Return the door's statement for pgbench, with a body of the same size."""
    from models_registry.telemetry.inbox_sql import ADMIT

    values = {
        "source": str(source_id),
        "revision": str(revision),
        "event_id": "'id:' || (:n)::bigint || '-' || (:m)::bigint",
        "at": "now()",
        "raw": f"decode('{event(1, datetime.now(UTC)).encode().hex()}', 'hex')",
        "headers": "jsonb_build_object('content-type', 'application/json', 'webhook-id', (:n)::bigint)",
    }
    statement = " ".join((ADMIT % values).split())
    return f"\\set n random(1, 1000000000000)\n\\set m random(1, 1000000000)\n{statement};\n"


def tell(report: Report, connections: int, least: float, found: dict[str, list[Any]]) -> None:
    """Print rates, ratios and what a request cost the server."""
    door: list[Load] = found["door"]
    plain: list[Load] = found["plain"]
    rates = Series(tuple(one.rate for one in door))
    pgbench = Series(tuple(found["pgbench"]))
    where = f"{connections} connections"
    report.line(
        f"door, {where}", rates, "events/s", p99_ms=max(one.p99 for one in door), refused=sum(one.bad for one in door)
    )
    report.line(f"pgbench, {where}", pgbench, "events/s")
    report.line(f"plain view, {where}", Series(tuple(one.rate for one in plain)), "requests/s")
    report.goal("G1", f"door / pgbench, {where}", rates.over(pgbench), least=least)
    cpu = Series(tuple(one.cpu_us for one in door))
    bare = Series(tuple(one.cpu_us for one in plain))
    report.line(f"server CPU of a door request, {where}", cpu, "µs", plain_us=round(bare.median))
    report.goal("G1", f"server CPU, door / plain view, {where}", cpu.over(bare), most=CPU_LIMIT)


if __name__ == "__main__":
    main()
