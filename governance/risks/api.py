"""Risks for programs: read the register with its evidence, and answer as the person whose token it is.

Every answer names the ``digest`` it judged, as the risk's own answer gave it; one that moved since is a 409.
Automation holds none of the answering permissions, so that only people acknowledge, accept and release.
"""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.risks import accepting, actions, evidence, planning, queries, standings
from governance.risks.judged import standing
from governance.risks.lifecycle import OWNERS, State
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Dispute,
    MitigationPlan,
    PlanState,
    PlanStep,
    Risk,
    RiskState,
)
from governance.risks.planning import Step
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.lookup import find
from models_registry.access.models import Account, AccountKind
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.access.strict import Strict

LONGEST = 4000
MOST_STEPS = 30


# ---- what is read ----


class RiskFilter(Strict):
    """What the list may be narrowed by. Closed risks are left out unless ``state=CLOSED`` asks for them."""

    model = serializers.SlugField(required=False)
    level = serializers.ChoiceField(choices=RiskLevel.choices(), required=False)
    category = serializers.ChoiceField(choices=RiskCategory.choices(), required=False)
    state = serializers.ChoiceField(choices=RiskState.choices, required=False)
    owner = serializers.CharField(required=False, max_length=150, help_text="Username of the model's owner.")
    overdue = serializers.BooleanField(required=False, help_text="Only those whose answer is late, or only the others.")
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1)


class RiskOut(serializers.Serializer[Risk]):
    """One line of the register. ``digest`` names the state that an answer judges."""

    id = serializers.IntegerField()
    reference = serializers.CharField()
    model = serializers.SlugField(source="model.slug")
    owner = serializers.CharField(source="model.owner.username")
    category = serializers.ChoiceField(choices=RiskCategory.choices())
    level = serializers.ChoiceField(choices=RiskLevel.choices())
    level_since = serializers.DateTimeField()
    score = serializers.FloatField(help_text="0 to 100.")
    state = serializers.ChoiceField(choices=RiskState.choices)
    explanation = serializers.CharField()
    raised_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    disputed = serializers.BooleanField()
    digest = serializers.CharField()


class ReadingOut(serializers.Serializer[evidence.Reading]):
    """The readings behind a rule's finding."""

    metric = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    side = serializers.CharField(help_text="above or below: the bad side of the threshold.")
    judged_at = serializers.DateTimeField()
    source = serializers.CharField()
    event_id = serializers.CharField()


class ContributionOut(serializers.Serializer[evidence.Piece]):
    """One cause of the score. The values of ``added`` sum to the score."""

    cause = serializers.CharField()
    kind = serializers.CharField(help_text="rule, scorer or assessed.")
    title = serializers.CharField()
    text = serializers.CharField()
    points = serializers.FloatField()
    added = serializers.FloatField()
    since = serializers.DateTimeField(allow_null=True)
    cleared_at = serializers.DateTimeField(allow_null=True)
    environment = serializers.CharField()
    segment = serializers.CharField()
    rule = serializers.CharField(source="rule_slug")
    rule_version = serializers.IntegerField(source="rule_number", allow_null=True)
    rule_in_words = serializers.CharField(source="words")
    reading = ReadingOut(allow_null=True)


class StepOut(serializers.Serializer[PlanStep]):
    """One step of a plan."""

    id = serializers.IntegerField()
    position = serializers.IntegerField()
    text = serializers.CharField()
    owner = serializers.CharField(source="owner.username")
    due_on = serializers.DateField()
    done_at = serializers.DateTimeField(allow_null=True)
    done_by = serializers.CharField(source="done_by.username", default=None, allow_null=True)
    evidence = serializers.CharField()
    evidence_url = serializers.CharField()
    verified_at = serializers.DateTimeField(allow_null=True)
    verified_by = serializers.CharField(source="verified_by.username", default=None, allow_null=True)
    return_reason = serializers.CharField()


