"""What the records say about a promotion, gathered for `promotion.decide`.

The version's epoch is read before anything else: whatever changes while the rest is read
raises it, so that a decision on mixed facts is stale before anyone can use it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.gates import promotion, trail
from governance.gates.promotion import ApprovalOutcome, Reading, RuleAnswer, RuleOutcome
from governance.health.models import HealthScore
from governance.health.scoring import InForce, in_force
from governance.risks.models import Risk
from governance.rules.applies import applies
from governance.rules.definition import Definition, Requirement
from governance.rules.judging import definition_of, facts_of
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.rules.yamltree import RuleInvalid
from governance.scoring.models import Posture, RuleTrip
from governance.scoring.switch import Pauses
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel
from models_registry.audit.canonical import digest
from models_registry.catalog.models import ModelVersion, RegisteredModel, RegulatoryClass
from models_registry.outside.queries import unanswered
from models_registry.telemetry.metrics import label
from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent

ENVIRONMENT = "production"
REGULATED = frozenset({RegulatoryClass.HIGH_RISK, RegulatoryClass.PROHIBITED})
SAID_BEFORE_PROMOTION = frozenset({Requirement.REAPPROVAL, Requirement.INCIDENT})
"""A firing rule that asks for one of these stops a promotion; the others speak through the risk score."""

ELSEWHERE = "promoted-elsewhere"
"""How a gate's answer names an alias or stage that was put on elsewhere without a decision."""

