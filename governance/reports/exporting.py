"""Everything that a person may see, as tables: the registry, how each model stands, its risks and what was decided."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from governance.risks.models import Acceptance, MitigationPlan, Risk
from governance.scoring.models import Posture
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible
from models_registry.catalog.validation_models import ValidationResult
from models_registry.intake.tables import registry_tables
from models_registry.intake.writing import Export

CHUNK: Final = 500
STANDING: Final = (
    "slug", "level", "risk_score", "health", "health_redline", "room", "in_the_red", "quiet", "red_since",
    "last_observed_at", "updated_at",
)  # fmt: skip
RISKS: Final = (
    "reference", "slug", "category", "level", "score", "state", "inherent_likelihood", "inherent_impact",
    "target_level", "disputed", "level_since", "raised_at", "due_at", "explanation",
)  # fmt: skip
PLANS: Final = ("reference", "slug", "state", "summary", "created_by", "created_at")
ACCEPTANCES: Final = (
    "reference", "slug", "state", "accepted_level", "justification", "compensating_control", "expires_on",
    "proposed_by", "proposed_at", "decided_at",
)  # fmt: skip
VALIDATIONS: Final = ("slug", "version", "suite", "metric", "segment", "value", "threshold", "verdict", "ran_at")


def tables(*, actor: Account) -> list[Export]:
    """Return every table of which the actor may read something, each with the rows they may see."""
    found = registry_tables(actor=actor)
    way = "validation__version__model"
    validations = visible(actor, Permission.MODEL_READ, ValidationResult.objects.all(), through=way)
    found.append(_table("validations", VALIDATIONS, validations, _validation, way))
    if may_open(actor, Permission.RISK_READ):
        standing = visible(actor, Permission.RISK_READ, Posture.objects.all(), through="model")
        risks = visible(actor, Permission.RISK_READ, Risk.objects.all(), through="model")
        plans = visible(actor, Permission.RISK_READ, MitigationPlan.objects.all(), through="risk__model")
        accepted = visible(actor, Permission.RISK_READ, Acceptance.objects.all(), through="risk__model")
        found += [
            _table("standing", STANDING, standing, _standing, "model"),
            _table("risks", RISKS, risks, _risk, "model"),
            _table("plans", PLANS, plans, _plan, "risk__model", "created_by"),
            _table("acceptances", ACCEPTANCES, accepted, _acceptance, "risk__model", "proposed_by"),
        ]
    return found


def _table(name: str, header: Sequence[str], rows: Any, cells: Callable[[Any], Sequence[Any]], *related: str) -> Export:
    def read() -> Iterator[Sequence[Any]]:
        for one in rows.select_related(*related).order_by("pk").iterator(chunk_size=CHUNK):
            yield cells(one)

    return Export(name, header, read)


def _standing(one: Posture) -> Sequence[Any]:
    return [one.model.slug, *(getattr(one, name) for name in STANDING[1:])]


def _risk(one: Risk) -> Sequence[Any]:
    return [one.reference, one.model.slug, *(getattr(one, name) for name in RISKS[2:])]


def _plan(one: MitigationPlan) -> Sequence[Any]:
    return [
        one.risk.reference, one.risk.model.slug, one.state, one.summary, one.created_by.username, one.created_at,
    ]  # fmt: skip


def _acceptance(one: Acceptance) -> Sequence[Any]:
    return [
        one.risk.reference, one.risk.model.slug, one.state, one.accepted_level, one.justification,
        one.compensating_control, one.expires_on, one.proposed_by.username, one.proposed_at, one.decided_at,
    ]  # fmt: skip


def _validation(one: ValidationResult) -> Sequence[Any]:
    version = one.validation.version
    return [
        version.model.slug, version.number, one.validation.suite, one.metric, one.segment, one.value, one.threshold,
        one.verdict, one.validation.ran_at,
    ]  # fmt: skip
