"""What the clock does for files of history: let go of those that nobody finished."""

from datetime import datetime, timedelta

from django.db import transaction

from models_registry.backfills import actions
from models_registry.backfills.models import Backfill, BackfillState

LOOK_EVERY_S = 600
LONGEST_WAIT = timedelta(days=30)
"""For how long a file waits for the rest of it, or for somebody who says what its columns are."""
WAITING = (BackfillState.UPLOADING, BackfillState.READY)
AT_ONCE = 20
WHY = "Nobody finished it within 30 days, so the file was let go of."


def tick(at: datetime) -> int:
    """Do what is due in this second and return how many files were let go of."""
    return let_go(at=at) if int(at.timestamp()) % LOOK_EVERY_S == 0 else 0


def let_go(*, at: datetime) -> int:
    """End what waits for longer than that, and forget its bytes; the same file may be uploaded again."""
    waiting = Backfill.objects.filter(state__in=WAITING, created_at__lt=at - LONGEST_WAIT).order_by("pk")
    return sum(_end(pk, at) for pk in list(waiting.values_list("pk", flat=True)[:AT_ONCE]))


@transaction.atomic
def _end(pk: int, at: datetime) -> bool:
    found = Backfill.objects.select_for_update().filter(pk=pk, state__in=WAITING).first()
    if found is None:
        return False
    actions.ended(at=at, found=found, state=BackfillState.FAILED, why=WHY)
    found.save()
    return True
