"""What is done with events: keep them, claim them, measure them, hold them back, try them again."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from psycopg.types.json import Jsonb

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.prepared import fetch_one
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY, Actor
from models_registry.telemetry import (
    adapters,
    grouping,
    inbox_sql,
    noting,
    run_following,
    series,
    sightings,
    tallies,
    withholding,
    writing,
)
from models_registry.telemetry.adapters.otlp_wire import SIGNAL_HEADER
from models_registry.telemetry.addresses import Address
from models_registry.telemetry.folding import SeriesRef, fold, spans
from models_registry.telemetry.measuring import Read, active_mappings, read_events
from models_registry.telemetry.models import EventState, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.pollers.shapes import Change
from models_registry.telemetry.readings import printable
from models_registry.telemetry.source_actions import create_source as create_source
from models_registry.telemetry.splitting import Part

MAX_BODY_BYTES = 1_048_576
MAX_EXPORT_BYTES = 4_194_304
"""What an OpenTelemetry export or a remote write may have: their senders do not cut a larger one."""
MAX_ATTEMPTS = 5
FIRST_LEASE = dt.timedelta(seconds=10)
BURST = 400
"""So many events of a source may wait before it is behind: then those of all other sources come first."""
LARGE_KINDS = frozenset({SourceKind.OPENTELEMETRY.value, SourceKind.PROMETHEUS.value})
KEPT_HEADERS = frozenset(
    {
        "content-type",
        "user-agent",
        "webhook-id",
        "webhook-timestamp",
        "x-arize-webhook-id",
        "x-arize-webhook-timestamp",
        "x-arize-webhook-event",
        "x-mlflow-delivery-id",
        "x-prometheus-remote-write-version",
        "aeg-event-type",
        "x-github-delivery",
        "idempotency-key",
        SIGNAL_HEADER,
    }
)
"""Names whose values are stored with the body. Signatures and credentials never are."""
CLOUD_EVENT, CLOUD_EVENT_ID = "ce-", "ce-id"
"""The attributes of a CloudEvent in binary mode are headers, and part of the event."""


class BodyTooLarge(ValueError):
    """A body may have at most 1 MiB (1,048,576 bytes), an OpenTelemetry export or a remote write four times that."""


class AddressChanged(Exception):
    """The source was changed or switched off since its door last looked. Look again."""


class EventNotWaiting(Exception):
    """This event was already measured or set aside."""


class NothingHeld(Exception):
    """None of these events is held back with its body, so there is nothing to try again."""

    http_status = 409


@dataclass(frozen=True)
class Receipt:
    """What was kept. ``duplicate`` deliveries have no effect; a ``conflict`` is one id with two bodies."""

    event_pk: int
    event_id: str
    duplicate: bool
    conflict: bool


@dataclass(frozen=True)
class Touched:
    """What one event added to: each series with the earliest and the latest moment observed."""

    event_pk: int
    spans: Mapping[SeriesRef, tuple[dt.datetime, dt.datetime]]

    @property
    def series(self) -> frozenset[SeriesRef]:
        """The series alone."""
        return frozenset(self.spans)


def receive(*, source: Source, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> Receipt:
    """Keep the body as it came, once, before anyone parses it.

    Each statement commits by itself when the caller has no transaction, so a
    receipt means kept. The same id with another body is kept as well, under
    ``id#sha8``, and flagged. Raises BodyTooLarge.
    """
    mapping = active_mappings([source.pk]).get(source.pk)
    facts = _facts(source_id=source.pk, kind=source.kind, mapping=mapping, body=body, headers=headers, at=at)
    return _keep_once(facts)


def admit(*, address: Address, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> Receipt:
    """Keep a delivery that its door has verified, as `receive` does, in one statement when it is new.

    What a sweep of a polled source found before is no news. ``headers`` have names in lower case. Raises
    AddressChanged when the source is no longer as the door remembered it; then nothing was kept.
    """
    if address.polled and (change := sightings.change_told(kind=address.kind, body=body, at=at)):
        return _admit_change(address=address, change=change, body=body, headers=headers, at=at)
    return _admit(address=address, body=body, headers=headers, at=at)


@transaction.atomic
def _admit_change(
    *, address: Address, change: Change, body: bytes, headers: Mapping[str, str], at: dt.datetime
) -> Receipt:
    """Keep a delivery that a sweep may find as well, or count it for the event that a sweep has made of it."""
    sightings.lock(address.source_id)
    if not sightings.is_as_remembered(source_id=address.source_id, revision=address.revision):
        raise AddressChanged
    kept = withholding.without_judgements(address.kind, body, mapping=address.mapping)
    delivery = _name(address.kind, headers, body, kept, address.mapping, at)
    known = sightings.known_finding(source_id=address.source_id, change=change, delivery=delivery, at=at)
    if known is not None:
        pk, event_id, conflict = known
        return Receipt(pk, event_id, duplicate=True, conflict=conflict)
    receipt = _admit(address=address, body=body, headers=headers, at=at)
    sightings.heard(source_id=address.source_id, change=change, delivery=delivery, event_pk=receipt.event_pk, at=at)
    return receipt


def _admit(*, address: Address, body: bytes, headers: Mapping[str, str], at: dt.datetime) -> Receipt:
    facts = _facts(
        source_id=address.source_id, kind=address.kind, mapping=address.mapping, body=body, headers=headers, at=at
    )
    unchanged, pk = grouping.keep(facts | {"revision": address.revision})
    if not unchanged:
        raise AddressChanged
    if pk is not None:
        return Receipt(pk, facts["event_id"], duplicate=False, conflict=False)
    return _keep_once(facts, is_known=True)


@transaction.atomic
def admit_all(*, address: Address, parts: Iterable[Part], at: dt.datetime) -> list[Receipt]:
    """Keep the parts of one delivery as one event each: all of them, or none. Raises AddressChanged."""
    return [admit(address=address, body=part.body, headers=part.headers, at=at) for part in parts]


def claim(*, limit: int, at: dt.datetime) -> list[int]:
    """Return the keys of events to work on now, each with its attempt already counted and committed.

    Sources take turns, so that a loud one cannot starve another, and one with more
    than `BURST` waiting comes after all others. A claimed event is left alone by
    other workers for a lease that doubles with each attempt, from ten seconds. An
    event that failed before is claimed alone, so that a poison event cannot spoil
    its neighbours, and is DEAD after five attempts. Events of files of history are left to `claim_history`.
    Call it outside any transaction.
    """
    while (retried := _claim_retried(at)) is not None:
        pk, alive = retried
        if alive:
            return [pk]
    return _claim_fresh(limit, at, history=False)


def claim_history(*, limit: int, at: dt.datetime) -> list[int]:
    """Return the keys of history's events to work on now, as `claim` does: a lane of its own, for spare time."""
    return _claim_fresh(limit, at, history=True)


