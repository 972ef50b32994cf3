"""How artifacts and edges get into their tables: many at once, each of them once, whoever else writes meanwhile."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from models_registry.access.models import Account
from models_registry.catalog.models import ModelVersion
from models_registry.lineage import ancestry
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge, Fact
from models_registry.lineage.statement import Stated

ORDER = 0x11EA6E
"""Edges between artifacts are added one transaction at a time: two of them could close a circle together."""

USES = """
WITH RECURSIVE reached(id) AS (
    SELECT unnest(%(ids)s::bigint[])
    UNION
    SELECT edge.used_id FROM reached JOIN lineage_edge AS edge ON edge.derived_id = reached.id
    WHERE edge.withdrawn_at IS NULL
)
SELECT edge.derived_id, edge.used_id FROM reached JOIN lineage_edge AS edge ON edge.derived_id = reached.id
WHERE edge.withdrawn_at IS NULL
"""


class DigestMismatch(Exception):
    """This version of the artifact is on record with another digest; another state is another version."""

    http_status = 409


class StatedOtherwise(Exception):
    """This version is on record with another licence or source; whoever recorded it may correct that."""

    http_status = 409


class CircleFound(Exception):
    """Nothing is made from what was made from it."""

    http_status = 409


class FactSettled(Exception):
    """This parameter or metric of the version is on record with another value."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Wanted:
    """An edge to keep: from a model version, or from an artifact version, to what it uses."""

    used: int
    role: str
    version: int | None = None
    derived: int | None = None

    @property
    def key(self) -> tuple[int | None, int | None, int, str]:
        """Return what makes the edge one of its own."""
        return self.version, self.derived, self.used, self.role


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows in the order they were stated, and which of them are new."""

    versions: Sequence[ArtifactVersion]
    fresh: frozenset[int]


def keep_versions(stated: Sequence[Stated], *, by: Account, at: dt.datetime) -> Kept:
    """Return the artifact versions of these settled statements; what is not on record is added.

    Equal digests are one version of the artifact, whatever its label. Raises DigestMismatch.
    """
    artifacts = _artifacts(stated, by=by, at=at)
    known = _known(artifacts.values(), stated)
    missing: dict[tuple[int, str], ArtifactVersion] = {}
    for one in stated:
        artifact = artifacts[one.artifact]
        if _found(known, artifact, one) is None:
            made = missing.setdefault(
                (artifact.pk, one.label),
                ArtifactVersion(
                    artifact=artifact, label=one.label, digest=one.digest, licence=one.licence,
                    source_uri=one.source_uri, content=one.content, created_by=by, created_at=at,
                ),
            )  # fmt: skip
            _same(made, one)
    before = {version.pk for version in known}
    if missing:
        ArtifactVersion.objects.bulk_create(missing.values(), ignore_conflicts=True)
        known = _known(artifacts.values(), stated)
    found = [_found(known, artifacts[one.artifact], one) for one in stated]
    rows = [version for version in found if version is not None]
    assert len(rows) == len(stated)
    return Kept(rows, frozenset(row.pk for row in rows) - before)


def keep_edges(wanted: Sequence[Wanted], *, by: Account, at: dt.datetime) -> tuple[Sequence[Edge], frozenset[int]]:
    """Return the standing edges that are wanted, and which of them are new. Raises CircleFound with the way round."""
    if any(one.derived is not None for one in wanted):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ORDER])
    known = _standing(wanted)
    fresh = {one.key: one for one in wanted if one.key not in known}
    _refuse_circles([(one.derived, one.used) for one in fresh.values() if one.derived is not None])
    before = {edge.pk for edge in known.values()}
    if fresh:
        Edge.objects.bulk_create(
            (
                Edge(
                    version_id=one.version, derived_id=one.derived, used_id=one.used, role=one.role, recorded_by=by,
                    recorded_at=at,
                )
                for one in fresh.values()
            ),
            ignore_conflicts=True,
        )  # fmt: skip
        known = _standing(wanted)
    edges = [known[one.key] for one in wanted]
    return edges, frozenset(edge.pk for edge in edges) - before


def keep_facts(
    version: ModelVersion, facts: Mapping[tuple[str, str], str | float | bool], *, by: Account, at: dt.datetime
) -> Sequence[Fact]:
    """Add what is not on record by sort and name, and return it. Raises FactSettled."""
    known = {(fact.sort, fact.name): fact for fact in version.facts.all()}
    fresh = []
    for (sort, name), value in sorted(facts.items()):
        text = written(value)
        fact = known.get((sort, name))
        if fact is None:
            number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
            fresh.append(
                Fact(version=version, sort=sort, name=name, text=text, number=number, recorded_by=by, recorded_at=at)
            )
        elif fact.text != text:
            raise FactSettled(f"{name} of v{version.number} is on record as {fact.text}.")
    return Fact.objects.bulk_create(fresh)


def written(value: str | float | bool) -> str:
    """Return a fact as text: numbers without a needless fraction, truth as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _artifacts(stated: Iterable[Stated], *, by: Account, at: dt.datetime) -> dict[tuple[str, str], Artifact]:
    wanted = {one.artifact: one for one in stated}

    def known() -> dict[tuple[str, str], Artifact]:
        found = Artifact.objects.filter(name__in={name for _, name in wanted}, kind__in={kind for kind, _ in wanted})
        return {(one.kind, one.name): one for one in found}

    held = known()
    missing = [one for key, one in wanted.items() if key not in held]
    if missing:
        Artifact.objects.bulk_create(
            (
                Artifact(kind=one.kind, name=one.name, description=one.description, created_by=by, created_at=at)
                for one in missing
            ),
            ignore_conflicts=True,
        )
        held = known()
    return held


