"""Whether a version may move to a guarded stage: three-valued, failing closed.

The order is fixed: switch, subject, policy, evidence, risks, approvals. Every
step adds its reasons and the gravest one decides, so a person sees all that
stands in the way at once. Whatever is not known for certain is never APPROVE.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from governance.vocabulary import Materiality, RiskLevel, Verdict

FULL_COVERAGE = 0.8
ACCEPTED = "posture/accepted"
"""Where to look for a risk past its line that people accepted."""


class Code(StrEnum):
    """Why a gate did not approve; stable words for CI."""

    AUTOMATION_PAUSED = "AUTOMATION_PAUSED"
    UNAVAILABLE = "UNAVAILABLE"
    EVALUATION_ERROR = "EVALUATION_ERROR"
    VERSION_UNKNOWN = "VERSION_UNKNOWN"
    DIGEST_MISSING = "DIGEST_MISSING"
    DIGEST_DIFFERS = "DIGEST_DIFFERS"
    POLICY_UNRESOLVED = "POLICY_UNRESOLVED"
    EVIDENCE_NOT_REQUIRED = "EVIDENCE_NOT_REQUIRED"
    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    EVIDENCE_STALE = "EVIDENCE_STALE"
    EVIDENCE_FROM_FUTURE = "EVIDENCE_FROM_FUTURE"
    EVIDENCE_NOT_A_NUMBER = "EVIDENCE_NOT_A_NUMBER"
    EVIDENCE_QUARANTINED = "EVIDENCE_QUARANTINED"
    RULE_ERROR = "RULE_ERROR"
    RULE_FAILED = "RULE_FAILED"
    AUDIT_CHAIN_BROKEN = "AUDIT_CHAIN_BROKEN"
    SCORE_UNKNOWN = "SCORE_UNKNOWN"
    COVERAGE_TOO_LOW = "COVERAGE_TOO_LOW"
    RISK_CRITICAL = "RISK_CRITICAL"
    IN_THE_RED = "IN_THE_RED"
    ABOVE_APPETITE = "ABOVE_APPETITE"
    APPROVAL_MISSING = "APPROVAL_MISSING"
    APPROVAL_EXPIRED = "APPROVAL_EXPIRED"
    APPROVAL_FOR_ANOTHER_DIGEST = "APPROVAL_FOR_ANOTHER_DIGEST"
    APPROVAL_REJECTED = "APPROVAL_REJECTED"


class RuleOutcome(StrEnum):
    """What a required rule or check said about this version."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    ERROR = "ERROR"


class ApprovalOutcome(StrEnum):
    """What the approvals room said about this promotion."""

    NOT_REQUIRED = "NOT_REQUIRED"
    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Reading:
    """One piece of required evidence; `value` is whatever was stored, unchecked.

    `observed_at` is None where nothing was ever observed. Age counts from the
    observation, not from the arrival. `label` is the name for people.
    """

    name: str
    value: object
    observed_at: datetime | None
    max_age: timedelta
    quarantined: bool = False
    label: str = ""

    @property
    def said(self) -> str:
        """What people call it, as a sentence begins."""
        words = self.label or self.name
        return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One required rule's outcome."""

    name: str
    outcome: RuleOutcome
    text: str = ""


