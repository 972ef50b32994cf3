"""Reads of what people owe: one query for each kind of duty, and one for all their counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from governance.approvals.models import ApprovalRequest
from governance.approvals.queries import waiting_for
from governance.dashboards.duties import Duty, Kind
from governance.dashboards.standing import models_at
from governance.risks.accepting import WARN_BEFORE
from governance.risks.judged import start_of
from governance.risks.lifecycle import VERIFY_WITHIN
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Contribution,
    Dispute,
    PlanState,
    PlanStep,
    Risk,
    RiskState,
)
from governance.rules.models import Episode, VersionState
from governance.vocabulary import RiskLevel
from models_registry.access.counting import count_each
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.audit.models import AuditEntry

CLOSED_BY = (
    "risk.acknowledged",
    "risk.acknowledgement_undone",
    "risk.plan_submitted",
    "risk.step_completed",
    "risk.step_verified",
    "risk.step_returned",
    "risk.evidence_submitted",
    "risk.sent_back",
    "risk.released",
    "risk.disputed",
    "risk.dispute_settled",
    "risk.acceptance_proposed",
    "approval.voted",
)
"""Entries with which a person closes a duty, or opens again what was closed by mistake."""

ANSWERS: Mapping[str, tuple[Kind, str]] = {
    RiskState.OPEN: (Kind.ACKNOWLEDGE, "Acknowledge"),
    RiskState.ACKNOWLEDGED: (Kind.ANSWER, "Write a plan for"),
    RiskState.MITIGATING: (Kind.HAND_OVER, "Show that it worked for"),
}


SOONEST: Mapping[str, tuple[Any, ...]] = {
    "answers": ("due_at", "pk"),
    "steps": ("due_on", "pk"),
    "proofs": ("done_at", "pk"),
    "endings": ("expires_on", "pk"),
    "checks": (Coalesce("due_at", "level_since"), "pk"),
    "disputes": ("raised_at", "pk"),
    "approvals": ("expires_at", "pk"),
}
"""How each kind of duty is read, the soonest first."""


@dataclass(frozen=True)
class Owed:
    """The rows behind the duties of one reader; nothing is read before somebody iterates."""

    answers: QuerySet[Risk]
    steps: QuerySet[PlanStep]
    proofs: QuerySet[PlanStep]
    endings: QuerySet[Acceptance]
    checks: QuerySet[Risk]
    disputes: QuerySet[Dispute]
    approvals: QuerySet[ApprovalRequest]

    def duties(self, *, whose: bool = False, most: int | None = None) -> list[Duty]:
        """Return the lines, unordered, of each kind at most the ``most`` soonest; ``whose`` names who owes each."""
        rows = {name: getattr(self, name).order_by(*SOONEST[name])[:most] for name in SOONEST}
        return [
            *_answers(rows["answers"], whose=whose),
            *_steps(rows["steps"], whose=whose),
            *_endings(rows["endings"], whose=whose),
            *map(_proof, rows["proofs"]),
            *map(_check, rows["checks"]),
            *map(_dispute, rows["disputes"]),
            *map(_approval, rows["approvals"]),
        ]

    def counted(self) -> dict[str, QuerySet[Any]]:
        """Return every queryset by its name, for `counts`."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def mine(actor: Account, *, at: datetime) -> Owed:
    """Return what the actor owes: as owner or deputy, as author of a step, and by role."""
    own = Q(model__owner=actor) | Q(model__deputy=actor)
    return Owed(
        answers=_unanswered(actor).filter(own),
        steps=_open_steps().filter(owner=actor),
        proofs=_to_prove(actor),
        endings=_ending(actor, at=at).filter(Q(risk__model__owner=actor) | Q(risk__model__deputy=actor)),
        checks=_to_check(actor).exclude(own),
        disputes=_disputes(actor),
        approvals=waiting_for(actor, at=at),
    )


def of_team(actor: Account, *, at: datetime) -> Owed:
    """Return what the actor's colleagues owe: of the team, else of the unit, else of everybody the actor sees."""
    others = ~(Q(model__owner=actor) | Q(model__deputy=actor))
    steps = visible(actor, Permission.RISK_READ, _open_steps(), through="plan__risk__model").exclude(owner=actor)
    return Owed(
        answers=_unanswered(actor).filter(others, _colleagues(actor, "model__")),
        steps=steps.filter(_colleagues(actor, "plan__risk__model__")),
        endings=_ending(actor, at=at).exclude(risk__model__owner=actor).filter(_colleagues(actor, "risk__model__")),
        proofs=PlanStep.objects.none(),
        checks=Risk.objects.none(),
        disputes=Dispute.objects.none(),
        approvals=ApprovalRequest.objects.none(),
    )


