"""Validation suites on record: judged once, never changed, compared with what serves."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from rest_framework.test import APIClient

from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog import validation_queries
from models_registry.catalog.validation_actions import ResultUnfit, record_validation
from models_registry.catalog.validation_models import Validation
from models_registry.catalog.weighing import Change
from tests.journeys.builders import a_person, people
from tests.models_registry.catalog.validated import a_result, a_suite, recorded, shares, two_versions
from tests.models_registry.lineage.world import AT, a_version, otto_ci

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/models/claims-triage/versions/1/validations/"
BODY = {
    "suite": "fairness-by-age",
    "kind": "FAIRNESS",
    "ran_at": "2020-03-02T09:30:00Z",
    "dataset": "claims-held-out v3",
    "results": [
        {"metric": "recall_score", "segment": "age 18–25", "value": 0.9, "threshold": 0.85, "successes": 450,
         "count": 500},
        {"metric": "recall", "segment": "age 65+", "value": 0.78, "threshold": 0.85, "successes": 390, "count": 500},
    ],
}  # fmt: skip


def as_(account) -> APIClient:
    client = APIClient()
    client.force_authenticate(account)
    return client


def test_a_suite_is_judged_and_told_in_the_trail():
    validation = recorded(a_version(), a_suite(shares(950), a_result("my_score", 5.0, threshold=None)))

    assert validation.verdict == "PASS"
    judged, unjudged = validation.results.order_by("position")
    assert (judged.verdict, judged.way, judged.count) == ("PASS", "HIGHER_IS_BETTER", 1000)
    assert judged.low < 0.95 < judged.high
    assert (unjudged.verdict, unjudged.way) == ("", "NEITHER")
    entry = AuditEntry.objects.get(action="validation.recorded")
    assert validation.digest in entry.canon


def test_the_same_statement_twice_is_one_record():
    version = a_version()
    first = recorded(version)

    again, fresh = record_validation(by=otto_ci(), at=AT + timedelta(days=1), version=version, suite=a_suite())

    assert (again.pk, fresh) == (first.pk, False)
    assert recorded(version, a_suite(a_result(value=0.94))).pk != first.pk
    assert AuditEntry.objects.filter(action="validation.recorded").count() == 2


def test_what_is_on_record_cannot_be_changed():
    validation = recorded(a_version())

    for rows in (Validation.objects.filter(pk=validation.pk), validation.results.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(verdict="FAIL")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all()._raw_delete(rows.db)


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        (a_suite(a_result(), a_result("acc")), "there twice"),
        (a_suite(a_result("my_score")), "needs a direction"),
        (a_suite(a_result(value=float("nan"))), "finite"),
        (a_suite(a_result(evidence={"successes": 1, "count": 2})), "1 of 2 is not 0.93"),
        (a_suite(ran_at=AT + timedelta(hours=1)), "in the future"),
        (a_suite(dataset_digest="latest"), "digest of a dataset"),
    ],
)
def test_a_suite_that_contradicts_itself_is_refused_whole(suite, words):
    version = a_version()

    with pytest.raises(ResultUnfit, match=words):
        record_validation(by=otto_ci(), at=AT, version=version, suite=suite)
    assert not Validation.objects.exists()


def test_nobody_records_for_a_model_of_others():
    version = a_version()

    for name, role in (("rival", "model_owner"), ("clara", "compliance_officer"), ("al", "auditor")):
        with pytest.raises(AccessDenied):
            record_validation(by=a_person(name, "", role), at=AT, version=version, suite=a_suite())


def test_a_pipeline_records_a_suite_and_reads_its_verdicts():
    a_version()
    ci = as_(otto_ci())

    first, again = ci.post(ADDRESS, BODY, format="json"), ci.post(ADDRESS, BODY, format="json")

    assert (first.status_code, again.status_code) == (201, 200), first.json()
    told = first.json()
    assert told["verdict"] == "FAIL"
    assert [(one["metric"], one["verdict"]) for one in told["results"]] == [("recall", "PASS"), ("recall", "FAIL")]
    assert ci.get(ADDRESS).json()["results"] == [told]
    assert ci.get(f"{ADDRESS}{told['id']}/").json() == told
    assert ci.get(f"{ADDRESS}{told['id'] + 1}/").status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "PASS"}, "verdict"),
        ({"kind": "VIBES"}, "kind"),
        ({"results": []}, "results"),
        ({"results": [{"metric": "recall", "value": "0.9"}]}, "results"),
        ({"results": [{"metric": "recall", "value": True}]}, "results"),
        ({"results": [{"metric": "recall", "value": 0.9, "passed": True}]}, "results"),
        ({"results": [{"metric": "recall", "value": 0.9, "samples": [0.5] * 501}]}, "results"),
    ],
)
def test_input_that_is_not_known_is_refused_by_name(change, field):
    a_version()

    answer = as_(otto_ci()).post(ADDRESS, {**BODY, **change}, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(f"#/{field}"), answer.json()


def test_the_newest_run_of_a_suite_counts():
    version = a_version()
    recorded(version, a_suite(shares(850), ran_at=AT - timedelta(days=3)))
    recorded(version, a_suite(shares(960)))
    recorded(version, a_suite(suite="toxicity", kind="TOXICITY"))

    assert [(one.suite, one.verdict) for one in validation_queries.newest_of(version=version)] == [
        ("held-out", "PASS"),
        ("toxicity", "PASS"),
    ]
    assert validation_queries.newest_of(version=version, at=AT - timedelta(days=9)) == []


def test_a_version_is_compared_with_the_one_in_production():
    serving, newer = two_versions()
    recorded(serving, a_suite(shares(910), shares(900, segment="age 65+"), a_result("auc", 0.95)))
    recorded(newer, a_suite(shares(960), shares(905, segment="age 65+"), a_result("mape", 0.1)))

    found = validation_queries.against_production(version=newer)
    told = as_(otto_ci()).get("/api/v1/models/claims-triage/versions/2/comparison/").json()

    assert found.other == serving
    assert [line.change for line in found.lines] == [Change.BETTER, Change.UNCLEAR]
    assert (found.only_new, found.only_old) == (1, 1)
    assert (told["other"], told["counts"]["BETTER"], told["correction"]) == (1, 1, "Holm")
    assert told["lines"][0]["p_adjusted"] >= told["lines"][0]["p_value"]


def test_what_serves_is_compared_with_nothing():
    serving, _ = two_versions()
    recorded(serving)

    assert validation_queries.against_production(version=serving).other is None
    assert people().olive.pk == serving.model.owner_id
