"""Write the trail. There is one verb, and nothing changes or removes what it wrote."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

from models_registry.audit import request
from models_registry.audit.actor import Actor
from models_registry.audit.canonical import canonical

ENVELOPE = "entry"
"""The member of ``canon`` that says who did what to what; the other members are the body."""

INSERT = """
insert into audit_entry (actor_kind, actor_id, actor_name, request_id, action,
                         object_type, object_id, model_id, cause_event_id, canon)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id
"""

INSERT_MANY = """
insert into audit_entry (actor_kind, actor_id, actor_name, request_id, action,
                         object_type, object_id, model_id, cause_event_id, canon)
select actor_kind, actor_id, actor_name, request_id, action, object_type, object_id, model_id, cause_event_id, canon
from unnest(%s::text[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::text[],
            %s::bigint[], %s::bigint[], %s::text[]) with ordinality as
     given (actor_kind, actor_id, actor_name, request_id, action, object_type, object_id, model_id, cause_event_id,
            canon, place)
order by place
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written, with the arguments of `record`."""

    by: Actor
    action: str
    on: tuple[str, str] | Model
    body: Mapping[str, object]
    model_id: int | None = None
    cause_event_id: int | None = None


class ReservedMember(ValueError):
    """The body of an entry may not use the member that names its actor and subject."""


def record(
    *,
    by: Actor,
    action: str,
    on: tuple[str, str] | Model,
    body: Mapping[str, object],
    model_id: int | None = None,
    cause_event_id: int | None = None,
) -> int:
    """Write one entry in the caller's transaction and return its identifier.

    ``on`` is what it happened to: a model instance, or (type, identifier). The
    registered model concerned is read from the instance when it is not given.
    The canonical text covers actor, action and subject as well as the body, so
    that none of them can be altered without breaking the leaf hash. Raises
    ReservedMember, and NotCanonical when the body has no canonical form.
    """
    row = _row(Entry(by, action, on, body, model_id, cause_event_id))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, row)
        identifier: int = cursor.fetchone()[0]
    return identifier


def record_all(entries: Iterable[Entry]) -> None:
    """Write entries in this order with one statement, each as `record` would."""
    rows = [_row(entry) for entry in entries]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_MANY, [list(column) for column in zip(*rows, strict=True)])


def _row(entry: Entry) -> tuple[Any, ...]:
    if ENVELOPE in entry.body:
        raise ReservedMember(f"'{ENVELOPE}' is reserved")
    object_type, object_id = _subject(entry.on)
    model_id = _registered_model(entry.on) if entry.model_id is None else entry.model_id
    actor = {"kind": entry.by.trail_kind, "id": entry.by.trail_id, "name": entry.by.trail_name}
    envelope = {
        "action": entry.action,
        "actor": actor,
        "cause_event_id": entry.cause_event_id,
        "model_id": model_id,
        "object": {"id": object_id, "type": object_type},
    }
    return (
        *actor.values(),
        request.current.get(),
        entry.action,
        object_type,
        object_id,
        model_id,
        entry.cause_event_id,
        canonical({**entry.body, ENVELOPE: envelope}).decode("utf-8"),
    )


def _subject(on: tuple[str, str] | Model) -> tuple[str, str]:
    if isinstance(on, Model):
        return str(on._meta.model_name), str(on.pk)
    return on


def _registered_model(on: tuple[str, str] | Model) -> int | None:
    if not isinstance(on, Model):
        return None
    found = on.pk if on._meta.model_name == "registeredmodel" else getattr(on, "model_id", None)
    return found if isinstance(found, int) else None
