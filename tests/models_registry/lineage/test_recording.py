"""What is stated is kept once, whoever states it again; what contradicts the record is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.lineage import actions
from models_registry.lineage.keeping import CircleFound, DigestMismatch, FactSettled, StatedOtherwise
from models_registry.lineage.models import ArtifactVersion, Edge, Fact
from models_registry.lineage.statement import Member, Stated, Statement, StatementUnfit
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.lineage.world import (
    AT,
    a_rag_version,
    a_version,
    artifact,
    dataset,
    digest,
    otto_ci,
    register_all,
    stated,
)

pytestmark = pytest.mark.django_db


def register(one: Stated, by=None):
    return actions.register_artifact(by=by or otto_ci(), at=AT, stated=one)


def edge(derived: ArtifactVersion, used: ArtifactVersion, by=None):
    return actions.record_edge(by=by or otto_ci(), at=AT, derived=derived, used=used, role="DERIVED_FROM")


def entries(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


# ---- artifacts ----


def test_the_same_digest_is_the_same_version_whatever_its_label():
    first, fresh = register(dataset(label="v1"))
    again, known = register(Stated("DATASET", "claims-history", "nightly", first.digest))

    assert (fresh, known) == (True, False)
    assert again.pk == first.pk
    assert again.label == "v1"
    assert entries("artifact.registered") == 1


def test_another_digest_under_the_same_label_is_refused():
    register(dataset(label="v1"))

    with pytest.raises(DigestMismatch, match="another state is another version"):
        register(dataset(label="v1", digest=digest("tampered")))
    with pytest.raises(DigestMismatch, match="claims-history v1 is on record with sha256"):
        register(Stated("DATASET", "claims-history", "v1"))


def test_what_its_maker_hosts_is_known_by_its_label():
    first, _ = register(Stated("BASE_MODEL", "hosted", "2025-04"))
    again, fresh = register(Stated("BASE_MODEL", "hosted", "2025-04"))

    assert (again.pk, fresh) == (first.pk, False)


def test_one_name_may_be_two_kinds_of_things():
    one, _ = register(dataset("claims"))
    other, _ = register(artifact("VECTOR_INDEX", "claims"))

    assert one.artifact_id != other.artifact_id


def test_whoever_recorded_a_version_corrects_its_licence_and_strangers_do_not():
    version, _ = register(dataset(licence="MIT"))
    corrected, _ = register(dataset(licence="CC-BY-4.0"))

    assert corrected.licence == "CC-BY-4.0"
    assert AuditEntry.objects.get(action="artifact.restated").body["changed"][0]["from"] == "MIT"
    a_model()
    with pytest.raises(StatedOtherwise, match="Otto may correct it"):
        register(dataset(licence="proprietary"), by=people().olive)
    assert ArtifactVersion.objects.get(pk=version.pk).licence == "CC-BY-4.0"


def test_what_nobody_stated_yet_anybody_who_registers_may_state():
    register(dataset())
    told, fresh = register(dataset(licence="MIT"), by=people().olive)

    assert (told.licence, fresh) == ("MIT", False)


def test_who_registers_no_versions_registers_no_artifacts():
    with pytest.raises(AccessDenied):
        register(dataset(), by=people().cora)


# ---- edges ----


def test_a_circle_is_refused_and_the_way_round_is_named():
    raw, clean, index = (register(dataset(name))[0] for name in ("raw", "clean", "joined"))
    edge(clean, raw)
    edge(index, clean)

    with pytest.raises(CircleFound, match="raw v1 → joined v1 → clean v1 → raw v1"):
        edge(raw, index)
    assert Edge.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_edges_that_close_a_circle_together_one_is_kept():
    one, other = register_all(dataset("one"), dataset("other"))
    otto = otto_ci()

    def record(pair):
        try:
            return edge(*pair, by=otto)[1]
        except CircleFound:
            return False
        finally:
            connection.close()

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            kept = list(pool.map(record, [(one, other), (other, one)]))
        assert sorted(kept) == [False, True]
        actions.withdraw_edge(by=otto, at=AT, edge=Edge.objects.get(withdrawn_at__isnull=True), reason="Again.")


def test_an_edge_to_itself_is_a_circle_of_one():
    raw, _ = register(dataset("raw"))

    with pytest.raises(CircleFound, match="raw v1 → raw v1"):
        edge(raw, raw)


def test_a_statement_whose_own_edges_close_a_circle_is_refused_whole():
    version = a_version()
    members = (
        Member("a", dataset("a"), "TRAINED_ON", made_from=(("b", "DERIVED_FROM"),)),
        Member("b", dataset("b"), made_from=(("a", "DERIVED_FROM"),)),
    )

    with pytest.raises(CircleFound):
        stated(version, *members)


def test_the_same_edge_again_is_the_same_edge():
    raw, clean = (register(dataset(name))[0] for name in ("raw", "clean"))
    first, fresh = edge(clean, raw)
    again, known = edge(clean, raw)

    assert (fresh, known, first.pk) == (True, False, again.pk)
    assert entries("lineage.edge_recorded") == 1


def test_a_withdrawn_edge_stays_on_record_and_may_be_recorded_anew():
    raw, clean = (register(dataset(name))[0] for name in ("raw", "clean"))
    wrong, _ = edge(clean, raw)

    actions.withdraw_edge(by=otto_ci(), at=AT, edge=wrong, reason="It was another bucket.")
    with pytest.raises(actions.AlreadyWithdrawn):
        actions.withdraw_edge(by=otto_ci(), at=AT, edge=wrong, reason="Again.")
    edge(raw, clean)

    assert Edge.objects.filter(withdrawn_at__isnull=True).get().derived_id == raw.pk
    assert Edge.objects.get(pk=wrong.pk).reason == "It was another bucket."


def test_only_who_answers_for_an_artifact_says_what_it_is_made_from():
    raw, clean = (register(dataset(name))[0] for name in ("raw", "clean"))

    with pytest.raises(AccessDenied, match="was recorded by Otto"):
        edge(clean, raw, by=people().olive)
    mine, _ = register(dataset("mine"), by=people().olive)
    assert edge(mine, raw, by=people().olive)[1]


def test_the_owner_links_a_version_and_the_owner_of_another_model_does_not():
    version = a_version()
    used, _ = register(dataset())
    rival = a_person("rival", "", "model_owner")

    with pytest.raises(AccessDenied):
        actions.record_edge(by=rival, at=AT, version=version, used=used, role="TRAINED_ON")
    assert actions.record_edge(by=people().olive, at=AT, version=version, used=used, role="TRAINED_ON")[1]


def test_an_edge_in_a_role_that_does_not_fit_is_refused():
    used, _ = register(dataset())

    with pytest.raises(StatementUnfit):
        actions.record_edge(by=otto_ci(), at=AT, version=a_version(), used=used, role="RUNS_IN")


# ---- whole statements ----


def test_a_whole_origin_is_recorded_in_one_call_and_one_entry(governed_tables, django_assert_max_num_queries):
    version = a_version()
    otto = otto_ci()
    statement = Statement(
        members=tuple(Member(f"d{n}", dataset(f"d{n}"), "TRAINED_ON") for n in range(60)),
        parameters={f"p{n}": n for n in range(60)},
    )

    with django_assert_max_num_queries(24):
        done = actions.record_lineage(by=otto, at=AT, version=version, statement=statement)

    assert (done.fresh_versions, done.fresh_edges, done.fresh_facts) == (60, 60, 60)
    assert entries("lineage.recorded") == 1


def test_stated_again_nothing_changes_and_nothing_is_written():
    version, made = a_rag_version()
    before = (ArtifactVersion.objects.count(), Edge.objects.count(), Fact.objects.count(), AuditEntry.objects.count())

    again = stated(
        version,
        Member("docs", dataset("policy-documents", "v1", licence="CC-BY-4.0")),
        Member(
            "index",
            artifact("VECTOR_INDEX", "documents-index"),
            "RETRIEVES_FROM",
            made_from=(("docs", "DERIVED_FROM"),),
        ),
        parameters={"top_k": 4.0, "reranks": True},
    )

    assert again["index"].pk == made["index"].pk
    assert before == (
        ArtifactVersion.objects.count(), Edge.objects.count(), Fact.objects.count(), AuditEntry.objects.count(),
    )  # fmt: skip


def test_two_versions_share_one_dataset_version():
    _, one = a_rag_version("claims-triage")
    _, other = a_rag_version("contract-search")

    assert one["docs"].pk == other["docs"].pk
    assert one["prompt"].artifact_id != other["prompt"].artifact_id


def test_a_parameter_that_is_on_record_with_another_value_is_refused_and_nothing_is_kept():
    version, _ = a_rag_version()

    with pytest.raises(FactSettled, match="top_k of v1 is on record as 4"):
        stated(version, Member("new", dataset("new"), "TRAINED_ON"), parameters={"top_k": 5})


def test_a_statement_does_not_extend_what_another_recorded():
    version = a_version()
    register(dataset("shared"))
    made_from = (("mine", "DERIVED_FROM"),)

    with pytest.raises(AccessDenied, match="shared v1 was recorded by Otto"):
        stated(
            version,
            Member("shared", dataset("shared"), "TRAINED_ON", made_from=made_from),
            Member("mine", dataset("mine")),
            by=people().olive,
        )


def test_facts_refuse_to_be_changed_by_anyone():
    from django.db import transaction
    from django.db.utils import ProgrammingError

    a_rag_version()

    with pytest.raises(ProgrammingError), transaction.atomic():
        Fact.objects.update(text="0")


def test_the_moment_is_the_one_that_was_given():
    _, made = a_rag_version()

    assert made["docs"].created_at == AT
    assert AT.tzinfo is not None
    assert AuditEntry.objects.get(action="lineage.recorded").body["at"].startswith((AT + timedelta(0)).isoformat()[:10])