OUTCOMES = {
    ApprovalState.APPROVED: ApprovalOutcome.APPROVED,
    ApprovalState.REJECTED: ApprovalOutcome.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """The facts of one promotion, with what binds a decision to them."""

    facts: promotion.Facts
    epoch: int
    state_digest: str
    policy_digest: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a promotion of a model is judged by: the rules that apply and the formula of its kind."""

    rules: tuple[RuleVersion, ...]
    formula: InForce | None
    errors: Mapping[int, str]

    @property
    def digest(self) -> str:
        """Identify the texts in force; a decision under other texts is stale."""
        return digest(
            {
                "rules": [version.digest for version in self.rules],
                "formula": self.formula.version.digest if self.formula else "",
            }
        )


def gather(*, version: ModelVersion, target: str, asked_digest: str | None, pauses: Pauses, at: datetime) -> Judged:
    """Return what is known at ``at``. Without ``asked_digest`` the registered artifact is meant."""
    held = ModelVersion.objects.select_related("model__unit").get(pk=version.pk)
    model = held.model
    policy = policy_of(model)
    posture = Posture.objects.filter(model=model).first()
    score = _health(model, policy.formula)
    paused = pauses.model(model.slug)
    facts = promotion.Facts(
        now=at,
        paused=paused,
        available=True,
        version_known=True,
        artifact_digest=held.artifact_digest,
        asked_digest=held.artifact_digest if asked_digest is None else asked_digest,
        policy=policy.digest if policy.formula else None,
        materiality=Materiality(model.materiality),
        regulated=model.regulatory_class in REGULATED,
        evidence=_evidence(model, policy.formula, score),
        rules=(*_rules(model, policy), *_limits(model, posture), *_outside(model)),
        posture=_posture(model, posture),
        approval=_approval(held, target),
        audit_intact=trail.is_intact(model_id=model.pk),
        errors=_errors(posture, paused),
    )
    state = {"posture": posture.digest if posture else "", "artifact": held.artifact_digest}
    return Judged(facts, held.epoch, digest(state), policy.digest)


def policy_of(model: RegisteredModel) -> Policy:
    """Return the enforced rules that apply to the model in production, and its formula.

    A rule that cannot be read might apply, so it counts as one that does.
    """
    versions = RuleVersion.objects.filter(state=VersionState.ENFORCED).select_related("rule").order_by("id")
    named = facts_of(model, environment=ENVIRONMENT)
    rules: list[RuleVersion] = []
    errors: dict[int, str] = {}
    for version in versions:
        definition, error = _read(version)
        if definition is None or applies(definition, named):
            rules.append(version)
            errors |= {version.pk: error} if error else {}
    return Policy(tuple(rules), in_force().get(model.kind), errors)


def _read(version: RuleVersion) -> tuple[Definition | None, str]:
    try:
        return definition_of(version.text), version.error
    except RuleInvalid as invalid:
        return None, str(invalid)


def _health(model: RegisteredModel, formula: InForce | None) -> HealthScore | None:
    """Return the newest score under the formula in force; one under another formula is no evidence."""
    if formula is None:
        return None
    scores = HealthScore.objects.filter(model=model).order_by("-scored_at", "-id")
    last = scores.first()
    return last if last and last.formula_version_id == formula.version.pk else None


def _evidence(model: RegisteredModel, formula: InForce | None, score: HealthScore | None) -> tuple[Reading, ...]:
    """Return one reading per component of the formula, observed or not."""
    if formula is None:
        return ()
    found = {part["name"]: part for part in (score.components if score else [])}
    observed = {
        name: datetime.fromisoformat(part["observed_at"])
        for name, part in found.items()
        if part["observed_at"] is not None
    }
    doubtful = _quarantined(model, {found[name]["metric"]: moment for name, moment in observed.items()})
    return tuple(
        Reading(
            name=component.metric,
            value=found.get(component.key, {}).get("value"),
            observed_at=observed.get(component.key),
            max_age=component.max_age,
            quarantined=component.metric in doubtful,
            label=label(component.metric),
        )
        for component in formula.formula.components
    )


def _quarantined(model: RegisteredModel, observed: Mapping[str, datetime]) -> set[str]:
    """Return the metrics whose source has since sent something that could not be read."""
    if not observed:
        return set()
    newest = Q()
    for metric, moment in observed.items():
        newest |= Q(metric=metric, observed_at=moment)
    rows = Measurement.objects.filter(newest, model=model, environment=ENVIRONMENT)
    return {
        metric
        for metric, source, received_at in rows.values_list("metric", "event__source_id", "received_at")
        if _unread_since(source, received_at)
    }


def _unread_since(source_id: int, moment: datetime) -> bool:
    held = TelemetryEvent.objects.filter(source_id=source_id, state__in=(EventState.QUARANTINED, EventState.DEAD))
    newest = held.order_by("-pk").values_list("received_at", flat=True).first()
    return newest is not None and newest > moment


def _rules(model: RegisteredModel, policy: Policy) -> Iterable[RuleAnswer]:
    open_episodes = Episode.objects.filter(model=model, environment=ENVIRONMENT, cleared_at__isnull=True, held=False)
    firing = {episode.rule_version_id: episode for episode in open_episodes}
    for version in policy.rules:
        yield _answer(version, firing.get(version.pk), policy.errors.get(version.pk, ""))
    held = RuleTrip.objects.filter(settled_at__isnull=True, rule_version__state=VersionState.ENFORCED)
    for trip in held.select_related("rule_version__rule"):
        text = f"{trip.rule_version} moved too many models at once and waits for a person."
        yield RuleAnswer(trip.rule_version.rule.slug, RuleOutcome.ERROR, text)


def _answer(version: RuleVersion, episode: Episode | None, error: str) -> RuleAnswer:
    slug = version.rule.slug
    if error:
        return RuleAnswer(slug, RuleOutcome.ERROR, f"{version} could not be evaluated: {error}.")
    if episode is not None and _stops(definition_of(version.text)):
        text = episode.steps[-1]["text"] if episode.steps else ""
        return RuleAnswer(slug, RuleOutcome.FAILED, f"{version} fires{f': {text}' if text else ''}.")
    return RuleAnswer(slug, RuleOutcome.PASSED)


def _stops(definition: Definition) -> bool:
    then = definition.then
    return then.restrict is not Restriction.NONE or not SAID_BEFORE_PROMOTION.isdisjoint(then.require)


def _limits(model: RegisteredModel, posture: Posture | None) -> Iterable[RuleAnswer]:
    """Return the two limits that no rule file can lift: the health redline and the law."""
    if model.regulatory_class == RegulatoryClass.PROHIBITED:
        text = "The use of this model is prohibited (EU AI Act, Article 5)."
        yield RuleAnswer("regulatory-class", RuleOutcome.FAILED, text)
    if posture is None or posture.health is None or posture.health_redline is None:
        return
    if posture.health < posture.health_redline:
        text = f"Health is {posture.health:g}, under its redline of {posture.health_redline:g}."
        yield RuleAnswer("health-redline", RuleOutcome.FAILED, text)


def _outside(model: RegisteredModel) -> Iterable[RuleAnswer]:
    """Return what stands elsewhere without a decision and nobody answered for; an answer opens the gate again."""
    for violation in unanswered(model=model):
        text = f"{violation.headline} without a used decision, and its owner has not answered for it."
        yield RuleAnswer(ELSEWHERE, RuleOutcome.FAILED, text)


def _posture(model: RegisteredModel, posture: Posture | None) -> promotion.Posture | None:
    if posture is None:
        return None
    risks = Risk.objects.filter(model=model).order_by("-score", "id")
    return promotion.Posture(
        score=posture.risk_score,
        level=RiskLevel(posture.level),
        appetite=posture.appetite,
        tolerance=posture.tolerance,
        coverage=posture.coverage,
        accepted=posture.accepted,
        factors=tuple((RiskCategory(risk.category).label, risk.score, RiskLevel(risk.level)) for risk in risks),
    )


def _approval(version: ModelVersion, target: str) -> promotion.Approval:
    """Return what people said of this promotion. A model that matters needs their word."""
    request = newest_request(version=version, target=target)
    if request is None:
        needed = _is_weighty(version.model)
        return promotion.Approval(ApprovalOutcome.PENDING if needed else ApprovalOutcome.NOT_REQUIRED)
    outcome = OUTCOMES.get(ApprovalState(request.state), ApprovalOutcome.PENDING)
    return promotion.Approval(outcome, request.digest, request.expires_at)


def newest_request(*, version: ModelVersion, target: str) -> ApprovalRequest | None:
    """Return the last request to let this version enter this target, None if nobody asked."""
    requests = ApprovalRequest.objects.filter(
        subject=Subject.PROMOTION, object_id=request_key(version=version, target=target)
    )
    return requests.exclude(state=ApprovalState.WITHDRAWN).order_by("-requested_at", "id").first()


def request_key(*, version: ModelVersion, target: str) -> str:
    """Return how the approvals room names one promotion, in at most 64 characters."""
    key = f"{version.pk}:{target}"
    return key if len(key) <= 64 else digest(key)[-64:]


def _is_weighty(model: RegisteredModel) -> bool:
    return model.materiality == Materiality.HIGH or model.regulatory_class in REGULATED


def _errors(posture: Posture | None, paused: bool) -> tuple[str, ...]:
    if posture is not None and posture.dirty_since is not None and not paused:
        return ("evidence that arrived during a pause was not scored yet",)
    return ()


def freshest_until(facts: promotion.Facts) -> datetime | None:
    """Return when the first piece of evidence grows stale, None without evidence."""
    ends: list[Any] = [one.observed_at + one.max_age for one in facts.evidence if one.observed_at]
    return min(ends, default=None)