@transaction.atomic
def measure(*, event: TelemetryEvent, at: dt.datetime) -> Touched:
    """Turn one event into measurements and rollups and mark it DONE, or quarantine it with the reason.

    The caller holds the row's lock. Raises EventNotWaiting.
    """
    return measure_all(events=[event], at=at)[0]


@transaction.atomic
def measure_all(*, events: Sequence[TelemetryEvent], at: dt.datetime) -> list[Touched]:
    """Measure a batch as `measure` does one, with the same number of statements for any number of events."""
    for event in events:
        if event.state != EventState.NEW:
            raise EventNotWaiting(event.pk)
    found = read_events(events)
    with writing.measurements_copied(found):
        touched = [Touched(each.event_id, spans(each.rows)) for each in found]
        windows = fold(row for each in found for row in each.rows)
    writing.merge_rollups(windows)
    series.add((one for each in found for one in each.new_series), at=at)
    noting.note((event, each.notices) for event, each in zip(events, found, strict=True) if not each.problems)
    for event, each in zip(events, found, strict=True):
        if each.problems:
            quarantine(event=event, reason=each.reason, detail=each.detail, at=at)
    sound = [event for event, each in zip(events, found, strict=True) if not each.problems]
    _finish(sound, at)
    run_following.take_in(events=sound, at=at)
    for follower in settings.EVENT_FOLLOWERS:
        import_string(follower)(events=sound, at=at)
    _throw_away_texts(sound)
    return touched


