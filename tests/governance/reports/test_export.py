"""The export: every table within what a person may see, streamed, on record."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from governance.risks.models import Risk
from models_registry.access.models import Account, BusinessUnit
from models_registry.audit.models import AuditEntry
from tests.journeys.builders import a_model, a_person, people

pytestmark = pytest.mark.django_db

WITHOUT_END = {"predictions", "health_history", "standing_history", "routing_decisions"}


@pytest.fixture
def client() -> Client:
    """Return Olive's session, in a house with a model of hers and one that she may not see."""
    model = a_model("claims-triage")
    now = timezone.now()
    Risk.objects.create(
        model=model, category="PERFORMANCE", level="HIGH", state="OPEN", level_since=now, raised_at=now,
        due_at=now + timedelta(days=1), created_at=now, explanation="=1+1",
    )  # fmt: skip
    away = BusinessUnit.objects.create(slug="markets", name="Markets")
    a_model("secret", owner=a_person("mona", "Mona", "model_owner", unit=away), unit=away)
    return signed_in(people().olive)


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_one_table_as_csv_is_streamed_and_safe_to_open(client: Client) -> None:
    response = client.get("/export/risks.csv")

    assert response.streaming
    text = response.getvalue().decode()
    assert "claims-triage" in text
    assert "'=1+1" in text
    assert "secret" not in text


def test_everything_as_a_zip_a_workbook_and_json_holds_the_same_tables(client: Client) -> None:
    packed = zipfile.ZipFile(io.BytesIO(client.get("/export/everything.csv").getvalue()))
    book = load_workbook(io.BytesIO(client.get("/export/everything.xlsx").getvalue()), read_only=True)
    told = json.loads(client.get("/export/everything.json").getvalue())

    assert {name.removesuffix(".csv") for name in packed.namelist()} == set(told)
    assert set(told) - set(book.sheetnames) == WITHOUT_END
    assert [one["slug"] for one in told["models"]] == ["claims-triage"]
    assert told["risks"][0]["explanation"] == "=1+1"
    assert book["models"]["A2"].value == "claims-triage"


def test_who_takes_what_out_is_on_record(client: Client) -> None:
    client.get("/export/models.json").getvalue()

    entry = AuditEntry.objects.get(action="inventory.exported")
    assert (entry.body["tables"], entry.body["format"], entry.actor_name) == ("models", "JSON", "Olive Okafor")


def test_who_may_not_read_risks_takes_the_registry_alone(client: Client) -> None:
    page = client.get("/export/").content.decode()
    assert "The risk register" in page
    stella = signed_in(people().stella)

    assert stella.get("/export/").status_code == 403
    assert client.get("/export/nothing.csv").status_code == 404


def test_an_export_asks_no_more_for_more_models(client: Client, django_assert_max_num_queries: object) -> None:
    for number in range(40):
        a_model(f"model-{number}")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        client.get("/export/versions.csv").getvalue()
