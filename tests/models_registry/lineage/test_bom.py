"""The bill of materials is valid by the published schemas, whole, and the same for the same version."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from models_registry.lineage import bom, cyclonedx
from models_registry.lineage.models import ArtifactKind
from tests.journeys.builders import NOON
from tests.models_registry.lineage.world import a_rag_version, digest

SCHEMAS = Path(__file__).parents[2] / "payloads" / "cyclonedx"


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress((SCHEMAS / f"{name}.schema.json.gz").read_bytes()))
    return found


REGISTRY: Registry[Any] = Registry().with_resources(
    (one["$id"], Resource.from_contents(one)) for one in map(schema, ("spdx", "jsf-0.82", "cryptography-defs"))
)
VALIDATORS = {spec: Draft7Validator(schema(f"bom-{spec}"), registry=REGISTRY) for spec in cyclonedx.SPECS}


def wrong(document: dict[str, Any]) -> list[str]:
    return [
        f"{one.json_path}: {one.message[:200]}" for one in VALIDATORS[document["specVersion"]].iter_errors(document)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("spec", cyclonedx.SPECS)
def test_the_bill_of_a_version_is_valid_and_names_everything(spec):
    version, made = a_rag_version()

    found = bom.of_version(version=version, at=NOON, spec=spec, base="https://redline.example/")

    assert wrong(found) == []
    assert {one["name"] for one in found["components"]} == {str(one.artifact) for one in made.values()}
    model = found["metadata"]["component"]
    assert model["hashes"] == [{"alg": "SHA-256", "content": digest("claims-triage")[7:]}]
    assert model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "groundedness", "value": "0.9"}
    ]
    assert [len(one["dependsOn"]) for one in found["dependencies"] if one["ref"] == "model:claims-triage@1"] == [3]
    documents = next(one for one in found["components"] if one["name"] == "policy-documents")
    assert documents["licenses"] == [{"license": {"id": "CC-BY-4.0"}}]
    assert "Answer briefly" not in json.dumps(found)


@pytest.mark.django_db
def test_the_same_version_has_the_same_serial_number_and_another_has_another():
    version, _ = a_rag_version()
    other, _ = a_rag_version()

    def serial(one):
        return bom.of_version(version=one, at=datetime.now(UTC), spec="1.6", base="https://redline.example/")[
            "serialNumber"
        ]

    assert serial(version) == serial(version)
    assert serial(version) != serial(other)


texts = st.text(max_size=30)
parts = st.builds(
    cyclonedx.Part,
    key=st.integers(0, 10**9).map(lambda n: f"part:{n}"),
    kind=st.sampled_from(ArtifactKind.values),
    name=texts.filter(bool),
    version=texts.filter(bool),
    digest=st.sampled_from(["", digest("x"), f"git:{'a' * 40}", f"sha1:{'b' * 40}", f"md5:{'c' * 32}"]),
    licence=st.one_of(texts, st.sampled_from(sorted(cyclonedx.SPDX))),
    source_uri=st.one_of(texts, st.just("s3://bucket/key"), st.just("https://x.example/a?b#c")),
)


@given(st.lists(parts, max_size=5, unique_by=lambda part: part.key), texts, texts, st.sampled_from(cyclonedx.SPECS))
def test_whatever_is_on_record_the_bill_is_valid(found, name, purpose, spec):
    subject = cyclonedx.Subject(
        "model:x@1", name or "x", "1", "AGENT", purpose=purpose, vendor=name, metrics=[("auc", "0.9")],
        properties={"redline:stage": purpose},
    )  # fmt: skip

    assert wrong(cyclonedx.document(subject=subject, parts=found, at=NOON, spec=spec)) == []


def test_every_kind_of_artifact_is_some_kind_of_component():
    assert set(cyclonedx.TYPES) == set(ArtifactKind)
    assert set(cyclonedx.CONTENTS) == {kind for kind, what in cyclonedx.TYPES.items() if what == "data"}


def test_every_identifier_of_a_licence_is_one_of_spdx():
    assert set(schema("spdx")["enum"]) >= cyclonedx.SPDX
