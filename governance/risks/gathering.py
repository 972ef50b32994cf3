"""The evidence of many risks at once, ready to be folded: with one query per kind of evidence."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from governance.risks import fold as folding
from governance.risks.method import matrix_points
from governance.risks.models import Assessment, Contribution, Release, Risk
from governance.rules.definition import Clearing
from governance.rules.judging import definition_of
from governance.rules.models import Episode, RuleVersion, VersionState

Key = tuple[int, str]
"""A model and a category: what names a risk before it has a number."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about one risk. ``tier`` is the loudest that a rule firing for it asks for."""

    assessments: Sequence[folding.Assessment]
    conditions: Sequence[folding.Condition]
    releases: Sequence[datetime]
    tier: int | None = None

    def state(self, *, at: datetime) -> folding.FactorState:
        """Return the state that this evidence gives at a moment."""
        return folding.fold(assessments=self.assessments, conditions=self.conditions, releases=self.releases, now=at)


def key_of(risk: Risk) -> Key:
    """Return the key under which `gather` answers."""
    return risk.model_id, str(risk.category)


def gather(risks: Collection[Risk]) -> dict[Key, Evidence]:
    """Return the evidence of each risk; a risk that was not saved yet can have that of rules alone."""
    saved = [risk.pk for risk in risks if risk.pk]
    releases = _grouped(Release.objects.filter(risk__in=saved).values_list("risk_id", "released_at"))
    assessments = _assessments(saved)
    scorers = _scorer_conditions(saved)
    episodes = _episodes(risks)
    versions = _versions({row.rule_version_id for rows in episodes.values() for row in rows})
    found: dict[Key, Evidence] = {}
    for risk in risks:
        released, own = releases.get(risk.pk, []), episodes.get(key_of(risk), [])
        rules = [one for row in own for one in _conditions_of(row, versions[row.rule_version_id], released)]
        conditions = [*rules, *scorers.get(risk.pk, [])]
        found[key_of(risk)] = Evidence(
            assessments=assessments.get(risk.pk) or [_registered(risk, speaks=bool(conditions))],
            conditions=conditions,
            releases=released,
            tier=_tier(own, versions),
        )
    return found


def _assessments(saved: Sequence[int]) -> dict[int, list[folding.Assessment]]:
    rows = Assessment.objects.filter(risk__in=saved).values_list("risk_id", "impact", "likelihood", "assessed_at")
    return _grouped(
        (risk, folding.Assessment(matrix_points(impact=impact, likelihood=likelihood), at))
        for risk, impact, likelihood, at in rows
    )


def _registered(risk: Risk, *, speaks: bool) -> folding.Assessment:
    """Before any assessment, the baseline with which the risk was registered counts.

    The least baseline counts only where something ``speaks`` for the risk: a line that was opened for a reading
    which later ones took back weighs as little as a line that never was.
    """
    points = matrix_points(impact=risk.baseline_impact, likelihood=risk.baseline_likelihood)
    least = matrix_points(impact=1, likelihood=1)
    return folding.Assessment(points if speaks or points > least else 0, risk.model.created_at)


def _scorer_conditions(saved: Sequence[int]) -> dict[int, list[folding.Condition]]:
    return _grouped(
        (
            row.risk_id,
            folding.Condition(
                cause=row.cause,
                points=row.points,
                began_at=row.began_at,
                cleared_at=row.cleared_at,
                text=row.explanation,
                evidence=str(row.pk),
            ),
        )
        for row in Contribution.objects.filter(risk__in=saved)
    )


def _episodes(risks: Iterable[Risk]) -> dict[Key, list[Episode]]:
    """Return what rules found, by risk: of versions that were enforced and are not in shadow again."""
    wanted = {key_of(risk) for risk in risks}
    rows = Episode.objects.filter(
        Q(rule_version__enforced_at__isnull=False) & ~Q(rule_version__state=VersionState.SHADOW),
        model__in={model for model, _ in wanted},
        category__in={category for _, category in wanted},
        held=False,
    )
    found: dict[Key, list[Episode]] = defaultdict(list)
    for row in rows:
        if (row.model_id, row.category) in wanted:
            found[row.model_id, row.category].append(row)
    return found


def _versions(ids: Collection[int]) -> dict[int, RuleVersion]:
    return RuleVersion.objects.select_related("rule").in_bulk(ids) if ids else {}


def _conditions_of(row: Episode, version: RuleVersion, releases: Sequence[datetime]) -> list[folding.Condition]:
    """Return one condition per step of an episode: the method keeps the strongest of a cause."""
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


def _cleared_at(row: Episode, version: RuleVersion, releases: Sequence[datetime]) -> datetime | None:
    """Return when a cause ended: by readings, by a person's word where the rule asks for one, or with the rule."""
    ended = row.cleared_at
    if ended is not None and definition_of(version.text).clear.then is not Clearing.AUTO:
        ended = min((release for release in releases if release >= ended), default=None)
    return min((at for at in (ended, version.retired_at) if at is not None), default=None)


def _tier(rows: Iterable[Episode], versions: Mapping[int, RuleVersion]) -> int | None:
    firing = [versions[row.rule_version_id] for row in rows if row.cleared_at is None]
    enforced = [version for version in firing if version.state == VersionState.ENFORCED]
    tiers = [definition_of(version.text).then.tier for version in enforced]
    return min((int(tier) for tier in tiers if tier is not None), default=None)


def _grouped[K, V](pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