@dataclass(frozen=True, slots=True)
class Posture:
    """The model's risk now: scores 0–100 against limits, coverage 0–1."""

    score: float
    level: RiskLevel
    appetite: float
    tolerance: float
    coverage: float
    accepted: bool = False
    factors: tuple[tuple[str, float, RiskLevel], ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """The approvals for this promotion, bound to one artifact digest."""

    outcome: ApprovalOutcome
    digest: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a promotion is judged on. None means: could not be established."""

    now: datetime
    paused: bool | None
    available: bool
    version_known: bool
    artifact_digest: str
    asked_digest: str
    policy: str | None
    materiality: Materiality | None
    regulated: bool | None
    evidence: tuple[Reading, ...]
    rules: tuple[RuleAnswer, ...]
    posture: Posture | None
    approval: Approval | None
    audit_intact: bool | None
    errors: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        """Return whether doubtful evidence blocks instead of asking a person.

        So it is for high materiality and regulated models, and where either is unknown.
        """
        return self.materiality in (None, Materiality.HIGH) or self.regulated is not False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not: a stable code, a sentence for people, and where to look."""

    code: Code
    text: str
    path: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """A gate's answer with everything that stands in the way; APPROVE has no reasons."""

    verdict: Verdict
    reasons: tuple[Reason, ...]


def decide(facts: Facts) -> Decision:
    """Return the gate's answer to these facts (RELIABILITY 2.6)."""
    steps = (_switch, _subject, _policy, _evidence, _rules, _risks, _approvals)
    reasons = tuple(reason for step in steps for reason in step(facts))
    return Decision(_gravest(reasons), reasons)


def unavailable(cause: str) -> Decision:
    """Return the answer when the database or the signer cannot be asked: BLOCK."""
    text = f"Redline could not decide: {cause}."
    return Decision(Verdict.BLOCK, (_block(Code.UNAVAILABLE, text, "service"),))


def _gravest(reasons: tuple[Reason, ...]) -> Verdict:
    verdicts = {reason.verdict for reason in reasons}
    if not verdicts:
        return Verdict.APPROVE
    return Verdict.REVIEW_REQUIRED if verdicts == {Verdict.REVIEW_REQUIRED} else Verdict.BLOCK


def _switch(facts: Facts) -> list[Reason]:
    reasons = [
        _block(Code.EVALUATION_ERROR, f"The evaluation failed: {error}.", "evaluation") for error in facts.errors
    ]
    if facts.available is not True:
        reasons.append(_block(Code.UNAVAILABLE, "Redline could not read its records.", "service"))
    if facts.paused is not False:
        text = "Automatic decisions are paused, so people decide."
        reasons.append(_review(Code.AUTOMATION_PAUSED, text, "switch"))
    return reasons


def _subject(facts: Facts) -> list[Reason]:
    if facts.version_known is not True:
        return [_block(Code.VERSION_UNKNOWN, "This version is not registered.", "version")]
    if not facts.asked_digest or not facts.artifact_digest:
        text = "No artifact digest is known, so it is not certain what would be promoted."
        return [_block(Code.DIGEST_MISSING, text, "version/digest")]
    if facts.asked_digest != facts.artifact_digest:
        text = "The artifact asked about is not the one that was registered."
        return [_block(Code.DIGEST_DIFFERS, text, "version/digest")]
    return []


def _policy(facts: Facts) -> list[Reason]:
    reasons: list[Reason] = []
    if not facts.policy:
        text = "No gate policy is in force for this model."
        reasons.append(_block(Code.POLICY_UNRESOLVED, text, "policy"))
    if facts.audit_intact is not True:
        text = "The audit trail did not verify."
        reasons.append(_block(Code.AUDIT_CHAIN_BROKEN, text, "audit"))
    return reasons


def _evidence(facts: Facts) -> list[Reason]:
    if not facts.evidence:
        text = "No evidence is asked for, so nothing shows that the model runs well."
        return [_doubt(facts, Code.EVIDENCE_NOT_REQUIRED, text, "evidence")]
    return [reason for one in facts.evidence for reason in _reading(facts, one)]


def _reading(facts: Facts, one: Reading) -> list[Reason]:
    path = f"evidence/{one.name}"
    if one.quarantined:
        text = f"{one.said} arrived in an unknown shape and is quarantined."
        return [_doubt(facts, Code.EVIDENCE_QUARANTINED, text, path)]
    if one.observed_at is None:
        return [_doubt(facts, Code.EVIDENCE_MISSING, f"{one.said} was never observed.", path)]
    if not is_number(one.value):
        text = f"{one.said} is not a finite number."
        return [_doubt(facts, Code.EVIDENCE_NOT_A_NUMBER, text, path)]
    if one.observed_at > facts.now:
        text = f"{one.said} claims to be observed in the future."
        return [_doubt(facts, Code.EVIDENCE_FROM_FUTURE, text, path)]
    if facts.now - one.observed_at > one.max_age:
        text = f"{one.said} is older than the {_duration(one.max_age)} allowed."
        return [_doubt(facts, Code.EVIDENCE_STALE, text, path)]
    return []


def _rules(facts: Facts) -> list[Reason]:
    reasons: list[Reason] = []
    for one in facts.rules:
        path = f"rules/{one.name}"
        if one.outcome is RuleOutcome.FAILED:
            text = one.text or f"Rule {one.name} does not pass."
            reasons.append(_block(Code.RULE_FAILED, text, path))
        elif one.outcome is not RuleOutcome.PASSED:
            text = one.text or f"Rule {one.name} could not be evaluated."
            reasons.append(_block(Code.RULE_ERROR, text, path))
    return reasons


def _risks(facts: Facts) -> list[Reason]:
    posture = facts.posture
    if posture is None or not _is_sound(posture):
        text = "The risk score of this model is not known."
        return [_block(Code.SCORE_UNKNOWN, text, "posture")]
    reasons = _coverage(facts, posture) + _critical(posture)
    if posture.score > posture.tolerance:
        reasons.append(_red(posture))
    elif posture.score > posture.appetite:
        over = posture.score - posture.appetite
        text = f"Risk score {posture.score:.1f} is {over:.1f} above the appetite {posture.appetite:g}."
        reasons.append(_review(Code.ABOVE_APPETITE, text, "posture/score"))
    return reasons + _factors(posture)


def _is_sound(posture: Posture) -> bool:
    factor_scores = [score for _, score, _ in posture.factors]
    scores = [posture.score, posture.appetite, posture.tolerance, *factor_scores]
    in_range = all(is_number(one) and 0 <= one <= 100 for one in scores)
    return in_range and is_number(posture.coverage) and 0 <= posture.coverage <= 1


def _coverage(facts: Facts, posture: Posture) -> list[Reason]:
    if posture.coverage >= FULL_COVERAGE:
        return []
    text = f"Only {posture.coverage:.0%} of the required signals are fresh; 80% are needed."
    return [_doubt(facts, Code.COVERAGE_TOO_LOW, text, "posture/coverage")]


def _critical(posture: Posture) -> list[Reason]:
    critical = [name for name, _, level in posture.factors if level is RiskLevel.CRITICAL]
    if posture.level is RiskLevel.CRITICAL:
        critical.insert(0, "the model as a whole")
    return [_block(Code.RISK_CRITICAL, f"Risk is Critical: {name}.", f"posture/{name}") for name in critical]


def _red(posture: Posture) -> Reason:
    past = posture.score - posture.tolerance
    text = f"Risk score {posture.score:.1f} is {past:.1f} past the tolerance {posture.tolerance:g}"
    if posture.accepted:
        return _review(Code.IN_THE_RED, f"{text}; the risk is accepted.", ACCEPTED)
    return _block(Code.IN_THE_RED, f"{text}, and nobody accepted the risk.", "posture/score")


def _factors(posture: Posture) -> list[Reason]:
    return [
        _review(
            Code.ABOVE_APPETITE,
            f"{name} at {score:.1f} is {score - posture.appetite:.1f} above the appetite {posture.appetite:g}.",
            f"posture/{name}",
        )
        for name, score, _ in posture.factors
        if score > posture.appetite
    ]


def _approvals(facts: Facts) -> list[Reason]:
    approval, path = facts.approval, "approvals"
    if approval is None:
        return [_review(Code.APPROVAL_MISSING, "It is not known who must approve this.", path)]
    if approval.outcome is ApprovalOutcome.NOT_REQUIRED:
        return []
    if approval.outcome is ApprovalOutcome.REJECTED:
        return [_block(Code.APPROVAL_REJECTED, "An approver rejected this promotion.", path)]
    if approval.outcome is not ApprovalOutcome.APPROVED:
        return [_review(Code.APPROVAL_MISSING, "The approvals are not complete.", path)]
    if approval.digest != facts.artifact_digest:
        text = "The approvals were given for another artifact."
        return [_review(Code.APPROVAL_FOR_ANOTHER_DIGEST, text, path)]
    if approval.expires_at is None or approval.expires_at <= facts.now:
        return [_review(Code.APPROVAL_EXPIRED, "The approvals have expired.", path)]
    return []


def is_number(value: object) -> bool:
    """Return whether a stored value is a finite number; booleans and text are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _duration(span: timedelta) -> str:
    hours = span / timedelta(hours=1)
    return f"{hours / 24:g} days" if hours >= 48 else f"{hours:g} hours"


def _doubt(facts: Facts, code: Code, text: str, path: str) -> Reason:
    return _block(code, text, path) if facts.strict else _review(code, text, path)


def _block(code: Code, text: str, path: str) -> Reason:
    return Reason(code, text, path, Verdict.BLOCK)


def _review(code: Code, text: str, path: str) -> Reason:
    return Reason(code, text, path, Verdict.REVIEW_REQUIRED)
