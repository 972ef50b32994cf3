"""The page of one model: health, risks, readings, versions and what happened, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from governance.dashboards import exposure
from governance.dashboards.bars import Loss, lost_bar, mini_bar
from governance.dashboards.happenings import happenings
from governance.dashboards.standing import models_at, standings
from governance.dashboards.timechart import Point, Threshold, health_chart, time_chart
from governance.health.composite import Health, Part, Reading
from governance.health.models import HealthScore
from governance.health.scoring import formula_of
from governance.health.sentence import Earlier, summary
from governance.rules.applies import applies
from governance.rules.definition import Test, comparisons
from governance.rules.judging import definition_of, facts_of
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.vocabulary import Materiality
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.queries import standings as versions_at
from models_registry.telemetry.metrics import canonical_unit
from models_registry.telemetry.models import Rollup
from models_registry.telemetry.queries import series

ENVIRONMENT = "production"
HOUR_S, DAY_S = 3600, 86_400
SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
USUAL_SPAN = "30d"
HOURLY_UP_TO = timedelta(days=7)


@dataclass(frozen=True)
class Component:
    """One component of a health score as the table shows it."""

    name: str
    metric: str
    weight: float
    value: float | None
    unit: str
    score: float | None
    lost: float
    fresh: bool
    observed_at: datetime | None
    zero_at: float
    hundred_at: float
    bar: SafeString


def overview(
    *, actor: Account, slug: str, now: datetime, as_of: datetime | None, metric: str, span: str
) -> dict[str, Any]:
    """Return the context of the page. Raises Http404 for a model that is absent or not visible."""
    at = as_of or now
    visible_models = models_at(actor=actor, at=as_of)
    model = find(
        actor, Permission.MODEL_READ, visible_models.select_related("owner", "deputy", "team", "unit"), slug=slug
    )
    [standing] = standings(models=RegisteredModel.objects.filter(pk=model.pk), at=as_of)
    span = span if span in SPANS else USUAL_SPAN
    since = at - SPANS[span]
    score = HealthScore.objects.filter(model=model, scored_at__lte=at).select_related("formula_version__formula")
    latest = score.order_by("-scored_at", "-id").first()
    risks = exposure.every_risk(model=model, at=as_of)
    return {
        "model": model,
        "standing": standing,
        "risks": risks,
        "respond": None if as_of else _next_step(actor, model, risks),
        "versions": versions_at(at=at, models=RegisteredModel.objects.filter(pk=model.pk)),
        "score": latest,
        "sentence": _sentence(latest, at),
        "components": _components(latest),
        "lost_bar": _lost_bar(latest),
        "segments": _segments(latest),
        "health_chart": _health_chart(latest, model, since, at),
        "metrics": _metrics(model, metric, since, at),
        "span": span,
        "spans": list(SPANS),
        "timeline": happenings(model_id=model.pk, until=at),
        "gate_url": "" if as_of else _address("gates:panel", model.slug),
    }


def _next_step(actor: Account, model: RegisteredModel, risks: Sequence[exposure.OpenRisk]) -> dict[str, Any] | None:
    """Return what the reader may do about the gravest open risk, and why not if not."""
    owed = next((one for one in risks if one.state not in ("CLOSED", "ACCEPTED")), None)
    if owed is None:
        return None
    permission = Permission.RISK_ACKNOWLEDGE if owed.awaits_acknowledgement else Permission.RISK_MITIGATE
    label = f"Acknowledge {owed.reference}" if owed.awaits_acknowledgement else f"Respond to {owed.reference}"
    url = owed.url if owed.awaits_acknowledgement else f"{owed.url}respond/"
    return {"risk": owed, "label": label, "url": url, "answer": can(actor, permission, on=model)}


# ---- health ----


def _sentence(score: HealthScore | None, at: datetime) -> str:
    if score is None:
        return "No health formula covers this model yet, so its health is not scored."
    if score.score is None:
        return "Nothing that the health formula asks for was ever measured."
    return summary(_health(score, at), redline=score.redline, earlier=_earlier(score, at))


def _health(score: HealthScore, at: datetime) -> Health:
    """Return the stored score in the shape the sentence is made from."""
    known = {one.key: one for one in formula_of(score.formula_version.text).components}
    parts = tuple(
        Part(
            component=known[part["name"]],
            reading=None
            if part["value"] is None
            else Reading(part["value"], datetime.fromisoformat(part["observed_at"])),
            score=part["score"],
            weight=part["weight"],
            lost=part["lost"],
            fresh=part["fresh"],
        )
        for part in score.components
        if part["name"] in known
    )
    return Health(score=score.score or 0.0, coverage=score.coverage, parts=parts, observed_at=at)


def _earlier(score: HealthScore, at: datetime) -> Earlier | None:
    """Return the highest score of the last 30 days, from which the present one fell, if it is another."""
    rows = HealthScore.objects.filter(model_id=score.model_id, score__isnull=False, scored_at__lt=score.scored_at)
    best = rows.filter(scored_at__gte=at - timedelta(days=30)).order_by("-score", "-scored_at").first()
    if best is None or best.score is None or best.score == score.score:
        return None
    return Earlier(score=best.score, ago=at - best.scored_at)


def _components(score: HealthScore | None) -> list[Component]:
    parts = sorted(score.components if score else [], key=lambda part: -part["lost"])
    largest = max((part["lost"] for part in parts), default=0.0)
    return [
        Component(
            name=_plain(part["name"]),
            metric=part["metric"],
            weight=part["weight"],
            value=part["value"],
            unit=canonical_unit(part["metric"]),
            score=part["score"],
            lost=part["lost"],
            fresh=part["fresh"],
            observed_at=datetime.fromisoformat(part["observed_at"]) if part["observed_at"] else None,
            zero_at=part["zero_at"],
            hundred_at=part["hundred_at"],
            bar=mini_bar(part["lost"], largest, worst=part["lost"] == largest > 0),
        )
        for part in parts
    ]


def _lost_bar(score: HealthScore | None) -> SafeString | str:
    if score is None or score.score is None:
        return ""
    parts = sorted(score.components, key=lambda part: -part["lost"])
    losses = [Loss(_plain(part["name"]), part["lost"]) for part in parts if part["lost"] > 0]
    return lost_bar(losses, kept=score.score, redline=score.redline)


def _segments(score: HealthScore | None) -> dict[str, Any] | None:
    """Return the heat table: one row a segment, worst first, one column a component."""
    if score is None or not score.segments:
        return None
    names = [part["name"] for part in score.components]
    rows = [
        {"name": one["name"], "cells": [_cell(one["score"]), *(_cell(one["parts"].get(name)) for name in names)]}
        for one in sorted(score.segments, key=lambda one: (one["score"], one["name"]))
    ]
    return {"columns": ["All", *(_plain(name) for name in names)], "rows": rows}


def _cell(value: float | None) -> dict[str, Any]:
    """Return one cell with its tint: the lower the score, the darker."""
    if value is None:
        return {"value": None, "tint": ""}
    tint = "low" if value >= 75 else "medium" if value >= 60 else "high" if value >= 40 else "critical"
    return {"value": value, "tint": tint}


def _health_chart(
    latest: HealthScore | None, model: RegisteredModel, since: datetime, at: datetime
) -> SafeString | str:
    if latest is None:
        return ""
    rows = HealthScore.objects.filter(model=model, scored_at__gt=since, scored_at__lte=at).order_by("scored_at", "id")
    points = [Point(when, value) for when, value in rows.values_list("scored_at", "score")]
    if not points:
        points = [Point(since, latest.score)]
    return health_chart(key="health", points=[*points, Point(at, latest.score)], redline=latest.redline)


# ---- any metric ----


def _metrics(model: RegisteredModel, asked: str, since: datetime, at: datetime) -> dict[str, Any]:
    """Return the chosen metric's chart with the limits of enforced rules and the spans in which they held."""
    names = _names(model, at)
    if not names:
        return {"names": [], "chosen": "", "chart": ""}
    chosen = asked if asked in names else names[0]
    width = HOUR_S if at - since <= HOURLY_UP_TO else DAY_S
    rows = series(
        model_id=model.pk, metric=chosen, environment=ENVIRONMENT, segment="", width_s=width, since=since, until=at
    )
    tests = _tests(model, chosen, at)
    chart = time_chart(
        key="metric",
        name=chosen,
        points=[Point(row.start, row.mean) for row in rows],
        thresholds=[_threshold(version, test, model) for version, test in tests],
        breaches=_breaches(model, [version.pk for version, _ in tests], since, at),
        unit=canonical_unit(chosen),
    )
    return {"names": names, "chosen": chosen, "chart": chart, "per": "hour" if width == HOUR_S else "day"}


