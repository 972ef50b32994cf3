"""Risks for programs: read the register with its evidence, and answer as the person whose token it is.

Every answer names the ``digest`` it judged, as the risk's own answer gave it; one that moved since is a 409.
Automation holds none of the answering permissions, so that only people acknowledge, accept and release.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.risks import accepting, actions, evidence, planning, queries, standings, undoing
from governance.risks.judged import standing
from governance.risks.lifecycle import OWNERS, State
from governance.risks.models import (
    AcceptanceState,
    Acknowledgement,
    Dispute,
    PlanState,
    PlanStep,
    Risk,
    RiskState,
)
from governance.risks.planning import Step
from governance.risks.shapes import (
    AcceptanceIn,
    AcceptanceOut,
    AcknowledgementIn,
    AcknowledgementOut,
    CompletionIn,
    ContributionOut,
    DisputeIn,
    DisputeOut,
    EvidenceIn,
    PlanIn,
    PlanOut,
    RiskDetailOut,
    RiskFilter,
    RiskOut,
    SettlementIn,
    StepOut,
    UndoingIn,
    VerdictIn,
    VerificationIn,
)
from models_registry.access.api import ApiView
from models_registry.access.callers import actor_of
from models_registry.access.idempotency import idempotent
from models_registry.access.lookup import find
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.access.strict import Strict


class RiskList(ApiView):
    """The risks the caller may see."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_list", parameters=[RiskFilter], responses=RiskOut(many=True))
    def get(self, request: Request) -> Response:
        """List risks, newest first."""
        chosen = RiskFilter(data=request.query_params.dict())
        chosen.is_valid(raise_exception=True)
        found = _narrowed(queries.seen_by(actor_of(request)), chosen.validated_data)
        return paginate(request, found, lambda risk: RiskOut(risk).data)


class RiskDetail(ApiView):
    """One risk."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_read", responses=RiskDetailOut)
    def get(self, request: Request, pk: int) -> Response:
        """Return a risk with its contributions, the evidence behind them, and the answers in work."""
        return Response(_detail(_risk(request, pk)))


class Acknowledgements(ApiView):
    """Acknowledgements of one risk."""

    permission: ClassVar = Permission.RISK_ACKNOWLEDGE

    @extend_schema(operation_id="risks_acknowledge", request=AcknowledgementIn, responses={201: AcknowledgementOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Acknowledge the state that was read; 409 when it moved or is acknowledged."""
        given = _given(AcknowledgementIn, request)
        risk = _risk(request, pk)
        seen = actions.acknowledge(
            by=actor_of(request),
            at=timezone.now(),
            risk_id=risk.pk,
            judged_digest=given["judged_digest"],
            note_text=given["note"],
        )
        return Response(AcknowledgementOut(seen).data, status=201)


class Undoings(ApiView):
    """The undoing of one acknowledgement, by who gave it."""

    permission: ClassVar = Permission.RISK_ACKNOWLEDGE

    @extend_schema(operation_id="risks_acknowledgement_undo", request=UndoingIn, responses={201: RiskOut})
    @idempotent
    def post(self, request: Request, pk: int, acknowledgement_pk: int) -> Response:
        """Take an acknowledgement back within a minute; 409 when the risk moved on. It stays on record."""
        _given(UndoingIn, request)
        given = Acknowledgement.objects.filter(pk=acknowledgement_pk, risk=_risk(request, pk)).first()
        if given is None:
            raise Http404("Not found.")
        risk = undoing.undo_acknowledgement(by=actor_of(request), at=timezone.now(), acknowledgement_id=given.pk)
        return Response(RiskOut(risk).data, status=201)


