"""The page of one model: how it stands, its risks, people, versions and what happened, at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Sum

from governance.dashboards import exposure, model_health, readings
from governance.dashboards.happenings import happenings
from governance.dashboards.standing import models_at, standings
from governance.dashboards.timechart import Event
from governance.health.models import HealthScore
from governance.risks.models import RiskChange
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.audit.canonical import digest
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import AliasMove, RegisteredModel, Stage, StageMove
from models_registry.catalog.queries import standing as versions_standing
from models_registry.outside.queries import of_model as elsewhere_of
from models_registry.telemetry.history_queries import compacted_months
from models_registry.telemetry.needs import month_of

SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30), "90d": timedelta(days=90)}
USUAL_SPAN = "30d"
LATEST_ENTRIES = 50
LATEST_MOVES = 30
LATEST_VERSIONS = 10
"""Of each stage."""


@dataclass(frozen=True)
class Asked:
    """Which part of the history the reader looks at."""

    metric: str = ""
    segment: str = ""
    span: str = USUAL_SPAN


def seen(*, actor: Account, slug: str, as_of: datetime | None) -> RegisteredModel:
    """Return the model. Raises Http404 for one that is absent, not visible, or was not on record then."""
    models = models_at(actor=actor, at=as_of).select_related("owner", "deputy", "team", "unit", "posture")
    return find(actor, Permission.MODEL_READ, models, slug=slug)


def state_token(*, model: RegisteredModel, actor: Account, now: datetime) -> str:
    """Return a short text that changes when the model's page may have changed; the minute is part of it."""
    newest = AuditEntry.objects.of_model(model_id=model.pk).newest_first().values("id")[:LATEST_ENTRIES]
    total = AuditEntry.objects.filter(id__in=newest).aggregate(total=Sum("id"))["total"] or 0
    facts = {"actor": actor.pk, "model": model.pk, "entries": str(total), "minute": now.strftime("%Y-%m-%dT%H:%M")}
    return digest(facts).removeprefix("sha256:")[:16]


def overview(
    *, actor: Account, model: RegisteredModel, now: datetime, as_of: datetime | None, asked: Asked
) -> dict[str, Any]:
    """Return the context of the page; about a dozen queries, whose cost does not grow with the history."""
    at = as_of or now
    only = RegisteredModel.objects.filter(pk=model.pk)
    [standing] = standings(models=only, at=as_of)
    scores = HealthScore.objects.filter(model=model, scored_at__lte=at).select_related("formula_version__formula")
    latest = scores.order_by("-scored_at", "-id").first()
    components = model_health.components(latest)
    choice = chosen(model, asked, at, usual=components[0].metric if components else "")
    risks = exposure.every_risk(model=model, at=as_of)
    versions = versions_standing(model=model, at=at, each=LATEST_VERSIONS)
    aliases = _aliases(model, at)
    elsewhere = elsewhere_of(model=model, at=as_of)
    events = [*_moves(versions, aliases), *_changes(model, choice.since, at)]
    return {
        "model": model,
        "may_read_costs": can(actor, Permission.COST_READ, on=model),
        "standing": standing,
        "observed_at": None if as_of else getattr(getattr(model, "posture", None), "last_observed_at", None),
        "risks": risks,
        "respond": None if as_of else _next_step(actor, model, risks),
        "versions": versions,
        "road": _road(versions),
        "aliases": aliases,
        "elsewhere": elsewhere,
        "violations": [one for one in elsewhere if one.violation],
        "people": _people(model),
        "score": latest,
        "sentence": model_health.sentence(latest, at),
        "components": components,
        "lost_bar": model_health.points_bar(latest),
        "segments": model_health.segments(latest),
        "health_chart": model_health.chart(latest, model_id=model.pk, since=choice.since, at=at, events=events),
        "choice": choice,
        "metric_chart": readings.chart(model=model, choice=choice),
        "windows_alone": _windows_alone(model, choice) if as_of else (),
        "span": asked.span,
        "spans": list(SPANS),
        "timeline": happenings(model_id=model.pk, until=as_of),
    }


