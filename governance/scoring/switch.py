"""The pause switch: after ``pause`` has returned, no automated change of its scope commits.

Every scoring transaction holds the shared side of one advisory lock while it works; pausing takes the
exclusive side, so it waits for those in flight and none can follow without seeing the pause.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from governance.scoring.models import AutomationControl, ControlScope
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can, require
from models_registry.audit.actions import record

LOCK = 0x5245444C494E45  # "REDLINE"


class AlreadyPaused(Exception):
    """Automation of this scope is already paused."""

    http_status = 409


class NotPaused(Exception):
    """Automation of this scope is not paused."""

    http_status = 409


class SecondPersonNeeded(Exception):
    """Whoever paused automation cannot resume it alone: another person must."""

    http_status = 409


class ReasonMissing(ValueError):
    """A pause says why."""

    http_status = 400


@transaction.atomic
def pause(
    *, by: Account, at: datetime, reason: str, scope: ControlScope = ControlScope.GLOBAL, scope_id: str = ""
) -> AutomationControl:
    """Stop automated score changes of this scope. Evidence goes on being kept. Raises AlreadyPaused, ReasonMissing."""
    require(by, Permission.AUTOMATION_PAUSE)
    if not reason.strip():
        raise ReasonMissing("Say why scoring is paused: everybody reads it until it resumes.")
    _lock(exclusive=True)
    if _open(scope, scope_id).exists():
        raise AlreadyPaused("Automation of this scope is already paused.")
    control = AutomationControl.objects.create(
        scope=scope, scope_id=scope_id, reason=reason, paused_by=by, paused_at=at
    )
    body = {"scope": str(scope), "scope_id": scope_id, "reason": reason}
    record(by=by, action="automation.paused", on=control, body=body)
    return control


@transaction.atomic
def resume(
    *, by: Account, at: datetime, scope: ControlScope = ControlScope.GLOBAL, scope_id: str = ""
) -> AutomationControl:
    """Let automation of this scope go on; what it missed is judged next. Raises NotPaused, SecondPersonNeeded."""
    require(by, Permission.AUTOMATION_RESUME)
    _lock(exclusive=True)
    control = _open(scope, scope_id).select_for_update().first()
    if control is None:
        raise NotPaused("Automation of this scope is not paused.")
    if control.paused_by_id == by.pk:
        raise SecondPersonNeeded(f"{by} paused this. Another person must resume it.")
    control.resumed_by, control.resumed_at = by, at
    control.save(update_fields=["resumed_by", "resumed_at"])
    record(by=by, action="automation.resumed", on=control, body={"scope": str(scope), "scope_id": scope_id})
    return control


def hold_open() -> "Pauses":
    """Take the shared side for this transaction and return what is paused now."""
    _lock(exclusive=False)
    rows = AutomationControl.objects.filter(resumed_at__isnull=True).values_list("scope", "scope_id")
    return Pauses(frozenset(rows))


def open_pauses() -> list[AutomationControl]:
    """Return every open pause, the oldest first, for pages and banners."""
    rows = AutomationControl.objects.filter(resumed_at__isnull=True).select_related("paused_by")
    return list(rows.order_by("paused_at", "pk"))


def why_not_resume(control: AutomationControl, *, by: Account) -> str:
    """Return why this person cannot end this pause; empty when they can."""
    answer = can(by, Permission.AUTOMATION_RESUME)
    if not answer:
        return answer.reason
    return "You paused this. Another person must resume it." if control.paused_by_id == by.pk else ""


def paused() -> AutomationControl | None:
    """Return the open global pause, for banners; decisions use ``hold_open``."""
    return _open(ControlScope.GLOBAL, "").select_related("paused_by").first()


class Pauses:
    """What is paused in the transaction that asked."""

    def __init__(self, rows: frozenset[tuple[str, str]]) -> None:
        self._rows = rows

    @property
    def everything(self) -> bool:
        """Automation as a whole is paused, by a person or by the environment."""
        return (ControlScope.GLOBAL, "") in self._rows or not settings.REDLINE_AUTOMATION

    def model(self, slug: str) -> bool:
        """This model's scores are paused."""
        return self.everything or (ControlScope.MODEL, slug) in self._rows

    def rule(self, slug: str) -> bool:
        """This rule is paused."""
        return self.everything or (ControlScope.RULE, slug) in self._rows


def _open(scope: ControlScope, scope_id: str) -> QuerySet[AutomationControl]:
    return AutomationControl.objects.filter(scope=scope, scope_id=scope_id, resumed_at__isnull=True)


def _lock(*, exclusive: bool) -> None:
    statement = "select pg_advisory_xact_lock(%s)" if exclusive else "select pg_advisory_xact_lock_shared(%s)"
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
