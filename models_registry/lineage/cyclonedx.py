"""A version's bill of materials as CycloneDX (ECMA-424) writes it: plain values in, a document out.

The shapes are those of bom-1.6 and bom-1.7; both define the model card alike.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SPECS = ("1.6", "1.7")
HOUSE = uuid.UUID("6f1f7f0a-2f64-5f0b-9a53-3c9f4f2f8c11")
"""The name space of the serial numbers; the same contents get the same number."""

ALGORITHMS: Mapping[str, str] = {
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha1": "SHA-1",
    "md5": "MD5",
}
TYPES: Mapping[str, str] = {
    "WEIGHTS": "machine-learning-model",
    "ADAPTER": "machine-learning-model",
    "BASE_MODEL": "machine-learning-model",
    "TOKENIZER": "data",
    "PROMPT_TEMPLATE": "data",
    "DATASET": "data",
    "EVALUATION_DATASET": "data",
    "VECTOR_INDEX": "data",
    "CODE": "application",
    "CONTAINER": "container",
    "GUARDRAIL": "data",
}
"""What each kind of artifact is as a component."""
CONTENTS: Mapping[str, str] = {
    "TOKENIZER": "configuration",
    "PROMPT_TEMPLATE": "configuration",
    "DATASET": "dataset",
    "EVALUATION_DATASET": "dataset",
    "VECTOR_INDEX": "dataset",
    "GUARDRAIL": "configuration",
}
TASKS: Mapping[str, str] = {
    "CLASSIFIER": "classification",
    "REGRESSOR": "regression",
    "RECOMMENDER": "recommendation",
    "FORECASTER": "time-series forecasting",
    "LLM_APPLICATION": "text generation",
    "RAG_APPLICATION": "retrieval-augmented generation",
    "FINE_TUNED_ADAPTER": "text generation",
    "EMBEDDING_MODEL": "feature extraction",
    "AGENT": "text generation",
    "VISION": "computer vision",
    "SPEECH": "speech recognition",
}
SPDX = frozenset({
    "Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "GPL-2.0-only", "GPL-3.0-only",
    "LGPL-3.0-only", "AGPL-3.0-only", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0",
})  # fmt: skip
"""Identifiers of SPDX that models and data commonly carry; another licence is told by its name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One artifact version of the bill; ``uses`` are the keys of what it was made from."""

    key: str
    kind: str
    name: str
    version: str
    digest: str = ""
    licence: str = ""
    source_uri: str = ""
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """The model version the bill is about, with what its card says."""

    key: str
    name: str
    version: str
    kind: str
    digest: str = ""
    source_uri: str = ""
    description: str = ""
    licence: str = ""
    vendor: str = ""
    purpose: str = ""
    metrics: Sequence[tuple[str, str]] = ()
    datasets: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)


def document(*, subject: Subject, parts: Iterable[Part], at: datetime, spec: str = SPECS[0]) -> dict[str, Any]:
    """Return the bill as a document of this version of CycloneDX. Its order is that of the parts."""
    parts = list(parts)
    components = [_component(part) for part in parts]
    uses = [(subject.key, subject.uses), *((part.key, part.uses) for part in parts)]
    dependencies = [{"ref": key, "dependsOn": sorted(set(used))} for key, used in uses]
    serial = uuid.uuid5(HOUSE, repr((subject, parts)))
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "tools": {"components": [{"type": "application", "name": "Redline"}]},
            "component": _model(subject, parts),
        },
        "components": components,
        "dependencies": dependencies,
    }


def _model(subject: Subject, parts: Iterable[Part]) -> dict[str, Any]:
    return _without_nothing({
        "bom-ref": subject.key,
        "type": "machine-learning-model",
        "name": subject.name,
        "version": subject.version,
        "description": subject.description,
        "supplier": {"name": subject.vendor} if subject.vendor else None,
        "hashes": _hashes(subject.digest),
        "licenses": _licences(subject.licence),
        "pedigree": _pedigree(parts),
        "externalReferences": _references(subject.source_uri, subject.references),
        "modelCard": _card(subject),
        "properties": [{"name": name, "value": value} for name, value in subject.properties.items()],
    })  # fmt: skip


def _card(subject: Subject) -> dict[str, Any]:
    parameters = _without_nothing({
        "task": TASKS.get(subject.kind), "datasets": [{"ref": key} for key in subject.datasets]
    })  # fmt: skip
    metrics = [{"type": name, "value": value} for name, value in subject.metrics]
    return _without_nothing({
        "modelParameters": parameters,
        "quantitativeAnalysis": {"performanceMetrics": metrics} if metrics else None,
        "considerations": {"useCases": [subject.purpose]} if subject.purpose else None,
    })  # fmt: skip


def _component(part: Part) -> dict[str, Any]:
    kind = TYPES[part.kind]
    contents = CONTENTS.get(part.kind)
    commit = part.digest.removeprefix("git:") if part.digest.startswith("git:") else ""
    return _without_nothing({
        "bom-ref": part.key,
        "type": kind,
        "name": part.name,
        "version": part.version,
        "hashes": _hashes(part.digest),
        "licenses": _licences(part.licence),
        "externalReferences": _references(part.source_uri, {}),
        "data": [{"type": contents, "name": part.name}] if kind == "data" and contents else None,
        "properties": [
            {"name": "redline:kind", "value": part.kind},
            *([{"name": "redline:commit", "value": commit}] if commit else []),
        ],
    })  # fmt: skip


def _hashes(digest: str) -> list[dict[str, str]]:
    name, _, digits = digest.partition(":")
    return [{"alg": ALGORITHMS[name], "content": digits}] if name in ALGORITHMS else []


def _licences(text: str) -> list[dict[str, dict[str, str]]]:
    return [{"license": {"id": text} if text in SPDX else {"name": text}}] if text else []


def _pedigree(parts: Iterable[Part]) -> dict[str, Any]:
    """Return what the model was built upon; the bill's components say the rest of each."""
    ancestors = [
        {"type": TYPES[part.kind], "name": part.name, "version": part.version}
        for part in parts
        if part.kind == "BASE_MODEL"
    ]
    return {"ancestors": ancestors} if ancestors else {}


def _references(source_uri: str, others: Mapping[str, str]) -> list[dict[str, str]]:
    """Return references; a source that is no address a schema takes stays out."""
    found = [{"type": kind, "url": url} for kind, url in others.items()]
    if source_uri and "://" in source_uri and source_uri.isascii() and " " not in source_uri:
        found.append({"type": "distribution", "url": source_uri})
    return found


def _without_nothing(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
