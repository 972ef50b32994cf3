"""Where the points of a risk come from, each with what can be checked: rule and version, readings, people, time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.risks.method import BASELINE, Contribution, Share, shares
from governance.risks.models import Assessment, Risk
from governance.risks.models import Contribution as ScorerContribution
from governance.rules.applies import applies
from governance.rules.definition import Definition, comparisons
from governance.rules.judging import definition_of, facts_of
from governance.rules.models import Episode, Evaluation, RuleVersion, SeriesState, VersionState
from governance.rules.sentence import sentence
from governance.rules.yamltree import RuleInvalid
from governance.vocabulary import Materiality, RiskCategory, rounded
from models_registry.telemetry.metrics import canonical_unit
from models_registry.telemetry.models import TelemetryEvent

ENVIRONMENT = "production"
SHOWN_STEPS = 6


@dataclass(frozen=True)
class Window:
    """One window that a rule read: how many readings, and their mean, least and most."""

    start: datetime
    count: int
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Reading:
    """What made a rule hold: the metric's value against its limit, and where it came from."""

    metric: str
    unit: str
    value: float | None
    threshold: float | None
    side: str
    judged_at: datetime
    windows: tuple[Window, ...]
    source: str = ""
    source_slug: str = ""
    event_pk: int | None = None
    event_id: str = ""


@dataclass(frozen=True)
class Piece:
    """One contribution and what stands behind it. ``added`` is its share of the score; the shares sum to it."""

    cause: str
    kind: str
    title: str
    points: float
    added: float
    text: str
    since: datetime | None = None
    cleared_at: datetime | None = None
    segment: str = ""
    environment: str = ""
    rule_slug: str = ""
    rule_number: int | None = None
    words: str = ""
    why: str = ""
    runbook: str = ""
    by: str = ""
    reason: str = ""
    reading: Reading | None = None
    steps: Sequence[Mapping[str, Any]] = field(default=())

    @property
    def growth(self) -> Sequence[Mapping[str, Any]]:
        """The first step and the last few, which is what people read; the trail has them all."""
        steps = list(self.steps)
        return steps if len(steps) <= SHOWN_STEPS else [steps[0], *steps[1 - SHOWN_STEPS :]]

    @property
    def counts_whole(self) -> bool:
        """Return whether all of its points count, because nothing weighs more."""
        return rounded(self.points) == rounded(self.added)


@dataclass(frozen=True)
class Watch:
    """What one enforced rule of this category says now; ``holds`` None: it cannot tell."""

    rule_slug: str
    title: str
    number: int
    words: str
    holds: bool | None
    firing: bool
    evaluated_at: datetime | None


def pieces(risk: Risk, contributions: Sequence[Contribution], *, at: datetime) -> list[Piece]:
    """Return the contributions, strongest first, with the evidence known at ``at``."""
    listed = shares(contributions)
    episodes = _episodes(listed)
    readings = _readings(risk, episodes.values(), at)
    scorers = _scorers(risk, listed)
    return [_piece(risk, share, episodes, readings, scorers, at) for share in listed]


def watches(risk: Risk) -> list[Watch]:
    """Return every enforced rule of the category that applies to the model, with its answer now."""
    states = SeriesState.objects.filter(model_id=risk.model_id, environment=ENVIRONMENT)
    said: dict[int, list[SeriesState]] = {}
    for state in states:
        said.setdefault(state.rule_version_id, []).append(state)
    facts = facts_of(risk.model, environment=ENVIRONMENT)
    enforced = RuleVersion.objects.filter(state=VersionState.ENFORCED).select_related("rule").order_by("rule__slug")
    found = []
    for version in enforced:
        definition = read(version)
        if definition and definition.then.risk == RiskCategory(risk.category) and applies(definition, facts):
            found.append(_watch(version, definition, said.get(version.pk, [])))
    return found


def coverage(found: Sequence[Watch]) -> float | None:
    """Return the share of these rules that can tell, 0–1; None when no rule watches."""
    return sum(one.holds is not None for one in found) / len(found) if found else None


def read(version: RuleVersion) -> Definition | None:
    """Return the parsed text of a version, None while it cannot be read."""
    try:
        return definition_of(version.text)
    except RuleInvalid:
        return None


def _watch(version: RuleVersion, definition: Definition, states: Sequence[SeriesState]) -> Watch:
    told = [one.holds for one in states if one.holds is not None]
    return Watch(
        rule_slug=version.rule.slug,
        title=version.rule.title,
        number=version.number,
        words=sentence(definition),
        holds=any(told) if told else None,
        firing=any(one.firing for one in states),
        evaluated_at=max((one.evaluated_at for one in states), default=None),
    )


def _episodes(listed: Sequence[Share]) -> dict[str, Episode]:
    keys = [one.contribution.evidence for one in listed if one.contribution.cause.startswith("rule:")]
    rows = Episode.objects.filter(pk__in=[key for key in keys if key.isdigit()])
    return {str(row.pk): row for row in rows.select_related("rule_version__rule")}


def _scorers(risk: Risk, listed: Sequence[Share]) -> dict[str, ScorerContribution]:
    keys = [one.contribution.evidence for one in listed if one.contribution.cause.startswith("scorer:")]
    rows = ScorerContribution.objects.filter(risk=risk, pk__in=[key for key in keys if key.isdigit()])
    return {str(row.pk): row for row in rows}


