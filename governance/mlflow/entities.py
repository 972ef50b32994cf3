"""Models and versions as MLflow's clients see them: read with one statement each, shaped without serializers.

Times are milliseconds since 1970. What was never set is left out, as the stock server does; a version's
description, run and link are empty texts instead. Risk, verdict and the like may be added: clients skip them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from governance.mlflow.errors import no_model, no_version
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.prepared import fetch_one
from models_registry.access.rights import can
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage

STAGES: Mapping[str, Stage] = {
    "None": Stage.DEVELOPMENT,
    "Staging": Stage.STAGING,
    "Production": Stage.PRODUCTION,
    "Archived": Stage.ARCHIVED,
}
NAMES: Mapping[str, str] = {stage.value: name for name, stage in STAGES.items()}

NAME = "coalesce(model.registry_name, model.slug)"
CALLED = f"{NAME} = %(name)s AND model.archived_at IS NULL"


def _milliseconds(moment: str) -> str:
    return f"floor(extract(epoch FROM {moment}) * 1000)::bigint"


VERSION_FACTS = f"""jsonb_build_array(
    version.number, {_milliseconds("version.created_at")},
    {_milliseconds("coalesce(version.changed_at, version.created_at)")}, version.stage, version.description,
    version.source_uri, version.run_id, version.run_link, version.logged_model_id, version.registry_tags,
    (SELECT jsonb_agg(alias.name ORDER BY alias.name) FROM catalog_alias AS alias WHERE alias.version_id = version.id)
)"""  # noqa: S608 - no part of these texts comes from outside
"""What an answer says of a version, in the order of `VersionFacts`."""

NEWEST = f"""(
    SELECT jsonb_agg({VERSION_FACTS} ORDER BY version.number)
    FROM (SELECT DISTINCT unnest({{stages}}) AS stage) AS wanted CROSS JOIN LATERAL (
        SELECT * FROM catalog_version AS newest
        WHERE newest.model_id = model.id AND newest.stage = wanted.stage AND newest.withdrawn_at IS NULL
        ORDER BY newest.number DESC LIMIT 1
    ) AS version
)"""  # noqa: S608
"""The newest version of each stage, one probe of an index each, however many versions there are."""
EVERY_STAGE = f"ARRAY[{', '.join(repr(stage.value) for stage in Stage)}]"
MODEL_FACTS = f"""jsonb_build_array(
    {NAME}, {_milliseconds("model.created_at")},
    {_milliseconds("coalesce(model.changed_at, model.created_at)")}, model.purpose, model.registry_tags,
    (SELECT jsonb_agg(jsonb_build_array(alias.name, pointed.number) ORDER BY alias.name)
     FROM catalog_alias AS alias JOIN catalog_version AS pointed ON pointed.id = alias.version_id
     WHERE alias.model_id = model.id),
    {NEWEST.format(stages=EVERY_STAGE)}
)"""  # noqa: S608
"""What an answer says of a model, in the order of `ModelFacts`."""

OWNED = (
    "model.id, model.slug, model.name, model.kind, model.owner_id, model.deputy_id, model.team_id, model.unit_id, "
    "model.registered_by_id, model.is_prompt, model.registry_name, model.purpose"
)
MODEL = f"SELECT {OWNED}, ({MODEL_FACTS})::text FROM catalog_model AS model WHERE {CALLED}"  # noqa: S608
MODEL_ALONE = f"SELECT {OWNED}, NULL FROM catalog_model AS model WHERE {CALLED}"  # noqa: S608
VERSION = f"""
SELECT {OWNED}, ({VERSION_FACTS})::text, version.id, version.number, version.stage, version.download_uri,
       version.source_uri, version.run_id, version.logged_model_id, version.artifact_digest
FROM catalog_model AS model
LEFT JOIN catalog_version AS version
     ON version.model_id = model.id AND version.number = %(number)s AND version.withdrawn_at IS NULL
