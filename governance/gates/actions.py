"""Ask the gate, and use its answer. An answer opens one door, once, while nothing changed."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.gates import promotion
from governance.gates.facts import Judged, freshest_until, gather, newest_request, policy_of, request_key
from governance.gates.models import GateDecision
from governance.gates.targets import alias_of, stage_of, target_of, words_of
from governance.scoring import switch
from governance.vocabulary import Verdict
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog import actions as catalog
from models_registry.catalog import clearance_actions as clearances
from models_registry.catalog.clearance_actions import StaleDecision
from models_registry.catalog.models import Clearance, ModelVersion, RegisteredModel

GATE = System("gate")
LIFE = timedelta(minutes=10)
"""The longest life of a decision; the first evidence to grow stale may end it sooner."""
APPROVAL_LIFE = timedelta(days=3)
"""How long people have to vote on a promotion, and how long their word then counts."""
APPROVAL_REASONS = frozenset(
    {
        promotion.Code.APPROVAL_MISSING,
        promotion.Code.APPROVAL_EXPIRED,
        promotion.Code.APPROVAL_FOR_ANOTHER_DIGEST,
        promotion.Code.APPROVAL_REJECTED,
    }
)


class NotApproved(Exception):
    """The gate did not approve this, so there is nothing to use."""

    http_status = 409


class DecisionUsed(Exception):
    """This decision was already used; each opens one door, once."""

    http_status = 409


class DecisionExpired(Exception):
    """This decision has expired. Ask the gate again."""

    http_status = 409


class NoApprovalNeeded(Exception):
    """The gate did not ask for approvals, or they are being collected already."""

    http_status = 409


class AutomationPaused(Exception):
    """Automation is paused: a person has to make this move."""

    http_status = 409


@transaction.atomic
def ask(*, by: Account, at: datetime, version: ModelVersion, target: str, digest: str | None = None) -> GateDecision:
    """Judge whether a version may enter a target, and keep the answer.

    ``digest`` is the artifact that the caller holds; None means the registered one.
    Raises AccessDenied and TargetUnknown; any other exception must reach people as BLOCK.
    """
    require(by, Permission.GATE_ASK, on=version)
    target = target_of(target)
    judged = gather(version=version, target=target, asked_digest=digest, pauses=switch.hold_open(), at=at)
    answer = promotion.decide(judged.facts)
    decision = GateDecision.objects.create(
        version=version,
        target=target,
        verdict=answer.verdict.value,
        reasons=[_reason(one) for one in answer.reasons],
        epoch=judged.epoch,
        artifact_digest=judged.facts.artifact_digest,
        state_digest=judged.state_digest,
        policy_digest=judged.policy_digest,
        requested_by=by,
        decided_at=at,
        expires_at=_expiry(judged, at),
    )
    action = "gate.blocked" if answer.verdict is Verdict.BLOCK else "gate.decided"
    record(by=by, action=action, on=decision, body=_body(decision), model_id=version.model_id)
    return decision


@transaction.atomic
def ask_for_unknown(
    *, by: Account, at: datetime, model: RegisteredModel, number: int, target: str
) -> promotion.Decision:
    """Answer for a version that nobody registered: BLOCK, with an entry in the trail."""
    require(by, Permission.GATE_ASK, on=model)
    text = f"Version {number} of {model} is not registered."
    reason = promotion.Reason(promotion.Code.VERSION_UNKNOWN, text, "version", Verdict.BLOCK)
    body = {
        "model": model.slug,
        "model_name": model.name,
        "number": number,
        "target": target_of(target),
        "reasons": [_reason(reason)],
        "at": at,
    }
    record(by=by, action="gate.blocked", on=model, body=body)
    return promotion.Decision(Verdict.BLOCK, (reason,))


@transaction.atomic
def request_approval(*, by: Account, at: datetime, decision: GateDecision) -> ApprovalRequest:
    """Ask compliance for the approval that a decision found missing, for this artifact alone.

    Neither who asks nor who registered the version can vote. Raises AccessDenied and NoApprovalNeeded.
    """
    version = ModelVersion.objects.select_related("model__unit", "created_by").get(pk=decision.version_id)
    require(by, Permission.GATE_ASK, on=version)
    if not wants_approval(decision):
        raise NoApprovalNeeded("The gate did not ask for approvals.")
    standing = newest_request(version=version, target=decision.target)
    if standing is not None and standing.state == ApprovalState.PENDING:
        raise NoApprovalNeeded("The approvals of this promotion are being collected already.")
    return approvals.request(
        by=by,
        at=at,
        subject=Subject.PROMOTION,
        object_id=request_key(version=version, target=decision.target),
        title=f"Let {version} enter {words_of(decision.target)}",
        summary="\n".join(reason["text"] for reason in decision.reasons),
        digest=version.artifact_digest,
        policy={"required": 1, "roles": ["compliance_officer"], "excluded": [version.created_by.username]},
        expires_at=at + APPROVAL_LIFE,
        model=version.model,
        url=f"/gates/{decision.pk}/",
    )


def wants_approval(decision: GateDecision) -> bool:
    """Return whether the decision found approvals missing for an artifact that is known."""
    wanted = any(reason["code"] in APPROVAL_REASONS for reason in decision.reasons)
    return wanted and bool(decision.artifact_digest)


@transaction.atomic
def promote(*, by: Account, at: datetime, decision: GateDecision) -> ModelVersion:
    """Use an approval: turn it into a clearance and move the stage or alias it is for.

    Raises AccessDenied, NotApproved, DecisionUsed, DecisionExpired, AutomationPaused, StaleDecision,
    and what the catalogue raises about the move itself.
    """
    pauses = switch.hold_open()
    held = (
        GateDecision.objects.select_for_update(of=("self",)).select_related("version__model__unit").get(pk=decision.pk)
    )
    version = held.version
    require(by, Permission.VERSION_MOVE, on=version)
    _check(held, at)
    if by.is_automation and pauses.model(version.model.slug):
        raise AutomationPaused("Automation is paused: a person has to make this move.")
    if policy_of(version.model).digest != held.policy_digest:
        raise StaleDecision("Other rules are in force than when the gate decided. Ask again.")
    held.used_at = at
    held.save(update_fields=["used_at"])
    record(by=by, action="gate.decision_used", on=held, body=_body(held), model_id=version.model_id)
    return _move(by, at, version, held.target, _clear(held, at))


def _check(held: GateDecision, at: datetime) -> None:
    if held.verdict != Verdict.APPROVE:
        raise NotApproved(f"The gate answered {held.verdict}, so there is nothing to use.")
    if held.used_at is not None:
        raise DecisionUsed("This decision was already used; each opens one door, once.")
    if held.expires_at <= at:
        raise DecisionExpired("This decision has expired. Ask the gate again.")
    if held.version.epoch != held.epoch or held.version.artifact_digest != held.artifact_digest:
        raise StaleDecision("The version or what was known of it changed after the gate decided. Ask again.")


def _clear(held: GateDecision, at: datetime) -> Clearance:
    return clearances.grant_clearance(
        by=GATE,
        at=at,
        version=held.version,
        target=held.target,
        decision_id=held.pk,
        epoch=held.epoch,
        expires_at=held.expires_at,
    )


def _move(by: Account, at: datetime, version: ModelVersion, target: str, clearance: Clearance) -> ModelVersion:
    stage = stage_of(target)
    if stage is not None:
        return catalog.move_stage(by=by, at=at, version=version, to=stage, clearance=clearance)
    catalog.point_alias(by=by, at=at, model=version.model, name=alias_of(target), version=version, clearance=clearance)
    version.refresh_from_db()
    return version


def _expiry(judged: Judged, at: datetime) -> datetime:
    """Return when the answer ends: no later than its evidence, and never before it was given."""
    approval = judged.facts.approval
    ends = [freshest_until(judged.facts), approval.expires_at if approval else None]
    return min([at + LIFE, *(end for end in ends if end is not None and end > at)])


def _reason(reason: promotion.Reason) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(reason).items() if name != "verdict"}


def _body(decision: GateDecision) -> dict[str, object]:
    return {
        "model": decision.version.model.slug,
        "model_name": decision.version.model.name,
        "number": decision.version.number,
        "target": decision.target,
        "verdict": decision.verdict,
        "reasons": decision.reasons,
        "epoch": decision.epoch,
        "artifact_digest": decision.artifact_digest,
        "state_digest": decision.state_digest,
        "policy_digest": decision.policy_digest,
        "decided_at": decision.decided_at,
        "expires_at": decision.expires_at,
    }
