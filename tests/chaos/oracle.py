"""Ask the database, in SQL of its own, whether every acknowledged event had its effect once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg


def wrongs(*, url: str, acknowledged: Mapping[str, int], bad: int, told: Mapping[str, int], kills: int) -> list[str]:
    """Return what is not as promised, one sentence each; empty when all is."""
    with psycopg.connect(url) as opened:
        return [
            *_of_events(opened, acknowledged),
            *_of_risks(opened, bad),
            *_of_alerts(opened),
            *_of_messages(opened, told, kills),
        ]


def waiting(url: str) -> int:
    """Return how much work is still due: events, decisions, messages."""
    with psycopg.connect(url) as opened:
        row = opened.execute(
            "select (select count(*) from telemetry_event where state = 'NEW')"
            " + (select count(*) from delivery_notification where state = 'PENDING' and not_before <= now())"
            " + (select count(*) from audit_entry e where e.action = 'risk.level_raised'"
            "     and not exists (select from routing_decision d where d.entry_id = e.id))"
        ).fetchone()
        return int(row[0]) if row else 0


def _rows(opened: psycopg.Connection[Any], statement: str) -> list[tuple[Any, ...]]:
    return opened.execute(statement).fetchall()


def _of_events(opened: psycopg.Connection[Any], acknowledged: Mapping[str, int]) -> Iterable[str]:
    kept = Counter(event_id for (event_id,) in _rows(opened, "select event_id from telemetry_event"))
    lost = [event_id for event_id in acknowledged if not kept[event_id]]
    yield from (f"{len(lost)} acknowledged events are lost, {one} among them" for one in lost[:1])
    yield from (f"{one} is kept {times} times" for one, times in kept.items() if times > 1)
    states = dict(_rows(opened, "select state, count(*) from telemetry_event group by state"))
    if set(states) - {"DONE"}:
        yield f"events ended otherwise than done: {states}"
    wrong = _rows(
        opened,
        "select e.event_id, count(m.id) from telemetry_event e left join telemetry_measurement m on m.event_id = e.id"
        " group by e.id, e.event_id having count(m.id) <> 1 limit 3",
    )
    yield from (f"{event_id} has {count} measurements" for event_id, count in wrong)


def _of_risks(opened: psycopg.Connection[Any], bad: int) -> Iterable[str]:
    """Every pair of bad readings raised its risk to High once; no other risk rose, and each history is a chain."""
    raised = dict(
        _rows(
            opened,
            "select m.slug || ' ' || r.category, count(*) filter (where a.action = 'risk.level_raised')"
            " from risks_risk r join catalog_model m on m.id = r.model_id"
            " left join audit_entry a on a.object_type = 'risk' and a.object_id = r.id::text group by 1",
        )
    )
    seen = _rows(
        opened,
        "select distinct m.slug || ' ' || case t.metric when 'accuracy' then 'PERFORMANCE'"
        " when 'error_rate' then 'RELIABILITY' else 'DATA_INTEGRITY' end"
        " from telemetry_measurement t join catalog_model m on m.id = t.model_id",
    )
    expected = {pair: 1 for (pair,) in seen if int(pair.split()[0].rpartition("-")[2]) < bad}
    for pair in sorted({*raised, *expected}):
        if raised.get(pair, 0) != expected.get(pair, 0):
            yield f"the risk {pair} was raised {raised.get(pair, 0)} times instead of {expected.get(pair, 0)}"
    broken = _rows(
        opened,
        "select risk_id from (select risk_id, from_score, lag(to_score, 1, 0) over (partition by risk_id order by id)"
        " as before from risks_change) c where from_score <> before limit 3",
    )
    yield from (f"the history of risk {risk} does not follow from itself" for (risk,) in broken)
    unequal = _rows(
        opened,
        "select (select count(*) from risks_change), (select count(*) from audit_entry where action in"
        " ('risk.level_raised', 'risk.level_lowered', 'risk.score_moved'))",
    )
    yield from (
        f"{changes} changes of risks and {told} entries of them" for changes, told in unequal if changes != told
    )


def _of_alerts(opened: psycopg.Connection[Any]) -> Iterable[str]:
    twice = _rows(
        opened,
        "select fingerprint, count(*) from inbox_alert group by 1 having count(*) filter (where state = 'OPEN') > 1",
    )
    yield from (f"{count} alerts are open for {fingerprint}" for fingerprint, count in twice)
    undecided = _rows(
        opened,
        "select count(*) from audit_entry e where e.action = 'risk.level_raised'"
        " and not exists (select from routing_decision d where d.entry_id = e.id)",
    )
    yield from (f"{count} raises were never decided" for (count,) in undecided if count)


def _of_messages(opened: psycopg.Connection[Any], told: Mapping[str, int], kills: int) -> Iterable[str]:
    states = dict(_rows(opened, "select dedup_key, state from delivery_notification"))
    yield from (
        f"{key} is delivered and never arrived"
        for key, state in states.items()
        if state == "DELIVERED" and not told.get(key)
    )
    yield from (f"{key} arrived and is in no outbox" for key in told if key not in states)
    again = sum(times - 1 for times in told.values())
    if again > kills:
        yield f"{again} messages arrived again, and only {kills} processes were killed while sending"
    given_up = [key for key, state in states.items() if state == "GIVEN_UP"]
    yield from (f"{key} was given up" for key in given_up)
