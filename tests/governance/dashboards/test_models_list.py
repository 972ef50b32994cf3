"""The list of models: what its address asks, what it costs, and its file."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.scoring.models import Posture
from models_registry.access import listing
from models_registry.access.models import Account
from models_registry.catalog.actions import move_stage, register_version
from models_registry.catalog.models import Kind, Materiality, ModelVersion, StageMove
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, people

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def slugs(client: Client, **query: str) -> list[str]:
    return [model.slug for model in client.get("/models/", query).context["models"]]


def file_rows(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get("/models.csv", query)
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_list_narrows_sorts_and_goes_on_after_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    for slug in ("a-one", "b-two", "c-three"):
        a_model(slug)
    a_model_past_its_line()
    client = signed_in(people().olive)
    monkeypatch.setattr(listing, "PER_PAGE", 2)

    assert slugs(client) == ["claims-triage", "a-one"]
    assert slugs(client, after="a-one") == ["b-two", "c-three"]
    assert slugs(client, q="three") == ["c-three"]
    assert slugs(client, level="HIGH") == ["claims-triage"]
    assert slugs(client, owner="me", sort="name") == ["a-one", "b-two"]
    assert slugs(client, sort="-name") == ["claims-triage", "c-three"]
    assert slugs(client, sort="-name", after="c-three") == ["b-two", "a-one"]
    assert slugs(client, quiet="false") == []
    assert slugs(client, kind="nonsense", sort="nonsense", after="no\x00body") == ["claims-triage", "a-one"]


def test_several_values_of_a_filter_are_written_with_commas() -> None:
    a_model("agent", kind=Kind.AGENT, materiality=Materiality.LOW)
    a_model("vision", kind=Kind.VISION)
    a_model("plain")
    client = signed_in(people().olive)

    assert slugs(client, kind="agent,vision", sort="name") == ["agent", "vision"]
    assert slugs(client, kind="agent,vision", materiality="low") == ["agent"]
    whole = client.get("/models/", {"kind": ["AGENT", "VISION"], "nonsense": "1"}, headers=HTMX)
    assert whole["HX-Push-Url"] == "/models/?kind=agent,vision"


def test_a_stage_is_a_filter_now_and_in_the_past() -> None:
    model = a_model("staged")
    a_model("without")
    version = register_version(by=people().olive, at=NOON, model=model)
    move_stage(by=people().olive, at=NOON, version=version, to="STAGING")
    client = signed_in(people().olive)

    assert slugs(client, stage="staging") == ["staged"]
    assert slugs(client, stage="staging", as_of="2026-01-01T00:00Z") == []


def test_a_model_names_the_version_that_serves_now_and_then() -> None:
    model = a_model("serving")
    first, second = (register_version(by=people().olive, at=NOON, model=model) for _ in range(2))
    for version, hours in ((first, 0), (second, 2)):
        at = NOON + timedelta(hours=hours)
        StageMove.objects.create(version=version, to_stage="PRODUCTION", moved_by=people().olive, moved_at=at)
    ModelVersion.objects.update(stage="PRODUCTION")
    client = signed_in(people().olive)

    assert "v2 in production" in client.get("/models/").content.decode()
    assert [row["production_version"] for row in file_rows(client)] == ["2"]
    then = client.get("/models/", {"as_of": (NOON + timedelta(hours=1)).isoformat(), "stage": "production"})
    assert [one.serving for one in then.context["models"]] == [1]


def test_a_form_sent_without_script_leads_to_the_tidy_address() -> None:
    client = signed_in(people().olive)

    answer = client.get("/models/?q=&level=HIGH&owner=&unit=&sort=")

    assert (answer.status_code, answer.url) == (302, "/models/?level=high")


def test_the_file_holds_the_rows_of_the_list_and_no_formula() -> None:
    a_model_past_its_line()
    a_model("evil", name="=HYPERLINK(1)")
    client = signed_in(people().olive)

    rows, red = file_rows(client), file_rows(client, in_red="true")

    assert [row["slug"] for row in rows] == slugs(client) == ["claims-triage", "evil"]
    assert rows[1]["name"] == "'=HYPERLINK(1)"
    assert [row["slug"] for row in red] == slugs(client, in_red="true") == ["claims-triage"]
    assert float(red[0]["room"]) == Posture.objects.get(model__slug="claims-triage").room
    assert client.get("/models/", {"format": "csv"})["Content-Disposition"] == 'attachment; filename="models.csv"'


def test_the_list_costs_the_same_for_any_number_of_models() -> None:
    for number in range(5):
        a_model(f"model-{number}")
    client = signed_in(people().olive)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/models/", {"owner": "me", "sort": "name"}, headers=HTMX).status_code == 200
        return len(queries)

    few = cost()
    for number in range(5, 15):
        a_model(f"model-{number}")

    assert cost() == few <= 12


def test_the_fragment_is_part_of_the_page() -> None:
    a_model("only")
    client = signed_in(people().olive)

    whole, part = client.get("/models/"), client.get("/models/", headers=HTMX)

    assert '<div id="models">' in part.content.decode()[:40]
    assert "<html" not in part.content.decode()
    assert 'id="row-only"' in whole.content.decode()
    assert "style=" not in whole.content.decode()
