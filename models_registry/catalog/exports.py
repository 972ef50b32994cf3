"""What the registry gives out beside its inventory: validations, moves, protections, runs and cards."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg

from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.models import AliasMove, AliasProtection, StageMove
from models_registry.catalog.run_models import Run
from models_registry.catalog.validation_models import ValidationResult
from models_registry.tabular.writing import Export

READ = Permission.MODEL_READ


def tables(*, actor: Account) -> list[Export]:
    """Return what the actor may read of versions, runs and cards."""
    results = visible(actor, READ, ValidationResult.objects.all(), through="validation__version__model")
    stages = visible(actor, READ, StageMove.objects.all(), through="version__model")
    aliases = visible(actor, READ, AliasMove.objects.all(), through="model")
    guards = visible(actor, READ, AliasProtection.objects.all(), through="model")
    runs = visible(actor, READ, Run.objects.all(), through="model")
    texts = visible(actor, READ, CardText.objects.all(), through="model")
    cards = visible(actor, READ, IssuedCard.objects.all(), through="model")
    return [
        export_of("validations", "Results of validation suites, by version.", results, {
            "slug": "validation__version__model__slug", "version": "validation__version__number",
            "suite": "validation__suite", "kind": "validation__kind", "metric": "metric", "segment": "segment",
            "value": "value", "threshold": "threshold", "baseline": "baseline", "verdict": "verdict",
            "reason": "reason", "ran_by": "validation__ran_by", "ran_at": "validation__ran_at",
        }),
        export_of("stage_moves", "When which version entered which stage.", stages, {
            "slug": "version__model__slug", "version": "version__number", "from": "from_stage", "to": "to_stage",
            "gate_decision": "clearance__decision_id", "moved_by": "moved_by__username", "moved_at": "moved_at",
        }),
        export_of("alias_moves", "When which alias pointed at which version.", aliases, {
            "slug": "model__slug", "alias": "name", "version": "version__number",
            "gate_decision": "clearance__decision_id", "moved_by": "moved_by__username", "moved_at": "moved_at",
        }),
        export_of("alias_protections", "Aliases that only some may move.",
                  guards.annotate(names=ArrayAgg("movers__username", order_by="movers__username")), {
            "slug": "model__slug", "alias": "name", "pipeline_only": "pipeline_only",
            "movers": ("names", _filled), "protected_by": "protected_by__username", "protected_at": "protected_at",
        }),
        export_of("runs", "Experiment runs with their parameters and last metrics.", runs, {
            "slug": "model__slug", "tracked_in": "source", "run": "external_id", "name": "name", "status": "status",
            "sweep": "sweep__name", "objective": "objective", "became_version": "version__number",
            "parameters": "parameters", "metrics": ("metrics", _last), "author": "author", "url": "url",
            "started_at": "started_at", "ended_at": "ended_at",
        }),
        export_of("card_texts", "What people wrote in model cards, every version of it.", texts, {
            "slug": "model__slug", "section": "section", "number": "number", "text": "text",
            "written_by": "written_by__username", "written_at": "written_at",
        }),
        export_of("issued_cards", "Model cards that were issued, with the digest of each.", cards, {
            "slug": "model__slug", "number": "number", "digest": "digest", "note": "note",
            "issued_by": "issued_by__username", "issued_at": "issued_at",
        }),
    ]  # fmt: skip


def _filled(names: list[str | None]) -> list[str]:
    return [name for name in names if name]


def _last(metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the last value of each metric; its history stays on the page of the run."""
    return {name: known.get("last") for name, known in metrics.items()}
