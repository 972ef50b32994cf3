"""The bill of materials of a model version, read from the record."""

import datetime as dt
from typing import Any

from models_registry.catalog.models import ModelVersion
from models_registry.lineage import closure, cyclonedx, queries
from models_registry.lineage.graph import Lineage, Node
from models_registry.lineage.models import ArtifactKind, FactSort

SPECS = cyclonedx.SPECS
DATA = frozenset({ArtifactKind.DATASET, ArtifactKind.EVALUATION_DATASET})
BUILT = frozenset({ArtifactKind.WEIGHTS, ArtifactKind.ADAPTER})
"""What a model is, rather than what it was made from: its licence is the model's."""


def of_version(*, version: ModelVersion, at: dt.datetime, spec: str, base: str) -> dict[str, Any]:
    """Return the bill of a version as CycloneDX; ``base`` is the address under which people reach Redline."""
    lineage = closure.upstream(of=version)
    uses = _uses(lineage)
    nodes = [node for node in lineage.nodes if not node.is_version]
    parts = [_part(node, uses) for node in nodes]
    return cyclonedx.document(subject=_subject(version, lineage, uses, base), parts=parts, at=at, spec=spec)


def _subject(version: ModelVersion, lineage: Lineage, uses: dict[str, tuple[str, ...]], base: str) -> cyclonedx.Subject:
    model, page = version.model, f"{base.rstrip('/')}/models/{version.model.slug}"
    facts = queries.facts_of(versions=[version])[version.pk]
    return cyclonedx.Subject(
        key=_ref(lineage.root),
        name=model.slug,
        version=str(version.number),
        kind=model.kind,
        digest=version.artifact_digest,
        source_uri=version.source_uri,
        description=version.description,
        licence=_licence(lineage),
        vendor=model.vendor,
        purpose=model.purpose,
        metrics=[(fact.name, fact.text) for fact in facts if fact.sort == FactSort.METRIC],
        datasets=tuple(_ref(node) for node in lineage.nodes if node.kind in DATA),
        uses=uses.get(lineage.root.key, ()),
        properties={
            "redline:stage": version.stage,
            "redline:materiality": model.materiality,
            "redline:regulatory-class": model.regulatory_class,
            "redline:data-sensitivity": model.data_sensitivity,
            **{f"redline:parameter:{fact.name}": fact.text for fact in facts if fact.sort == FactSort.PARAMETER},
        },
        references={"risk-assessment": f"{page}/", "documentation": f"{page}/versions/{version.number}/"},
    )


def _licence(lineage: Lineage) -> str:
    """Return the licence of the weights or the adapter that the version itself consists of; of what lies below: no."""
    own = (node.licence for node in lineage.nodes if node.depth == 1 and node.kind in BUILT)
    return next(filter(None, own), "")


def _part(node: Node, uses: dict[str, tuple[str, ...]]) -> cyclonedx.Part:
    return cyclonedx.Part(
        key=_ref(node), kind=node.kind, name=node.name, version=node.label, digest=node.digest, licence=node.licence,
        source_uri=node.source_uri, uses=uses.get(node.key, ()),
    )  # fmt: skip


def _uses(lineage: Lineage) -> dict[str, tuple[str, ...]]:
    nodes = lineage.by_key()
    found: dict[str, tuple[str, ...]] = {}
    for link in lineage.links:
        found[link.maker] = (*found.get(link.maker, ()), _ref(nodes[link.used]))
    return found


def _ref(node: Node) -> str:
    if node.is_version:
        return f"model:{node.slug}@{node.number}"
    return f"{node.kind.lower().replace('_', '-')}:{node.name}@{node.label}#{node.pk}"
