"""The gate for pipelines. Whatever goes wrong here is answered with BLOCK."""

import logging
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.gates import actions, promotion, queries
from governance.gates.models import GateDecision
from governance.gates.runtime import Access
from governance.scoring.models import Posture
from governance.vocabulary import Verdict
from models_registry.access import problem
from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.lookup import find
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.access.strict import Strict
from models_registry.catalog.models import ModelVersion, RegisteredModel

log = logging.getLogger(__name__)

MODELS = RegisteredModel.objects.select_related("unit")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "May version 7 go to production?",
            {
                "model": "fraud-xgb",
                "version": 7,
                "target": "PRODUCTION",
                "digest": "sha256:9f2c1a0d5b7e4c3f8a6b0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c",
            },
            request_only=True,
        )
    ]
)
class PromotionIn(Strict):
    """What is to enter where."""

    model = serializers.SlugField(max_length=80)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    target = serializers.CharField(max_length=100, help_text="A guarded stage (production) or alias:<name>.")
    digest = serializers.RegexField(
        r"^sha256:[0-9a-f]{64}$",
        required=False,
        help_text="The artifact that the caller holds; left out, the registered one is meant.",
    )


class ReasonOut(serializers.Serializer[Any]):
    """One thing that stands in the way."""

    code = serializers.CharField()
    text = serializers.CharField()
    path = serializers.CharField()
    way_out = serializers.CharField(required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Refused, with the way out",
            {
                "id": "0198b3c4-6f0e-7c1d-9a2b-3c4d5e6f7081",
                "decision": "BLOCK",
                "promotion_recommendation": "BLOCK",
                "risk_score": 71.5,
                "reasons": [
                    {
                        "code": "RISK_CRITICAL",
                        "text": "Performance is CRITICAL.",
                        "path": "/risks/PERFORMANCE",
                        "way_out": "Bring the risk below CRITICAL.",
                    }
                ],
                "model": "fraud-xgb",
                "version": 7,
                "target": "PRODUCTION",
                "epoch": 12,
                "digest": "sha256:9f2c1a0d5b7e4c3f8a6b0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c",
                "decided_at": "2026-03-01T12:00:00Z",
                "expires_at": "2026-03-01T13:00:00Z",
                "url": "https://redline.example/gates/0198b3c4-6f0e-7c1d-9a2b-3c4d5e6f7081/",
            },
            response_only=True,
        )
    ]
)
class PromotionOut(serializers.Serializer[Any]):
    """The gate's answer. Only APPROVE lets a version move, once, until ``expires_at``."""

    id = serializers.UUIDField(allow_null=True)
    decision = serializers.ChoiceField(choices=Verdict.choices())
    promotion_recommendation = serializers.ChoiceField(choices=Verdict.choices(), help_text="Same as `decision`.")
    risk_score = serializers.FloatField(allow_null=True)
    reasons = ReasonOut(many=True)
    model = serializers.SlugField()
    version = serializers.IntegerField()
    target = serializers.CharField()
    epoch = serializers.IntegerField(allow_null=True)
    digest = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    url = serializers.CharField(allow_blank=True)


class UsedOut(serializers.Serializer[Any]):
    """The version after the move."""

    model = serializers.SlugField()
    version = serializers.IntegerField()
    stage = serializers.CharField()
    target = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Kept to a sandbox",
            {
                "model": "support-rag",
                "access": "sandbox",
                "reasons": ["Sustained embedding drift: data integrity is HIGH."],
                "as_of": "2026-03-01T12:00:00Z",
                "stale_after": "2026-03-01T12:05:00Z",
            },
            response_only=True,
        )
    ]
)
class RuntimeOut(serializers.Serializer[Any]):
    """How a running model may be used. Callers that cannot reach Redline keep the last answer."""

    model = serializers.SlugField()
    access = serializers.ChoiceField(choices=[(access.word, access.label) for access in Access])
    reasons = serializers.ListField(child=serializers.CharField())
    as_of = serializers.DateTimeField()
    stale_after = serializers.DateTimeField()


class FailClosed(ApiView):
    """A view whose every unexpected failure is 503 with BLOCK."""

    fails_closed = True

    def get_exception_handler(self) -> Any:
        """Translate what is known into problems, and block on the rest."""
        return _fail_closed


