"""What is done with placements: keep them, find violations and their ends, and take the owner's answer."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog import governed
from models_registry.catalog.governed import Cover, Elsewhere
from models_registry.catalog.models import Clearance, ModelVersion
from models_registry.outside.models import Ending, Placement, Violation
from models_registry.outside.queries import why_uncovered
from models_registry.outside.standing import Run, Statement, Stretch, runs, stretches
from models_registry.telemetry import placements, resolving
from models_registry.telemetry.actions import receive
from models_registry.telemetry.adapters.fields import PRODUCTION
from models_registry.telemetry.models import Measurement, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.placed import METRIC
from models_registry.telemetry.source_actions import create_source

WATCH: Final = System("registry watch")
SOURCE_NAME: Final = "Redline registry watch"
TIED_AT_ONCE: Final = 200
_TURNS: Final = """
SELECT id FROM (
    SELECT id, concat_ws(E'\\x1f', "on"::text, version_name, digest) AS said,
           lag(concat_ws(E'\\x1f', "on"::text, version_name, digest)) OVER (
               ORDER BY observed_at, "on", version_name, digest, id
           ) AS before
    FROM outside_placement WHERE slot = %s AND model_id IS NOT NULL
) AS told WHERE before IS DISTINCT FROM said
"""
"""The statements of a slot that said something else than the one before; those that confirm are many."""
_JUST_AFTER: Final = dt.timedelta(milliseconds=1)


class AlreadyAnswered(Exception):
    """This violation was answered already."""

    http_status = 409


class AnswerEmpty(ValueError):
    """An answer says what happened and what will be done."""

    http_status = 400


class ViolationOver(Exception):
    """This violation is over, so nothing waits for an answer."""

    http_status = 409


def take_in(*, events: Sequence[TelemetryEvent], at: dt.datetime) -> None:
    """Keep what these measured events say of guarded aliases and stages, in the caller's transaction.

    What stands on a model that is not registered is kept and shown, and judged as soon as the model is known.
    """
    told = placements.tied(events)
    if told:
        Placement.objects.bulk_create([_kept(one) for one in told], ignore_conflicts=True)
        _look_at({one.said.slot(one.event.source_id) for one in told if one.model_id is not None}, at)


@transaction.atomic
def settle(*, at: dt.datetime, everything: bool = True) -> int:
    """Look at open violations again, for a decision may have been used; return how many ended.

    Without ``everything`` only at those whose version has a used clearance, or whose version may have been
    registered since: few, however many are open.
    """
    waiting = Violation.objects.filter(ended_at__isnull=True)
    if not everything:
        used = Clearance.objects.filter(version=OuterRef("version"), used_at__isnull=False)
        newer = ModelVersion.objects.filter(model=OuterRef("model"), created_at__gt=OuterRef("found_at"))
        waiting = waiting.filter(Exists(used) | Q(Exists(newer), version__isnull=True))
    slots = set(waiting.values_list("placement__slot", flat=True))
    return _look_at(slots, at) if slots else 0


@transaction.atomic
def tie(*, at: dt.datetime) -> int:
    """Tie placements to models that were registered or named since; return how many were."""
    untied = Placement.objects.filter(model__isnull=True).values_list("source__kind", "model_name").distinct()
    wanted: dict[str, set[str]] = {}
    for kind, name in untied.order_by()[:TIED_AT_ONCE]:
        wanted.setdefault(kind, set()).add(name)
    known = resolving.look_up_models(wanted) if wanted else {}
    slots: set[str] = set()
    count = 0
    for (kind, name), model_id in sorted(known.items()):
        rows = Placement.objects.filter(model__isnull=True, source__kind=kind, model_name=name)
        slots |= set(rows.values_list("slot", flat=True))
        count += rows.update(model_id=model_id)
    _look_at(slots, at)
    return count


@transaction.atomic
def answer(*, by: Account, at: dt.datetime, violation: Violation, text: str) -> Violation:
    """Record what the owner says of a violation; the gate judges the model again from then on.

    Raises AccessDenied, AnswerEmpty, AlreadyAnswered and ViolationOver.
    """
    held = Violation.objects.select_for_update(of=("self",)).select_related("model", "placement__source").get(
        pk=violation.pk
    )  # fmt: skip
    require(by, Permission.RISK_ACKNOWLEDGE, on=held.model)
    if not text.strip():
        raise AnswerEmpty(AnswerEmpty.__doc__)
    if held.answered_at is not None:
        raise AlreadyAnswered(AlreadyAnswered.__doc__)
    if held.ended_at is not None:
        raise ViolationOver(ViolationOver.__doc__)
    held.answered_at, held.answered_by, held.answer = at, by, text.strip()
    held.save(update_fields=["answered_at", "answered_by", "answer"])
    record(by=by, action="violation.answered", on=held, body={"at": at, "answer": held.answer, **_facts(held)})
    return held


# ---- what follows from the statements of a slot ----


@dataclass(frozen=True, slots=True)
class _Slot:
    """A slot with its runs, the statement that began each (``newest``: the last one), and what covers each."""

    newest: Placement
    rows: Mapping[int, Placement]
    runs: Sequence[Run]
    covers: Mapping[int, Cover]

    def cover(self, run: Run) -> Cover:
        return self.covers.get(run.first.pk, Cover())


def _look_at(slots: Collection[str], at: dt.datetime) -> int:
    """Bring violations and series into line with what is known of these slots; return how many violations ended."""
    if not slots:
        return 0
    _hold(slots)
    found = [_slot(slot) for slot in sorted(slots)]
    ended = 0
    readings: list[dict[str, Any]] = []
    for one in found:
        if one is None:
            continue
        wanted = stretches(one.runs, covered_since=lambda run, own=one: own.cover(run).since())  # type: ignore[misc]
        ended += _agree(one, wanted, at)
        readings += _corrections(one, wanted, at)
    if readings:
        body = json.dumps({"measurements": readings}, separators=(",", ":")).encode()
        receive(source=own_source(at=at), body=body, headers={"content-type": "application/json"}, at=at)
    return ended


def _hold(slots: Collection[str]) -> None:
    """Let one transaction at a time look at a slot; all take them in one order, so that none waits for another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(slot, 0)) FROM unnest(%s::text[]) AS slot", [sorted(slots)]
        )