def chosen(model: RegisteredModel, asked: Asked, at: datetime, *, usual: str = "") -> readings.Choice:
    """Return the series and span that the reader asked for; without one, the metric that took most points."""
    since = at - SPANS[asked.span]
    return readings.chosen(model=model, metric=asked.metric, segment=asked.segment, since=since, until=at, usual=usual)


def _windows_alone(model: RegisteredModel, choice: readings.Choice) -> list[date]:
    """Return the months of the shown span whose single measurements were dropped; terms are longer than any span."""
    first, last = month_of(choice.since), month_of(choice.until)
    return [month for month in compacted_months(model_id=model.pk) if first <= month <= last]


def _aliases(model: RegisteredModel, at: datetime) -> list[dict[str, Any]]:
    """Return where each alias pointed at ``at`` and since when, with its earlier moves, newest first."""
    moves = AliasMove.objects.filter(model=model, moved_at__lte=at).select_related("version", "moved_by")
    found: dict[str, dict[str, Any]] = {}
    for move in moves.order_by("-moved_at", "-pk")[:LATEST_MOVES]:
        if move.name in found:
            found[move.name]["earlier"].append(move)
        else:
            found[move.name] = {"name": move.name, "move": move, "earlier": []}
    return [found[name] for name in sorted(found)]


def _road(versions: Sequence[StageMove]) -> list[dict[str, Any]]:
    """Return which version is newest on each stage of the way into production."""
    if not versions:
        return [{"words": "no version yet", "on": False}]
    newest = {move.to_stage: move.version.number for move in reversed(versions)}
    return [
        {
            "words": f"v{newest[stage]} {stage.lower()}" if stage in newest else f"no version in {stage.lower()}",
            "on": stage == Stage.PRODUCTION and stage in newest,
        }
        for stage in (Stage.DEVELOPMENT, Stage.STAGING, Stage.PRODUCTION)
    ]


def _moves(versions: Sequence[StageMove], aliases: Sequence[dict[str, Any]]) -> list[Event]:
    """Return when versions came to stand where they stand, and when aliases moved."""
    stages = [Event(move.moved_at, f"v{move.version.number} to {move.to_stage.lower()}") for move in versions]
    moves = [move for alias in aliases for move in (alias["move"], *alias["earlier"]) if move.version]
    return [*stages, *(Event(move.moved_at, f"{move.name} to v{move.version.number}") for move in moves)]


def _changes(model: RegisteredModel, since: datetime, at: datetime) -> list[Event]:
    """Return when the level of a risk moved; the newest of the span."""
    rows = RiskChange.objects.filter(risk__model=model, changed_at__gt=since, changed_at__lte=at)
    moved = rows.exclude(from_level=F("to_level")).select_related("risk").order_by("-changed_at", "-id")
    return [
        Event(
            row.changed_at,
            f"{row.risk.get_category_display()} from {row.get_from_level_display()} to {row.get_to_level_display()}",
        )
        for row in moved[: model_health.MOST_MARKS]
    ]


def _people(model: RegisteredModel) -> list[tuple[str, str]]:
    named = [("Owner", model.owner), ("Deputy", model.deputy), ("Team", model.team), ("Unit", model.unit)]
    return [(word, str(who)) for word, who in named if who is not None]


def _next_step(actor: Account, model: RegisteredModel, risks: Sequence[exposure.OpenRisk]) -> dict[str, Any] | None:
    """Return what the reader may do about the gravest open risk, and why not if not."""
    owed = next((one for one in risks if one.state not in ("CLOSED", "ACCEPTED")), None)
    if owed is None:
        return None
    permission = Permission.RISK_ACKNOWLEDGE if owed.awaits_acknowledgement else Permission.RISK_MITIGATE
    label = f"Acknowledge {owed.reference}" if owed.awaits_acknowledgement else f"Respond to {owed.reference}"
    url = owed.url if owed.awaits_acknowledgement else f"{owed.url}respond/"
    return {"risk": owed, "label": label, "url": url, "answer": can(actor, permission, on=model)}
