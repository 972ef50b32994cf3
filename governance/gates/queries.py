"""What doors show of gates: decisions, and how a running model may be used."""

from datetime import datetime

from django.db.models import QuerySet

from governance.gates.facts import ELSEWHERE, ENVIRONMENT
from governance.gates.models import GateDecision
from governance.gates.promotion import ACCEPTED
from governance.gates.runtime import Restraint, RuntimeAnswer, answer, judge
from governance.rules.judging import definition_of
from governance.rules.models import Episode, VersionState
from governance.rules.yamltree import RuleInvalid
from governance.scoring.models import Posture
from governance.vocabulary import Restriction
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import ModelVersion, RegisteredModel, RegulatoryClass

LOWER = (
    "Lower the risk: its owner completes the steps of a mitigation plan and somebody else verifies them,"
    " better readings arrive, or a score that is wrong is disputed."
)
WAYS_OUT = {
    "AUTOMATION_PAUSED": (
        "Wait until two people have resumed it. A person may still use an approval that was given before the pause."
    ),
    "UNAVAILABLE": "Ask again once Redline answers.",
    "EVALUATION_ERROR": "Let the waiting evidence be scored, then ask again.",
    "VERSION_UNKNOWN": "Register the version first.",
    "DIGEST_MISSING": "Register a version with the SHA-256 of its artifact.",
    "DIGEST_DIFFERS": "Register the artifact that is to be promoted as a version of its own.",
    "POLICY_UNRESOLVED": "Bring a health formula for this kind of model into force.",
    "EVIDENCE_NOT_REQUIRED": "Bring a health formula for this kind of model into force.",
    "EVIDENCE_MISSING": "Connect the source that measures this.",
    "EVIDENCE_STALE": "Send a newer reading.",
    "EVIDENCE_FROM_FUTURE": "Correct the clock of the source and send the reading again.",
    "EVIDENCE_NOT_A_NUMBER": "Send the reading as a number.",
    "EVIDENCE_QUARANTINED": "Teach the source's mapping the new shape and replay what is quarantined.",
    "RULE_ERROR": "Let compliance repair or retire the rule.",
    "RULE_FAILED": "Bring the readings back to the good side of the line; the rule says when it clears.",
    "AUDIT_CHAIN_BROKEN": "Call the auditor: an entry about this model was altered.",
    "SCORE_UNKNOWN": "Send telemetry, so that the model is scored.",
    "COVERAGE_TOO_LOW": "Send fresh readings of the other required signals.",
    "RISK_CRITICAL": "Bring the risk down; a Critical risk cannot be accepted at the gate.",
    "IN_THE_RED": "Take the way out shown on the model, or have its owner and compliance accept the risk.",
    "ABOVE_APPETITE": f"{LOWER} No approval stands in for it.",
    "APPROVAL_MISSING": "Ask for the approvals of this promotion.",
    "APPROVAL_EXPIRED": "Ask for the approvals again.",
    "APPROVAL_FOR_ANOTHER_DIGEST": "Ask for approvals of this artifact.",
    "APPROVAL_REJECTED": "Answer what the approver objected to, then ask again.",
}
"""What can be done about each reason of a gate."""
ANSWER_IT = (
    "Take the alias off there, or let the owner answer for it under Elsewhere; after an answer the gate judges again."
)
PAST_AND_ACCEPTED = f"{LOWER} An acceptance lets the version that runs stay, and none enter."


def way_out(*, code: str, path: str) -> str:
    """Return what a person can do about a reason; empty for a code that is not known."""
    special = {ACCEPTED: PAST_AND_ACCEPTED, f"rules/{ELSEWHERE}": ANSWER_IT}
    return special.get(path) or WAYS_OUT.get(code, "")


def decisions_seen_by(account: Account) -> QuerySet[GateDecision]:
    """Return the decisions on models that the account may read."""
    decisions = GateDecision.objects.select_related("version__model", "requested_by")
    return visible(account, Permission.MODEL_READ, decisions, through="version__model")


def latest(*, model: RegisteredModel, at: datetime | None = None, limit: int = 5) -> list[GateDecision]:
    """Return the newest decisions on a model's versions, those taken by ``at`` when it is given."""
    decisions = GateDecision.objects.filter(version__model=model).select_related("version", "requested_by")
    if at is not None:
        decisions = decisions.filter(decided_at__lte=at)
    return list(decisions.order_by("-decided_at", "-id")[:limit])


def reasons_with_ways_out(decision: GateDecision) -> list[dict[str, str]]:
    """Return each reason with what can be done about it."""
    return [{**reason, "way_out": way_out(code=reason["code"], path=reason["path"])} for reason in decision.reasons]


def is_usable(decision: GateDecision, *, at: datetime) -> bool:
    """Return whether the decision could still be turned into a move."""
    epoch = ModelVersion.objects.values_list("epoch", flat=True).get(pk=decision.version_id)
    fresh = decision.expires_at > at and decision.epoch == epoch
    return decision.verdict == "APPROVE" and decision.used_at is None and fresh


def runtime_access(*, model: RegisteredModel, now: datetime) -> RuntimeAnswer:
    """Return how the running model may be used, from its posture as it was last derived."""
    posture = Posture.objects.filter(model=model).first()
    if posture is None:
        return answer(restraints=None, last_known=None, now=now)
    as_of = max(filter(None, (posture.swept_at, posture.updated_at)))
    return judge(restraints(model), as_of=min(as_of, now))


def restraints(model: RegisteredModel) -> list[Restraint]:
    """Return what restricts the model now: enforced rules that fire, and the law."""
    firing = Episode.objects.filter(model=model, environment=ENVIRONMENT, cleared_at__isnull=True, held=False)
    enforced = firing.filter(rule_version__state=VersionState.ENFORCED).select_related("rule_version__rule")
    found = [_restraint(episode) for episode in enforced]
    return [one for one in (*found, restraint_of_law(model.regulatory_class)) if one is not None]


def restraint_of(*, title: str, text: str, said: str | None) -> Restraint | None:
    """Return how a firing rule restricts its model, None when it does not; ``said`` is its last explanation."""
    try:
        restriction = definition_of(text).then.restrict
    except RuleInvalid:
        return None
    if restriction is Restriction.NONE:
        return None
    return Restraint(restriction, f"{title}: {said or 'It fires.'}")


def restraint_of_law(regulatory_class: str) -> Restraint | None:
    """Return how the law restricts a model of this class, None when it does not."""
    if regulatory_class != RegulatoryClass.PROHIBITED:
        return None
    return Restraint(Restriction.SUSPEND, "The use of this model is prohibited.")


def _restraint(episode: Episode) -> Restraint | None:
    version = episode.rule_version
    said = episode.steps[-1]["text"] if episode.steps else None
    return restraint_of(title=version.rule.title, text=version.text, said=said)
