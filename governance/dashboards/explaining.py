"""One prediction explained: what answered, from which prompt, data and code, who let it in, and how it stood then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from governance.approvals.models import ApprovalRequest, Subject, Vote
from governance.dashboards import exposure
from governance.dashboards.standing import Standing, standings
from governance.gates.facts import request_key
from governance.gates.models import GateDecision
from governance.gates.targets import words_of
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import AliasMove, ModelVersion, RegisteredModel, Stage, StageMove
from models_registry.lineage import closure, predictions
from models_registry.lineage.graph import Node
from models_registry.lineage.models import ArtifactKind, ArtifactVersion
from models_registry.lineage.prediction_models import Prediction

DATA = frozenset({ArtifactKind.DATASET, ArtifactKind.EVALUATION_DATASET, ArtifactKind.VECTOR_INDEX})


@dataclass(frozen=True)
class OpenAlert:
    """An alert that was open at a moment. ``tier`` is in words."""

    title: str
    tier: str
    opened_at: datetime
    url: str


@dataclass(frozen=True)
class WayIn:
    """How the version came to answer: the move, the gate's decision behind it, and what was voted on before."""

    target: str
    moved_at: datetime
    moved_by: Account
    decision: GateDecision | None
    approvals: Sequence[ApprovalRequest]

    @property
    def votes(self) -> list[Vote]:
        """Every vote on the content that was asked for, in order of time."""
        found = [vote for request in self.approvals for vote in request.votes.all() if vote.digest == request.digest]
        return sorted(found, key=lambda vote: vote.voted_at)


@dataclass(frozen=True)
class Origin:
    """One artifact version that the model version came from, in words. ``commit`` is its digest, shortened."""

    kind: str
    name: str
    label: str
    digest: str
    url: str

    @property
    def commit(self) -> str:
        """The digest as people compare it by eye."""
        algorithm, _, value = self.digest.partition(":")
        return f"{algorithm}:{value[:12]}" if value else ""


@dataclass(frozen=True)
class Explanation:
    """Everything on record that stands behind one prediction, as it was at ``at``, when it was made.

    What the reader may not see is None: ``risks``, ``alerts``, and the approvals of ``way_in``.
    """

    prediction: Prediction
    at: datetime
    orphan: str
    prompt: ArtifactVersion | None
    stage: str = ""
    standing: Standing | None = None
    way_in: WayIn | None = None
    data: Sequence[Origin] = ()
    code: Sequence[Origin] = ()
    parts: Sequence[Origin] = ()
    risks: Sequence[exposure.OpenRisk] | None = None
    alerts: Sequence[OpenAlert] | None = None

    @property
    def origins(self) -> tuple[Sequence[Origin], ...]:
        """Everything the version came from: data, code, the rest."""
        return self.data, self.code, self.parts


def explained(*, actor: Account, pk: int) -> Explanation:
    """Explain one prediction; about twenty queries, whose cost does not grow with the number of predictions.

    Raises Http404 for one that is absent or about a model that the actor may not read.
    """
    rows = Prediction.objects.select_related("source", "model__owner", "model__unit", "version")
    found = find(actor, Permission.MODEL_READ, rows, through="model", pk=pk)
    at, orphan, prompt = found.observed_at, predictions.why_orphan(found), predictions.prompt_of(found)
    model, version = found.model, found.version
    if model is None:
        return Explanation(found, at, orphan, prompt)
    [standing] = standings(models=RegisteredModel.objects.filter(pk=model.pk), at=at)
    origins = _origins(version) if version else []
    return Explanation(
        prediction=found,
        at=at,
        orphan=orphan,
        prompt=prompt,
        stage=_stage(version, at) if version else "",
        standing=standing,
        way_in=_way_in(actor, found, version) if version else None,
        data=[one for kind, one in origins if kind in DATA],
        code=[one for kind, one in origins if kind == ArtifactKind.CODE],
        parts=[one for kind, one in origins if kind not in DATA and kind != ArtifactKind.CODE],
        risks=_risks(actor, model, at),
        alerts=_alerts(actor, model, at),
    )


def _stage(version: ModelVersion, at: datetime) -> str:
    moves = StageMove.objects.filter(version=version, moved_at__lte=at).order_by("-moved_at", "-pk")
    move = moves.first()
    return move.get_to_stage_display() if move else ""


def _way_in(actor: Account, prediction: Prediction, version: ModelVersion) -> WayIn | None:
    """Return the last move into production, or of the alias that was asked for, before the prediction."""
    at = prediction.observed_at
    related = ("clearance", "moved_by")
    if prediction.alias:
        aliases = AliasMove.objects.filter(version=version, name=prediction.alias, moved_at__lte=at)
        pointed = aliases.select_related(*related).order_by("-moved_at", "-pk").first()
        if pointed is not None and pointed.clearance is not None:
            return _told(actor, version, pointed, f"alias:{prediction.alias}")
    stages = StageMove.objects.filter(version=version, to_stage=Stage.PRODUCTION, moved_at__lte=at)
    moved = stages.select_related(*related).order_by("-moved_at", "-pk").first()
    return _told(actor, version, moved, f"stage:{Stage.PRODUCTION}") if moved else None


def _told(actor: Account, version: ModelVersion, move: StageMove | AliasMove, target: str) -> WayIn:
    decision = None
    if move.clearance is not None:
        decision = GateDecision.objects.filter(pk=move.clearance.decision_id).select_related("requested_by").first()
    asked: list[ApprovalRequest] = []
    if can(actor, Permission.APPROVAL_READ, on=version.model):
        requests = ApprovalRequest.objects.filter(
            subject=Subject.PROMOTION,
            object_id=request_key(version=version, target=target),
            requested_at__lte=move.moved_at,
        )
        asked = list(requests.select_related("requested_by").prefetch_related("votes__voter").order_by("requested_at"))
    return WayIn(words_of(target), move.moved_at, move.moved_by, decision, asked)


def _origins(version: ModelVersion) -> list[tuple[str, Origin]]:
    """Return what the version came from, nearest first, with its kind."""
    nodes = closure.upstream(of=version).nodes
    return [(node.kind, _origin(node)) for node in nodes if not node.is_version]


def _origin(node: Node) -> Origin:
    kind = ArtifactKind(node.kind).label
    return Origin(kind, node.name, node.label, node.digest, f"/lineage/versions/{node.pk}/")


def _risks(actor: Account, model: RegisteredModel, at: datetime) -> list[exposure.OpenRisk] | None:
    if not can(actor, Permission.RISK_READ, on=model):
        return None
    return exposure.open_risks(models=[model.pk], at=at)


def _alerts(actor: Account, model: RegisteredModel, at: datetime) -> list[OpenAlert] | None:
    """Return the alerts of the model that were open; the room above that keeps them is asked by name."""
    if not can(actor, Permission.ALERT_READ, on=model):
        return None
    return [OpenAlert(*facts) for facts in import_string(settings.ALERTS_OPEN_AT)(model_id=model.pk, at=at)]
