"""What happened to a model, told from the trail in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.audit.models import AuditEntry

LATEST = 40
TOLD_ELSEWHERE = ("model.posture_moved", "risk.score_moved")
"""Too many and too small to tell; the charts show them."""

SENTENCES: Mapping[str, str] = {
    "risk.level_raised": "Raised {category} from {from_level} to {to_level}.",
    "risk.level_lowered": "Lowered {category} from {from_level} to {to_level}.",
    "risk.acknowledged": "Acknowledged {reference}.",
    "risk.plan_submitted": "Submitted a plan for {reference}.",
    "risk.acceptance_proposed": "Proposed to accept {reference}.",
    "risk.acceptance_activated": "The acceptance of {reference} came into force.",
    "risk.acceptance_went_stale": "The acceptance of {reference} no longer covers its level.",
    "risk.disputed": "Disputed {reference}.",
    "risk.released": "Released {reference}.",
    "risk.overdue": "The answer to {reference} became overdue.",
    "model.registered": "Registered the model.",
    "model.edited": "Edited the model's facts.",
    "model.named_outside": "Recorded the name {name} used by {system}.",
    "model.stage_moved": "Moved v{number} from {from} to {to}.",
    "model.went_red": "The model crossed its redline.",
    "model.left_red": "The model came back from behind its redline.",
    "model.went_quiet": "Required telemetry went quiet.",
    "model.came_back": "Required telemetry came back.",
    "version.registered": "Registered v{number}.",
    "alias.moved": "Moved the alias {name} to v{version}.",
    "clearance.granted": "A gate cleared a version for {target}.",
}


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    kind: str
    text: str
    detail: str
    hash: str
    url: str


class _Words(dict[str, Any]):
    """Facts for a sentence; one that is absent is left as a dash."""

    def __missing__(self, _: str) -> str:
        return "–"


def happenings(*, model_id: int, until: datetime) -> list[Happening]:
    """Return the newest entries about a model at ``until``, newest first."""
    rows = AuditEntry.objects.of_model(model_id=model_id).filter(at__lte=until).exclude(action__in=TOLD_ELSEWHERE)
    return [_happening(row) for row in rows.newest_first()[:LATEST]]


def sentence(action: str, body: Mapping[str, Any]) -> str:
    """Return what an entry says, as a sentence; an action without one of its own is named."""
    facts = _Words({key: _word(key, value) for key, value in body.items()})
    pattern = SENTENCES.get(action)
    if pattern is None:
        noun, _, verb = action.partition(".")
        return f"{noun.replace('_', ' ').capitalize()} {verb.replace('_', ' ')}."
    return pattern.format_map(facts)


def _word(key: str, value: Any) -> Any:
    if key == "category" and value in set(RiskCategory):
        return RiskCategory(value).label
    if key.endswith("level") and value in set(RiskLevel):
        return RiskLevel(value).label
    if isinstance(value, str) and value.isupper() and value.replace("_", "").isalpha():
        return value.replace("_", " ").lower()
    return value


def _happening(row: AuditEntry) -> Happening:
    body = _facts(row.body)
    return Happening(
        at=row.at,
        kind=row.actor_kind,
        text=sentence(row.action, body),
        detail=" ".join(
            filter(None, (f"By {row.actor_name}." if row.actor_name else "", str(body.get("explanation", ""))))
        ),
        hash=bytes(row.leaf).hex(),
        url=f"/audit/{row.pk}/",
    )


def _facts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what was recorded, with or without the envelope of the entry around it."""
    inner = document.get("body")
    return inner if isinstance(inner, dict) else document
