"""The metric catalogue in pages: found, explained, adopted, ended."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from models_registry.access.models import RoleGrant
from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric
from models_registry.telemetry.models import Measurement
from tests.journeys.builders import an_enforced_formula, an_enforced_rule
from tests.models_registry.telemetry import world
from tests.models_registry.telemetry.test_naming import send
from tests.models_registry.telemetry.world import AT

pytestmark = pytest.mark.django_db

ALIAS = {"name": "goodness", "how": "alias", "metric": "recall", "sender": "*", "unit": "%"}
OWN = {
    "name": "answer_length",
    "how": "own",
    "own_unit": "count",
    "direction": "NEITHER",
    "description": "Words of an answer.",
}


def signed_in(role: str) -> Client:
    account = world.olive()
    RoleGrant.objects.create(account=account, role=role, granted_at=AT)
    client = Client()
    client.force_login(account)
    return client


def test_the_catalogue_tells_units_names_series_and_what_reads_them(run_line: Callable[[], None]) -> None:
    world.claims_model()
    send(world.source(), "acc", 0.5)
    run_line()
    client = signed_in("auditor")

    page = client.get("/metrics-catalogue/")
    found = client.get("/metrics-catalogue/?q=auroc")
    nothing = client.get("/metrics-catalogue/?q=no-such-thing")
    one = client.get("/metrics-catalogue/names/accuracy/")

    rows = {row.name: row for row in page.context["rows"]}
    assert page.context["rows"][0].name == "accuracy"
    assert (rows["accuracy"].heard.series, rows["auc"].heard.series) == (1, 0)
    assert [row.name for row in found.context["rows"]] == ["auc"]
    assert "No metric matches these words" in nothing.text
    assert "acc" in one.text
    assert client.get("/metrics-catalogue/names/gone/").status_code == 404


def test_an_unmapped_name_is_adopted_in_two_clicks_and_read_from_then_on(run_line: Callable[[], None]) -> None:
    world.claims_model()
    source = world.source()
    send(source, "goodness", 0.5)
    run_line()
    client = signed_in("administrator")

    listed = client.get("/metrics-catalogue/unmapped/")
    asked = client.get("/metrics-catalogue/adopt/?name=goodness")
    done = client.post("/metrics-catalogue/adopt/", ALIAS)
    send(source, "goodness", 93.0, number=2)
    run_line()
    after = client.get("/metrics-catalogue/unmapped/")

    assert "/metrics-catalogue/adopt/?name=goodness" in listed.text
    assert "1 series of 1 model bear this name now" in asked.text
    assert "What was measured before keeps the name goodness" in asked.text
    assert done.headers["Location"] == "/metrics-catalogue/names/recall/"
    newest = Measurement.objects.order_by("-pk")[0]
    assert (newest.metric, newest.value, newest.unit, newest.sent_unit) == ("recall", 0.93, "ratio", "%")
    assert "Every name is known" in after.text


def test_a_metric_of_the_house_is_defined_and_an_alias_ended() -> None:
    client = signed_in("administrator")

    own = client.post("/metrics-catalogue/adopt/", OWN, follow=True)
    client.post("/metrics-catalogue/adopt/", ALIAS)
    alias = HouseAlias.objects.get()
    ended = client.post(f"/metrics-catalogue/aliases/{alias.pk}/end/", follow=True)
    again = client.post(f"/metrics-catalogue/aliases/{alias.pk}/end/", follow=True)

    assert "Words of an answer." in own.text
    assert HouseMetric.objects.get().created_by == world.olive()
    assert "goodness stands for itself from now on" in ended.text
    assert "This alias was ended before" in again.text


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (ALIAS | {"metric": ""}, "metric"),
        (ALIAS | {"metric": "gone"}, "metric"),
        (ALIAS | {"unit": "s"}, "unit"),
        (ALIAS | {"name": "accuracy"}, "name"),
        (OWN | {"description": ""}, "description"),
        (OWN | {"name": "Not plain"}, "name"),
        (OWN | {"name": "accuracy"}, "name"),
    ],
)
def test_what_cannot_be_said_is_refused_beside_its_field(sent: dict[str, str], field: str) -> None:
    answer = signed_in("administrator").post("/metrics-catalogue/adopt/", sent)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not HouseAlias.objects.exists()
    assert not HouseMetric.objects.exists()


def test_who_may_only_read_sees_the_buttons_off_with_the_reason(run_line: Callable[[], None]) -> None:
    world.claims_model()
    send(world.source(), "goodness", 0.5)
    run_line()
    client = signed_in("auditor")

    page = client.get("/metrics-catalogue/unmapped/")

    assert 'aria-disabled="true"' in page.text
    assert client.post("/metrics-catalogue/adopt/", ALIAS).status_code == 403


def test_rules_and_formulas_that_read_a_metric_are_named() -> None:
    rule, formula = an_enforced_rule(at=AT), an_enforced_formula(at=AT)

    page = signed_in("auditor").get("/metrics-catalogue/names/accuracy/")

    assert rule.rule.title in page.text
    assert f"/rules/{rule.rule.slug}/" in page.text
    assert formula.formula.title in page.text


def test_names_without_end_are_shown_page_by_page_and_the_limit_of_series_says_itself(
    run_line: Callable[[], None], settings: Any
) -> None:
    settings.REDLINE_SERIES_LIMIT = 2
    world.claims_model()
    source = world.source()
    for number in range(60):
        send(source, f"latency_of_request_{number:02}", 0.5, number=number)
    for number in range(3):
        send(source, "accuracy", 0.5, number=number, segment=f"customer-{number}")
    run_line()
    client = signed_in("auditor")

    first, second = (client.get(f"/metrics-catalogue/unmapped/?page={number}").text for number in (1, 2))

    assert "1–50 of 60 names" in first and "latency_of_request_49" in first
    assert "latency_of_request_50" not in first and "latency_of_request_50" in second
    assert "Series of 2" in first and "One metric of one model may have 2 (REDLINE_SERIES_LIMIT)" in first
    assert "E_SEGMENTS" in client.get("/sources/held/").text
