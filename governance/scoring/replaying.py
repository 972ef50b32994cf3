"""A model's current state derived again from evidence alone, and held against what is stored.

Evidence is the measurements, the texts of the rule and formula versions, and what people decided:
assessments, acceptances, releases, what scorers said, and which findings the breaker held back. Windows,
episodes, answers of rules, scores, levels, health and posture are derived from it. Here they are forgotten
inside a transaction, derived by the same code that the line runs, read back, compared, and the transaction
is rolled back.

The past decides only which moment to ask about: each part as of the moment at which the line last
derived it, because contributions fade and readings grow stale with time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from governance.health import scoring as health
from governance.health.models import HealthScore
from governance.risks.models import Risk
from governance.risks.settling import current_state, risk_digest
from governance.rules.judging import LOOKBACK, Loaded, in_force, judge_model
from governance.rules.models import Episode, SeriesState
from governance.scoring import posture, switch
from governance.scoring.models import Posture, PostureBase
from governance.scoring.pipeline import PRODUCTION
from governance.vocabulary import RiskLevel
from models_registry.audit.canonical import Plain, canonical, digest, plain
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.history_queries import compacted_months
from models_registry.telemetry.rederiving import differing_windows, rebuild_windows

STANDING = {field.name: field.get_default() for field in PostureBase._meta.fields}
POSTURE = ("digest", "formula_version_id", *STANDING)
SERIES = ("holds", "firing", "firing_since", "cleared_at", "value", "explanation")
EPISODE = ("category", "points", "steps", "cleared_at")
RISK = ("factor", "score", "level", "explanation", "digest")
HEALTH = ("formula_version_id", "score", "redline", "coverage", "components", "segments")

KEY = ("rule_version_id", "environment", "segment", "began_at")
OLDEST = LOOKBACK - timedelta(days=2)
"""Episodes that began earlier stand as they were written: no window that old is judged again."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is stored and that the evidence does not give; empty where one side has no such thing."""

    what: str
    stored: str
    derived: str

    def __str__(self) -> str:
        return f"{self.what}: stored {self.stored or 'nothing'}, evidence gives {self.derived or 'nothing'}"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one model. ``waits`` says why nothing could be compared; ``digest`` is of the stored state.

    ``compacted`` are the months of which windows alone are left: those are taken as they are, not derived again.
    """

    model: str
    digest: str
    differences: tuple[Difference, ...] = ()
    waits: str = ""
    compacted: tuple[date, ...] = ()


def replay(*, model: RegisteredModel, at: datetime) -> Replayed:
    """Derive the model's state from evidence and compare it byte for byte; nothing stays written."""
    with transaction.atomic():
        pauses = switch.hold_open()
        standing = posture.locked(model=model, at=at)
        standing_at = standing.swept_at or _last_judged(model)
        waits = _why_not(standing, standing_at, pauses)
        if waits or standing_at is None:
            transaction.set_rollback(True)
            return Replayed(model.slug, "", waits=waits)
        rules = [rule for rule in in_force() if not pauses.rule(rule.version.rule.slug)]
        stored = state_of(model, rules)
        windows = _windows(model)
        _derive(model, rules, standing_at)
        derived = state_of(model, rules)
        transaction.set_rollback(True)
    differences = (*windows, *_compare(stored, derived))
    compacted = tuple(compacted_months(model_id=model.pk))
    return Replayed(model.slug, digest(stored), differences, compacted=compacted)


def state_of(model: RegisteredModel, rules: Sequence[Loaded]) -> dict[str, Plain]:
    """Return the model's current state in JSON's own types: what these rules say, risks, health, posture."""
    versions = [rule.version.pk for rule in rules]
    found: dict[str, object] = {}
    for one in _series(model, versions).select_related("rule_version__rule"):
        found[f"answer of {_place(one)}"] = {name: getattr(one, name) for name in SERIES}
    for episode in _episodes(model, versions).select_related("rule_version__rule"):
        name = f"episode of {_place(episode)} from {episode.began_at.isoformat()}"
        found[name] = {field: getattr(episode, field) for field in EPISODE}
    for risk in Risk.objects.filter(model=model):
        found[f"risk {risk.category}"] = {name: getattr(risk, name) for name in RISK}
    score = HealthScore.objects.filter(model=model).order_by("-scored_at", "-id").first()
    found["health"] = {name: getattr(score, name) for name in HEALTH} if score else {}
    standing = Posture.objects.get(model=model)
    found["posture"] = {name: getattr(standing, name) for name in POSTURE}
    return {name: plain(value) for name, value in found.items()}


def _last_judged(model: RegisteredModel) -> datetime | None:
    newest: datetime | None = SeriesState.objects.filter(model=model).aggregate(at=Max("evaluated_at"))["at"]
    return newest


def _why_not(standing: Posture, standing_at: datetime | None, pauses: switch.Pauses) -> str:
    if standing_at is None:
        return "it was never judged"
    if pauses.model(standing.model.slug):
        return "automation is paused"
    if standing.dirty_since is not None:
        return f"evidence since {standing.dirty_since.isoformat()} waits to be judged"
    return ""


def _place(row: SeriesState | Episode) -> str:
    segment = f"/{row.segment}" if row.segment else ""
    return f"{row.rule_version} in {row.environment}{segment}"