class PlanOut(serializers.Serializer[MitigationPlan]):
    """A mitigation plan with its steps."""

    id = serializers.IntegerField()
    summary = serializers.CharField()
    state = serializers.ChoiceField(choices=PlanState.choices)
    created_by = serializers.CharField(source="created_by.username")
    created_at = serializers.DateTimeField()
    judged_digest = serializers.CharField()
    steps = serializers.SerializerMethodField()

    @extend_schema(responses=StepOut(many=True))
    def get_steps(self, plan: MitigationPlan) -> list[dict[str, Any]]:
        """Return the steps in their order."""
        rows = plan.steps.select_related("owner", "done_by", "verified_by").order_by("position")
        return [StepOut(row).data for row in rows]


class AcceptanceOut(serializers.Serializer[Acceptance]):
    """An acceptance, proposed or decided."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AcceptanceState.choices)
    accepted_level = serializers.ChoiceField(choices=RiskLevel.choices())
    justification = serializers.CharField()
    compensating_control = serializers.CharField()
    expires_on = serializers.DateField()
    proposed_by = serializers.CharField(source="proposed_by.username")
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    judged_digest = serializers.CharField()
    approval = serializers.UUIDField(source="approval_id", allow_null=True)


class DisputeOut(serializers.Serializer[Dispute]):
    """A dispute, open or settled."""

    id = serializers.IntegerField()
    disputed_input = serializers.CharField()
    reason = serializers.CharField()
    raised_by = serializers.CharField(source="raised_by.username")
    raised_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    settled_by = serializers.CharField(source="settled_by.username", default=None, allow_null=True)
    settlement = serializers.CharField()
    upheld = serializers.BooleanField(allow_null=True)
    judged_digest = serializers.CharField()


class RiskDetailOut(RiskOut):
    """One risk with what stands behind it and what was answered.

    Send ``standing`` back with an answer, and nobody's newer answer is replaced unseen.
    """

    standing = serializers.CharField()
    waits_for = serializers.CharField(help_text="MODEL_OWNER, COMPLIANCE or NOBODY.")
    appetite = serializers.FloatField()
    tolerance = serializers.FloatField()
    contributions = ContributionOut(many=True)
    ways_down = serializers.ListField(child=serializers.CharField())
    plan = PlanOut(allow_null=True)
    acceptance = AcceptanceOut(allow_null=True)
    dispute = DisputeOut(allow_null=True)


# ---- what is written ----


class JudgedIn(Strict):
    """What every answer carries."""

    judged_digest = serializers.CharField(max_length=80, help_text="The `digest` of the risk as it was read.")


class AnswerIn(JudgedIn):
    """What an answer carries that could take the place of another."""

    standing = serializers.CharField(
        max_length=80,
        required=False,
        default="",
        help_text="The `standing` of the risk as it was read; refused with 409 when somebody answered since.",
    )


class AcknowledgementIn(JudgedIn):
    """An acknowledgement, with a note when there is something to say."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")


class AcknowledgementOut(serializers.Serializer[Any]):
    """An acknowledgement on record."""

    id = serializers.IntegerField()
    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()
    note = serializers.CharField()
    judged_digest = serializers.CharField()


class StepIn(Strict):
    """One promise: what, who, and the last day."""

    text = serializers.CharField(max_length=300)
    owner = serializers.CharField(max_length=150, help_text="Username of an active person.")
    due_on = serializers.DateField()

    def validate_owner(self, username: str) -> Account:
        """Return the person; automation promises nothing."""
        people = Account.objects.filter(is_active=True, kind=AccountKind.PERSON)
        found = people.filter(username=username).first()
        if found is None:
            raise serializers.ValidationError("There is no active person of this name.")
        return found


class PlanIn(AnswerIn):
    """A plan: the cause as it is known now, and what will be done."""

    summary = serializers.CharField(max_length=LONGEST)
    steps = serializers.ListField(child=StepIn(), allow_empty=False, max_length=MOST_STEPS)


class CompletionIn(Strict):
    """How a step was done."""

    evidence = serializers.CharField(max_length=LONGEST)
    evidence_url = serializers.URLField(max_length=500, required=False, allow_blank=True, default="")


