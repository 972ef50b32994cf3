"""What is done to the lineage: artifacts are registered, edges recorded and withdrawn, whole origins stated."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, can, may_open, require
from models_registry.audit.actions import record
from models_registry.catalog.models import ModelVersion
from models_registry.lineage.keeping import StatedOtherwise, Wanted, keep_edges, keep_facts, keep_versions
from models_registry.lineage.models import ArtifactVersion, Edge, FactSort
from models_registry.lineage.statement import Member, Stated, Statement, checked, fit, settled

CORRECTABLE = ("licence", "source_uri")
"""What may be said anew of a version on record, by who answers for it."""


class AlreadyWithdrawn(Exception):
    """This edge was withdrawn before."""

    http_status = 409


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a statement came to: its artifact versions and edges, and how much of it was new."""

    versions: Mapping[str, ArtifactVersion]
    edges: Sequence[Edge]
    fresh_versions: int
    fresh_edges: int
    fresh_facts: int

    @property
    def is_fresh(self) -> bool:
        """Say whether anything was not on record before."""
        return bool(self.fresh_versions or self.fresh_edges or self.fresh_facts)


@transaction.atomic
def register_artifact(*, by: Account, at: dt.datetime, stated: Stated) -> tuple[ArtifactVersion, bool]:
    """Put one version of an artifact on record; return it, and whether it is new.

    The same digest again is the same version. Raises AccessDenied, StatementUnfit, DigestMismatch and
    StatedOtherwise.
    """
    _require_any(by)
    one = settled(stated)
    kept = keep_versions([one], by=by, at=at)
    version = kept.versions[0]
    if version.pk in kept.fresh:
        record(by=by, action="artifact.registered", on=version, body={"at": at, **_told(version)})
        return version, True
    corrected = _corrected([(version, one)], by=by)
    if corrected:
        record(by=by, action="artifact.restated", on=version, body={"at": at, "changed": corrected, **_told(version)})
    return version, False


@transaction.atomic
def record_edge(
    *,
    by: Account,
    at: dt.datetime,
    used: ArtifactVersion,
    role: str,
    version: ModelVersion | None = None,
    derived: ArtifactVersion | None = None,
) -> tuple[Edge, bool]:
    """Record that a model version, or an artifact version, uses an artifact version; say whether it is new.

    Raises AccessDenied, StatementUnfit and CircleFound, which names the way round.
    """
    assert (version is None) != (derived is None)
    if version is not None:
        require(by, Permission.VERSION_REGISTER, on=version)
    elif derived is not None:
        _require_answering(by, [derived])
    fit(role=role, kind=used.artifact.kind)
    wanted = Wanted(used=used.pk, role=role, version=_pk(version), derived=_pk(derived))
    edges, fresh = keep_edges([wanted], by=by, at=at)
    edge = edges[0]
    if edge.pk in fresh:
        body = {"at": at, "edge": edge.pk, "role": role, "used": str(used), "of": str(version or derived)}
        record(
            by=by, action="lineage.edge_recorded", on=version or derived or used, body=body, model_id=_model(version)
        )
    return edge, edge.pk in fresh


@transaction.atomic
def withdraw_edge(*, by: Account, at: dt.datetime, edge: Edge, reason: str) -> Edge:
    """Say that an edge was recorded by mistake. It stays on record. Raises AccessDenied and AlreadyWithdrawn."""
    held = Edge.objects.select_for_update(of=("self",)).select_related(
        "version__model", "derived__artifact", "used__artifact"
    )
    found = held.get(pk=edge.pk)
    if found.version is not None:
        require(by, Permission.VERSION_REGISTER, on=found.version)
    elif found.derived is not None:
        _require_answering(by, [found.derived])
    if found.withdrawn_at is not None:
        raise AlreadyWithdrawn(AlreadyWithdrawn.__doc__)
    found.withdrawn_at, found.withdrawn_by, found.reason = at, by, reason
    found.save(update_fields=["withdrawn_at", "withdrawn_by", "reason"])
    subject = found.version or found.derived
    body = {"at": at, "edge": found.pk, "role": found.role, "used": str(found.used), "of": str(subject), "why": reason}
    record(by=by, action="lineage.edge_withdrawn", on=subject or found.used, body=body, model_id=_model(found.version))
    return found


