"""What a card says of governance: risks with their answers, approvals with their votes, answers of the gate."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db.models import Count, Q

from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.dashboards import exposure
from governance.gates.queries import latest as latest_decisions
from governance.gates.targets import words_of
from governance.reports.card_registry import day
from governance.reports.cards import Part, Statement
from governance.risks.models import Acceptance, Acknowledgement, MitigationPlan, RiskState
from governance.vocabulary import RiskLevel
from models_registry.access.permissions import Permission
from models_registry.catalog.models import RegisteredModel

MOST_DECISIONS = 5
MOST_APPROVALS = 10
STATES: Mapping[str, str] = {
    RiskState.OPEN: "open, nobody has answered yet",
    RiskState.VERIFYING: "the answer is being verified",
    RiskState.CLOSED: "nothing is owed",
}
"""What a state means where no answer of a person stands behind it."""


def risks(model: RegisteredModel, at: dt.datetime | None) -> Part:
    """Return every risk of the model with its level and what was answered."""
    found = exposure.every_risk(model=model, at=at)
    answers = _answers(found, at)
    statements = tuple(
        Statement(
            term=one.category.label,
            text=_risk(one, answers),
            url=one.url,
            at=one.since,
            level=one.level.value,
        )
        for one in found
        if one.level != RiskLevel.LOW or one.state != RiskState.CLOSED
    )
    quiet = "" if statements else "No risk of it stands above Low." if found else "No risk of it was ever assessed."
    nothing = () if statements else (Statement("Register", quiet, f"/risks/?q={model.slug}"),)
    return Part("risks", "Risks and answers", statements or nothing, permission=Permission.RISK_READ)


def approvals(model: RegisteredModel, at: dt.datetime | None) -> Part:
    """Return what people were asked to approve about the model, newest first, with who voted how."""
    rows = ApprovalRequest.objects.filter(model=model).select_related("requested_by").prefetch_related("votes__voter")
    if at is not None:
        rows = rows.filter(requested_at__lte=at)
    statements = tuple(
        Statement(
            one.get_subject_display(),
            f"{one.title}. {_approval(one, at)}",
            f"/approvals/{one.pk}/",
            _decided(one, at) or one.requested_at,
        )
        for one in rows.order_by("-requested_at", "-pk")[:MOST_APPROVALS]
    )
    missing = "" if statements else "Nobody was asked to approve anything about this model."
    return Part("approvals", "Approvals", statements, missing=missing, permission=Permission.APPROVAL_READ)


def decisions(model: RegisteredModel, at: dt.datetime | None) -> Part:
    """Return the newest answers of the promotion gate about the model's versions."""
    statements = tuple(
        Statement(
            term=f"v{one.version.number} to {words_of(one.target)}",
            text=_reasons(one.reasons),
            url=f"/gates/{one.pk}/",
            at=one.decided_at,
            verdict=one.verdict,
        )
        for one in latest_decisions(model=model, at=at, limit=MOST_DECISIONS)
    )
    missing = "" if statements else "The gate was never asked about a version of this model."
    return Part("decisions", "Gate decisions", statements, missing=missing)


def _risk(one: exposure.OpenRisk, answers: Mapping[int, str]) -> str:
    said = answers.get(one.pk) or STATES.get(one.state, one.state.lower())
    return f"{said[:1].upper()}{said[1:]}. {one.explanation}".strip()


def _reasons(reasons: Sequence[Mapping[str, str]]) -> str:
    return " ".join(one["text"] for one in reasons) or "Nothing stood in the way."


def _decided(one: ApprovalRequest, at: dt.datetime | None) -> dt.datetime | None:
    return one.decided_at if at is None or one.decided_at is None or one.decided_at <= at else None


def _approval(one: ApprovalRequest, at: dt.datetime | None) -> str:
    state = ApprovalState(one.state) if _decided(one, at) else ApprovalState.PENDING
    votes = [vote for vote in one.votes.all() if vote.digest == one.digest and (at is None or vote.voted_at <= at)]
    said = [
        f"{vote.voter} {'approved' if vote.approves else 'rejected'} as {vote.as_role.replace('_', ' ')}"
        for vote in sorted(votes, key=lambda vote: vote.voted_at)
    ]
    return "; ".join([f"{state.label}, asked by {one.requested_by}", *said]) + "."


def _answers(found: Sequence[exposure.OpenRisk], at: dt.datetime | None) -> dict[int, str]:
    """Return what people answered to each risk, by its key, as its state at that moment calls for."""
    states: dict[str, list[int]] = {}
    for one in found:
        states.setdefault(one.state, []).append(one.pk)
    return {
        **_acknowledged(states.get(RiskState.ACKNOWLEDGED, []), at),
        **_planned([*states.get(RiskState.MITIGATING, []), *states.get(RiskState.VERIFYING, [])], at),
        **_accepted(states.get(RiskState.ACCEPTED, []), at),
    }


def _acknowledged(keys: Sequence[int], at: dt.datetime | None) -> dict[int, str]:
    if not keys:
        return {}
    rows = Acknowledgement.objects.filter(risk__in=keys).select_related("by").order_by("risk_id", "-at", "-pk")
    rows = rows if at is None else rows.filter(at__lte=at)
    return {row.risk_id: f"acknowledged by {row.by} on {day(row.at)}" for row in rows.distinct("risk_id")}


def _planned(keys: Sequence[int], at: dt.datetime | None) -> dict[int, str]:
    if not keys:
        return {}
    known = Q() if at is None else Q(created_at__lte=at)
    newest = MitigationPlan.objects.filter(known, risk__in=keys).order_by("risk_id", "-created_at", "-pk")
    done = Q(steps__done_at__isnull=False) if at is None else Q(steps__done_at__lte=at)
    plans = MitigationPlan.objects.filter(pk__in=newest.distinct("risk_id").values("pk")).select_related("created_by")
    counted = plans.annotate(done=Count("steps", filter=done), of=Count("steps"))
    return {
        plan.risk_id: f"plan of {plan.created_by}, {plan.done} of {plan.of} steps done: {plan.summary.rstrip('.')}"
        for plan in counted
    }


def _accepted(keys: Sequence[int], at: dt.datetime | None) -> dict[int, str]:
    if not keys:
        return {}
    rows = Acceptance.objects.filter(risk__in=keys).select_related("proposed_by")
    rows = rows if at is None else rows.filter(proposed_at__lte=at)
    return {
        row.risk_id: f"accepted up to {row.accepted_level.capitalize()} until {day(row.expires_on)}, proposed by"
        f" {row.proposed_by}: {row.justification.rstrip('.')}"
        for row in rows.order_by("risk_id", "-proposed_at", "-pk").distinct("risk_id")
    }
