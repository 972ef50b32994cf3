"""The recursive statements reach exactly what a plain walk reaches, with the same depths, for any lineage."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.access.rights import remember
from models_registry.catalog.models import ModelVersion
from models_registry.lineage import actions, closure
from models_registry.lineage.graph import affected, neighbourhood
from models_registry.lineage.models import Artifact, ArtifactVersion, Edge
from tests.models_registry.lineage.world import AT, a_rag_version, a_version, dataset, otto_ci, register_all

pytestmark = pytest.mark.django_db

SIZE = 8
pairs = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda pair: pair[0] != pair[1])
lineages = st.tuples(
    st.sets(pairs.map(lambda pair: (max(pair), min(pair))), max_size=20),
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, SIZE - 1)), max_size=8),
    st.integers(1, SIZE),
)
"""Edges between artifacts, edges from three model versions, and how far to walk."""


@pytest.fixture
def cast() -> tuple[list[ModelVersion], list[ArtifactVersion]]:
    """Three model versions and eight artifact versions without an edge."""
    otto = otto_ci()
    versions = [a_version(slug) for slug in ("one", "two", "three")]
    held = Artifact.objects.create(kind="DATASET", name="data", created_by=otto, created_at=AT)
    artifacts = [
        ArtifactVersion.objects.create(artifact=held, label=str(n), created_by=otto, created_at=AT) for n in range(SIZE)
    ]
    return versions, artifacts


def depths(uses: Mapping[int, set[int]], start: set[int], first: int, most: int) -> dict[int, int]:
    """Walk in breadth and return how far everything is."""
    found = dict.fromkeys(start, first)
    line = sorted(start)
    for node in line:
        for other in uses.get(node, ()):
            if other not in found and found[node] < most:
                found[other] = found[node] + 1
                line.append(other)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lineages)
def test_both_ways_reach_what_a_plain_walk_reaches(cast, drawn):
    (versions, artifacts), (between, of_models, most) = cast, drawn
    otto = otto_ci()
    uses: dict[int, set[int]] = {}
    makers: dict[int, set[int]] = {}
    for made, used in between:
        uses.setdefault(made, set()).add(used)
        makers.setdefault(used, set()).add(made)
    common = {"recorded_by": otto, "recorded_at": AT, "role": "DERIVED_FROM"}

    with transaction.atomic():
        Edge.objects.bulk_create(Edge(derived=artifacts[a], used=artifacts[b], **common) for a, b in between)
        Edge.objects.bulk_create(Edge(version=versions[v], used=artifacts[a], **common) for v, a in of_models)
        ups = [closure.upstream(of=version, depth=most) for version in versions]
        origin = closure.upstream(of=artifacts[-1], depth=most)
        downs = [closure.downstream(of=one, actor=otto, depth=most) for one in artifacts]
        transaction.set_rollback(True)

    keys = {f"a{row.pk}": place for place, row in enumerate(artifacts)}
    numbers = {f"v{row.pk}": place for place, row in enumerate(versions)}
    for place, found in enumerate(ups):
        wanted = depths(uses, {a for v, a in of_models if v == place}, 1, most)
        assert {keys[node.key]: node.depth for node in found.nodes if not node.is_version} == wanted
    assert {keys[n.key]: n.depth for n in origin.nodes if n.depth} == depths(uses, uses.get(SIZE - 1, set()), 1, most)
    for place, found in enumerate(downs):
        wanted = depths(makers, {place}, 0, most)
        assert {keys[node.key]: node.depth for node in found.nodes if not node.is_version} == wanted
        near = {
            v: min(wanted[a] + 1 for w, a in of_models if w == v and a in wanted) for v, b in of_models if b in wanted
        }
        assert {numbers[node.key]: node.depth for node in found.nodes if node.is_version} == near
        assert {numbers[one.node.key] for one in affected(found)} == set(near)
    for found in (*ups, origin, *downs):
        known = found.by_key()
        assert len(known) == len(found.nodes)
        assert {end for link in found.links for end in (link.maker, link.used)} <= set(known)
        assert len({link.pk for link in found.links}) == len(found.links)


def test_each_way_is_one_query():
    (version, made), otto = a_rag_version(), otto_ci()
    remember(otto)

    with CaptureQueriesContext(connection) as up:
        closure.upstream(of=version)
    with CaptureQueriesContext(connection) as down:
        closure.downstream(of=made["docs"], actor=otto)

    assert (len(up), len(down)) == (1, 1)


def test_a_circle_in_the_table_ends_the_walk_all_the_same():
    raw, clean = register_all(dataset("raw"), dataset("clean"))
    common = {"recorded_by": otto_ci(), "recorded_at": AT, "role": "DERIVED_FROM"}
    Edge.objects.create(derived=raw, used=clean, **common)
    Edge.objects.create(derived=clean, used=raw, **common)

    found = closure.upstream(of=raw)

    assert {node.pk for node in found.nodes} == {raw.pk, clean.pk}


def test_a_walk_that_is_cut_says_so():
    version, _ = a_rag_version()

    assert closure.upstream(of=version, depth=1).cut
    assert not closure.upstream(of=version).cut


def test_nodes_know_their_roles_depths_and_licences():
    version, made = a_rag_version()

    found = closure.upstream(of=version)
    by_name = {node.name: node for node in found.nodes}

    assert by_name["policy-documents"].depth == 2
    assert by_name["policy-documents"].licence == "CC-BY-4.0"
    assert {(link.maker, link.role) for link in found.links if link.used == f"a{made['docs'].pk}"} == {
        (f"a{made['index'].pk}", "DERIVED_FROM")
    }


def test_affected_names_those_that_serve_first_with_owner_and_way():
    _, made = a_rag_version("claims-triage")
    other, _ = a_rag_version("contract-search")
    ModelVersion.objects.filter(pk=other.pk).update(stage="PRODUCTION")

    found = affected(closure.downstream(of=made["docs"], actor=otto_ci()))

    assert [(one.node.slug, one.node.stage) for one in found] == [
        ("contract-search", "PRODUCTION"), ("claims-triage", "DEVELOPMENT"),
    ]  # fmt: skip
    assert found[0].node.owner == "Olive Okafor"
    assert (found[0].role, str(found[0].via), found[0].depth) == ("RETRIEVES_FROM", "documents-index v1", 2)


def test_the_past_shows_what_stood_then():
    version, made = a_rag_version()
    edge = Edge.objects.get(version=version, used=made["index"])
    actions.withdraw_edge(by=otto_ci(), at=AT + timedelta(days=2), edge=edge, reason="Wrong index.")

    def names(at):
        return {node.name for node in closure.upstream(of=version, at=at).nodes}

    assert "documents-index" not in names(None)
    assert "documents-index" in names(AT + timedelta(days=1))
    assert names(AT - timedelta(days=1)) == {"Claims triage"}
    assert affected(closure.downstream(of=made["docs"], actor=otto_ci())) == []
    then = affected(closure.downstream(of=made["docs"], actor=otto_ci(), at=AT + timedelta(days=1)))
    assert [(one.node.slug, one.node.stage) for one in then] == [("claims-triage", "DEVELOPMENT")]


def test_a_neighbourhood_is_seen_from_its_middle():
    version, made = a_rag_version()

    found = neighbourhood(closure.upstream(of=version), around=f"a{made['index'].pk}", hops=1)

    assert str(found.root) == "documents-index v1"
    assert {node.name for node in found.nodes} == {"documents-index", "policy-documents", "Claims triage"}
