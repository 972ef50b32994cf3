"""Everything that a version came from, and everything that stands on an artifact: one recursive statement each.

The walk keeps pairs of node and depth, each once, and ends at a depth: a circle, which no door lets in, would
end it too. Shortest depths are taken at the end.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, visible
from models_registry.catalog.models import ModelVersion, RegisteredModel
from models_registry.lineage.graph import Lineage, Link, Node
from models_registry.lineage.models import ArtifactVersion

DEEPEST = 50

STANDING = """(%(at)s::timestamptz IS NULL OR edge.recorded_at <= %(at)s)
    AND (edge.withdrawn_at IS NULL OR edge.withdrawn_at > %(at)s)"""
"""Whether an edge counts now, or did at a moment."""

SEEN = """
SELECT held.id FROM lineage_artifact_version AS held WHERE held.created_by_id = %(reader)s
UNION
SELECT id FROM (
    WITH RECURSIVE reached(id) AS (
        SELECT edge.used_id FROM lineage_edge AS edge JOIN catalog_version AS version ON version.id = edge.version_id
        WHERE edge.withdrawn_at IS NULL AND version.model_id IN ({models})
        UNION
        SELECT edge.used_id FROM reached JOIN lineage_edge AS edge ON edge.derived_id = reached.id
        WHERE edge.withdrawn_at IS NULL
    )
    SELECT id FROM reached
) AS origins
"""
"""What a reader recorded, and what the models that they may read came from."""

UPSTREAM = f"""
WITH RECURSIVE reached(id, depth) AS (
    SELECT edge.used_id, 1 FROM lineage_edge AS edge
    WHERE (edge.version_id = %(version)s OR edge.derived_id = %(artifact)s) AND {STANDING}
    UNION
    SELECT edge.used_id, reached.depth + 1
    FROM reached JOIN lineage_edge AS edge ON edge.derived_id = reached.id
    WHERE reached.depth < %(depth)s AND {STANDING}
), nearest AS (
    SELECT id, min(depth) AS depth FROM reached GROUP BY id
), links AS (
    SELECT edge.id, edge.used_id, edge.version_id, edge.derived_id, edge.role FROM lineage_edge AS edge
    WHERE (edge.version_id = %(version)s OR edge.derived_id = %(artifact)s) AND {STANDING}
    UNION ALL
    SELECT edge.id, edge.used_id, edge.version_id, edge.derived_id, edge.role
    FROM nearest JOIN lineage_edge AS edge ON edge.derived_id = nearest.id
    WHERE nearest.depth < %(depth)s AND {STANDING}
)
SELECT links.id, links.role, links.version_id, links.derived_id, nearest.id, nearest.depth,
       artifact.id, artifact.kind, artifact.name, held.label, held.digest, held.licence, held.source_uri
FROM links
JOIN nearest ON nearest.id = links.used_id
JOIN lineage_artifact_version AS held ON held.id = nearest.id
JOIN lineage_artifact AS artifact ON artifact.id = held.artifact_id
ORDER BY nearest.depth, artifact.kind, artifact.name, held.label, links.id
"""  # noqa: S608 - all texts are ours

DOWNSTREAM = f"""
WITH RECURSIVE reached(id, depth) AS (
    SELECT %(artifact)s::bigint, 0
    UNION
    SELECT edge.derived_id, reached.depth + 1
    FROM reached JOIN lineage_edge AS edge ON edge.used_id = reached.id
    WHERE edge.derived_id IS NOT NULL AND reached.depth < %(depth)s AND {STANDING}
), nearest AS (
    SELECT id, min(depth) AS depth FROM reached GROUP BY id
), links AS (
    SELECT edge.id, edge.role, edge.used_id, edge.version_id, edge.derived_id, nearest.depth + 1 AS depth
    FROM nearest JOIN lineage_edge AS edge ON edge.used_id = nearest.id
    WHERE (edge.version_id IS NOT NULL OR nearest.depth < %(depth)s) AND {STANDING}
)
SELECT links.id, links.role, links.used_id, links.version_id, links.derived_id, links.depth, made.depth,
       artifact.id, artifact.kind, artifact.name, held.label, held.digest, held.licence, held.source_uri,
       model.id, model.slug, model.name, version.number, model.archived_at IS NOT NULL,
       coalesce(nullif(owner.display_name, ''), owner.username),
       CASE WHEN %(at)s::timestamptz IS NULL THEN version.stage ELSE (
           SELECT move.to_stage FROM catalog_stage_move AS move
           WHERE move.version_id = version.id AND move.moved_at <= %(at)s
           ORDER BY move.moved_at DESC, move.id DESC LIMIT 1
       ) END,
       CASE WHEN %(at)s::timestamptz IS NULL THEN ARRAY(
           SELECT alias.name FROM catalog_alias AS alias WHERE alias.version_id = version.id ORDER BY alias.name
       ) ELSE ARRAY(
           SELECT DISTINCT move.name FROM catalog_alias_move AS move
           WHERE move.version_id = version.id AND move.moved_at <= %(at)s AND NOT EXISTS (
               SELECT FROM catalog_alias_move AS later
               WHERE later.model_id = move.model_id AND later.name = move.name AND later.moved_at <= %(at)s
                 AND (later.moved_at, later.id) > (move.moved_at, move.id)
           ) ORDER BY move.name
       ) END
