"""History that came in and is not judged yet, by model: judged once it rests, not with every batch of a file.

A rule's answer depends on the windows alone, so that judging once at the end says the same as judging each time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q

from models_registry.backfills.models import LateEvidence, Pulse
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.actions import Touched
from models_registry.telemetry.catalogue_models import Series

RESTED: Final = timedelta(seconds=10)
"""How long no more history of a model must have come before it is judged."""
LONGEST: Final = timedelta(minutes=5)
"""How long a model with history coming in is left unjudged at most."""
LONG_PAST: Final = timedelta(days=1)
"""Evidence that ends earlier than this tells of no breach that somebody must get up for."""
PULSE: Final = timedelta(seconds=5)

_ADD: Final = """
INSERT INTO backfills_late_evidence AS held (model_id, since, newest, first_at, last_at)
SELECT model_id, since, newest, %s, %s FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS told (model_id, since, newest) ORDER BY model_id
ON CONFLICT (model_id) DO UPDATE SET since = least(held.since, excluded.since),
    newest = greatest(held.newest, excluded.newest), last_at = excluded.last_at
"""

_BEAT: Final = """
INSERT INTO backfills_pulse AS held (id, at) VALUES (1, %s)
ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE held.at < excluded.at
"""


def remember(touched: Iterable[Touched], *, at: datetime) -> None:
    """Note what history these events touched, in the caller's transaction."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for one in touched:
        for series, (first, last) in one.spans.items():
            since, newest = spans.get(series.model_id, (first, last))
            spans[series.model_id] = min(since, first), max(newest, last)
    if spans:
        pks = sorted(spans)
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [at, at, pks, [spans[pk][0] for pk in pks], [spans[pk][1] for pk in pks]])


def due(*, at: datetime, limit: int) -> list[int]:
    """Return models whose history is to be judged now."""
    rested = Q(last_at__lte=at - RESTED) | Q(first_at__lte=at - LONGEST)
    rows = LateEvidence.objects.filter(rested).order_by("first_at", "model_id")
    return list(rows.values_list("model_id", flat=True)[:limit])


def take(*, model_ids: Iterable[int]) -> list[LateEvidence]:
    """Return what these models' history touched and forget it, in the caller's transaction, who judges it."""
    rows = LateEvidence.objects.select_for_update(skip_locked=True).filter(model_id__in=[*model_ids])
    taken = list(rows.order_by("model_id"))
    LateEvidence.objects.filter(pk__in=[one.pk for one in taken]).delete()
    return taken


def environments(model: RegisteredModel) -> set[str]:
    """Return the environments in which the model was ever measured."""
    return set(Series.objects.filter(model=model).values_list("environment", flat=True).distinct())


def beat(*, at: datetime) -> None:
    """Say that a worker does what is to be done."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [at])


def is_worked_on(*, at: datetime) -> bool:
    """Return whether a worker said so in the last seconds."""
    return Pulse.objects.filter(at__gt=at - PULSE).exists()
