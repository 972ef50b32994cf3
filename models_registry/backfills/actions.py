"""What people do with a backfill: start it under a plan, pause it, let it go on, cancel it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from models_registry.audit.actions import record
from models_registry.audit.actor import TELEMETRY, Actor
from models_registry.backfills import columns
from models_registry.backfills.allowed import require_writer
from models_registry.backfills.columns import Plan
from models_registry.backfills.models import ENDED, Backfill, BackfillState
from models_registry.telemetry.models import Source


class WrongState(Exception):
    """This cannot be done with the backfill as it stands."""

    http_status = 409


class AlreadyBackfilled(Exception):
    """This file was brought in before, read in the same way. Carries that backfill."""

    http_status = 409

    def __init__(self, earlier: Backfill) -> None:
        super().__init__("This file was brought in before, read in the same way: it would add no row.")
        self.earlier = earlier


class ReadOtherwise(Exception):
    """This file was brought in before, read in another way. What that gave stays, and this would come on top."""

    http_status = 409


@transaction.atomic
def start(*, by: Actor, at: datetime, backfill: Backfill, plan: Plan, on_top: bool = False) -> Backfill:
    """Let the rows of a READY file be read under this plan.

    A file that ended halfway under the same plan goes on behind the rows that were read then. ``on_top``
    says that what another reading of the same file gave is to stay beside this. Raises PlanUnfit,
    AlreadyBackfilled, ReadOtherwise, WrongState, AccessDenied.
    """
    require_writer(by)
    Source.objects.select_for_update().get(pk=backfill.source_id)  # two starts of one file wait for each other
    found = _locked(backfill, BackfillState.READY)
    plan = columns.check(plan, found.shape["header"])
    others = Backfill.objects.filter(source_id=found.source_id, digest=found.digest).exclude(pk=found.pk)
    same = others.filter(plan_digest=plan.digest).order_by("-row", "-pk")
    standing = same.filter(state__in=[BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.DONE]).first()
    if standing is not None:
        raise AlreadyBackfilled(standing)
    if not on_top and others.exclude(plan_digest__in=["", plan.digest]).filter(kept_count__gt=0).exists():
        raise ReadOtherwise
    cut_short = same.filter(state__in=[BackfillState.CANCELLED, BackfillState.FAILED]).first()
    if cut_short is not None:
        found.row = cut_short.row
        found.note = f"Goes on behind row {cut_short.row:,}, where it ended before."
    found.plan, found.plan_digest = plan.document(), plan.digest
    found.state, found.started_at = BackfillState.RUNNING, at
    found.save()
    body = {"file": found.file_name, "digest": found.digest, "plan": found.plan, "after_row": found.row, "at": at}
    record(by=by, action="backfill.started", on=found, body=body)
    return found


@transaction.atomic
def pause(*, by: Actor, at: datetime, backfill: Backfill) -> Backfill:
    """Stop reading rows; what was read goes on through the line. Raises WrongState, AccessDenied."""
    require_writer(by)
    found = _locked(backfill, BackfillState.RUNNING)
    found.state, found.note = BackfillState.PAUSED, ""
    return _moved(found, by, at, "backfill.paused")


@transaction.atomic
def resume(*, by: Actor, at: datetime, backfill: Backfill) -> Backfill:
    """Go on where it stands; a backfill that stopped at a bad row no longer stops. Raises WrongState, AccessDenied."""
    require_writer(by)
    found = _locked(backfill, BackfillState.PAUSED)
    if found.plan and found.rejected_count:
        found.plan = replace(columns.from_document(found.plan), stops=False).document()
    found.state, found.note = BackfillState.RUNNING, ""
    return _moved(found, by, at, "backfill.resumed")


@transaction.atomic
def cancel(*, by: Actor, at: datetime, backfill: Backfill) -> Backfill:
    """End it for good and let go of the file; what was brought in stays. Raises WrongState, AccessDenied."""
    require_writer(by)
    found = Backfill.objects.select_for_update().get(pk=backfill.pk)
    if found.state in ENDED:
        raise WrongState(f"The backfill is {found.get_state_display().lower()}.")
    found.state, found.ended_at = BackfillState.CANCELLED, at
    found.pieces.all().delete()
    return _moved(found, by, at, "backfill.cancelled")


def stopped(*, at: datetime, found: Backfill, why: str) -> None:
    """Pause the locked backfill at a bad row, as it was asked to, in the caller's transaction."""
    found.state, found.note = BackfillState.PAUSED, why[:500]
    record(by=TELEMETRY, action="backfill.paused", on=found, body=_body(found, at) | {"why": found.note})


def ended(*, at: datetime, found: Backfill, state: BackfillState, why: str = "") -> None:
    """End the locked backfill and let go of its file, in the caller's transaction."""
    found.state, found.note, found.ended_at = state, why[:500] or found.note, at
    found.pieces.all().delete()
    action = "backfill.finished" if state == BackfillState.DONE else "backfill.failed"
    record(by=TELEMETRY, action=action, on=found, body=_body(found, at) | {"why": found.note})


def _locked(backfill: Backfill, state: BackfillState) -> Backfill:
    found = Backfill.objects.select_for_update().get(pk=backfill.pk)
    if found.state != state:
        raise WrongState(f"The backfill is {found.get_state_display().lower()}.")
    return found


def _moved(found: Backfill, by: Actor, at: datetime, action: str) -> Backfill:
    found.save()
    record(by=by, action=action, on=found, body=_body(found, at))
    return found


def _body(found: Backfill, at: datetime) -> dict[str, object]:
    counts = {"kept": found.kept_count, "rejected": found.rejected_count, "left_out": found.left_out_count}
    return {"file": found.file_name, "digest": found.digest, "row": found.row, **counts, "at": at}