def _names(model: RegisteredModel, at: datetime) -> list[str]:
    rows = Rollup.objects.filter(model=model, environment=ENVIRONMENT, width_s=DAY_S, starts_at__lte=at)
    return sorted(rows.order_by("metric").values_list("metric", flat=True).distinct())


def _tests(model: RegisteredModel, metric: str, at: datetime) -> list[tuple[RuleVersion, Test]]:
    """Return the comparisons on this metric of the rules that were enforced at ``at`` and apply to the model."""
    enforced = RuleVersion.objects.filter(enforced_at__lte=at).exclude(state=VersionState.SHADOW)
    enforced = enforced.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at)).select_related("rule")
    facts = facts_of(model, environment=ENVIRONMENT)
    return [
        (version, test)
        for version in enforced.filter(text__contains=metric).order_by("rule__slug")
        if applies(definition_of(version.text), facts)
        for test in comparisons(definition_of(version.text).when)
        if test.metric == metric
    ]


def _threshold(version: RuleVersion, test: Test, model: RegisteredModel) -> Threshold:
    limit = test.threshold.at(Materiality(model.materiality))
    return Threshold(limit, f"{version.rule.slug} v{version.number}: {test.side.word} {limit:g}")


def _breaches(
    model: RegisteredModel, versions: Sequence[int], since: datetime, at: datetime
) -> list[tuple[datetime, datetime]]:
    rows = Episode.objects.filter(model=model, rule_version__in=versions, environment=ENVIRONMENT, began_at__lte=at)
    rows = rows.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gt=since)).order_by("began_at")
    return [
        (max(began, since).astimezone(UTC), min(cleared or at, at).astimezone(UTC))
        for began, cleared in rows.values_list("began_at", "cleared_at")
    ]


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _address(name: str, *arguments: str) -> str:
    """Return the address of another room's page, empty while that room is not installed."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