def _series(model: RegisteredModel, versions: Sequence[int]) -> QuerySet[SeriesState]:
    return SeriesState.objects.filter(model=model, rule_version__in=versions)


def _episodes(model: RegisteredModel, versions: Sequence[int]) -> QuerySet[Episode]:
    return Episode.objects.filter(model=model, rule_version__in=versions)


# ---- derive ----


def _windows(model: RegisteredModel) -> list[Difference]:
    """Compare the windows with the measurements; where they differ, go on with the derived ones."""
    wrong = differing_windows(model_id=model.pk)
    if wrong:
        rebuild_windows(model_id=model.pk)
    return [Difference(f"window {one.name}", one.stored, one.derived) for one in wrong]


def _derive(model: RegisteredModel, rules: Sequence[Loaded], standing_at: datetime) -> None:
    moments = _risk_moments(model, standing_at)
    versions = [rule.version.pk for rule in rules]
    judgements = _judgements(model, rules, standing_at)
    held = set(_episodes(model, versions).filter(held=True).values_list(*KEY))
    _series(model, versions).delete()
    _episodes(model, versions).filter(began_at__gte=standing_at - OLDEST).delete()
    for (environment, at), known in sorted(judgements.items(), key=lambda item: item[0]):
        judge_model(model=model, rules=known, environments=[environment], touched_since=None, at=at)
    for key in held:
        _episodes(model, versions).filter(**dict(zip(KEY, key, strict=True))).update(held=True)
    _derive_risks(model, moments, standing_at)
    _derive_posture(model, standing_at)


def _judgements(
    model: RegisteredModel, rules: Sequence[Loaded], standing_at: datetime
) -> dict[tuple[str, datetime], list[Loaded]]:
    """Return which rules were judged last in which environment and when: by an event or by the sweep."""
    states = _series(model, [rule.version.pk for rule in rules])
    rows = states.values("environment", "rule_version_id").annotate(at=Max("evaluated_at")).order_by()
    known = {(row["environment"], row["rule_version_id"]): row["at"] for row in rows}
    found: dict[tuple[str, datetime], list[Loaded]] = defaultdict(list)
    for environment in {PRODUCTION} | {environment for environment, _ in known}:
        for rule in rules:
            at = known.get((environment, rule.version.pk))
            if at is not None or _in_force_since(rule) <= standing_at:
                found[environment, at or standing_at].append(rule)
    return found


def _in_force_since(rule: Loaded) -> datetime:
    moments = (rule.version.shadowed_at, rule.version.enforced_at)
    return min((at for at in moments if at is not None), default=rule.version.created_at)


def _risk_moments(model: RegisteredModel, standing_at: datetime) -> dict[str, datetime]:
    """Return when each risk was last weighed: by the sweep, or by a person or a scorer since."""
    moved = Risk.objects.filter(model=model).annotate(moved_at=Max("changes__changed_at"))
    return {risk.category: max(filter(None, (standing_at, risk.moved_at))) for risk in moved}


def _derive_risks(model: RegisteredModel, moments: Mapping[str, datetime], standing_at: datetime) -> None:
    """Give every risk the state that its evidence folds to; a category with evidence and no risk gets one."""
    found = Episode.objects.filter(model=model, rule_version__enforced_at__isnull=False, held=False)
    for category in sorted(set(found.values_list("category", flat=True)) | set(moments)):
        start = {"level_since": standing_at, "created_at": standing_at}
        risk, _ = Risk.objects.select_related("model").get_or_create(model=model, category=category, defaults=start)
        was_weighed = bool(risk.digest)
        state = current_state(risk, at=moments.get(category, standing_at))
        risk.factor, risk.score, risk.level = state.score, state.effective, state.level.value
        risk.explanation = state.explanation
        untouched = risk.score == 0 and risk.level == RiskLevel.LOW and not was_weighed
        risk.digest = "" if untouched else risk_digest(risk)
        risk.save(update_fields=[*RISK])


def _derive_posture(model: RegisteredModel, standing_at: datetime) -> None:
    """Work out the posture again; one that nothing has worked out yet is left for the sweep."""
    if not Posture.objects.filter(model=model).exclude(digest="").exists():
        return
    last = HealthScore.objects.filter(model=model).aggregate(at=Max("scored_at"))["at"]
    moment = max(filter(None, (standing_at, last)))
    score = health.rescore(model=model, formula=health.in_force().get(model.kind), at=moment)
    Posture.objects.filter(model=model).update(**STANDING, digest="", formula_version=None)
    posture.refresh(model=model, at=moment, health=score, quiet=posture.is_quiet(score))


# ---- compare ----


def _compare(stored: Mapping[str, Plain], derived: Mapping[str, Plain]) -> Iterator[Difference]:
    for name in sorted({*stored, *derived}):
        before, after = stored.get(name), derived.get(name)
        if canonical(before) == canonical(after):
            continue
        if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
            for part in before:
                if canonical(before[part]) != canonical(after[part]):
                    yield Difference(f"{name} {part}", _text(before[part]), _text(after[part]))
        else:
            yield Difference(name, _text(before), _text(after))


def _text(value: Plain) -> str:
    return "" if value is None else canonical(value).decode()
