"""What is given out of the lineage: artifacts, edges, what a version was built with, and predictions without text."""

from decimal import Decimal

from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.lineage import queries
from models_registry.lineage.models import Fact
from models_registry.lineage.predictions import predictions_for
from models_registry.tabular.writing import Export

MICROS = Decimal(1_000_000)


def tables(*, actor: Account) -> list[Export]:
    """Return what the actor may read of where models come from and of what they answered."""
    if not may_open(actor, Permission.MODEL_READ):
        return []
    facts = visible(actor, Permission.MODEL_READ, Fact.objects.all(), through="version__model")
    versions = queries.artifact_versions_for(actor=actor)
    return [
        export_of("artifacts", "Datasets, weights, prompts, code: every version, with digest and licence.", versions, {
            "kind": "artifact__kind", "name": "artifact__name", "label": "label", "digest": "digest",
            "licence": "licence", "source_uri": "source_uri", "description": "artifact__description",
            "text": "content", "recorded_by": "created_by__username", "recorded_at": "created_at",
        }),
        export_of("lineage", "Which model version, or artifact, was made from what. Withdrawn edges included.",
                  queries.edges_for(actor=actor), {
            "slug": "version__model__slug", "version": "version__number", "from_kind": "derived__artifact__kind",
            "from_name": "derived__artifact__name", "from_label": "derived__label", "role": "role",
            "kind": "used__artifact__kind", "name": "used__artifact__name", "label": "used__label",
            "digest": "used__digest", "recorded_by": "recorded_by__username", "recorded_at": "recorded_at",
            "withdrawn_at": "withdrawn_at", "reason": "reason",
        }),
        export_of("build_facts", "Parameters and metrics that versions were built with.", facts, {
            "slug": "version__model__slug", "version": "version__number", "sort": "sort", "name": "name",
            "value": "text", "recorded_at": "recorded_at",
        }),
        export_of("predictions", "What models answered, without any text and without whom it was about.",
                  predictions_for(actor=actor), {
            "prediction_id": "prediction_id", "trace_id": "trace_id", "slug": "model__slug",
            "version": "version__number", "model_said": "model_name", "version_said": "version_name",
            "alias": "alias", "environment": "environment", "segment": "segment", "prompt": "prompt_name",
            "prompt_label": "prompt_label", "input_tokens": "input_tokens", "output_tokens": "output_tokens",
            "latency_ms": "latency_ms",
            "cost": ("cost_micros", lambda micros: None if micros is None else Decimal(micros) / MICROS),
            "currency": "currency", "outcome": "outcome", "outcome_code": "outcome_code", "source": "source__slug",
            "observed_at": "observed_at",
        }, order=("observed_at", "pk"), bulky=True),
    ]  # fmt: skip
