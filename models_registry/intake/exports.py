"""What is given out so that it can be imported again: models with their facts, versions with stage and aliases."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import QuerySet

from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import RegisteredModel
from models_registry.intake.fields import MODEL_FIELDS
from models_registry.intake.queries import imports_for
from models_registry.intake.standing import Standing, fill_standings
from models_registry.tabular.writing import Export

CHUNK: Final = 500
RAW: Final = frozenset({"customer_facing", "jurisdictions", "tags"})
VERSIONS: Final = (
    "slug", "version", "artifact_digest", "source_uri", "version_description", "stage", "aliases", "created_by",
    "created_at",
)  # fmt: skip
ALIASES: Final = ("slug", "alias", "points at version", "guarded")


def tables(*, actor: Account) -> list[Export]:
    """Return what the actor may read of the registry, and the imports that made it so."""
    seen = visible(actor, Permission.MODEL_READ, RegisteredModel.objects.all())
    active, archived = seen.filter(archived_at__isnull=True), seen.filter(archived_at__isnull=False)
    return [
        Export(
            "models", MODEL_FIELDS, lambda: (_facts(one) for one in standings_of(active)),
            "Facts of every model. Import it again and nothing changes.",
        ),
        Export(
            "versions", VERSIONS, lambda: (row for one in standings_of(active) for row in _versions(one)),
            "Every version with its stage and aliases. It can be imported too.",
        ),
        Export(
            "aliases", ALIASES, lambda: (row for one in standings_of(active) for row in _aliases(one)),
            "Which version each alias points at.",
        ),
        Export(
            "archived_models", (*MODEL_FIELDS, "archived_at"),
            lambda: ([*_facts(one), one.model.archived_at] for one in standings_of(archived)),
            "Models that were archived.",
        ),
        export_of("imports", "Inventories and bulk edits that were brought in.", imports_for(actor=actor), {
            "import": "pk", "kind": "kind", "file": "file_name", "digest": "digest", "rows": "row_count",
            "state": "state", "uploaded_by": "uploaded_by__username", "uploaded_at": "uploaded_at",
            "applied_by": "applied_by__username", "applied_at": "applied_at", "undone_by": "undone_by__username",
            "undone_at": "undone_at", "reason": "reason",
        }),
    ]  # fmt: skip


def standings_of(models: QuerySet[RegisteredModel]) -> Iterator[Standing]:
    """Yield models with what hangs on them, some hundred at a time."""
    last = ""
    ordered = models.select_related("owner", "deputy", "team", "unit").order_by("slug")
    while rows := list(ordered.filter(slug__gt=last)[:CHUNK]):
        found = {one.pk: Standing(one) for one in rows}
        fill_standings(found)
        yield from found.values()
        last = rows[-1].slug


def _facts(one: Standing) -> Sequence[Any]:
    return [_fact(one, name) for name in MODEL_FIELDS]


def _fact(one: Standing, name: str) -> Any:
    model = one.model
    if name == "external_names":
        return [f"{name.system}:{name.name}" for name in one.outside]
    value = getattr(model, name)
    if name in {"owner", "deputy"}:
        return value.username if value else ""
    if name in {"unit", "team"}:
        return value.slug if value else ""
    return value if name in RAW else str(value)


def _versions(one: Standing) -> Iterator[Sequence[Any]]:
    for number, version in sorted(one.versions.items()):
        if version.withdrawn_at is None:
            yield [
                one.model.slug, number, version.artifact_digest, version.source_uri, version.description,
                version.stage, one.aliases_of(number), version.created_by.username, version.created_at,
            ]  # fmt: skip


def _aliases(one: Standing) -> Iterator[Sequence[Any]]:
    numbers = {version.pk: number for number, version in one.versions.items()}
    for name, alias in sorted(one.aliases.items()):
        yield [one.model.slug, name, numbers[alias.version_id], alias.guarded]
