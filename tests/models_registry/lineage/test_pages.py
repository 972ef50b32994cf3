"""The pages of the lineage: who sees what, at which moment, and how many questions they ask the database."""

import csv
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_registry.access.models import Account, BusinessUnit
from models_registry.catalog.models import ModelVersion
from models_registry.lineage.actions import withdraw_edge
from models_registry.lineage.models import ArtifactVersion, Edge
from models_registry.lineage.statement import Member, Stated
from tests.journeys.builders import a_model, a_person, people
from tests.models_registry.lineage.world import AT, a_rag_version, a_version, dataset, digest, register_all, stated

pytestmark = pytest.mark.django_db
BUDGET = 12


def seen_by(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_the_lineage_of_a_model_is_drawn_and_told_as_a_table():
    a_rag_version()

    answer = seen_by(people().olive).get("/models/claims-triage/lineage/")

    page = text_of(answer)
    assert answer.status_code == 200
    assert '<svg class="graph"' in page
    for name in ("documents-index", "policy-documents", "some-hosted-model", "claims-triage/system"):
        assert page.count(name) >= 2, name
    assert "groundedness" in page
    assert "top_k" in page


def test_the_version_in_production_is_shown_unless_another_is_asked_for():
    first, _ = a_rag_version()
    a_rag_version(number="2")
    ModelVersion.objects.filter(pk=first.pk).update(stage="PRODUCTION")
    olive = seen_by(people().olive)

    assert "Lineage of Claims triage v1" in text_of(olive.get("/models/claims-triage/lineage/"))
    assert "Lineage of Claims triage v2" in text_of(olive.get("/models/claims-triage/lineage/?version=2"))
    for wrong in ("9", "x", "²", "9" * 30):
        assert olive.get(f"/models/claims-triage/lineage/?version={wrong}").status_code == 404


def test_a_model_without_versions_and_a_version_without_origin_say_what_would_come():
    a_model("new-model")
    a_version("bare-model")
    olive = seen_by(people().olive)

    assert "Lineage belongs to versions" in text_of(olive.get("/models/new-model/lineage/"))
    assert "Nothing is recorded yet" in text_of(olive.get("/models/bare-model/lineage/"))
    assert "There is nothing to compare" in text_of(olive.get("/models/bare-model/changes/"))


def test_a_node_is_looked_at_with_its_neighbours_alone():
    _, made = a_rag_version()

    page = text_of(seen_by(people().olive).get(f"/models/claims-triage/lineage/?focus=a{made['docs'].pk}"))

    graph = page.partition('id="graph"')[2].partition("</section>")[0]
    assert "Only what is one link away from policy-documents v1" in graph
    assert "documents-index" in graph
    assert "some-hosted-model" not in graph


def test_the_page_of_an_artifact_tells_who_is_affected_and_gives_it_as_a_file():
    version, made = a_rag_version()
    a_rag_version("contract-search")
    ModelVersion.objects.filter(pk=version.pk).update(stage="PRODUCTION")
    olive = seen_by(people().olive)

    page = text_of(olive.get(f"/lineage/artifacts/{made['docs'].artifact_id}/"))
    rows = list(csv.reader(text_of(olive.get(f"/lineage/versions/{made['docs'].pk}/affected.csv")).splitlines()))

    assert page.index("Claims triage v1") < page.index("Contract search v1")
    assert "retrieves from documents-index v1" in page
    assert [row[:4] for row in rows[1:]] == [
        ["claims-triage", "Claims triage", "1", "PRODUCTION"], ["contract-search", "Contract search", "1", "DEVELOPMENT"],
    ]  # fmt: skip


def test_the_text_of_a_prompt_is_shown_and_escaped():
    version = a_version()
    made = stated(
        version, Member("p", Stated("PROMPT_TEMPLATE", "p", "v1", content="<script>x</script>"), "PROMPTS_WITH")
    )

    page = text_of(seen_by(people().olive).get(f"/lineage/versions/{made['p'].pk}/", follow=True))

    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page


def test_what_changed_is_told_for_artifacts_numbers_and_texts():
    a_rag_version(number="1")
    version, _ = a_rag_version(number="2")
    stated(version, metrics={"recall": 0.7})
    olive = seen_by(people().olive)

    below = text_of(olive.get("/models/claims-triage/changes/"))
    beside = text_of(olive.get("/models/claims-triage/changes/?old=1&new=2&view=sides"))

    assert "Claims triage, v1 to v2" in below
    assert "<ins>+ Rule 2.</ins>" in below
    assert "<del>− Rule 1.</del>" in beside
    assert "recall" in below
    assert "1 changed" in below


def test_the_bill_of_materials_is_a_file():
    a_rag_version()

    answer = seen_by(people().olive).get("/models/claims-triage/versions/1/bom.json?spec=1.7")

    assert answer["Content-Disposition"] == 'attachment; filename="claims-triage-v1.cdx.json"'
    assert json.loads(answer.content)["specVersion"] == "1.7"


def test_the_list_finds_by_name_kind_and_licence_and_gives_a_file():
    a_rag_version()
    olive = seen_by(people().olive)

    assert text_of(olive.get("/lineage/")).count('<tr id="artifact-') == 4
    assert text_of(olive.get("/lineage/?q=index")).count('<tr id="artifact-') == 1
    assert text_of(olive.get("/lineage/?kind=dataset,vector_index")).count('<tr id="artifact-') == 2
    assert text_of(olive.get("/lineage/?licence=cc-by")).count('<tr id="artifact-') == 1
    assert "No artifact matches" in text_of(olive.get("/lineage/?q=nothing"))
    assert len(text_of(olive.get("/lineage/artifacts.csv")).splitlines()) == 5
    for sort in ("name", "-kind", "licence", "-models", "nonsense"):
        assert text_of(olive.get(f"/lineage/?sort={sort}")).count('<tr id="artifact-') == 4


def test_the_list_says_how_many_models_use_an_artifact_then_and_now():
    _, first = a_rag_version()
    _, second = a_rag_version("fraud-graph")
    olive = seen_by(people().olive)
    edge = Edge.objects.get(used=second["base"], version__model__slug="fraud-graph")
    withdraw_edge(by=people().olive, at=AT + timedelta(days=2), edge=edge, reason="Another model.")

    def used(at: str = "") -> dict[str, str]:
        rows = csv.DictReader(text_of(olive.get("/lineage/artifacts.csv", {"as_of": at} if at else {})).splitlines())
        return {row["name"]: row["models"] for row in rows}

    assert first["base"].artifact_id == edge.artifact_id
    assert edge.model_id == edge.version.model_id
    assert used((AT + timedelta(days=1)).isoformat())["some-hosted-model"] == "2"
    assert (used()["some-hosted-model"], used()["documents-index"], used()["policy-documents"]) == ("1", "2", "0")


def test_many_versions_of_an_artifact_are_counted_no_further_than_they_tell():
    [found] = register_all(dataset("claims-history", "v1"), by=people().olive)
    olive = seen_by(people().olive)
    facts = {"artifact": found.artifact, "created_by": people().olive, "created_at": AT}

    def add(count: int) -> None:
        known = found.artifact.versions.count()
        ArtifactVersion.objects.bulk_create(ArtifactVersion(label=f"n{known + n}", **facts) for n in range(count))

    add(99)
    assert ", 100 versions" in text_of(olive.get("/lineage/"))
    add(1)
    assert ", more than 100 versions" in text_of(olive.get("/lineage/"))
    assert next(csv.DictReader(text_of(olive.get("/lineage/artifacts.csv")).splitlines()))["versions"] == "101"


def test_strangers_to_a_unit_see_neither_its_models_nor_their_artifacts():
    _, made = a_rag_version()
    away = BusinessUnit.objects.create(slug="away", name="Away")
    rival = seen_by(a_person("rival", "", "model_owner", unit=away))

    for path in (
        "/models/claims-triage/lineage/", "/models/claims-triage/lineage/panel/", "/models/claims-triage/changes/",
        "/models/claims-triage/versions/1/bom.json", f"/lineage/artifacts/{made['docs'].artifact_id}/",
        f"/lineage/versions/{made['docs'].pk}/", f"/lineage/versions/{made['docs'].pk}/affected.csv",
    ):  # fmt: skip
        assert rival.get(path).status_code == 404, path
    assert text_of(rival.get("/lineage/")).count('<tr id="artifact-') == 0


def test_the_past_shows_what_was_on_record_then():
    a_rag_version()
    olive = seen_by(people().olive)
    before, after = (AT - timedelta(days=1)).isoformat(), (AT + timedelta(days=1)).isoformat()

    assert "documents-index" in text_of(olive.get("/models/claims-triage/lineage/", {"as_of": after}))
    assert "documents-index" not in text_of(olive.get("/models/claims-triage/lineage/", {"as_of": before}))
    assert text_of(olive.get("/lineage/", {"as_of": before})).count('<tr id="artifact-') == 0


def test_a_person_records_an_artifact_and_takes_it_back():
    a_version()
    olive, cora = seen_by(people().olive), seen_by(people().cora)
    address = "/models/claims-triage/versions/1/lineage/"
    given = {"kind": "DATASET", "role": "TRAINED_ON", "name": "claims", "label": "v1", "digest": digest("claims")}

    empty = olive.post(address, {})
    unfit = olive.post(address, {**given, "role": "RUNS_IN"})
    done = olive.post(address, given, follow=True)
    other = olive.post(address, {**given, "digest": digest("other")})
    edge = Edge.objects.get()
    asked = olive.get(f"/models/claims-triage/lineage/edges/{edge.pk}/withdraw/")
    gone = olive.post(f"/models/claims-triage/lineage/edges/{edge.pk}/withdraw/", {"reason": "Wrong set."}, follow=True)
    again = olive.post(f"/models/claims-triage/lineage/edges/{edge.pk}/withdraw/", {"reason": "Again."})

    assert (empty.status_code, unfit.status_code, other.status_code) == (422, 422, 409)
    assert "Runs in leads to container; not to dataset" in text_of(unfit)
    assert "Recorded claims v1 for v1." in text_of(done)
    assert "is on record with sha256" in text_of(other)
    assert "It stays on record, and the past still shows it" in text_of(asked)
    assert "Withdrew claims v1 from v1." in text_of(gone)
    assert again.status_code == 409
    edge.refresh_from_db()
    assert edge.reason == "Wrong set."
    assert cora.get(address).status_code == 403
    assert "None of your roles may register a version" in text_of(cora.get("/models/claims-triage/lineage/"))


def test_a_text_from_a_form_keeps_its_lines():
    a_version()
    given = {"kind": "PROMPT_TEMPLATE", "role": "PROMPTS_WITH", "name": "p", "content": "One.\r\nTwo.\r\n"}

    seen_by(people().olive).post("/models/claims-triage/versions/1/lineage/", given)

    assert ArtifactVersion.objects.get().content == "One.\nTwo.\n"


def cost(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as sent:
        assert client.get(path).status_code == 200
    return len(sent)


def test_no_page_asks_more_when_the_lineage_is_larger():
    version, made = a_rag_version()
    a_rag_version(number="2")
    olive = seen_by(people().olive)
    paths = (
        "/models/claims-triage/lineage/", "/models/claims-triage/lineage/panel/", "/models/claims-triage/changes/",
        f"/lineage/artifacts/{made['docs'].artifact_id}/",
    )  # fmt: skip
    small = {path: cost(olive, path) for path in paths}
    members = [
        Member(f"d{n}", dataset(f"d{n}"), "TRAINED_ON", made_from=((f"d{n + 1}", "DERIVED_FROM"),)) for n in range(30)
    ]
    stated(version, *members, Member("d30", dataset("d30")))
    for number in range(3, 9):
        a_rag_version(number=str(number))

    assert {path: cost(olive, path) for path in paths} == small
    assert max(small.values()) <= BUDGET
