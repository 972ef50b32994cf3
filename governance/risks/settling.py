"""Make the register say what the evidence says: fold, compare, write what moved.

The score and level are a function of the stored evidence and the moment. People's answers are
never undone here; a risk that rises past what was answered opens again.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from governance.risks import fold as folding
from governance.risks.accepting import outgrow
from governance.risks.lifecycle import State, tightened
from governance.risks.method import level_of, matrix_points
from governance.risks.models import (
    Acceptance,
    AcceptanceState,
    Assessment,
    Contribution,
    Release,
    Risk,
    RiskChange,
    RiskState,
)
from governance.rules.definition import Clearing
from governance.rules.judging import definition_of
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.audit.actions import record
from models_registry.audit.actor import SCORING, Actor
from models_registry.audit.canonical import digest
from models_registry.catalog.models import RegisteredModel


@transaction.atomic
def settle(
    *,
    model: RegisteredModel,
    categories: Iterable[str],
    at: datetime,
    by: Actor = SCORING,
    event_id: int | None = None,
) -> list[Risk]:
    """Bring the model's risks of these categories up to date at ``at``; return those that moved."""
    return [
        risk
        for category in sorted(set(categories))
        if (risk := _settle_one(model, category, at, by, event_id)) is not None
    ]


def current_state(risk: Risk, *, at: datetime) -> folding.FactorState:
    """Derive the state of a risk at any moment from evidence alone, writing nothing."""
    releases = list(Release.objects.filter(risk=risk).values_list("released_at", flat=True))
    return folding.fold(
        assessments=_assessments(risk),
        conditions=[*_rule_conditions(risk, releases), *_scorer_conditions(risk)],
        releases=releases,
        now=at,
    )


def _settle_one(model: RegisteredModel, category: str, at: datetime, by: Actor, event_id: int | None) -> Risk | None:
    risk = _locked(model, category, at)
    state = current_state(risk, at=at)
    before_level, before_score = RiskLevel(risk.level), risk.score
    risk.next_change_at = state.next_change.at if state.next_change else None
    if state.level == before_level and state.effective == before_score and state.explanation == risk.explanation:
        risk.save(update_fields=["next_change_at"])
        return None
    risk.factor, risk.score, risk.level = state.score, state.effective, state.level.value
    risk.explanation = state.explanation
    risk.digest = risk_digest(risk)
    if state.level != before_level:
        risk.level_since = at
        _answer_again(risk, before_level, at, by)
    risk.save()
    _write_history(risk, before_level, before_score, state, at)
    _write_trail(risk, before_level, before_score, at, by, event_id)
    return risk


def _locked(model: RegisteredModel, category: str, at: datetime) -> Risk:
    defaults = {"level_since": at, "created_at": at}
    Risk.objects.get_or_create(model=model, category=RiskCategory(category).value, defaults=defaults)
    return (
        Risk.objects.select_for_update(of=("self",)).select_related("model__unit").get(model=model, category=category)
    )


# ---- evidence ----


def _assessments(risk: Risk) -> list[folding.Assessment]:
    """Return what people assessed; before any assessment, the baseline the risk was registered with."""
    stored = Assessment.objects.filter(risk=risk).values_list("impact", "likelihood", "assessed_at")
    found = [
        folding.Assessment(matrix_points(impact=impact, likelihood=likelihood), assessed_at)
        for impact, likelihood, assessed_at in stored
    ]
    registered = matrix_points(impact=risk.baseline_impact, likelihood=risk.baseline_likelihood)
    return found or [folding.Assessment(registered, risk.model.created_at)]


def _rule_conditions(risk: Risk, releases: list[datetime]) -> list[folding.Condition]:
    rows = (
        Episode.objects.filter(model_id=risk.model_id, category=risk.category)
        .filter(rule_version__enforced_at__isnull=False)
        .exclude(rule_version__state=VersionState.SHADOW)
        .select_related("rule_version__rule")
    )
    return [condition for row in rows for condition in _conditions_of(row, releases)]


def _conditions_of(row: Episode, releases: list[datetime]) -> list[folding.Condition]:
    """Return one condition per step of an episode: the method keeps the strongest of a cause."""
    version = row.rule_version
    cause = f"rule:{version.rule.slug}:{row.environment}:{row.segment}"
    cleared = _cleared_at(row, version, releases)
    return [
        folding.Condition(
            cause=cause,
            points=float(step["points"]),
            began_at=datetime.fromisoformat(step["at"]),
            cleared_at=cleared if cleared is None else max(cleared, datetime.fromisoformat(step["at"])),
            text=step["text"],
            rule=f"{version.rule.slug} v{version.number}",
            evidence=str(row.pk),
        )
        for step in row.steps
    ]


