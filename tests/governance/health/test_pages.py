"""The formulas' pages as people use them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from governance.health import actions, queries
from governance.health.formula import parse
from governance.health.models import FormulaVersion
from governance.rules.models import VersionState
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Rollup
from tests.governance.rules.people import AT, a_model, a_person, agree, cora

pytestmark = pytest.mark.django_db

SLUG = "rag-llm"
TEXT = dict(actions.shipped_texts())[SLUG]
SMALL = """formula: small
title: Small models
redline: 60
components:
  - {key: accuracy, metric: accuracy, weight: 60, zero_at: 0.5, hundred_at: 1.0, missing: hold, max_age: 7d}
  - {key: latency, metric: p95_latency_ms, weight: 40, zero_at: 2000, hundred_at: 0, missing: quiet, max_age: 1h}
"""


def a_client(name: str = "Cora", role: str = "compliance_officer") -> Client:
    client = Client()
    client.force_login(a_person(name, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def as_stella() -> Client:
    return a_client("Stella", "auditor")


def a_reading(model: RegisteredModel, metric: str, value: float) -> None:
    with transaction.atomic():
        Rollup.objects.create(
            model=model,
            metric=metric,
            environment="production",
            segment="",
            width_s=3600,
            starts_at=AT - timedelta(hours=1),
            count=2,
            sum=2 * value,
            min=value,
            max=value,
            first=value,
            last=value,
            first_at=AT - timedelta(minutes=50),
            last_at=AT - timedelta(minutes=10),
        )
        record(by=System("arrangement"), action="test.arranged", on=model, body={})


def an_enforced(slug: str, text: str, *kinds: Any) -> FormulaVersion:
    version = actions.draft(by=cora(), at=AT, slug=slug, text=text, kinds=kinds)
    agree(actions.submit(by=cora(), at=AT, version=version))
    return actions.enforce(by=cora(), at=AT, version=version)


def test_the_list_shows_every_shipped_formula_with_its_kinds() -> None:
    actions.ensure_shipped_formulas(by=cora(), at=AT)

    page = as_stella().get("/formulas/").content.decode()

    assert all(f"/formulas/{slug}/" in page for slug, _ in actions.shipped_texts())
    assert "Recommender" in page


def test_the_list_costs_no_more_when_there_are_more_versions(django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    client = as_stella()
    client.get("/formulas/")

    with django_assert_max_num_queries(12):
        client.get("/formulas/")


@pytest.mark.parametrize("tab", ["formula", "preview", "history", "nonsense"])
def test_every_tab_opens_for_a_reader(tab: str) -> None:
    an_enforced(SLUG, TEXT)

    assert as_stella().get(f"/formulas/{SLUG}/", {"tab": tab}).status_code == 200


def test_the_components_stand_with_bounds_weights_and_what_missing_data_means() -> None:
    actions.draft(by=cora(), at=AT, slug="small", text=SMALL)

    page = as_stella().get("/formulas/small/").content.decode()

    assert "fresh for 7 days, then its last value is held" in page
    assert "left out after 1 h" in page
    assert "60\xa0%" in page


def test_the_road_is_walked_by_buttons() -> None:
    client = a_client()
    client.post("/formulas/new/", {"text": SMALL, "kinds": ["CLASSIFIER"]})
    version = FormulaVersion.objects.get()
    client.post("/formulas/small/1/submit/")
    agree(actions.WALK.request_of(version))  # type: ignore[arg-type]

    client.post("/formulas/small/1/enforce/")

    version.refresh_from_db()
    assert (version.state, version.formula.kinds) == (VersionState.ENFORCED, ["CLASSIFIER"])


def test_a_step_out_of_turn_is_refused_on_the_page() -> None:
    actions.draft(by=cora(), at=AT, slug="small", text=SMALL)

    answer = a_client().post("/formulas/small/1/enforce/")

    assert answer.status_code == 409
    assert "not enforced" in answer.content.decode()


def test_a_submission_is_withdrawn_by_a_button() -> None:
    version = actions.draft(by=cora(), at=AT, slug="small", text=SMALL)
    actions.submit(by=cora(), at=AT, version=version)

    a_client().post("/formulas/small/1/withdraw/")

    version.refresh_from_db()
    assert version.state == VersionState.RETIRED


def test_what_changed_between_versions_is_shown_in_words_and_text() -> None:
    actions.draft(by=cora(), at=AT, slug="small", text=SMALL)
    actions.draft(by=cora(), at=AT, slug="small", text=SMALL.replace("redline: 60", "redline: 70"))

    page = as_stella().get("/formulas/small/changes/1/2/").content.decode()

    assert "<ins>+ redline: 70</ins>" in page
    assert "<del>60.</del> <ins>70.</ins>" in page


def test_a_text_with_errors_names_line_and_column() -> None:
    answer = a_client().post("/formulas/new/", {"text": SMALL.replace("60\n", "160\n", 1), "kinds": ["CLASSIFIER"]})

    assert answer.status_code == 422
    assert "Line 3, column 10" in answer.content.decode()


def test_a_formula_is_said_while_it_is_typed() -> None:
    page = a_client().post("/formulas/says/", {"text": SMALL, "slug": ""}).content.decode()

    assert "Health falls past its redline under 60." in page


@pytest.mark.parametrize(
    ("role", "status"), [("compliance_officer", 200), ("auditor", 403), ("model_owner", 403), ("administrator", 403)]
)
def test_only_compliance_writes(role: str, status: int) -> None:
    assert a_client(role.title().replace("_", ""), role).get("/formulas/new/").status_code == status


def test_a_text_is_tried_on_the_readings_that_are_stored() -> None:
    model = a_model("claims", kind="CLASSIFIER")
    a_reading(model, "accuracy", 0.75)
    a_reading(model, "p95_latency_ms", 500)
    an_enforced("small", SMALL, "CLASSIFIER")
    stricter = parse(SMALL.replace("weight: 60", "weight: 10").replace("redline: 60", "redline: 75"))

    seen = queries.preview(actor=a_person("Stella", "auditor"), formula=stricter, kinds=["CLASSIFIER"], at=AT)

    change = seen.changes[0]
    assert change.before is not None
    assert change.after is not None
    assert (change.before.score, change.after.score) == (60.0, 70.0)
    assert (change.was_past, change.is_past) == (False, True)
    assert seen.sentence == "1 of 1 model would score differently. 1 would cross the redline."


def test_a_preview_never_names_a_model_that_its_reader_does_not_see() -> None:
    a_model("claims", kind="CLASSIFIER")

    seen = queries.preview(
        actor=a_person("Quinn", "automation_ingest"), formula=parse(SMALL), kinds=["CLASSIFIER"], at=AT
    )

    assert seen.changes == ()


def test_a_preview_costs_no_more_for_more_models(django_assert_max_num_queries: Any) -> None:
    for place in range(12):
        a_model(f"model-{place}", kind="CLASSIFIER")
    actor = a_person("Stella", "auditor")

    with django_assert_max_num_queries(5):
        queries.preview(actor=actor, formula=parse(SMALL), kinds=["CLASSIFIER"], at=AT)