WHERE {CALLED}
"""  # noqa: S608
ALIASED = f"""
SELECT {OWNED}, ({VERSION_FACTS})::text, version.id
FROM catalog_model AS model
LEFT JOIN catalog_alias AS pointer ON pointer.model_id = model.id AND pointer.name = %(alias)s
LEFT JOIN catalog_version AS version ON version.id = pointer.version_id
WHERE {CALLED}
"""  # noqa: S608
LATEST = f"""
SELECT {OWNED}, {NEWEST.format(stages="%(stages)s::text[]")}::text
FROM catalog_model AS model WHERE {CALLED}
"""  # noqa: S608


class VersionFacts(NamedTuple):
    """What an answer says of a version."""

    number: int
    created_ms: int
    changed_ms: int
    stage: str
    description: str
    source: str
    run_id: str
    run_link: str
    logged_model_id: str
    tags: dict[str, str]
    aliases: list[str] | None


class ModelFacts(NamedTuple):
    """What an answer says of a model."""

    name: str
    created_ms: int
    changed_ms: int
    description: str
    tags: dict[str, str]
    aliases: list[tuple[str, int]] | None
    latest: list[VersionFacts] | None


class FoundVersion(NamedTuple):
    """A version with its model, and the answer that shows it."""

    version: ModelVersion
    shown: dict[str, object]
    download_uri: str


_version_facts = msgspec.json.Decoder(VersionFacts)
_many_versions = msgspec.json.Decoder(list[VersionFacts])
_model_facts = msgspec.json.Decoder(ModelFacts)


def model_called(name: str, *, by: Account) -> RegisteredModel:
    """Return the model of this name, as far as rights look at it. Raises Refused when it is not there for them."""
    return _owned(fetch_one(MODEL_ALONE, {"name": name}), name, by)


def shown_model(name: str, *, by: Account) -> dict[str, object]:
    """Return the answer that shows the model. Raises Refused."""
    row = fetch_one(MODEL, {"name": name})
    _owned(row, name, by)
    assert row is not None
    return model_shape(row[12])


def version_called(name: str, number: int, *, by: Account, said: object = None) -> FoundVersion:
    """Return the version of this number; ``said`` is how the caller wrote it. Raises Refused."""
    row = fetch_one(VERSION, {"name": name, "number": number})
    model = _owned(row, name, by, absent=no_version(name, number if said is None else said))
    assert row is not None
    facts, key, number_held, stage, download_uri, source, run_id, logged_model_id, digest = row[12:]
    if key is None:
        raise no_version(name, number if said is None else said)
    version = ModelVersion(
        pk=key,
        model=model,
        number=number_held,
        stage=stage,
        source_uri=source,
        run_id=run_id,
        logged_model_id=logged_model_id,
        artifact_digest=digest or "",
    )
    version._state.adding = False
    return FoundVersion(version, version_shape(name, _version_facts.decode(facts)), download_uri or source)


def shown_alias(name: str, alias: str, *, by: Account) -> dict[str, object] | None:
    """Return the answer that shows the version an alias points at, None for no such alias. Raises Refused."""
    row = fetch_one(ALIASED, {"name": name, "alias": alias})
    _owned(row, name, by)
    assert row is not None
    return version_shape(name, _version_facts.decode(row[12])) if row[13] is not None else None


def latest_versions(name: str, *, stages: list[str], by: Account) -> list[dict[str, object]]:
    """Return the newest version of each of the stages that has one. Raises Refused."""
    row = fetch_one(LATEST, {"name": name, "stages": stages})
    _owned(row, name, by)
    assert row is not None
    return [version_shape(name, one) for one in _many_versions.decode(row[12])] if row[12] else []


def model_shape(facts: str) -> dict[str, object]:
    """Return a RegisteredModel of the API from what `MODEL_FACTS` read."""
    held = _model_facts.decode(facts)
    shown: dict[str, object] = {
        "name": held.name,
        "creation_timestamp": held.created_ms,
        "last_updated_timestamp": held.changed_ms,
    }
    if held.description:
        shown["description"] = held.description
    if held.latest:
        shown["latest_versions"] = [version_shape(held.name, one) for one in held.latest]
    if held.tags:
        shown["tags"] = _tags(held.tags)
    if held.aliases:
        shown["aliases"] = [{"alias": alias, "version": str(number)} for alias, number in held.aliases]
    return shown


def version_shape(name: str, facts: VersionFacts) -> dict[str, object]:
    """Return a ModelVersion of the API."""
    shown: dict[str, object] = {
        "name": name,
        "version": str(facts.number),
        "creation_timestamp": facts.created_ms,
        "last_updated_timestamp": facts.changed_ms,
        "current_stage": NAMES[facts.stage],
        "description": facts.description,
        "source": facts.source,
        "run_id": facts.run_id,
        "status": "READY",
        "run_link": facts.run_link,
    }
    if facts.tags:
        shown["tags"] = _tags(facts.tags)
    if facts.aliases:
        shown["aliases"] = facts.aliases
    if facts.logged_model_id:
        shown["model_id"] = facts.logged_model_id
    return shown


def fresh_version(version: ModelVersion, name: str) -> dict[str, object]:
    """Return the answer that shows a version which was registered this moment."""
    at = milliseconds(version.created_at)
    facts = VersionFacts(
        version.number,
        at,
        at,
        version.stage,
        version.description,
        version.source_uri,
        version.run_id,
        version.run_link,
        version.logged_model_id,
        version.registry_tags,
        None,
    )
    return version_shape(name, facts)


def many_versions(rows: list[tuple[str, str]]) -> list[dict[str, object]]:
    """Return the answers that show versions, from pairs of a model's name and what `VERSION_FACTS` read."""
    return [version_shape(name, _version_facts.decode(facts)) for name, facts in rows]


def milliseconds(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970, cut off as the database cuts it."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _owned(row: tuple[Any, ...] | None, name: str, by: Account, absent: Exception | None = None) -> RegisteredModel:
    """Return the model of a row when the caller may read it; to others it does not exist."""
    if row is None:
        raise absent or no_model(name)
    pk, slug, shown, kind, owner, deputy, team, unit, registered_by, is_prompt, registry_name, purpose = row[:12]
    model = RegisteredModel(
        pk=pk,
        slug=slug,
        name=shown,
        kind=kind,
        owner_id=owner,
        deputy_id=deputy,
        team_id=team,
        unit_id=unit,
        registered_by_id=registered_by,
        is_prompt=is_prompt,
        registry_name=registry_name,
        purpose=purpose,
    )
    model._state.adding = False
    if not can(by, Permission.MODEL_READ, on=model):
        raise absent or no_model(name)
    return model


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
