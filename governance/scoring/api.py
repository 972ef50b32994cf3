"""Scores sent by other systems: the two endpoints that existing senders already speak."""

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.risks.models import Risk
from governance.scoring import intake
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.metrics import canonical_name, label

ACTIONS = ("AUTO_ELEVATE", "FLAG_FOR_REVIEW", "LOG_ONLY")


@extend_schema_serializer(component_name="ScoreEvidence")
class EvidenceIn(serializers.Serializer[Any]):
    """One reading that a score rests on. Further fields of the sender are ignored."""

    source = serializers.CharField(max_length=80)
    metric = serializers.CharField(max_length=80)
    score = serializers.FloatField(min_value=-1e12, max_value=1e12)
    timestamp = serializers.DateTimeField()


class UpdateIn(serializers.Serializer[Any]):
    """One finding about one model."""

    modelId = serializers.CharField(max_length=200)
    riskIndicator = serializers.CharField(max_length=80, help_text="For example PERFORMANCE_DRIFT.")
    severity = serializers.ChoiceField(choices=RiskLevel.choices())
    evidence = EvidenceIn()
    automatedAction = serializers.ChoiceField(choices=ACTIONS)


class UpdateOut(serializers.Serializer[Any]):
    """What became of it."""

    status = serializers.CharField(help_text="`processed`, or `kept` while automation is paused.")
    action = serializers.ChoiceField(choices=ACTIONS)
    risk = serializers.CharField()
    level = serializers.ChoiceField(choices=RiskLevel.choices())
    score = serializers.FloatField()


class ScoreIn(serializers.Serializer[Any]):
    """A level, 0–100 points, or both; a value outside the band of its level is kept but not weighed."""

    level = serializers.ChoiceField(choices=RiskLevel.choices(), required=False)
    value = serializers.FloatField(min_value=0, max_value=100, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a score that says nothing."""
        if not attrs:
            raise serializers.ValidationError("Give a level, a value, or both.")
        return attrs


class ScoresIn(serializers.Serializer[Any]):
    """Scores by category of risk, with where they come from."""

    scores = serializers.DictField(child=ScoreIn(), allow_empty=False)
    source = serializers.CharField(max_length=1000)
    evidence = EvidenceIn(many=True, required=False)

    def validate_scores(self, scores: dict[str, Any]) -> dict[str, Any]:
        """Refuse categories that do not exist."""
        unknown = sorted(set(scores) - {category.value for category in RiskCategory})
        if unknown:
            raise serializers.ValidationError({name: ["No such category of risk."] for name in unknown})
        return scores


@extend_schema_serializer(component_name="ScoredRisk")
class RiskOut(serializers.Serializer[Risk]):
    """One risk as it stands after the write."""

    risk = serializers.CharField(source="reference")
    category = serializers.CharField()
    level = serializers.CharField()
    score = serializers.FloatField()


class ScoresOut(serializers.Serializer[Any]):
    """The risks that were written to."""

    status = serializers.CharField(help_text="`processed`, or `kept` while automation is paused.")
    risks = RiskOut(many=True)


class RiskUpdate(ApiView):
    """`POST /v1/risk/update`."""

    permission: ClassVar = Permission.SCORE_WRITE

    @extend_schema(operation_id="risk_update", request=UpdateIn, responses=UpdateOut)
    @idempotent
    def post(self, request: Request) -> Response:
        """Take in one finding as evidence; the register decides what it means."""
        given = _valid(UpdateIn, request)
        model = model_named(request.user, given["modelId"])
        outcome = intake.take_in(
            by=request.user, at=timezone.now(), model=model, said=[_finding(given)], source=given["evidence"]["source"]
        )
        risk = outcome.risks[0]
        answer = {"action": given["automatedAction"], "risk": risk.reference, "level": risk.level, "score": risk.score}
        return Response(UpdateOut({"status": _status(outcome), **answer}).data)


class RiskScores(ApiView):
    """`PATCH /api/v1/models/{id}/risk_scores`."""

    permission: ClassVar = Permission.SCORE_WRITE

    @extend_schema(operation_id="models_risk_scores", request=ScoresIn, responses=ScoresOut)
    @idempotent
    def patch(self, request: Request, name: str) -> Response:
        """Take in scores of several risks of one model as evidence."""
        given = _valid(ScoresIn, request)
        model = model_named(request.user, name)
        said = [_score(category, score, given) for category, score in sorted(given["scores"].items())]
        outcome = intake.take_in(by=request.user, at=timezone.now(), model=model, said=said, source=given["source"])
        return Response(ScoresOut({"status": _status(outcome), "risks": outcome.risks}).data)


def model_named(account: Account, name: str) -> RegisteredModel:
    """Return the visible model with this slug, number, or name in another system; raise Http404."""
    seen = visible(account, Permission.MODEL_READ, RegisteredModel.objects.select_related("unit"))
    found = seen.filter(slug=name).first()
    if found is None and name.isascii() and name.isdecimal() and len(name) < 18:
        found = seen.filter(pk=int(name)).first()
    matches = [found] if found else list(seen.filter(external_names__name=name).distinct()[:2])
    if len(matches) != 1:
        raise Http404("Not found.")
    return matches[0]


def _valid(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def _finding(given: dict[str, Any]) -> intake.Said:
    evidence, level = given["evidence"], RiskLevel(given["severity"])
    return intake.Said(
        category=intake.category_of(given["riskIndicator"]),
        name=f"{given['riskIndicator']}:{evidence['metric']}",
        level=level,
        text=f"{evidence['source']}: {label(canonical_name(evidence['metric']))} is {evidence['score']:g}.",
        only_log=given["automatedAction"] == "LOG_ONLY" and level is not RiskLevel.LOW,
        evidence=[evidence],
    )


def _score(category: str, score: dict[str, Any], given: dict[str, Any]) -> intake.Said:
    level = score.get("level")
    return intake.Said(
        category=RiskCategory(category),
        name="risk_scores",
        level=RiskLevel(level) if level else None,
        value=score.get("value"),
        text=given["source"],
        evidence=given.get("evidence", []),
    )


def _status(outcome: intake.Outcome) -> str:
    return "kept" if outcome.paused else "processed"