class Plans(ApiView):
    """Mitigation plans of one risk."""

    permission: ClassVar = Permission.RISK_MITIGATE

    @extend_schema(operation_id="risks_plan", request=PlanIn, responses={201: PlanOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Submit a plan; one in work is replaced."""
        given = _given(PlanIn, request)
        risk = _risk(request, pk)
        plan = planning.submit_plan(
            by=actor_of(request),
            at=timezone.now(),
            risk_id=risk.pk,
            judged_digest=given["judged_digest"],
            answers=given["standing"],
            summary=given["summary"],
            steps=[Step(**one) for one in given["steps"]],
        )
        return Response(PlanOut(plan).data, status=201)


class Completions(ApiView):
    """The completion of one step of the plan in work."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_step_complete", request=CompletionIn, responses={201: StepOut})
    @idempotent
    def post(self, request: Request, pk: int, step_pk: int) -> Response:
        """Say how a step was done; who promised it may, and who may plan."""
        given = _given(CompletionIn, request)
        step = _step(request, pk, step_pk)
        done = planning.complete_step(by=actor_of(request), at=timezone.now(), step_id=step.pk, **given)
        return Response(StepOut(done).data, status=201)


class Verifications(ApiView):
    """The verification of one step, by another person than who did it."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_step_verify", request=VerificationIn, responses={201: StepOut})
    @idempotent
    def post(self, request: Request, pk: int, step_pk: int) -> Response:
        """Verify a step, or return it with what is missing."""
        given = _given(VerificationIn, request)
        step, by, at = _step(request, pk, step_pk), actor_of(request), timezone.now()
        if given["verified"]:
            judged = planning.verify_step(by=by, at=at, step_id=step.pk)
        else:
            judged = planning.return_step(by=by, at=at, step_id=step.pk, reason=given["reason"])
        return Response(StepOut(judged).data, status=201)


class Evidence(ApiView):
    """The hand-over of one risk for verification."""

    permission: ClassVar = Permission.RISK_MITIGATE

    @extend_schema(operation_id="risks_hand_over", request=EvidenceIn, responses={201: RiskOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Hand the risk over for verification; 409 while steps are open."""
        given = _given(EvidenceIn, request)
        risk = _risk(request, pk)
        moved = actions.submit_evidence(by=actor_of(request), at=timezone.now(), risk_id=risk.pk, **given)
        return Response(RiskOut(moved).data, status=201)


class Releases(ApiView):
    """The verification of one risk by somebody who does not own its model."""

    permission: ClassVar = Permission.RISK_RELEASE

    @extend_schema(operation_id="risks_release", request=VerdictIn, responses={201: RiskOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Verify, release the held level and close; 409 while a cause holds."""
        given = _given(VerdictIn, request)
        risk = _risk(request, pk)
        moved = actions.release(by=actor_of(request), at=timezone.now(), risk_id=risk.pk, **given)
        return Response(RiskOut(moved).data, status=201)


class Returns(ApiView):
    """The return of one risk to its owner."""

    permission: ClassVar = Permission.RISK_RELEASE

    @extend_schema(operation_id="risks_send_back", request=VerdictIn, responses={201: RiskOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say that the evidence is not enough."""
        given = _given(VerdictIn, request)
        risk = _risk(request, pk)
        moved = actions.send_back(by=actor_of(request), at=timezone.now(), risk_id=risk.pk, **given)
        return Response(RiskOut(moved).data, status=201)


class Acceptances(ApiView):
    """Acceptances of one risk."""

    permission: ClassVar = Permission.RISK_ACCEPT

    @extend_schema(operation_id="risks_accept", request=AcceptanceIn, responses={201: AcceptanceOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask others to let the risk stand until a day; it counts once they agree."""
        given = _given(AcceptanceIn, request)
        risk = _risk(request, pk)
        proposed = accepting.propose_acceptance(
            by=actor_of(request), at=timezone.now(), risk_id=risk.pk, answers=given.pop("standing"), **given
        )
        return Response(AcceptanceOut(proposed).data, status=201)


class Disputes(ApiView):
    """Disputes of one risk."""

    permission: ClassVar = Permission.RISK_DISPUTE

    @extend_schema(operation_id="risks_dispute", request=DisputeIn, responses={201: DisputeOut})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say that an input of the score is wrong; the clock runs on."""
        given = _given(DisputeIn, request)
        risk = _risk(request, pk)
        require(actor_of(request), Permission.RISK_DISPUTE, on=risk)
        known = [one.cause for one in standings.now_of(risk, at=timezone.now()).contributions]
        if given["disputed_input"] not in known:
            raise serializers.ValidationError({"disputed_input": [f"Not an input of this score: {', '.join(known)}."]})
        opened = actions.dispute(
            by=actor_of(request), at=timezone.now(), risk_id=risk.pk, answers=given.pop("standing"), **given
        )
        return Response(DisputeOut(opened).data, status=201)


class Settlements(ApiView):
    """The settlement of one dispute, by another person than who raised it."""

    permission: ClassVar = Permission.RISK_ASSESS

    @extend_schema(operation_id="risks_dispute_settle", request=SettlementIn, responses={201: DisputeOut})
    @idempotent
    def post(self, request: Request, pk: int, dispute_pk: int) -> Response:
        """Rule on a dispute."""
        given = _given(SettlementIn, request)
        dispute = Dispute.objects.filter(pk=dispute_pk, risk=_risk(request, pk)).first()
        if dispute is None:
            raise Http404("Not found.")
        settled = actions.settle_dispute(by=actor_of(request), at=timezone.now(), dispute_id=dispute.pk, **given)
        return Response(DisputeOut(settled).data, status=201)


# ---- shared ----


def _given(kind: type[Strict], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _risk(request: Request, pk: int) -> Risk:
    rows = Risk.objects.select_related("model__unit", "model__owner", "model__deputy")
    return find(actor_of(request), Permission.RISK_READ, rows, through="model", pk=pk)


def _step(request: Request, pk: int, step_pk: int) -> PlanStep:
    found = PlanStep.objects.filter(pk=step_pk, plan__risk=_risk(request, pk)).first()
    if found is None:
        raise Http404("Not found.")
    return found


def _narrowed(rows: QuerySet[Risk], asked: dict[str, Any]) -> QuerySet[Risk]:
    """Keep the risks the filters ask for."""
    rows = rows.filter(state=asked["state"]) if "state" in asked else rows.exclude(state=RiskState.CLOSED)
    paths = {"model": "model__slug", "level": "level", "category": "category", "owner": "model__owner__username"}
    rows = rows.filter(**{path: asked[name] for name, path in paths.items() if name in asked})
    if "overdue" in asked:
        owed = rows.exclude(state__in=actions.NOTHING_OWED)
        late = owed.filter(due_at__lte=timezone.now())
        rows = late if asked["overdue"] else rows.exclude(pk__in=late.values("pk"))
    return rows


def _detail(risk: Risk) -> dict[str, Any]:
    now = timezone.now()
    stood, limits = standings.now_of(risk, at=now), standings.limits_of(risk)
    open_states = (AcceptanceState.PROPOSED, AcceptanceState.ACTIVE)
    plan = risk.plans.filter(state=PlanState.ACTIVE).select_related("created_by").first()
    acceptance = risk.acceptances.filter(state__in=open_states).select_related("proposed_by").first()
    dispute = risk.disputes.filter(settled_at__isnull=True).select_related("raised_by", "settled_by").first()
    pieces = evidence.pieces(risk, stood.contributions, at=now)
    return {
        **RiskOut(risk).data,
        "standing": standing(risk),
        "waits_for": OWNERS[State(risk.state)].value,
        "appetite": limits.appetite,
        "tolerance": limits.tolerance,
        "contributions": [ContributionOut(one).data for one in pieces],
        "ways_down": standings.ways_down(stood, actions.holding_causes(risk)),
        "plan": PlanOut(plan).data if plan else None,
        "acceptance": AcceptanceOut(acceptance).data if acceptance else None,
        "dispute": DisputeOut(dispute).data if dispute else None,
    }
