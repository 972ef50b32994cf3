"""A file that nobody finishes is let go of after thirty days, with its bytes and on record."""

from datetime import timedelta

import pytest
from django.conf import settings

from models_registry.audit.models import AuditEntry
from models_registry.backfills import tasks, uploading
from models_registry.backfills.models import Backfill, BackfillState, Piece
from tests.models_registry.backfills import world
from tests.models_registry.telemetry.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


def begun(name: str, *, days: int) -> Backfill:
    made, _ = uploading.begin_upload(
        by=OPERATOR, at=AT - timedelta(days=days), source=world.source(), file_name=name, size=200_000
    )
    uploading.append(by=OPERATOR, backfill=made, offset=0, content=b"x" * 100_000)
    return made


def test_a_file_that_waits_for_its_rest_goes_after_a_month_and_a_newer_one_stays() -> None:
    old, new = begun("old.csv", days=31), begun("new.csv", days=29)

    assert tasks.let_go(at=AT) == 1
    assert tasks.let_go(at=AT) == 0

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, old.note, old.ended_at) == (BackfillState.FAILED, tasks.WHY, AT)
    assert new.state == BackfillState.UPLOADING
    assert list(Piece.objects.values_list("backfill_id", flat=True)) == [new.pk]
    assert AuditEntry.objects.get(action="backfill.failed").object_id == str(old.pk)


def test_a_file_that_is_being_read_is_left_alone() -> None:
    old = begun("old.csv", days=400)
    for state in (BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.DONE):
        Backfill.objects.filter(pk=old.pk).update(state=state)
        assert tasks.let_go(at=AT) == 0


def test_the_clock_looks() -> None:
    assert "models_registry.backfills.tasks.tick" in settings.LINE_TASKS
