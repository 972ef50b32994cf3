"""Follow the trail from where the last turn ended, without missing an entry that commits late.

As in `routing.following`, an entry is final once its transaction lies below every one still running, and entries are
taken in the order (xid, id). One row remembers the last: what is read costs nothing that lies behind it.

A database that was restored into another server counts transactions anew, so the remembered one may lie in the
future. What was not yet followed then is what lies behind it there; everything new has a higher identifier.
"""

from django.db import connection

from alerts.registryhooks.events import FOLLOWED
from models_registry.audit.models import AuditEntry

SKIP = 10_000
"""Transactions that may pass without an event before the place is written down anew."""

BEGIN = """
insert into registryhooks_followed (id, xid, entry_id, floor_id)
values (1, pg_snapshot_xmin(pg_current_snapshot()), 0, 0) on conflict (id) do nothing
"""

PLACE = """
select xid::text::bigint, entry_id, floor_id, xid >= pg_snapshot_xmax(pg_current_snapshot()),
       pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  from registryhooks_followed for update skip locked
"""

NEXT = """
select entry.* from audit_entry entry
 where entry.xid >= %(xid)s::text::xid8 and (entry.xid, entry.id) > (%(xid)s::text::xid8, %(entry)s::bigint)
   and entry.id > %(floor)s and (entry.xid < %(below)s::text::xid8 or %(restored)s) and entry.action = any(%(actions)s)
 order by entry.xid, entry.id limit %(limit)s
"""

MOVE = "update registryhooks_followed set xid = %s::text::xid8, entry_id = %s, floor_id = %s"

OLD = "select coalesce(max(id), 0) from audit_entry where xid >= pg_snapshot_xmax(pg_current_snapshot())"


def begin() -> None:
    """Follow from now on, in the caller's transaction; a trail that is followed already goes on as it does."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN)


def taken(*, limit: int) -> list[AuditEntry]:
    """Return the next entries and remember them as followed, in the caller's transaction.

    Returns none while another turn is under way, or where no webhook was ever made.
    """
    with connection.cursor() as cursor:
        cursor.execute(PLACE)
        place = cursor.fetchone()
        if place is None:
            return []
        xid, entry_id, floor_id, restored, below = place
        values = {"xid": xid, "entry": entry_id, "floor": floor_id, "below": below, "restored": restored}
        found = list(AuditEntry.objects.raw(NEXT, {**values, "limit": limit, "actions": list(FOLLOWED)}))
        if len(found) == limit:
            cursor.execute(MOVE, [found[-1].xid, found[-1].pk, floor_id])
        elif restored:
            cursor.execute(OLD)
            cursor.execute(MOVE, [0, 0, cursor.fetchone()[0]])
        elif found or below - xid > SKIP:
            cursor.execute(MOVE, [below, 0, floor_id])
    return found
