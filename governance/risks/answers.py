"""What people answered to a risk, shaped for its page: each decision with what changed since it was taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.risks import planning
from governance.risks.judged import start_of
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Acknowledgement,
    Dispute,
    MitigationPlan,
    PlanState,
    PlanStep,
    Release,
    Risk,
    RiskChange,
)
from governance.risks.standings import Moved, changes_since
from models_registry.access.models import Account, RoleGrant
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.access.roles import ROLES


@dataclass(frozen=True)
class StepLine:
    """One step of a plan, with why the reader may not complete or verify it (empty: may)."""

    step: PlanStep
    is_late: bool
    refusal: str
    verify_refusal: str

    @property
    def word(self) -> str:
        """Return where the step stands."""
        if self.step.verified_at is not None:
            return "verified"
        if self.step.done_at is not None:
            return "done, to be verified"
        return "returned" if self.step.returned_at is not None else "open"


@dataclass(frozen=True)
class Answers:
    """Everything people said about one risk, newest first, each with what changed since."""

    acknowledgements: list[tuple[Acknowledgement, Moved]]
    plan: MitigationPlan | None
    steps: list[StepLine]
    plan_moved: Moved
    earlier_plans: list[MitigationPlan]
    acceptances: list[tuple[Acceptance, Moved]]
    disputes: list[tuple[Dispute, Moved]]
    releases: list[Release]

    @property
    def open_acceptance(self) -> Acceptance | None:
        """The acceptance that is proposed or in force."""
        states = (AcceptanceState.PROPOSED, AcceptanceState.ACTIVE)
        return next((one for one, _ in self.acceptances if one.state in states), None)

    @property
    def open_dispute(self) -> Dispute | None:
        """The dispute that is not settled."""
        return next((one for one, _ in self.disputes if one.settled_at is None), None)

    @property
    def done_count(self) -> int:
        """How many steps of the active plan are done."""
        return sum(line.step.done_at is not None for line in self.steps)


def answers(
    risk: Risk, *, actor: Account, changes: Sequence[RiskChange], now: datetime, until: datetime | None = None
) -> Answers:
    """Return what was answered; ``until`` keeps what had been said at a past moment."""
    plans = _plans(risk, until)
    active = next((one for one in plans if _was_active(one, plans, until)), None)
    acceptances = risk.acceptances.select_related("proposed_by", "approval").order_by("-proposed_at", "-pk")
    disputes = risk.disputes.select_related("raised_by", "settled_by").order_by("-raised_at", "-pk")
    seen = risk.acknowledgements.with_undone(until=until).select_related("by").order_by("-at", "-pk")
    releases = risk.releases.select_related("released_by").order_by("-released_at", "-pk")
    if until is not None:
        acceptances = acceptances.filter(proposed_at__lte=until)
        disputes = disputes.filter(raised_at__lte=until)
        seen, releases = seen.filter(at__lte=until), releases.filter(released_at__lte=until)
    return Answers(
        acknowledgements=[(one, changes_since(risk, one.judged_digest, changes)) for one in seen[:20]],
        plan=active,
        steps=_steps(risk, active, actor, until or now),
        plan_moved=changes_since(risk, active.judged_digest, changes) if active else Moved(()),
        earlier_plans=[one for one in plans if one != active],
        acceptances=[(_then(one, until), changes_since(risk, one.judged_digest, changes)) for one in acceptances[:20]],
        disputes=[(_settled(one, until), changes_since(risk, one.judged_digest, changes)) for one in disputes[:20]],
        releases=list(releases[:20]),
    )


def approvers(request: ApprovalRequest | None, *, policy: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return, per role that must agree, its title and the people who hold it now and did not ask for this.

    Where the policy names no role, one person of any approving role decides.
    """
    roles = [str(role) for role in policy.get("roles", ())] or ["compliance_officer", "governance_board"]
    held = RoleGrant.objects.filter(ended_at__isnull=True, role__in=roles, account__is_active=True)
    if request is not None:
        held = held.exclude(account_id=request.requested_by_id)
    people: dict[str, list[str]] = {role: [] for role in roles}
    for grant in held.select_related("account").order_by("account__display_name", "pk"):
        people[grant.role].append(str(grant.account))
    return [(ROLES[role].title, names) for role, names in people.items()]


def _plans(risk: Risk, until: datetime | None) -> list[MitigationPlan]:
    steps = PlanStep.objects.select_related("owner", "done_by", "verified_by", "returned_by").order_by("position")
    rows = risk.plans.select_related("created_by").prefetch_related(Prefetch("steps", queryset=steps))
    if until is not None:
        rows = rows.filter(created_at__lte=until)
    return list(rows.order_by("-created_at", "-pk")[:10])


def _was_active(plan: MitigationPlan, plans: Sequence[MitigationPlan], until: datetime | None) -> bool:
    """Return whether this is the plan in work: by its state now, the newest one at a past moment."""
    return plan.state == PlanState.ACTIVE if until is None else plan == plans[0]


def _steps(risk: Risk, plan: MitigationPlan | None, actor: Account, at: datetime) -> list[StepLine]:
    if plan is None:
        return []
    may_plan = can(actor, Permission.RISK_MITIGATE, on=risk)
    found = []
    for step in plan.steps.all():
        late = step.done_at is None and start_of(step.due_on + timedelta(days=1)) <= at
        refusal = "" if step.owner_id == actor.pk else may_plan.reason
        found.append(StepLine(step, late, refusal, planning.why_not_verify(step, risk, actor)))
    return found


def _then(one: Acceptance, until: datetime | None) -> Acceptance:
    """Return the acceptance as it was before its last decision: in force if that one ended it, else proposed."""
    if until is None or one.decided_at is None or one.decided_at <= until:
        return one
    approved_at = one.approval.decided_at if one.approval and one.approval.state == ApprovalState.APPROVED else None
    in_force = approved_at is not None and approved_at <= until
    one.state = AcceptanceState.ACTIVE if in_force else AcceptanceState.PROPOSED
    one.decided_at = approved_at if in_force else None
    return one


def _settled(one: Dispute, until: datetime | None) -> Dispute:
    if until is not None and one.settled_at is not None and one.settled_at > until:
        one.settled_at = one.settled_by = None
        one.settlement, one.upheld = "", None
    return one