def counts(
    actor: Account, *, at: datetime, beside: Mapping[str, QuerySet[Any]] = MappingProxyType({})
) -> Mapping[str, int]:
    """Return, in one query, how much waits for the actor: ``past``, ``approvals`` and all ``duties``.

    What the caller wants counted ``beside`` comes along under its name. A count ends at `MANY`.
    """
    red = models_at(actor=actor, at=None).filter(posture__in_the_red=True)
    owed = mine(actor, at=at).counted()
    found = count_each({"past": red, **owed, **beside})
    return {**found, "duties": sum(found[name] for name in owed)}


def done(actor: Account, *, limit: int = 50) -> list[AuditEntry]:
    """Return the latest entries with which the actor closed a duty."""
    rows = AuditEntry.objects.filter(actor_id=actor.trail_id, actor_kind=actor.trail_kind, action__in=CLOSED_BY)
    return list(rows.newest_first()[:limit])


# ---- rows ----


def _colleagues(actor: Account, path: str) -> Q:
    if actor.team_id is not None:
        return Q(**{f"{path}team_id": actor.team_id})
    return Q(**{f"{path}unit_id": actor.unit_id}) if actor.unit_id is not None else Q()


def _unanswered(actor: Account) -> QuerySet[Risk]:
    """Return the risks on which their owner owes something; a plan with open steps owes those instead."""
    rows = visible(actor, Permission.RISK_READ, Risk.objects.all(), through="model")
    open_steps = PlanStep.objects.filter(plan__risk=OuterRef("pk"), plan__state=PlanState.ACTIVE, done_at__isnull=True)
    owed = Q(state__in=[RiskState.OPEN, RiskState.ACKNOWLEDGED]) | (Q(state=RiskState.MITIGATING) & ~Exists(open_steps))
    return rows.filter(owed, due_at__isnull=False).select_related("model__owner")


def _open_steps() -> QuerySet[PlanStep]:
    rows = PlanStep.objects.filter(
        plan__state=PlanState.ACTIVE, done_at__isnull=True, plan__risk__state=RiskState.MITIGATING
    )
    return rows.select_related("plan__risk__model", "owner")


def _to_prove(actor: Account) -> QuerySet[PlanStep]:
    """Return the completed steps that the actor verifies: as owner, or as compliance where the owner did them."""
    own = Q(plan__risk__model__owner=actor) | Q(plan__risk__model__deputy=actor)
    by_owner = Q(done_by=F("plan__risk__model__owner")) | Q(owner=F("plan__risk__model__owner"))
    by_owner &= Q(plan__risk__state=RiskState.MITIGATING)  # once handed over, the whole risk is verified
    steps = PlanStep.objects.filter(
        plan__state=PlanState.ACTIVE,
        plan__risk__state__in=[RiskState.MITIGATING, RiskState.VERIFYING],
        done_at__isnull=False,
        verified_at__isnull=True,
    )
    duty = visible(actor, Permission.RISK_MITIGATE, steps, through="plan__risk__model").filter(own)
    if may_open(actor, Permission.RISK_ASSESS):
        duty |= visible(actor, Permission.RISK_RELEASE, steps, through="plan__risk__model").filter(by_owner)
    return duty.exclude(owner=actor).exclude(done_by=actor).select_related("plan__risk__model", "done_by")


def _ending(actor: Account, *, at: datetime) -> QuerySet[Acceptance]:
    rows = visible(actor, Permission.RISK_READ, Acceptance.objects.all(), through="risk__model")
    soon = rows.filter(state=AcceptanceState.ACTIVE, expires_on__lte=(at + WARN_BEFORE).date())
    return soon.select_related("risk__model__owner")


def _to_check(actor: Account) -> QuerySet[Risk]:
    """Return the risks that compliance verifies: those handed over, and held levels whose causes have ended."""
    if not may_open(actor, Permission.RISK_ASSESS):
        return Risk.objects.none()
    rows = visible(actor, Permission.RISK_RELEASE, Risk.objects.all(), through="model")
    episodes = Episode.objects.filter(
        model=OuterRef("model"),
        category=OuterRef("category"),
        cleared_at__isnull=True,
        rule_version__state=VersionState.ENFORCED,
    )
    scorers = Contribution.objects.filter(risk=OuterRef("pk"), cleared_at__isnull=True)
    held = Q(level=RiskLevel.HIGH, factor__lt=RiskLevel.HIGH.entry_points)
    held |= Q(level=RiskLevel.CRITICAL, factor__lt=RiskLevel.CRITICAL.entry_points)
    ended = held & ~Q(state=RiskState.ACCEPTED) & ~Exists(episodes) & ~Exists(scorers)
    return rows.filter(Q(state=RiskState.VERIFYING) | ended).select_related("model__owner")


