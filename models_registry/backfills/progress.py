"""How far a backfill is: rows, measurements, speed, time left, and what was wrong with the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q, Sum, Window
from django.db.models.functions import RowNumber

from models_registry.backfills import working
from models_registry.backfills.models import Backfill, BackfillState, Batch, Finding
from models_registry.backfills.rows import Rejected
from models_registry.telemetry.models import EventState

SHOWN = 20
UNKNOWN = "E_UNKNOWN_MODEL"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a backfill stands. ``written`` measurements are in their charts, ``waiting`` and ``held`` ones are kept.

    ``share`` is 0 to 1; ``row_count`` is guessed from the bytes while ``is_guess``; ``left`` is None when unknown.
    """

    rows_read: int
    rows: int | None
    is_guess: bool
    written: int
    waiting: int
    held: int
    rejected: int
    left_out: int
    known: int
    share: float
    rows_per_s: float
    left: timedelta | None

    @property
    def percent(self) -> int:
        """The share in whole percent, 100 only when everything is."""
        return min(int(self.share * 100), 99) if self.share < 1 else 100


type States = Mapping[str, int]
"""Measurements by the state of the event that they are in."""


def states_of(backfills: Sequence[Backfill]) -> Mapping[int, States]:
    """Return how many measurements of each backfill are in which state, in one query."""
    found: dict[int, dict[str, int]] = {each.pk: {} for each in backfills}
    batches = Batch.objects.filter(backfill__in=backfills, event__isnull=False).order_by()
    counted = batches.values_list("backfill", "event__state").annotate(count=Sum("kept_count"))
    for pk, state, count in counted:
        found[pk][state] = count
    return found


def progress(found: Backfill, states: States | None = None) -> Progress:
    """Return where the backfill stands; ``states`` spares a query to who has read them for many."""
    states = states_of([found])[found.pk] if states is None else states
    read = found.row - 1
    share = _share(found, waits=bool(states.get(EventState.NEW)))
    rows = found.row_count - 1 if found.row_count else int(read / share) if share > 0 and read else None
    speed = read / found.worked_s if found.worked_s > 0 else 0.0
    left = None
    if rows is not None and speed and found.state == BackfillState.RUNNING:
        left = timedelta(seconds=round((rows - read) / speed))
    return Progress(
        rows_read=read,
        rows=rows,
        is_guess=found.row_count is None,
        written=states.get(EventState.DONE, 0),
        waiting=states.get(EventState.NEW, 0),
        held=states.get(EventState.QUARANTINED, 0) + states.get(EventState.DEAD, 0),
        rejected=found.rejected_count,
        left_out=found.left_out_count,
        known=found.known_count,
        share=share,
        rows_per_s=speed,
        left=left,
    )


def reasons(found: Backfill) -> Sequence[Finding]:
    """Return why rows were rejected, most first, without the models that nobody knows."""
    return [each for each in findings_of([found])[found.pk] if each.code != UNKNOWN]


def unknown_models(found: Backfill) -> Sequence[Finding]:
    """Return the models that nobody knows, those of most rows first."""
    return [each for each in findings_of([found])[found.pk] if each.code == UNKNOWN]


def findings_of(backfills: Sequence[Backfill]) -> Mapping[int, Sequence[Finding]]:
    """Return the first unknown models and the first other reasons of each backfill, most rows first, in one query."""
    found: dict[int, list[Finding]] = {each.pk: [] for each in backfills}
    place = Window(
        RowNumber(),
        partition_by=["backfill", ExpressionWrapper(Q(code=UNKNOWN), output_field=BooleanField())],
        order_by=["-count", "code", "subject"],
    )
    rows = Finding.objects.filter(backfill__in=backfills).annotate(place=place)
    first = rows.filter(Q(place__lte=SHOWN) | Q(code=UNKNOWN, place__lte=SHOWN * 5))
    for each in first.order_by("-count", "code", "subject"):
        found[each.backfill_id].append(each)
    return found


def rejected(found: Backfill) -> Iterator[Rejected]:
    """Yield every rejected row in the order of the file, one batch in memory at a time."""
    rows = Batch.objects.filter(backfill=found, rejected__isnull=False).order_by("first_row")
    for pk in list(rows.values_list("pk", flat=True)):
        content = Batch.objects.values_list("rejected", flat=True).get(pk=pk)
        yield from working.unpacked(bytes(content or b""))


def _share(found: Backfill, *, waits: bool) -> float:
    """Return how much of the file is read: by rows where their number is known, by bytes else."""
    if found.state == BackfillState.DONE:
        return 1.0
    if found.row_count is not None and found.row_count > 1:
        share = (found.row - 1) / (found.row_count - 1)
    else:
        share = found.consumed / found.size
    return min(share, 0.99 if waits else 1.0)
