"""The work of imports, step by step: check, apply, take back. Each step is one transaction and knows where it was.

A step takes the import's row alone (SKIP LOCKED), so that two workers never do the same; attempts are counted before
the work, and what fails three times is stopped and shown.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog
from django.db import transaction
from django.db.models import Count

from models_registry.access.models import Account
from models_registry.access.rights import limit
from models_registry.audit.actions import record
from models_registry.catalog.actions import GATED_FIELDS
from models_registry.intake import applying, undoing
from models_registry.intake.items import write_back
from models_registry.intake.models import Intake, IntakeItem, IntakeState, ItemState, Outcome
from models_registry.intake.planning import Plan, plan, slug_of
from models_registry.intake.standing import World, world

STEP: Final = 250
WRITING_STEP: Final = 100
"""Models compared, and models written, in one transaction: each takes a fraction of a second."""
AT_ONCE: Final = 300
AT_ONCE_S: Final = 8.0
MOST_ATTEMPTS: Final = 3
HANDED_TOLD: Final = 20
AT_WORK: Final = (IntakeState.CHECKING, IntakeState.APPLYING, IntakeState.UNDOING)
GOOD: Final = (Outcome.CREATE, Outcome.CHANGE)

log = structlog.get_logger(__name__)


def work(*, at: dt.datetime, seconds: float, intake: Intake | None = None) -> int:
    """Work on the imports that wait, or on this one, for about so many seconds; return how many steps were done."""
    until, steps = time.monotonic() + seconds, 0
    while time.monotonic() < until and _step(at, intake):
        steps += 1
    return steps


def settle(intake: Intake, *, at: dt.datetime) -> Intake:
    """Do the work of a small import at once and return it as it is then; a large one waits for the worker."""
    intake.refresh_from_db()
    if intake.total <= AT_ONCE:
        work(at=at, seconds=AT_ONCE_S, intake=intake)
        intake.refresh_from_db()
    return intake


def _step(at: dt.datetime, intake: Intake | None) -> bool:
    """Do one step of the oldest import that waits; say whether there was one."""
    waiting = Intake.objects.filter(state__in=AT_WORK).order_by("pk")
    if intake is not None:
        waiting = waiting.filter(pk=intake.pk)
    with transaction.atomic():
        held = waiting.select_for_update(skip_locked=True, of=("self",)).defer("rows").first()
        if held is None:
            return False
        held.attempts += 1
        if held.attempts > MOST_ATTEMPTS:
            _stop(held)
            return True
        held.save(update_fields=["attempts"])
    try:
        with transaction.atomic():
            again = waiting.filter(pk=held.pk).select_for_update(skip_locked=True, of=("self",)).defer("rows").first()
            if again is None:
                return False
            STEPS[IntakeState(again.state)](again, at)
            again.attempts = 0
            again.save()
    except Exception:
        log.exception("inventory step failed", intake=held.pk, state=held.state)
    return True


def _stop(held: Intake) -> None:
    """Stop work that failed again and again, where the import can be taken up later."""
    back = {IntakeState.CHECKING: IntakeState.CHECKED, IntakeState.APPLYING: IntakeState.CHECKED}
    held.trouble = f"Work stopped after {held.done:,} of {held.total:,}, because a step failed {MOST_ATTEMPTS} times."
    held.state = back.get(IntakeState(held.state), IntakeState.APPLIED)
    held.attempts, held.then_apply = 0, False
    held.save()


def _check(held: Intake, at: dt.datetime) -> None:
    open_ones = held.items.exclude(state=ItemState.DONE)  # work that was stopped may have done some already
    items = list(open_ones.filter(position__gt=held.done).order_by("position")[:STEP])
    known = world_of(held, items)
    moved, other = 0, []
    for item in items:
        if held.then_apply and any(one.get("clash") for one in item.problems):
            continue  # an earlier row is about the same thing: it was seen so, and is left out
        before, judged = told_of(item), (item.outcome, item.changes)
        fill(item, plan(item.asked, known))
        moved += judged != (item.outcome, item.changes)
        if before != told_of(item):
            other.append(item)
    write_back(other)
    held.done = items[-1].position if items else held.total
    if held.then_apply and moved:
        held.counts = {**held.counts, "moved": held.counts.get("moved", 0) + moved}
    if held.done >= held.total:
        _checked(held, at)


def _checked(held: Intake, at: dt.datetime) -> None:
    moved = held.counts.get("moved", 0)
    seen = _look_over(held)
    held.counts = dict(held.items.values_list("outcome").annotate(count=Count("pk")).order_by()) | seen
    held.checked_at, held.done = at, 0
    held.state = IntakeState.CHECKED
    if held.then_apply and moved:
        models = "model was" if moved == 1 else "models were"
        held.trouble = f"Nothing was applied: {moved:,} {models} changed since this was checked. Look at it again."
    elif held.then_apply:
        held.state = IntakeState.APPLYING
        held.total = held.items.filter(state=ItemState.WAITING, outcome__in=GOOD).count()
    held.then_apply = False


def _look_over(held: Intake) -> dict[str, Any]:
    """Find what no item can know alone: two groups of rows about one model, the same name elsewhere twice.

    Returns who hands how many models to whom, and of how many the standing gate decisions end.
    """
    seen: dict[tuple[str, ...], int] = {}
    handed: dict[tuple[str, str], int] = {}
    gated = 0
    for item in held.items.filter(outcome__in=[*GOOD, Outcome.SAME]).order_by("position").iterator(chunk_size=2_000):
        if clash := list(_clashes(item, seen)):
            item.problems, item.outcome, item.changes = clash, Outcome.WRONG, []
            item.save(update_fields=["problems", "outcome", "changes"])
            continue
        named = {one["field"]: one for one in item.changes if one["what"] == "field"}
        if item.outcome == Outcome.CHANGE:
            gated += bool(GATED_FIELDS & set(named))
            if "owner" in named:
                pair = (named["owner"]["from"], named["owner"]["to"])
                handed[pair] = handed.get(pair, 0) + 1
    most = sorted(handed.items(), key=lambda pair: -pair[1])[:HANDED_TOLD]
    return {"handed": [[*pair, count] for pair, count in most], "gated": gated}


def _clashes(item: IntakeItem, seen: dict[tuple[str, ...], int]) -> Iterable[dict[str, Any]]:
    first = item.asked[0]["row"]
    for key, name in _keys(item):
        before = seen.setdefault(key, first)
        if before != first:
            text = f"Row {before} is about the same model. Give both the same slug."
            if name == "external_names":
                text = f"Row {before} gives another model the same name in {key[1]}."
            yield {"row": first, "field": name, "text": text, "clash": True}


def _keys(item: IntakeItem) -> Iterable[tuple[tuple[str, ...], str]]:
    yield ("model", item.slug), "slug" if "slug" in item.asked[0]["cells"] else "name"
    for one in item.changes:
        if one["what"] == "outside":
            yield ("outside", one["system"], one["name"]), "external_names"


def _apply(held: Intake, at: dt.datetime) -> None:
    by = actor(held, held.applied_by)
    waiting = held.items.filter(state=ItemState.WAITING, outcome__in=GOOD)
    items = list(waiting.order_by("position")[:WRITING_STEP])
    applying.lock(items)
    known = world_of(held, items, by=by)
    new: list[tuple[IntakeItem, Plan]] = []
    standing: list[tuple[IntakeItem, Plan]] = []
    for item in items:
        made = plan(item.asked, known)
        if made.changes != item.changes:
            item.state, item.note = ItemState.LEFT, "Somebody changed the model while the import was applied."
        else:
            (new if applying.is_new(made) else standing).append((item, made))
    together = applying.found_all(pairs=new, known=known, by=by, at=at)
    for item, made in standing if together else [*new, *standing]:
        applying.apply_item(item=item, made=made, known=known, by=by, at=at)
    write_back(items)
    held.done += len(items)
    if not items or held.done >= held.total:
        _applied(held, by, at)


def _applied(held: Intake, by: Account, at: dt.datetime) -> None:
    held.state, held.applied_at = IntakeState.APPLIED, at
    held.counts = held.counts | {"done": _count(held, ItemState.DONE), "left": _count(held, ItemState.LEFT)}
    record(by=by, action="inventory.imported", on=held, body=told(held, at))


def _undo(held: Intake, at: dt.datetime) -> None:
    by = actor(held, held.undone_by)
    items = list(held.items.filter(state=ItemState.DONE).order_by("-position")[:WRITING_STEP])
    applying.lock(items)
    known = undoing.standings(items, by=by)
    for item in items:
        undoing.undo_item(item=item, standing=known.get(item.model_id or 0), by=by, at=at)
    write_back(items)
    held.done += len(items)
    if not items or held.done >= held.total:
        held.state, held.undone_at = IntakeState.UNDONE, at
        held.counts = held.counts | {"undone": _count(held, ItemState.UNDONE), "kept": _count(held, ItemState.LEFT)}
        record(by=by, action="inventory.import_undone", on=held, body={**told(held, at), "why": held.reason})


STEPS: Final[Mapping[IntakeState, Callable[[Intake, dt.datetime], None]]] = {
    IntakeState.CHECKING: _check,
    IntakeState.APPLYING: _apply,
    IntakeState.UNDOING: _undo,
}


def told(held: Intake, at: dt.datetime) -> dict[str, Any]:
    """Return how the trail tells an import."""
    counts = held.counts
    return {
        "at": at,
        "file": held.file_name,
        "digest": held.digest,
        "rows": held.row_count,
        "created": counts.get(Outcome.CREATE, 0),
        "changed": counts.get(Outcome.CHANGE, 0),
        "left_out": counts.get(Outcome.WRONG, 0) + counts.get(Outcome.REFUSED, 0),
        "left": counts.get("left", 0),
        "count": counts.get("undone", counts.get("done", 0)),
    }


def actor(held: Intake, account: Account | None) -> Account:
    """Return who acts, within the scopes of the token that brought the rows."""
    assert account is not None
    limit(account, held.scopes)
    return account


def world_of(held: Intake, items: Sequence[IntakeItem], *, by: Account | None = None) -> World:
    """Return the world that these items are judged by."""
    cells = [one["cells"] for item in items for one in item.asked]
    names = {one["name"] for one in cells if "name" in one}
    given = {one["slug"] for one in cells if "slug" in one}
    outside = {
        entry.partition(":")[2].strip()
        for one in cells
        for entry in one.get("external_names", "").replace("\n", ";").split(";")
    }
    return world(
        by=by or actor(held, held.uploaded_by),
        slugs=given | {slug_of(text) for text in given | names},
        names=names,
        outside=outside - {""},
        usual=held.usual,
    )


def fill(item: IntakeItem, made: Plan) -> None:
    """Write a plan into its item."""
    item.outcome, item.changes, item.problems = made.outcome, made.changes, made.problems
    item.slug, item.name = (made.slug or item.slug)[:80], (made.name or item.name)[:120]
    item.model = made.standing.model if made.standing else None


def told_of(item: IntakeItem) -> tuple[Any, ...]:
    """Return what planning writes into an item."""
    return item.outcome, item.changes, item.problems, item.slug, item.name, item.model_id


def _count(held: Intake, state: str) -> int:
    return held.items.filter(state=state).count()
