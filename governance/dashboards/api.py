"""The API of the dashboards: one prediction explained."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.dashboards import explaining
from models_registry.access.api import ApiView
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.lineage.prediction_api import PredictionOutput, told

READ = Permission.MODEL_READ


class OriginOutput(serializers.Serializer[Any]):
    """An artifact version that the model version came from."""

    kind = serializers.CharField()
    name = serializers.CharField()
    label = serializers.CharField()
    digest = serializers.CharField()


class PromptOutput(serializers.Serializer[Any]):
    """The prompt, with its text where it is on record."""

    name = serializers.CharField()
    version = serializers.CharField()
    digest = serializers.CharField()
    text = serializers.CharField(allow_null=True)


class PostureOutput(serializers.Serializer[Any]):
    """How the model stood when the prediction was made."""

    level = serializers.CharField()
    room = serializers.FloatField(allow_null=True)
    health = serializers.FloatField(allow_null=True)
    risk_score = serializers.FloatField(allow_null=True)
    in_the_red = serializers.BooleanField()
    quiet = serializers.BooleanField()


class VoteOutput(serializers.Serializer[Any]):
    """A vote on letting the version in."""

    voter = serializers.CharField()
    role = serializers.CharField()
    approves = serializers.BooleanField()
    voted_at = serializers.DateTimeField()


class WayInOutput(serializers.Serializer[Any]):
    """How the version came to answer."""

    target = serializers.CharField()
    moved_at = serializers.DateTimeField()
    moved_by = serializers.CharField()
    decision = serializers.UUIDField(allow_null=True)
    verdict = serializers.CharField(allow_null=True)
    votes = VoteOutput(many=True)


class StoodOpen(serializers.Serializer[Any]):
    """A risk or an alert that was open when the prediction was made."""

    what = serializers.CharField()
    level = serializers.CharField()
    url = serializers.CharField()


class ExplanationOutput(serializers.Serializer[Any]):
    """Everything on record behind one prediction. What the caller may not see is null."""

    prediction = PredictionOutput()
    orphan = serializers.CharField(help_text="Why the version is not known; empty where it is.")
    documents = serializers.ListField(child=serializers.CharField())
    stage = serializers.CharField(help_text="Where the version stood then.")
    prompt = PromptOutput(allow_null=True)
    data = OriginOutput(many=True)
    code = OriginOutput(many=True)
    parts = OriginOutput(many=True)
    way_in = WayInOutput(allow_null=True)
    posture = PostureOutput(allow_null=True)
    risks = StoodOpen(many=True, allow_null=True)
    alerts = StoodOpen(many=True, allow_null=True)


class PredictionExplanation(ApiView):
    """One prediction explained."""

    permission = READ

    @extend_schema(responses=ExplanationOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return what stands behind a prediction: version, prompt, data, code, approvals and how it stood then."""
        return Response(_told(explaining.explained(actor=cast(Account, request.user), pk=pk)))


def _told(found: explaining.Explanation) -> dict[str, Any]:
    risks = (
        found.risks if found.risks is None else [_open(one.category.label, one.level, one.url) for one in found.risks]
    )
    alerts = found.alerts if found.alerts is None else [_open(one.title, one.tier, one.url) for one in found.alerts]
    return {
        "prediction": PredictionOutput(told(found.prediction)).data,
        "orphan": found.orphan,
        "documents": found.prediction.documents,
        "stage": found.stage,
        "prompt": _prompt(found),
        "data": OriginOutput(found.data, many=True).data,
        "code": OriginOutput(found.code, many=True).data,
        "parts": OriginOutput(found.parts, many=True).data,
        "way_in": _way_in(found.way_in),
        "posture": PostureOutput(found.standing).data if found.standing else None,
        "risks": risks,
        "alerts": alerts,
    }


def _prompt(found: explaining.Explanation) -> dict[str, Any] | None:
    one = found.prediction
    if found.prompt is not None:
        held = found.prompt
        return {"name": held.artifact.name, "version": held.label, "digest": held.digest, "text": held.content}
    if not (one.prompt_name or one.prompt_digest):
        return None
    return {"name": one.prompt_name, "version": one.prompt_label, "digest": one.prompt_digest, "text": None}


def _way_in(way: explaining.WayIn | None) -> dict[str, Any] | None:
    if way is None:
        return None
    votes = [
        {"voter": str(vote.voter), "role": vote.as_role, "approves": vote.approves, "voted_at": vote.voted_at}
        for vote in way.votes
    ]
    return {
        "target": way.target,
        "moved_at": way.moved_at,
        "moved_by": str(way.moved_by),
        "decision": way.decision.pk if way.decision else None,
        "verdict": way.decision.verdict if way.decision else None,
        "votes": votes,
    }


def _open(what: str, level: object, url: str) -> dict[str, str]:
    return {"what": what, "level": str(level), "url": url}
