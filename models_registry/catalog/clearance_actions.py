"""Clearances: what a gate hands the registry so that a version may enter a guarded place, once.

Bound to a version, its artifact, a target, the state that was judged, and a time.
"""

import datetime as dt
import uuid
from typing import Any

from django.db import connection, transaction

from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.catalog.models import Clearance, ModelVersion
from models_registry.catalog.statements import USE_CLEARANCE


class ClearanceMissing(Exception):
    """This place is guarded: a gate's clearance for this version and this target is needed."""

    http_status = 409


class ClearanceExpired(ClearanceMissing):
    """The clearance has expired."""


class ClearanceUsed(ClearanceMissing):
    """The clearance was already used; each opens one door, once."""


class StaleDecision(ClearanceMissing):
    """The version or what was known of it changed after the gate decided."""


@transaction.atomic
def grant_clearance(
    *,
    by: Actor,
    at: dt.datetime,
    version: ModelVersion,
    target: str,
    decision_id: uuid.UUID,
    epoch: int,
    expires_at: dt.datetime,
) -> Clearance:
    """Let a version enter a target once. ``epoch`` is the version's at the time of the decision.

    The caller is the gate that decided. Raises StaleDecision when the version changed since.
    """
    held = ModelVersion.objects.get(pk=version.pk)
    if held.epoch != epoch or not held.artifact_digest:
        raise StaleDecision
    clearance = Clearance.objects.create(
        version=held,
        artifact_digest=held.artifact_digest,
        target=target,
        epoch=epoch,
        decision_id=decision_id,
        granted_at=at,
        expires_at=expires_at,
    )
    body = {"target": target, "epoch": epoch, "decision_id": decision_id, "at": at, "expires_at": expires_at}
    record(by=by, action="clearance.granted", on=clearance, body=body, model_id=held.model_id)
    return clearance


def use(clearance: Clearance | None, *, version: ModelVersion, target: str, stage: str, at: dt.datetime) -> None:
    """Use a clearance up, in the transaction of the move that it opens: to enter ``target``, being in ``stage`` after.

    Raises ClearanceMissing, ClearanceExpired, ClearanceUsed, StaleDecision.
    """
    if clearance is None:
        raise ClearanceMissing(f"{target} is guarded: ask the gate for a clearance of v{version.number}.")
    values: dict[str, Any] = {
        "at": at,
        "clearance": clearance.pk,
        "version": version.pk,
        "target": target,
        "stage": stage,
        "from_stage": version.stage,
    }
    with connection.cursor() as cursor:
        cursor.execute(USE_CLEARANCE, values)
        if cursor.fetchone() is None:
            raise _why_refused(clearance, version, target, at)


def _why_refused(clearance: Clearance, version: ModelVersion, target: str, at: dt.datetime) -> ClearanceMissing:
    """Return the error that names the reason. The refused statement is rolled back with the action."""
    held = Clearance.objects.filter(pk=clearance.pk, version=version, target=target).first()
    if held is None:
        return ClearanceMissing(f"This clearance is not for v{version.number} and {target}.")
    if held.used_at is not None and held.used_at != at:
        return ClearanceUsed("The clearance was already used; each opens one door, once.")
    if held.expires_at <= at:
        return ClearanceExpired("The clearance has expired.")
    return StaleDecision("The version or what was known of it changed after the gate decided.")
