"""Scores that other systems work out, taken in as evidence: each contributes to one risk of one model.

An automation account never sets a level. It says how grave a thing is; the register weighs that with
everything else it knows, and lowers the risk as slowly after such a cause as after any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from governance.health import scoring as health
from governance.risks.models import Contribution, Risk
from governance.risks.settling import settle
from governance.scoring import posture, switch
from governance.vocabulary import RiskCategory, RiskLevel, rounded
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.catalog.models import RegisteredModel

LARGEST = 100.0
NAME_LENGTH = 160

WORDS: Mapping[str, RiskCategory] = {
    "EMBEDDING": RiskCategory.DATA_INTEGRITY,
    "FEATURE": RiskCategory.DATA_INTEGRITY,
    "DATA": RiskCategory.DATA_INTEGRITY,
    "SCHEMA": RiskCategory.DATA_INTEGRITY,
    "HALLUCINATION": RiskCategory.SAFETY,
    "TOXICITY": RiskCategory.SAFETY,
    "LATENCY": RiskCategory.RELIABILITY,
    "AVAILABILITY": RiskCategory.RELIABILITY,
    "ERROR": RiskCategory.RELIABILITY,
    "BIAS": RiskCategory.FAIRNESS,
    "INJECTION": RiskCategory.SECURITY,
    "PII": RiskCategory.PRIVACY,
    "SPEND": RiskCategory.COST,
    "ACCURACY": RiskCategory.PERFORMANCE,
    "DRIFT": RiskCategory.PERFORMANCE,
}
"""Words of foreign indicators, the most telling first."""


class IndicatorUnknown(ValueError):
    """This indicator names no category of risk."""

    http_status = 400


@dataclass(frozen=True, slots=True)
class Said:
    """What a scorer says of one risk: a level, 0–100 points, or both; ``name`` is its own name for it.

    ``only_log`` keeps it in the trail without weighing it.
    """

    category: RiskCategory
    name: str
    level: RiskLevel | None = None
    value: float | None = None
    text: str = ""
    only_log: bool = False
    evidence: Sequence[Mapping[str, object]] = field(default_factory=tuple)

    @property
    def points(self) -> float:
        """Return the points it contributes.

        A level alone is the entry of its band. A value beside it counts if it lies in that band;
        otherwise it is on another scale than ours, and the level stands.
        """
        value = rounded(min(max(self.value or 0.0, 0.0), LARGEST))
        if self.level is None:
            return value
        if self.level is RiskLevel.LOW:
            return 0.0
        return value if RiskLevel.of_points(value) is self.level else float(self.level.entry_points)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the risks as they stand now, and whether weighing waits for a resume."""

    risks: tuple[Risk, ...]
    paused: bool


def category_of(indicator: str) -> RiskCategory:
    """Return the category that a foreign indicator such as PERFORMANCE_DRIFT means. Raises IndicatorUnknown."""
    words = indicator.upper().replace("-", "_")
    for category in RiskCategory:
        if words.startswith(category.value):
            return category
    parts = words.split("_")
    found = next((category for word, category in WORDS.items() if word in parts), None)
    if found is None:
        known = ", ".join(category.value for category in RiskCategory)
        raise IndicatorUnknown(f"{indicator!r} names no category of risk. Known: {known}.")
    return found


@transaction.atomic
def take_in(*, by: Account, at: datetime, model: RegisteredModel, said: Sequence[Said], source: str = "") -> Outcome:
    """Keep what a scorer says and weigh it, unless automation is paused: then it is weighed on resume.

    ``source`` is free text about where it comes from, for the trail. Raises AccessDenied.
    """
    require(by, Permission.SCORE_WRITE, on=model)
    paused = switch.hold_open().model(model.slug)
    posture.locked(model=model, at=at)
    risks = [_keep(by, at, model, one, source) for one in said]
    if not paused:
        _weigh(by, at, model, {risk.category for risk in risks})
    for risk in risks:
        risk.refresh_from_db()
    return Outcome(tuple(risks), paused)


def _keep(by: Account, at: datetime, model: RegisteredModel, said: Said, source: str) -> Risk:
    defaults = {"level_since": at, "created_at": at}
    risk, _ = Risk.objects.get_or_create(model=model, category=said.category.value, defaults=defaults)
    cause = f"scorer:{by.username[:80]}:{said.name[:NAME_LENGTH]}"
    if not said.only_log:
        _contribute(risk, cause, said, at)
        Risk.objects.filter(pk=risk.pk).update(next_change_at=at)  # the sweep weighs it, should a pause be on
    body = {
        "risk": risk.pk,
        "category": risk.category,
        "cause": cause,
        "points": said.points,
        "level": said.level,
        "value": said.value,
        "text": said.text,
        "only_log": said.only_log,
        "source": source,
        "evidence": list(said.evidence),
        "at": at,
    }
    record(by=by, action="risk.evidence_received", on=risk, body=body, model_id=model.pk)
    return risk


def _contribute(risk: Risk, cause: str, said: Said, at: datetime) -> None:
    """Replace what this cause contributes; the same words again change nothing."""
    standing = Contribution.objects.filter(risk=risk, cause=cause, cleared_at__isnull=True)
    if standing.filter(points=said.points, explanation=said.text).exists():
        return
    standing.update(cleared_at=at)
    if said.points > 0:
        row = {"points": said.points, "explanation": said.text, "cleared_at": None}
        Contribution.objects.update_or_create(risk=risk, cause=cause, began_at=at, defaults=row)


def _weigh(by: Account, at: datetime, model: RegisteredModel, categories: set[str]) -> None:
    settle(model=model, categories=categories, at=at, by=by)
    score = health.rescore(model=model, formula=health.in_force().get(model.kind), at=at)
    quiet = posture.is_quiet(score)
    posture.refresh(model=model, at=at, health=score, quiet=quiet, by=by)