class VerificationIn(Strict):
    """Whether a step was done as it says; a reason is needed when it was not."""

    verified = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for the reason of a return."""
        if not attrs["verified"] and not attrs["reason"].strip():
            raise serializers.ValidationError({"reason": ["Say what is missing."]})
        return attrs


class EvidenceIn(JudgedIn):
    """What shows that the plan worked."""

    evidence = serializers.CharField(max_length=LONGEST)


class VerdictIn(JudgedIn):
    """What was looked at, and why it is enough or not."""

    reason = serializers.CharField(max_length=LONGEST)


class AcceptanceIn(AnswerIn):
    """A wish to let a risk stand until a day; others decide it."""

    justification = serializers.CharField(max_length=LONGEST)
    compensating_control = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST, default="")
    expires_on = serializers.DateField()


class DisputeIn(AnswerIn):
    """Which input of the score is wrong, and why."""

    disputed_input = serializers.CharField(max_length=260, help_text="The `cause` of one of the contributions.")
    reason = serializers.CharField(max_length=LONGEST)


class SettlementIn(Strict):
    """A ruling on a dispute."""

    upheld = serializers.BooleanField()
    settlement = serializers.CharField(max_length=LONGEST)


# ---- doors ----


class RiskList(ApiView):
    """The risks the caller may see."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_list", parameters=[RiskFilter], responses=RiskOut(many=True))
    def get(self, request: Request) -> Response:
        """List risks, newest first."""
        chosen = RiskFilter(data=request.query_params.dict())
        chosen.is_valid(raise_exception=True)
        found = _narrowed(queries.seen_by(_caller(request)), chosen.validated_data)
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
            by=_caller(request),
            at=timezone.now(),
            risk_id=risk.pk,
            judged_digest=given["judged_digest"],
            note_text=given["note"],
        )
        return Response(AcknowledgementOut(seen).data, status=201)


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
            by=_caller(request),
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
        done = planning.complete_step(by=_caller(request), at=timezone.now(), step_id=step.pk, **given)
        return Response(StepOut(done).data, status=201)


class Verifications(ApiView):
    """The verification of one step, by another person than who did it."""

    permission: ClassVar = Permission.RISK_READ

    @extend_schema(operation_id="risks_step_verify", request=VerificationIn, responses={201: StepOut})
    @idempotent
    def post(self, request: Request, pk: int, step_pk: int) -> Response:
        """Verify a step, or return it with what is missing."""
        given = _given(VerificationIn, request)
        step, by, at = _step(request, pk, step_pk), _caller(request), timezone.now()
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
        moved = actions.submit_evidence(by=_caller(request), at=timezone.now(), risk_id=risk.pk, **given)
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
        moved = actions.release(by=_caller(request), at=timezone.now(), risk_id=risk.pk, **given)
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
        moved = actions.send_back(by=_caller(request), at=timezone.now(), risk_id=risk.pk, **given)
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
            by=_caller(request), at=timezone.now(), risk_id=risk.pk, answers=given.pop("standing"), **given
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
        require(_caller(request), Permission.RISK_DISPUTE, on=risk)
        known = [one.cause for one in standings.now_of(risk, at=timezone.now()).contributions]
        if given["disputed_input"] not in known:
            raise serializers.ValidationError({"disputed_input": [f"Not an input of this score: {', '.join(known)}."]})
        opened = actions.dispute(
            by=_caller(request), at=timezone.now(), risk_id=risk.pk, answers=given.pop("standing"), **given
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
        settled = actions.settle_dispute(by=_caller(request), at=timezone.now(), dispute_id=dispute.pk, **given)
        return Response(DisputeOut(settled).data, status=201)


# ---- shared ----


def _caller(request: Request) -> Account:
    return cast(Account, request.user)


def _given(kind: type[Strict], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _risk(request: Request, pk: int) -> Risk:
    rows = Risk.objects.select_related("model__unit", "model__owner", "model__deputy")
    return find(_caller(request), Permission.RISK_READ, rows, through="model", pk=pk)


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