def _cleared_at(row: Episode, version: RuleVersion, releases: list[datetime]) -> datetime | None:
    """Return when a cause ended: by readings, by a person's word where the rule asks for one, or with the rule."""
    ended = row.cleared_at
    if ended is not None and definition_of(version.text).clear.then is not Clearing.AUTO:
        ended = min((release for release in releases if release >= ended), default=None)
    return min((at for at in (ended, version.retired_at) if at is not None), default=None)


def _scorer_conditions(risk: Risk) -> list[folding.Condition]:
    return [
        folding.Condition(
            cause=row.cause,
            points=row.points,
            began_at=row.began_at,
            cleared_at=row.cleared_at,
            text=row.explanation,
            evidence=str(row.pk),
        )
        for row in Contribution.objects.filter(risk=risk)
    ]


# ---- what is written ----


def risk_digest(risk: Risk) -> str:
    """Return the digest of what a decision about this risk judges: its level and why."""
    return digest(
        {
            "risk": risk.pk,
            "level": str(risk.level),
            "score": risk.score,
            "explanation": risk.explanation,
        }
    )


def _answer_again(risk: Risk, before: RiskLevel, at: datetime, by: Actor) -> None:
    """Start or tighten the owner's clock when the level rose; an acceptance covers only its level."""
    level = RiskLevel(risk.level)
    if level <= before:
        return
    if not _is_covered(risk):
        reopened = risk.state != RiskState.OPEN
        risk.state, risk.raised_at = RiskState.OPEN, at
        risk.evidence, risk.evidence_by, risk.evidence_at = "", None, None
        current = None if reopened else risk.due_at
        risk.due_at = tightened(state=State.OPEN, level=level, since=at, raised_at=at, current=current)
    outgrow(risk=risk, by=by, at=at)


def _is_covered(risk: Risk) -> bool:
    """Return whether an acceptance in force covers the level that the risk has now."""
    if risk.state != RiskState.ACCEPTED:
        return False
    accepted = Acceptance.objects.filter(risk=risk, state=AcceptanceState.ACTIVE).first()
    return accepted is not None and RiskLevel(accepted.accepted_level) >= RiskLevel(risk.level)


def _write_history(
    risk: Risk, before_level: RiskLevel, before_score: float, state: folding.FactorState, at: datetime
) -> None:
    RiskChange.objects.create(
        risk=risk,
        from_level=before_level.value,
        to_level=risk.level,
        from_score=before_score,
        to_score=risk.score,
        state=risk.state,
        cause=state.contributions[0].cause if state.contributions else "",
        explanation=risk.explanation,
        contributions=[
            {
                "cause": one.cause,
                "points": one.points,
                "text": one.text,
                "rule": one.rule,
                "evidence": one.evidence,
            }
            for one in state.contributions
        ],
        changed_at=at,
    )


def _write_trail(
    risk: Risk, before_level: RiskLevel, before_score: float, at: datetime, by: Actor, event_id: int | None
) -> None:
    level = level_of(risk.score)
    if level == before_level:
        action = "risk.score_moved"
    else:
        action = "risk.level_raised" if level > before_level else "risk.level_lowered"
    record(
        by=by,
        action=action,
        on=risk,
        model_id=risk.model_id,
        cause_event_id=event_id,
        body={
            "risk": risk.pk,
            "reference": risk.reference,
            "model": risk.model.slug,
            "model_name": risk.model.name,
            "unit": risk.model.unit.slug,
            "materiality": risk.model.materiality,
            "category": risk.category,
            "from_level": before_level.value,
            "to_level": risk.level,
            "from_score": before_score,
            "score": risk.score,
            "explanation": risk.explanation,
            "state": str(risk.state),
            "due_at": risk.due_at.isoformat() if risk.due_at else None,
            "alert_tier": _alert_tier(risk),
            "effective_at": at.isoformat(),
            "digest": risk.digest,
        },
    )


def _alert_tier(risk: Risk) -> int | None:
    """Return the loudest tier that a rule firing for this risk asks for, None if none says."""
    firing = (
        Episode.objects.filter(model_id=risk.model_id, category=risk.category, cleared_at__isnull=True)
        .filter(rule_version__state=VersionState.ENFORCED)
        .select_related("rule_version")
    )
    tiers = [definition_of(row.rule_version.text).then.tier for row in firing]
    return min((int(tier) for tier in tiers if tier is not None), default=None)