FROM links
LEFT JOIN nearest AS made ON made.id = links.derived_id
LEFT JOIN lineage_artifact_version AS held ON held.id = links.derived_id
LEFT JOIN lineage_artifact AS artifact ON artifact.id = held.artifact_id
LEFT JOIN catalog_version AS version ON version.id = links.version_id
LEFT JOIN catalog_model AS model ON model.id = version.model_id AND model.id IN ({{models}})
LEFT JOIN access_account AS owner ON owner.id = model.owner_id
WHERE links.derived_id IS NULL OR {{seen}}
ORDER BY links.depth, artifact.kind, artifact.name, held.label, model.slug, version.number, links.id
"""  # noqa: S608 - all texts are ours


def upstream(*, of: ModelVersion | ArtifactVersion, at: dt.datetime | None = None, depth: int = DEEPEST) -> Lineage:
    """Return what a version was made from and works with, and what that was made from; one query.

    Whoever may read the version may read all of it. ``at`` asks for a past moment.
    """
    is_artifact = isinstance(of, ArtifactVersion)
    values = {"version": None if is_artifact else of.pk, "artifact": of.pk if is_artifact else None}
    nodes, links = {}, []
    root = node_of(of) if at is None else replace(node_of(of), stage="")
    with connection.cursor() as cursor:
        cursor.execute(UPSTREAM, {**values, "at": at, "depth": depth})
        for link, role, version, derived, pk, far, *facts in cursor.fetchall():
            nodes[pk] = _artifact_node(pk, far, facts)
            maker = f"v{version}" if version is not None else f"a{derived}"
            links.append(Link(maker, f"a{pk}", role, link))
    cut = any(node.depth >= depth for node in nodes.values())
    return Lineage(root, (root, *nodes.values()), tuple(links), cut=cut)


def downstream(*, of: ArtifactVersion, actor: Account, at: dt.datetime | None = None, depth: int = DEEPEST) -> Lineage:
    """Return what was made from an artifact version, down to the model versions that stand on it; one query.

    Versions of models that the actor may not read are counted and not named, and what leads to them alone is left out.
    """
    values: dict[str, Any] = {"artifact": of.pk, "at": at, "depth": depth}
    root = node_of(of)
    nodes: dict[str, Node] = {root.key: root}
    links: list[Link] = []
    hidden: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(*_for_reader(DOWNSTREAM, values, actor))
        for link, role, used, version, derived, far, own, *facts in cursor.fetchall():
            artifact, model = facts[:7], facts[7:]
            if derived is not None:
                key = f"a{derived}"
                nodes.setdefault(key, _artifact_node(derived, own if own is not None else far, artifact))
            elif model[0] is None:
                hidden.add(version)
                continue
            else:
                key = f"v{version}"
                nodes.setdefault(key, _version_node(version, far, model))
            links.append(Link(key, f"a{used}", role, link))
    cut = any(node.depth >= depth and not node.is_version for node in nodes.values())
    whole = tuple(link for link in links if link.used in nodes)
    return Lineage(root, tuple(nodes.values()), whole, len(hidden), cut)


def node_of(row: ModelVersion | ArtifactVersion) -> Node:
    """Return the node at which a walk begins."""
    if isinstance(row, ArtifactVersion):
        named = [row.artifact_id, row.artifact.kind, row.artifact.name]
        return _artifact_node(row.pk, 0, [*named, row.label, row.digest, row.licence, row.source_uri])
    label = f"v{row.number}"
    return Node(
        f"v{row.pk}", row.pk, 0, "", row.model.name, label, digest=row.artifact_digest, source_uri=row.source_uri,
        slug=row.model.slug, number=row.number, stage=row.stage,
    )  # fmt: skip


def readable_models(actor: Account) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that selects the models an account may read, prompts of registry clients included."""
    rows = visible(actor, Permission.MODEL_READ, RegisteredModel.registry.all()).order_by().values("pk")
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint", ()


def _for_reader(statement: str, values: dict[str, Any], actor: Account) -> tuple[str, dict[str, Any]]:
    """Put what a reader may see into a statement whose values have names."""
    models, given = readable_models(actor)
    names = {f"model_{place}": value for place, value in enumerate(given)}
    narrowed = models % tuple(f"%({name})s" for name in names) if names else models
    seen = "TRUE" if everywhere(actor, Permission.MODEL_READ) else f"links.derived_id IN ({SEEN})"
    text = statement.replace("{seen}", seen).replace("{models}", narrowed)
    return text, {**values, **names, "reader": actor.pk}


def _artifact_node(pk: int, depth: int, facts: list[Any]) -> Node:
    artifact, kind, name, label, digest, licence, source_uri = facts
    return Node(
        f"a{pk}", pk, depth, kind, name, label, digest=digest, licence=licence, source_uri=source_uri, artifact=artifact
    )


def _version_node(pk: int, depth: int, facts: list[Any]) -> Node:
    _, slug, name, number, archived, owner, stage, aliases = facts
    return Node(
        f"v{pk}", pk, depth, "", name, f"v{number}", slug=slug, number=number, stage=stage or "",
        aliases=tuple(aliases), owner=owner, archived=archived,
    )  # fmt: skip