def _slot(slot: str) -> _Slot | None:
    with connection.cursor() as cursor:
        cursor.execute(_TURNS, [slot])
        keys = [key for (key,) in cursor.fetchall()]
    rows = list(Placement.objects.filter(pk__in=keys).select_related("source", "model__unit"))
    if not rows:
        return None
    own = runs(Statement(one.pk, one.observed_at, one.on, one.version_name, one.digest) for one in rows)
    by_key = {one.pk: one for one in rows}
    begun = [by_key[run.first.pk] for run in own if run.first.on]
    answers = governed.covers(
        [Elsewhere(one.model_id, one.target, one.version_name, one.digest, one.link) for one in begun if one.model_id]
    )
    covers = {one.pk: cover for one, cover in zip(begun, answers, strict=True)}
    return _Slot(by_key[own[-1].first.pk], by_key, own, covers)


def _agree(slot: _Slot, wanted: Sequence[Stretch], at: dt.datetime) -> int:
    """Open, move and end violations until they are the wanted ones; return how many ended."""
    standing = list(
        Violation.objects.filter(placement__slot=slot.newest.slot)
        .select_related("placement__source", "model__unit")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    ended = 0
    for stretch in wanted:
        held = next((one for one in standing if _is_of(one, stretch.run)), None)
        if held is None:
            held = _found(slot, stretch, at)
        else:
            standing.remove(held)
        ended += _moved(held, slot.cover(stretch.run), stretch, at)
    for held in standing:
        if held.ended_at is None:
            _end(held, ended_at=held.began_at, ending=Ending.CORRECTED, clearance=None, at=at)
            ended += 1
    return ended


def _is_of(held: Violation, run: Run) -> bool:
    """Say whether the statement that a violation was found by lies within the run."""
    told = held.placement.observed_at
    within = run.first.observed_at <= told and (run.ended_at is None or told < run.ended_at)
    return held.placement_id == run.first.pk or within


def _found(slot: _Slot, stretch: Stretch, at: dt.datetime) -> Violation:
    first = slot.rows[stretch.run.first.pk]
    assert first.model is not None
    held = Violation.objects.create(
        placement=first,
        model=first.model,
        version_id=slot.cover(stretch.run).version_id,
        began_at=first.observed_at,
        found_at=at,
    )
    record(
        by=WATCH,
        action="violation.found",
        on=held,
        body={"at": at, **_facts(held), "reason": why_uncovered(first, slot.cover(stretch.run))},
        model_id=held.model_id,
        cause_event_id=first.event,
    )
    return held


def _moved(held: Violation, cover: Cover, stretch: Stretch, at: dt.datetime) -> int:
    """Follow later evidence of one violation; return 1 when it ended now."""
    if held.began_at != stretch.began_at or held.version_id != cover.version_id:
        held.began_at, held.version_id = stretch.began_at, cover.version_id
        held.save(update_fields=["began_at", "version"])
    if held.ended_at is not None or stretch.ended_at is None:
        return 0
    decided = stretch.decided_at is not None
    ending = Ending.DECIDED if decided else Ending.TAKEN_OFF
    clearance = cover.used[0][1] if decided else None
    _end(held, ended_at=stretch.ended_at, ending=ending, clearance=clearance, at=at)
    return 1


def _end(held: Violation, *, ended_at: dt.datetime, ending: Ending, clearance: str | None, at: dt.datetime) -> None:
    held.ended_at, held.ending, held.clearance_id = max(ended_at, held.began_at), ending.value, clearance
    held.save(update_fields=["ended_at", "ending", "clearance"])
    body = {"at": at, "ended_at": held.ended_at, "ending": ending.label, "clearance": clearance, **_facts(held)}
    record(by=WATCH, action="violation.ended", on=held, body=body, model_id=held.model_id)


def _facts(held: Violation) -> dict[str, Any]:
    first, model = held.placement, held.model
    return {
        "model": model.slug,
        "model_name": model.name,
        "unit": model.unit.slug,
        "materiality": model.materiality,
        "what": first.what,
        "target": first.target,
        "version": first.version_name,
        "digest": first.digest,
        "where": first.where,
        "source": first.source.slug,
        "said_by": first.said_by or "somebody",
        "began_at": held.began_at,
        "event": first.event,
    }


def _corrections(slot: _Slot, wanted: Sequence[Stretch], at: dt.datetime) -> Iterable[dict[str, Any]]:
    """Return the reading that brings the slot's series to what is known now; none where it says so already."""
    last_run = slot.runs[-1]
    open_stretch = next((one for one in wanted if one.run is last_run), None)
    truth = 1.0 if open_stretch is not None and open_stretch.ended_at is None else 0.0
    moment = last_run.first.observed_at
    if open_stretch is not None and open_stretch.ended_at is not None:
        moment = open_stretch.ended_at
    newest = slot.newest
    told = (
        Measurement.objects.filter(model=newest.model_id, metric=METRIC, environment=PRODUCTION, segment=newest.segment)
        .order_by("-observed_at", "-value")
        .values_list("value", "observed_at")
        .first()
    )
    if told is None and truth == 0.0:
        return
    if told is not None:
        if told[0] == truth:
            return
        moment = max(moment, told[1] + _JUST_AFTER)
    assert newest.model is not None
    yield {
        "model": newest.model.slug,
        "metric": METRIC,
        "value": truth,
        "observed_at": moment.isoformat(),
        "segment": newest.segment,
        "attributes": {"said_by": newest.said_by, "event": str(newest.event)},
    }


@transaction.atomic
def own_source(*, at: dt.datetime) -> Source:
    """Return the source as which the watch speaks to the line, connected when it is first needed."""
    found = Source.objects.filter(slug="redline-registry-watch").first()
    if found is not None:
        return found
    made, _ = create_source(by=WATCH, at=at, name=SOURCE_NAME, kind=SourceKind.MEASUREMENTS)
    return made


def _kept(one: placements.Tied) -> Placement:
    said = one.said
    return Placement(
        source=one.event.source,
        event=one.event.pk,
        ordinal=one.ordinal,
        slot=said.slot(one.event.source_id),
        segment=said.segment(one.event.source.slug),
        place=said.place,
        model_name=said.model,
        model_id=one.model_id,
        mark=said.mark.value,
        name=said.name,
        on=said.on,
        version_name=said.version,
        digest=said.digest,
        link=said.link,
        said_by=said.by,
        observed_at=said.observed_at,
        received_at=one.event.received_at,
    )