@transaction.atomic
def quarantine(*, event: TelemetryEvent, reason: str, detail: str, at: dt.datetime) -> None:
    """Hold the event back with its reason. The first of a kind from a source goes to the trail."""
    held = TelemetryEvent.objects.filter(
        source_id=event.source_id, state__in=[EventState.QUARANTINED, EventState.DEAD], reason=reason
    )
    first = not held.exclude(pk=event.pk).exists()
    event.state, event.reason, event.detail, event.processed_at = EventState.QUARANTINED, reason, detail, at
    event.save(update_fields=["state", "reason", "detail", "processed_at"])
    tallies.ended([event], state=EventState.QUARANTINED, at=at)
    if first:
        record(
            by=TELEMETRY,
            action="telemetry.quarantined_first",
            on=event.source,
            body={**event.source.named(), "reason": reason, "event_id": event.event_id},
            cause_event_id=event.pk,
        )


@transaction.atomic
def replay(*, by: Actor, at: dt.datetime, events: Iterable[int]) -> int:
    """Send held events through the line again and return how many. Raises NothingHeld.

    They keep their identity and their place of receipt, so a number that was
    already measured cannot be measured twice.
    """
    if isinstance(by, Account):
        require(by, Permission.QUARANTINE_REPLAY)
    held = list(
        TelemetryEvent.objects.filter(
            pk__in=list(events), state__in=[EventState.QUARANTINED, EventState.DEAD], body_digest__isnull=True
        )
        .select_for_update()
        .order_by("pk")
        .only("source_id", "state", "received_at")
    )
    if not held:
        raise NothingHeld
    tallies.taken_up_again(held, at=at)
    TelemetryEvent.objects.filter(pk__in=[event.pk for event in held]).update(
        state=EventState.NEW, attempts=0, not_before=None, reason="", detail="", processed_at=None
    )
    for source in Source.objects.filter(pk__in={event.source_id for event in held}).order_by("pk"):
        pks = [event.pk for event in held if event.source_id == source.pk]
        record(
            by=by,
            action="telemetry.replayed",
            on=source,
            body={"at": at, "count": len(pks), "first_event": pks[0], "last_event": pks[-1]},
        )
    return len(held)


def dry_run(*, events: Sequence[TelemetryEvent], mapping: Mapping[str, Any] | None = None) -> list[Read]:
    """Return what each event would give now, or under another mapping. Writes nothing."""
    return read_events(events, mapping=mapping)


@transaction.atomic
def find_quiet_sources(*, at: dt.datetime) -> int:
    """Mark sources that missed their expected interval, and those that came back; return how many changed."""
    changed = 0
    for source, newest in _expected_sources():
        due = (newest or source.created_at) + dt.timedelta(seconds=source.expected_interval_s or 0)
        if (at > due) == (source.quiet_since is not None):
            continue
        source.quiet_since = due if at > due else None
        source.save(update_fields=["quiet_since"])
        action = "source.went_quiet" if source.quiet_since else "source.came_back"
        seen = {"at": at, "newest_event_at": newest, "expected_interval_s": source.expected_interval_s}
        body = {**source.named(), **seen}
        record(by=TELEMETRY, action=action, on=source, body=body)
        changed += 1
    return changed


def _facts(
    *,
    source_id: int,
    kind: str,
    mapping: Mapping[str, Any] | None,
    body: bytes,
    headers: Mapping[str, str],
    at: dt.datetime,
) -> dict[str, Any]:
    if len(body) > (MAX_EXPORT_BYTES if kind in LARGE_KINDS else MAX_BODY_BYTES):
        raise BodyTooLarge
    lowered = {name.lower(): value for name, value in headers.items()}
    kept = {name: printable(value) for name, value in lowered.items() if name in KEPT_HEADERS}
    if CLOUD_EVENT_ID in lowered:
        kept |= {name: printable(value) for name, value in lowered.items() if name.startswith(CLOUD_EVENT)}
    if sealed := lowered.get(withholding.HEADER):
        kept[withholding.HEADER] = sealed
    raw = withholding.without_judgements(kind, body, mapping=mapping)
    return {
        "source": source_id,
        "event_id": _name(kind, lowered, body, raw, mapping, at),
        "raw": raw,
        "headers": Jsonb(kept),
        "at": at,
    }


