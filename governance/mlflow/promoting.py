"""Stages and aliases moved by clients. A guarded place opens by the gate, asked in the client's name.

What the gate approves moves at once. What it does not is refused with the reasons and the address of the decision;
where approvals are all that is missing, they are asked for, so that the same call succeeds once they are given.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from governance.gates import actions as gates
from governance.gates import promotion
from governance.gates.models import GateDecision
from governance.mlflow.entities import NAMES, STAGES
from governance.mlflow.errors import Refused, invalid
from governance.vocabulary import Verdict
from models_registry.access.models import Account
from models_registry.catalog import actions as catalog
from models_registry.catalog import lifecycle
from models_registry.catalog.actions import NothingToChange
from models_registry.catalog.clearance_actions import ClearanceMissing, StaleDecision
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage

log = logging.getLogger(__name__)

VERDICTS = {Verdict.BLOCK: "is BLOCKED", Verdict.REVIEW_REQUIRED: "needs a REVIEW"}
DIGEST_HINT = "Tag the version redline.artifact_digest=sha256:<digest of its artifact>."


def stage_named(text: str) -> Stage:
    """Return the stage that MLflow calls so, in any case. Raises Refused."""
    for name, stage in STAGES.items():
        if name.lower() == text.lower():
            return stage
    raise invalid(f"Invalid Model Version stage: {text}. Value must be one of {', '.join(STAGES)}.")


def transition(*, by: Account, at: datetime, version: ModelVersion, to: Stage, archive_others: bool) -> None:
    """Move a version to a stage, through staging where no road leads there directly. Raises Refused.

    With ``archive_others``, every other version in that stage is archived in the same transaction.
    """
    if archive_others and to not in (Stage.STAGING, Stage.PRODUCTION):
        raise invalid(
            "Model version transition cannot archive existing model versions because "
            f"'{NAMES[to]}' is not an Active stage. Valid stages are ['Staging', 'Production']"
        )
    opened = None
    if version.stage != to and to in lifecycle.GUARDED_STAGES:
        opened = _approved(by, at, version, lifecycle.stage_target(to), f"to {NAMES[to]}")
    with transaction.atomic():
        _enter(by, at, version, to, opened)
        if archive_others:
            _archive_others(by, at, version, to)


def point(*, by: Account, at: datetime, version: ModelVersion, alias: str) -> None:
    """Point an alias at a version. Raises Refused for a guarded one that the gate keeps closed."""
    try:
        catalog.point_alias(by=by, at=at, model=version.model, name=alias, version=version)
    except NothingToChange:
        return
    except ClearanceMissing:
        target = lifecycle.alias_target(alias)
        _used(by, at, _approved(by, at, version, target, f"to the alias {alias}"))


def unpoint(*, by: Account, at: datetime, model: RegisteredModel, alias: str) -> None:
    """Remove an alias; one that is not there is removed already."""
    try:
        catalog.point_alias(by=by, at=at, model=model, name=alias, version=None)
    except NothingToChange:
        return


def _enter(by: Account, at: datetime, version: ModelVersion, to: Stage, opened: GateDecision | None) -> None:
    """Move the version; where it has to pass staging first, the gate judges it anew from there."""
    held = ModelVersion.objects.select_related("model").get(pk=version.pk)
    if held.stage == to:
        return
    if not lifecycle.may_move(from_stage=held.stage, to=to):
        held = catalog.move_stage(by=by, at=at, version=held, to=Stage.STAGING)
        opened = gates.ask(by=by, at=at, version=held, target=opened.target) if opened else None
    if opened is None:
        catalog.move_stage(by=by, at=at, version=held, to=to)
    elif opened.verdict == Verdict.APPROVE:
        _used(by, at, opened)
    else:
        raise Refused("RESOURCE_CONFLICT", f"What is known of {version} changed meanwhile. Ask again.")


def _archive_others(by: Account, at: datetime, version: ModelVersion, stage: Stage) -> None:
    others = ModelVersion.objects.filter(model_id=version.model_id, stage=stage, withdrawn_at__isnull=True)
    for other in others.exclude(pk=version.pk).order_by("number"):
        catalog.move_stage(by=by, at=at, version=other, to=Stage.ARCHIVED)


def _approved(by: Account, at: datetime, version: ModelVersion, target: str, words: str) -> GateDecision:
    """Return the gate's approval; its refusal is kept with its address, and raised."""
    try:
        decision = gates.ask(by=by, at=at, version=version, target=target)
    except Exception as error:
        if getattr(error, "reason", None) is not None or hasattr(error, "http_status"):
            raise
        log.exception("gate.unavailable")
        text = f"Promotion of {version} {words} is BLOCKED: Redline could not decide. Ask again."
        raise Refused("PERMISSION_DENIED", text, decision=Verdict.BLOCK.value) from error
    if decision.verdict != Verdict.APPROVE:
        raise _closed(by, at, version, decision, words)
    return decision


def _used(by: Account, at: datetime, decision: GateDecision) -> None:
    """Use an approval at once; what changed in between is told as a conflict."""
    try:
        gates.promote(by=by, at=at, decision=decision)
    except (StaleDecision, gates.AutomationPaused) as error:
        raise Refused("RESOURCE_CONFLICT", f"{error} See {_address(decision)}", **_facts(decision)) from error


def _closed(by: Account, at: datetime, version: ModelVersion, decision: GateDecision, words: str) -> Refused:
    verdict = VERDICTS[Verdict(decision.verdict)]
    reasons = "; ".join(str(reason["text"]).rstrip(".") for reason in decision.reasons)
    name = version.model.registry_name or version.model.slug
    parts = [f"Promotion of {name} v{version.number} {words} {verdict}: {reasons}, decision {decision.pk}."]
    if any(reason["code"] == promotion.Code.DIGEST_MISSING for reason in decision.reasons):
        parts.append(DIGEST_HINT)
    if decision.verdict == Verdict.REVIEW_REQUIRED and _asks_for_approval(by, at, decision):
        parts.append("Approval was asked for: repeat the call once it is given.")
    parts.append(f"See {_address(decision)}")
    return Refused("PERMISSION_DENIED", " ".join(parts), **_facts(decision))


def _asks_for_approval(by: Account, at: datetime, decision: GateDecision) -> bool:
    """Ask for the approvals that are missing; say whether they are being collected now."""
    if not gates.wants_approval(decision):
        return False
    try:
        gates.request_approval(by=by, at=at, decision=decision)
    except gates.NoApprovalNeeded:
        return True
    return True


def _facts(decision: GateDecision) -> dict[str, object]:
    reasons = [{"code": one["code"], "text": one["text"]} for one in decision.reasons]
    return {"decision": decision.verdict, "decision_id": str(decision.pk), "reasons": reasons}


def _address(decision: GateDecision) -> str:
    return f"{settings.REDLINE_URL.rstrip('/')}{reverse('gates:decision', args=[decision.pk])}"