class Promotions(FailClosed):
    """Questions to the promotion gate."""

    permission: ClassVar = Permission.GATE_ASK

    @extend_schema(operation_id="gates_promotion_ask", request=PromotionIn, responses={200: PromotionOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Judge whether a version may enter a guarded stage or alias, and keep the answer."""
        given = PromotionIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(_asked(request, given.validated_data))


class Uses(FailClosed):
    """The one use of an approval."""

    permission: ClassVar = Permission.VERSION_MOVE

    @extend_schema(operation_id="gates_promotion_use", request=None, responses={200: UsedOut})
    @idempotent
    def post(self, request: Request, pk: str) -> Response:
        """Move the version; 409 when the decision is used, expired, stale or no approval."""
        decision = find(
            request.user,
            Permission.MODEL_READ,
            GateDecision.objects.select_related("version__model"),
            through="version__model",
            pk=pk,
        )
        moved = actions.promote(by=request.user, at=timezone.now(), decision=decision)
        answer = {"model": decision.version.model.slug, "version": moved.number, "stage": moved.stage}
        return Response(UsedOut({**answer, "target": decision.target}).data)


class Runtime(ApiView):
    """Runtime access of a model."""

    permission: ClassVar = Permission.RUNTIME_ASK

    @extend_schema(operation_id="gates_runtime", responses=RuntimeOut)
    def get(self, request: Request, slug: str) -> Response:
        """Answer full, sandbox or none, with the moment it was true."""
        model = find(request.user, Permission.MODEL_READ, MODELS, slug=slug)
        require(request.user, Permission.RUNTIME_ASK, on=model)
        found = queries.runtime_access(model=model, now=timezone.now())
        answer = {"model": slug, "access": found.access.word, "reasons": list(found.reasons)}
        return Response(RuntimeOut({**answer, "as_of": found.as_of, "stale_after": found.stale_after}).data)


def _asked(request: Request, given: dict[str, Any]) -> dict[str, Any]:
    by, at = request.user, timezone.now()
    model = find(by, Permission.MODEL_READ, MODELS, slug=given["model"])
    version = ModelVersion.objects.filter(model=model, number=given["version"]).select_related("model").first()
    if version is None:
        answer = actions.ask_for_unknown(by=by, at=at, model=model, number=given["version"], target=given["target"])
        return _unknown(answer, given, at)
    decision = actions.ask(by=by, at=at, version=version, target=given["target"], digest=given.get("digest"))
    return _decided(request, decision, version)


def _decided(request: Request, decision: GateDecision, version: ModelVersion) -> dict[str, Any]:
    score = Posture.objects.filter(model_id=version.model_id).values_list("risk_score", flat=True).first()
    return PromotionOut(
        {
            "id": decision.pk,
            "decision": decision.verdict,
            "promotion_recommendation": decision.verdict,
            "risk_score": score,
            "reasons": queries.reasons_with_ways_out(decision),
            "model": version.model.slug,
            "version": version.number,
            "target": decision.target,
            "epoch": decision.epoch,
            "digest": decision.artifact_digest,
            "decided_at": decision.decided_at,
            "expires_at": decision.expires_at,
            "url": request.build_absolute_uri(reverse("gates:decision", args=[decision.pk])),
        }
    ).data


def _unknown(answer: promotion.Decision, given: dict[str, Any], at: Any) -> dict[str, Any]:
    reasons = [
        {
            "code": str(one.code),
            "text": one.text,
            "path": one.path,
            "way_out": queries.way_out(code=one.code, path=one.path),
        }
        for one in answer.reasons
    ]
    return PromotionOut(
        {
            "id": None,
            "decision": answer.verdict.value,
            "promotion_recommendation": answer.verdict.value,
            "risk_score": None,
            "reasons": reasons,
            **{name: given[name] for name in ("model", "version", "target")},
            "epoch": None,
            "digest": "",
            "decided_at": at,
            "expires_at": at,
            "url": "",
        }
    ).data


def _fail_closed(error: Exception, context: Any) -> Response:
    """Answer a problem for what a caller can mend, and 503 with BLOCK for everything else."""
    known = problem.exception_handler(error, context)
    if known is not None:
        known.data.setdefault("decision", Verdict.BLOCK.value)
        return known
    log.exception("gate.unavailable", exc_info=error)
    text = "Redline could not decide. Nothing may move on this answer; ask again."
    unavailable = problem.problem(503, text)
    unavailable.data |= {"decision": Verdict.BLOCK.value, "reason": promotion.Code.UNAVAILABLE.value}
    problem.set_rollback()
    return unavailable