@transaction.atomic
def record_lineage(*, by: Account, at: dt.datetime, version: ModelVersion, statement: Statement) -> Recorded:
    """Put on record everything that is stated about a version: artifacts, edges, parameters, metrics.

    All of it or nothing; stated again, nothing changes. Raises AccessDenied, StatementUnfit, DigestMismatch,
    StatedOtherwise, CircleFound and FactSettled.
    """
    require(by, Permission.VERSION_REGISTER, on=version)
    stated = checked(statement)
    kept = keep_versions([member.stated for member in stated.members], by=by, at=at)
    found = {member.key: row for member, row in zip(stated.members, kept.versions, strict=True)}
    known = [(found[one.key], one.stated) for one in stated.members if found[one.key].pk not in kept.fresh]
    corrected = _corrected(known, by=by)
    edges, fresh = keep_edges(_wanted(version, stated.members, found), by=by, at=at)
    grown = {edge.derived_id for edge in edges if edge.pk in fresh and edge.derived_id} - kept.fresh
    _require_answering(by, [row for row in found.values() if row.pk in grown])
    facts = keep_facts(version, _facts(stated), by=by, at=at)
    done = Recorded(found, edges, len(kept.fresh), len(fresh), len(facts))
    if done.is_fresh or corrected:
        body = {
            "at": at,
            "number": version.number,
            "artifacts": len(kept.fresh),
            "edges": len(fresh),
            "facts": len(facts),
            "registered": [
                _told(row) for row in {one.pk: one for one in kept.versions}.values() if row.pk in kept.fresh
            ],
            "linked": [
                {"of": edge.derived_id or "version", "role": edge.role, "used": edge.used_id}
                for edge in edges
                if edge.pk in fresh
            ],
            "stated": {f"{fact.sort.lower()} {fact.name}": fact.text for fact in facts},
            "changed": corrected,
        }
        record(by=by, action="lineage.recorded", on=version, body=body, model_id=version.model_id)
    return done


def answers_for(by: Account, version: ArtifactVersion) -> bool:
    """Say whether an account may extend or correct an artifact version: it or its team recorded it, or it may
    register versions of every model."""
    if by.pk == version.created_by_id or can(by, Permission.VERSION_REGISTER):
        return True
    return by.team_id is not None and by.team_id == version.created_by.team_id


def _require_any(by: Account) -> None:
    answer = may_open(by, Permission.VERSION_REGISTER)
    if not answer:
        raise AccessDenied(answer.reason)


def _require_answering(by: Account, versions: Collection[ArtifactVersion]) -> None:
    _require_any(by)
    for version in versions:
        if not answers_for(by, version):
            raise AccessDenied(
                f"{version} was recorded by {version.created_by}: they, their team, or a pipeline of all models may "
                "say what it is made from."
            )


def _corrected(known: Sequence[tuple[ArtifactVersion, Stated]], *, by: Account) -> list[dict[str, object]]:
    """Write down what is said anew of versions on record; what is left out of a statement stays as it is."""
    changes: list[dict[str, object]] = []
    for version, one in known:
        for name in CORRECTABLE:
            before, after = getattr(version, name), getattr(one, name)
            if not after or after == before:
                continue
            if before and not answers_for(by, version):
                raise StatedOtherwise(f"{version} is on record with {before}; {version.created_by} may correct it.")
            setattr(version, name, after)
            ArtifactVersion.objects.filter(pk=version.pk).update(**{name: after})
            changes.append({"artifact": version.pk, "name": str(version), "fact": name, "from": before, "to": after})
    return changes


def _wanted(version: ModelVersion, members: Sequence[Member], found: Mapping[str, ArtifactVersion]) -> list[Wanted]:
    wanted = [Wanted(used=found[one.key].pk, role=one.role, version=version.pk) for one in members if one.role]
    for one in members:
        wanted += [Wanted(used=found[key].pk, role=role, derived=found[one.key].pk) for key, role in one.made_from]
    return wanted


def _facts(statement: Statement) -> dict[tuple[str, str], str | float | bool]:
    return {
        **{(FactSort.PARAMETER.value, name): value for name, value in statement.parameters.items()},
        **{(FactSort.METRIC.value, name): value for name, value in statement.metrics.items()},
    }


def _told(version: ArtifactVersion) -> dict[str, object]:
    told = {"kind": version.artifact.kind, "name": version.artifact.name, "label": version.label}
    return {"artifact": version.pk, **told, "digest": version.digest, "licence": version.licence}


def _pk(row: ModelVersion | ArtifactVersion | None) -> int | None:
    return row.pk if row is not None else None


def _model(version: ModelVersion | None) -> int | None:
    return version.model_id if version is not None else None