def _disputes(actor: Account) -> QuerySet[Dispute]:
    rows = visible(actor, Permission.RISK_ASSESS, Dispute.objects.all(), through="risk__model")
    return rows.filter(settled_at__isnull=True).exclude(raised_by=actor).select_related("risk__model", "raised_by")


# ---- lines ----


def _answers(rows: QuerySet[Risk], *, whose: bool) -> Iterator[Duty]:
    for risk in rows:
        kind, words = ANSWERS[risk.state]
        leads = "risks:detail" if kind is Kind.HAND_OVER else "risks:respond"
        yield Duty(
            kind=kind,
            task=f"{words} {risk.reference}",
            url=reverse("risks:detail" if kind is Kind.ACKNOWLEDGE else leads, args=[risk.pk]),
            due_at=_due(risk),
            why=risk.explanation,
            whose=str(risk.model.owner) if whose else "",
            judged_digest=risk.digest if kind is Kind.ACKNOWLEDGE and not whose else "",
            **_about(risk),
        )


def _steps(rows: QuerySet[PlanStep], *, whose: bool) -> Iterator[Duty]:
    for step in rows:
        risk = step.plan.risk
        yield Duty(
            kind=Kind.STEP,
            task=f"Step {step.position} of {risk.reference}",
            url=reverse("risks:detail", args=[risk.pk]),
            due_at=start_of(step.due_on + timedelta(days=1)),
            why=step.text,
            whose=str(step.owner) if whose else "",
            **_about(risk),
        )


def _endings(rows: QuerySet[Acceptance], *, whose: bool) -> Iterator[Duty]:
    for acceptance in rows:
        risk = acceptance.risk
        yield Duty(
            kind=Kind.RENEW,
            task=f"Acceptance of {risk.reference} ends",
            url=reverse("risks:respond", args=[risk.pk]),
            due_at=start_of(acceptance.expires_on),
            why=acceptance.justification,
            whose=str(risk.model.owner) if whose else "",
            **_about(risk),
        )


def _proof(step: PlanStep) -> Duty:
    risk = step.plan.risk
    done_at = step.done_at or risk.level_since
    return Duty(
        kind=Kind.VERIFY,
        task=f"Verify step {step.position} of {risk.reference}",
        url=reverse("risks:detail", args=[risk.pk]),
        due_at=done_at + VERIFY_WITHIN[RiskLevel(risk.level)],
        why=f"{step.done_by}: {step.evidence or step.text}",
        **_about(risk),
    )


def _check(risk: Risk) -> Duty:
    handed_over = risk.state == RiskState.VERIFYING
    return Duty(
        kind=Kind.VERIFY if handed_over else Kind.RELEASE,
        task=f"Verify {risk.reference}" if handed_over else f"Confirm the release of {risk.reference}",
        url=reverse("risks:detail", args=[risk.pk]),
        due_at=_due(risk),
        why=risk.explanation if handed_over else "Its causes have ended; the level is held until a person releases it.",
        **_about(risk),
    )


def _dispute(dispute: Dispute) -> Duty:
    risk = dispute.risk
    return Duty(
        kind=Kind.SETTLE,
        task=f"Settle the dispute of {risk.reference}",
        url=reverse("risks:detail", args=[risk.pk]),
        due_at=dispute.raised_at + VERIFY_WITHIN[RiskLevel(risk.level)],
        why=f"{dispute.raised_by}: {dispute.reason}",
        **_about(risk),
    )


def _approval(asked: ApprovalRequest) -> Duty:
    first_line = (asked.summary.splitlines() or [""])[0]
    return Duty(
        kind=Kind.APPROVE,
        task=asked.title,
        url=reverse("approvals:detail", args=[asked.pk]),
        due_at=asked.expires_at,
        subject=f"from {asked.requested_by}",
        why=first_line,
    )


def _due(risk: Risk) -> datetime:
    """Return the clock of a risk; a held level without one is owed from the day it rose."""
    return risk.due_at or risk.level_since + VERIFY_WITHIN[RiskLevel(risk.level)]


def _about(risk: Risk) -> dict[str, Any]:
    return {
        "level": risk.level,
        "subject": risk.model.name,
        "subject_url": reverse("dashboards:model", args=[risk.model.slug]),
        "risk_id": risk.pk,
    }
