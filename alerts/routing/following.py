"""Follow the trail without missing an entry that commits late.

An entry's number is drawn before its transaction commits, so "greater than the last one
seen" skips entries. What is followed instead is the transaction: an entry is final once its
`xid` lies below every transaction still running, and entries are decided in the order
(xid, id). Everything below the xid of the newest decision is therefore decided, and that is
the floor of the next read: its cost does not grow with the trail.

A database restored into another server counts transactions anew: old rows then carry numbers
of the future, which no running transaction can have, and the floor may be unreachable. Both
are recognised, and the read falls back to all entries.
"""

from dataclasses import dataclass

from django.db import connection

from alerts.routing.fingerprint import ALERTABLE
from models_registry.audit.models import AuditEntry

NEWEST = 10_000
"""Entries of the trail among which one that was passed over is looked for without reading all of it."""

FLOOR = """
(select case when newest.xid < pg_snapshot_xmin(pg_current_snapshot()) then newest.xid else '0'::xid8 end
   from (select entry.xid from routing_decision decision join audit_entry entry on entry.id = decision.entry_id
          order by decision.id desc limit 1) newest)
"""

FINAL = """
(entry.xid < pg_snapshot_xmin(pg_current_snapshot()) or entry.xid >= pg_snapshot_xmax(pg_current_snapshot()))
"""

UNDECIDED = f"""
select entry.* from audit_entry entry
 where entry.xid >= coalesce({FLOOR}, '0'::xid8) and {FINAL} and entry.action = any(%s)
   and not exists (select from routing_decision decision where decision.entry_id = entry.id)
 order by entry.xid, entry.id limit %s
"""  # noqa: S608 - constants only

COUNTED = f"""
select coalesce((select decided from routing_books), 0),
       (select count(*) from audit_entry entry
         where entry.xid >= coalesce({FLOOR}, '0'::xid8) and entry.action = any(%(actions)s)
           and not exists (select from routing_decision decision where decision.entry_id = entry.id)),
       (select count(*) from audit_entry entry
         where entry.id > (select max(id) from audit_entry) - %(newest)s
           and entry.xid < coalesce({FLOOR}, '0'::xid8) and {FINAL} and entry.action = any(%(actions)s)
           and not exists (select from routing_decision decision where decision.entry_id = entry.id))
"""  # noqa: S608 - constants only
"""Cost: one row, the entries since the newest decision, and ``NEWEST`` entries of the trail. Never the history."""

DECIDED = """
insert into routing_books as held (id, decided) values (1, %s)
on conflict (id) do update set decided = held.decided + excluded.decided
"""

BOOKS = f"""
select count(*), count(decision.id),
       count(*) filter (where decision.id is null),
       count(*) filter (where decision.id is null and {FINAL}
                          and entry.xid < coalesce({FLOOR}, '0'::xid8))
  from audit_entry entry left join routing_decision decision on decision.entry_id = entry.id
 where entry.action = any(%s)
"""  # noqa: S608 - constants only


@dataclass(frozen=True)
class Followed:
    """Alertable entries: all, decided, waiting, and those passed over for ever (always 0)."""

    alertable: int
    decided: int
    waiting: int
    missed: int


def undecided(*, limit: int) -> list[AuditEntry]:
    """Return the next entries to decide, oldest transaction first."""
    return list(AuditEntry.objects.raw(UNDECIDED, [sorted(ALERTABLE), limit]))


def decided(count: int) -> None:
    """Add to the decisions counted, in the router's transaction; nobody else waits for the row, as it is alone."""
    with connection.cursor() as cursor:
        cursor.execute(DECIDED, [count])


def counted() -> Followed:
    """Return the entries as counted when they were decided, and those that wait.

    Alertable is what was decided, waits or was passed over, the last looked for among the ``NEWEST`` entries.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"actions": sorted(ALERTABLE), "newest": NEWEST})
        settled, waiting, missed = cursor.fetchone()
    return Followed(settled + waiting + missed, settled, waiting + missed, missed)


def followed() -> Followed:
    """Count every alertable entry and what became of it; reads the whole trail."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKS, [sorted(ALERTABLE)])
        return Followed(*cursor.fetchone())