type Series = tuple[int, str, str]


def _readings(risk: Risk, episodes: Any, at: datetime) -> dict[Series, tuple[Evaluation, TelemetryEvent | None]]:
    """Return, per rule version and series, the newest evaluation that held, with the event that brought it."""
    versions = {row.rule_version_id for row in episodes}
    rows = Evaluation.objects.filter(
        model_id=risk.model_id, rule_version__in=versions, holds=True, judged_at__lte=at
    ).order_by("rule_version_id", "environment", "segment", "-id")
    newest = list(rows.distinct("rule_version_id", "environment", "segment"))
    events = TelemetryEvent.objects.select_related("source").defer("raw", "headers")
    known = events.in_bulk([row.event_id for row in newest if row.event_id is not None])
    return {(row.rule_version_id, row.environment, row.segment): (row, known.get(row.event_id or 0)) for row in newest}


def _piece(
    risk: Risk,
    share: Share,
    episodes: Mapping[str, Episode],
    readings: Mapping[Series, tuple[Evaluation, TelemetryEvent | None]],
    scorers: Mapping[str, ScorerContribution],
    at: datetime,
) -> Piece:
    one = share.contribution
    if one.cause == BASELINE:
        return _assessed(risk, share, at)
    episode = episodes.get(one.evidence)
    if one.cause.startswith("rule:") and episode is not None:
        key = (episode.rule_version_id, episode.environment, episode.segment)
        return _ruled(risk, share, episode, readings.get(key), at)
    scorer = scorers.get(one.evidence)
    _, _, named = one.cause.partition(":")
    account, _, name = named.partition(":")
    return Piece(
        cause=one.cause,
        kind="scorer",
        title=name.replace("_", " ") or one.cause,
        points=one.points,
        added=share.added,
        text=one.text,
        since=scorer.began_at if scorer else None,
        cleared_at=_by(scorer.cleared_at, at) if scorer else None,
        by=account,
    )


def _assessed(risk: Risk, share: Share, at: datetime) -> Piece:
    judged = Assessment.objects.filter(risk=risk, assessed_at__lte=at).select_related("assessed_by")
    last = judged.order_by("-assessed_at", "-pk").first()
    likelihood = last.likelihood if last else risk.baseline_likelihood
    impact = last.impact if last else risk.baseline_impact
    return Piece(
        cause=BASELINE,
        kind="assessed",
        title="Assessed by people",
        points=share.contribution.points,
        added=share.added,
        text=f"Likelihood {likelihood} of 5, impact {impact} of 5, without live evidence.",
        since=last.assessed_at if last else risk.model.created_at,
        by=str(last.assessed_by) if last else "",
        reason=last.reason if last else "As the model was registered.",
    )


def _ruled(
    risk: Risk, share: Share, episode: Episode, found: tuple[Evaluation, TelemetryEvent | None] | None, at: datetime
) -> Piece:
    version = episode.rule_version
    definition = read(version)
    steps = [step for step in episode.steps if datetime.fromisoformat(step["at"]) <= at]
    return Piece(
        cause=share.contribution.cause,
        kind="rule",
        title=version.rule.title,
        points=share.contribution.points,
        added=share.added,
        text=steps[-1]["text"] if steps else share.contribution.text,
        since=episode.began_at,
        cleared_at=_by(episode.cleared_at, at),
        segment=episode.segment,
        environment=episode.environment,
        rule_slug=version.rule.slug,
        rule_number=version.number,
        words=sentence(definition) if definition else "",
        why=definition.why if definition else "",
        runbook=(definition.runbook or "") if definition else "",
        reading=_reading(risk, definition, *found) if definition and found else None,
        steps=[{**step, "at": datetime.fromisoformat(step["at"])} for step in steps],
    )


def _reading(risk: Risk, definition: Definition, row: Evaluation, event: TelemetryEvent | None) -> Reading:
    tests = list(comparisons(definition.when))
    first = tests[0]
    limit = first.threshold.at(Materiality(risk.model.materiality)) if row.threshold is None else row.threshold
    return Reading(
        metric=" and ".join(dict.fromkeys(test.metric for test in tests)),
        unit=_shown_unit(first.metric),
        value=row.value,
        threshold=limit,
        side=first.side.word,
        judged_at=row.judged_at,
        windows=tuple(_window(one) for one in row.readings),
        source=event.source.name if event else "",
        source_slug=event.source.slug if event else "",
        event_pk=event.pk if event else None,
        event_id=event.event_id if event else "",
    )


def _shown_unit(metric: str) -> str:
    """Return the unit to write after a number; a ratio is a bare number."""
    unit = canonical_unit(metric)
    return "" if unit == "ratio" else unit


def _window(stored: Mapping[str, Any]) -> Window:
    count = int(stored.get("count") or 0)
    total = stored.get("sum")
    mean = total / count if count and total is not None else None
    return Window(datetime.fromisoformat(stored["start"]), count, mean, stored.get("min"), stored.get("max"))


def _by(moment: datetime | None, at: datetime) -> datetime | None:
    return moment if moment is not None and moment <= at else None
