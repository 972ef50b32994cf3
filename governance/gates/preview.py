"""What the gate would answer if somebody asked now. Nothing is recorded, and nothing may be moved by it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from governance.gates import promotion
from governance.gates.facts import gather
from governance.gates.queries import way_out
from governance.gates.targets import target_of
from governance.scoring import switch
from governance.vocabulary import Verdict
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage


@dataclass(frozen=True)
class Preview:
    """The answer for one version, each reason with what can be done about it."""

    version: ModelVersion
    verdict: Verdict
    reasons: tuple[tuple[str, str], ...]


def candidate(model: RegisteredModel) -> ModelVersion | None:
    """Return the version that would ship next: the newest above the one in production, else that one."""
    versions = list(ModelVersion.objects.filter(model=model).exclude(stage=Stage.ARCHIVED).order_by("-number"))
    serving = next((one for one in versions if one.stage == Stage.PRODUCTION), None)
    if versions and (serving is None or versions[0].number > serving.number):
        return versions[0]
    return serving


@transaction.atomic
def preview(*, version: ModelVersion, at: datetime) -> Preview:
    """Judge a move into production as `actions.ask` does, and keep nothing."""
    target = target_of(Stage.PRODUCTION.value)
    judged = gather(version=version, target=target, asked_digest=None, pauses=switch.hold_open(), at=at)
    answer = promotion.decide(judged.facts)
    reasons = tuple((reason.text, way_out(code=reason.code.value, path=reason.path)) for reason in answer.reasons)
    return Preview(version, answer.verdict, reasons)
