"""Whether the trail about a model is as it was written, at a cost that does not grow with it.

Two looks together keep the promise. A question to the gate hashes the newest entries about the model, which
are the ones its answer rests on. A walk hashes the whole trail, a little each second, and then begins again:
an entry that was altered anywhere is found within one round, and blocks its model until it hashes right again.
"""

from datetime import datetime

from django.db import connection, transaction

from governance.gates.models import TrailBreak, TrailWalk
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog.actions import bump_epoch

WALKER = System("trail walk")
NEWEST = 50
"""Entries about the model that every question hashes."""
STEP = 1_000
"""Entries that one step of the walk hashes: a million entries take about a quarter of an hour."""

ALTERED = "leaf <> sha256('\\x00'::bytea || convert_to(canon, 'UTF8'))"

IS_INTACT = f"""
select not exists (
    select from (
        select leaf, canon from audit_entry where model_id = %(model)s order by id desc limit %(newest)s
    ) as newest
    where {ALTERED}
) and not exists (
    select from gates_trail_break as found left join audit_entry as entry on entry.id = found.entry_id
    where found.model_id = %(model)s and (entry.id is null or {ALTERED})
)
"""  # noqa: S608 - no part of the text comes from outside

WALK = f"""
with part as (select id, model_id, leaf, canon from audit_entry where id > %s order by id limit %s)
select max(id), count(*), array_agg(id) filter (where {ALTERED}),
       array_agg(model_id) filter (where {ALTERED}) from part
"""  # noqa: S608


def is_intact(*, model_id: int) -> bool:
    """Return whether the newest entries about the model, and all that were found altered, hash right now."""
    with connection.cursor() as cursor:
        cursor.execute(IS_INTACT, {"model": model_id, "newest": NEWEST})
        return bool(cursor.fetchone()[0])


@transaction.atomic
def walk(*, at: datetime, limit: int = STEP) -> int:
    """Hash the next entries of the trail, note the altered ones, and return how many were found anew."""
    place, _ = TrailWalk.objects.get_or_create(pk=TrailWalk.ONLY, defaults={"walked_at": at})
    held = TrailWalk.objects.select_for_update(skip_locked=True).filter(pk=place.pk).first()
    if held is None:
        return 0  # another process is walking
    with connection.cursor() as cursor:
        cursor.execute(WALK, [held.entry_id, limit])
        last, seen, altered, models = cursor.fetchone()
    ended = seen < limit
    held.entry_id, held.walked_at = (0 if ended else last), at
    held.round_ended_at = at if ended else held.round_ended_at
    held.save()
    return sum(_note(*found, at) for found in zip(altered or [], models or [], strict=True))


def _note(entry_id: int, model_id: int | None, at: datetime) -> bool:
    """Remember an altered entry and put it on the trail, once; answers given on it become stale."""
    _, new = TrailBreak.objects.get_or_create(entry_id=entry_id, defaults={"model_id": model_id, "found_at": at})
    if new:
        body = {"at": at, "entry_id": entry_id}
        record(by=WALKER, action="trail.break_found", on=("audit_entry", str(entry_id)), body=body, model_id=model_id)
        bump_epoch(model_ids=[model_id] if model_id is not None else [])
    return new