def _known(artifacts: Iterable[Artifact], stated: Iterable[Stated]) -> list[ArtifactVersion]:
    stated = list(stated)
    named = Q(label__in={one.label for one in stated})
    digests = {one.digest for one in stated if one.digest}
    same = named | Q(digest__in=digests) if digests else named
    return list(
        ArtifactVersion.objects.filter(same, artifact__in=list(artifacts))
        .select_related("artifact", "created_by")
        .defer("content")
    )


def _found(known: Iterable[ArtifactVersion], artifact: Artifact, one: Stated) -> ArtifactVersion | None:
    """Return the version on record, by its digest or else by its label. Raises DigestMismatch."""
    own = [version for version in known if version.artifact_id == artifact.pk]
    by_digest = next((version for version in own if one.digest and version.digest == one.digest), None)
    if by_digest is not None:
        return by_digest
    by_label = next((version for version in own if version.label == one.label), None)
    if by_label is not None:
        _same(by_label, one)
    return by_label


def _same(version: ArtifactVersion, one: Stated) -> None:
    if version.digest != one.digest:
        held = version.digest or "no digest"
        raise DigestMismatch(
            f"{one} is on record with {held}; another state is another version: give it another label."
        )


def _standing(wanted: Iterable[Wanted]) -> dict[tuple[int | None, int | None, int, str], Edge]:
    wanted = list(wanted)
    ends = Q(version__in={one.version for one in wanted if one.version}) | Q(
        derived__in={one.derived for one in wanted if one.derived}
    )
    rows = Edge.objects.filter(ends, used__in={one.used for one in wanted}, withdrawn_at__isnull=True)
    return {(row.version_id, row.derived_id, row.used_id, row.role): row for row in rows}


def _refuse_circles(edges: Sequence[tuple[int, int]]) -> None:
    if not edges:
        return
    uses: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(USES, {"ids": [used for _, used in edges]})
        for made, used in [*cursor.fetchall(), *edges]:
            uses.setdefault(made, set()).add(used)
    found = ancestry.circle(uses, edges)
    if found:
        names = {one.pk: str(one) for one in ArtifactVersion.objects.filter(pk__in=found).select_related("artifact")}
        path = " → ".join(names[one] for one in found)
        raise CircleFound(f"Nothing is made from what was made from it: {path}.")