def _name(
    kind: str, headers: Mapping[str, str], body: bytes, kept: bytes, mapping: Mapping[str, Any] | None, at: dt.datetime
) -> str:
    content = withholding.named_by(headers, body, kept)
    return adapters.event_id(kind, headers, kept, mapping, at, content=content)


def _keep_once(facts: Mapping[str, Any], *, is_known: bool = False) -> Receipt:
    """Keep the event, or count it for the one that has its id and body; ``is_known`` says that its id is taken."""
    digest = hashlib.sha256(facts["raw"]).digest()
    for number, name in enumerate(_ids_for(facts["event_id"], digest.hex())):
        if number or not is_known:
            fresh = fetch_one(inbox_sql.KEEP, {**facts, "event_id": name, "conflict": number > 0})
            if fresh:
                return Receipt(fresh[0], name, duplicate=False, conflict=number > 0)
        same = {"source": facts["source"], "event_id": name, "digest": digest, "at": facts["at"]}
        known = fetch_one(inbox_sql.COUNT_DUPLICATE, same | {"by_content": adapters.names_content(name)})
        if known:
            return Receipt(known[0], name, duplicate=True, conflict=known[1])
    raise AssertionError("two bodies share one SHA-256")


def _ids_for(event_id: str, digest: str) -> Iterator[str]:
    """Yield the ids under which a body may be kept: its own, then with the start and the whole of its hash."""
    yield event_id
    yield f"{event_id[:246]}#{digest[:8]}"
    yield f"{event_id[:190]}#{digest}"


@transaction.atomic
def _claim_fresh(limit: int, at: dt.datetime, *, history: bool) -> list[int]:
    given: dict[str, Any] = {"at": at, "limit": limit, "lease": at + FIRST_LEASE, "history": history, "burst": BURST}
    with connection.cursor() as cursor:
        cursor.execute(inbox_sql.CLAIM_FRESH, given)
        return sorted(pk for (pk,) in cursor.fetchall())


@transaction.atomic
def _claim_retried(at: dt.datetime) -> tuple[int, bool] | None:
    with connection.cursor() as cursor:
        cursor.execute(inbox_sql.CLAIM_RETRIED, {"at": at})
        row = cursor.fetchone()
    if row is None:
        return None
    pk, attempts = row
    if attempts >= MAX_ATTEMPTS:
        _bury(pk, at)
        return pk, False
    lease = at + FIRST_LEASE * 2**attempts
    TelemetryEvent.objects.filter(pk=pk).update(attempts=attempts + 1, not_before=lease)
    return pk, True


def _bury(pk: int, at: dt.datetime) -> None:
    event = TelemetryEvent.objects.select_related("source").defer("raw").get(pk=pk)
    event.state, event.reason, event.processed_at = EventState.DEAD, "E_DIED", at
    event.detail = f"{event.attempts} attempts ended without an answer"
    event.save(update_fields=["state", "reason", "detail", "processed_at"])
    tallies.ended([event], state=EventState.DEAD, at=at)
    record(
        by=TELEMETRY,
        action="telemetry.died",
        on=event.source,
        body={"event_id": event.event_id, "attempts": event.attempts},
        cause_event_id=pk,
    )


def _throw_away_texts(events: Sequence[TelemetryEvent]) -> None:
    """Take away what was sealed beside events: whoever needed it has it in a form that can be erased."""
    pks = [event.pk for event in events if withholding.HEADER in event.headers]
    if pks:
        with connection.cursor() as cursor:
            cursor.execute(inbox_sql.THROW_AWAY_TEXTS, [withholding.HEADER, pks])


def _finish(events: Sequence[TelemetryEvent], at: dt.datetime) -> None:
    TelemetryEvent.objects.filter(pk__in=[event.pk for event in events]).update(
        state=EventState.DONE, processed_at=at, not_before=None
    )
    tallies.ended(events, state=EventState.DONE, at=at)
    for event in events:
        event.state, event.processed_at, event.not_before = EventState.DONE, at, None


def _expected_sources() -> Iterator[tuple[Source, dt.datetime | None]]:
    sources: QuerySet[Source] = Source.objects.filter(
        expected_interval_s__isnull=False, disabled_at__isnull=True
    ).select_for_update(skip_locked=True)
    for source in sources.order_by("pk"):
        newest = source.events.order_by("-pk").values_list("received_at", flat=True).first()
        yield source, newest
