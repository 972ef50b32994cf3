"""Imports by programs: looked at, applied, read, taken back, within the token's scopes."""

import base64
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.catalog.models import RegisteredModel
from models_registry.intake.models import Intake
from tests.journeys.builders import a_model, people
from tests.models_registry.intake.world import a_sheet, done, olive

pytestmark = pytest.mark.django_db

CSV = "Model name,Owner,Risk tier\nFraud scores,olive,1\n"


def token(*scopes: str) -> dict[str, str]:
    people()
    issued = issue_token(by=olive(), at=timezone.now(), account=olive(), name="ci", scopes=list(scopes))
    return {"Authorization": f"Bearer {issued.raw}"}


def post(path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return Client().post(path, body, content_type="application/json", headers=headers)


def test_a_dry_run_says_what_would_be_and_an_application_does_it() -> None:
    headers = token()

    made = post("/api/v1/imports/", {"content": CSV, "file_name": "all.csv"}, headers)

    assert made.status_code == 201
    told = made.json()
    assert (told["state"], told["counts"]["created"]) == ("CHECKED", 1)
    assert told["mapping"] == {"Model name": "name", "Owner": "owner", "Risk tier": "materiality"}
    assert not RegisteredModel.objects.exists()
    items = Client().get(f"/api/v1/imports/{told['id']}/items/", headers=headers).json()["results"]
    assert items[0]["rows"] == [2]
    assert {"what": "Materiality", "before": "", "after": "High"} in items[0]["changes"]
    applied = post(f"/api/v1/imports/{told['id']}/applications/", {}, headers)
    assert (applied.status_code, applied.json()["counts"]["done"]) == (200, 1)
    undone = post(f"/api/v1/imports/{told['id']}/undoings/", {"reason": "No."}, headers)
    assert (undone.status_code, undone.json()["state"]) == (200, "UNDONE")
    again = post(f"/api/v1/imports/{told['id']}/undoings/", {"reason": "No."}, headers)
    assert (again.status_code, again.json()["detail"]) == (409, "The import is taken back.")


def test_a_workbook_is_applied_in_one_call_where_every_row_is_in_order() -> None:
    sheet = base64.b64encode(a_sheet([["Name", "Owner"], ["Fraud", "olive"]])).decode()

    made = post("/api/v1/imports/", {"content_base64": sheet, "dry_run": False}, token())

    assert (made.json()["state"], made.json()["format"]) == ("APPLIED", "XLSX")
    assert RegisteredModel.objects.get().slug == "fraud"


def test_bad_rows_are_told_and_nothing_is_applied() -> None:
    headers = token()

    made = post("/api/v1/imports/", {"content": CSV + "Churn,nobody,1\n", "dry_run": False}, headers).json()

    assert (made["state"], made["counts"]["wrong"]) == ("CHECKED", 1)
    query = f"/api/v1/imports/{made['id']}/items/?outcome=WRONG"
    (bad,) = Client().get(query, headers=headers).json()["results"]
    assert (bad["problems"][0]["row"], bad["problems"][0]["column"]) == (3, "Owner")
    refused = post(f"/api/v1/imports/{made['id']}/applications/", {}, headers)
    assert refused.status_code == 409
    good = post(f"/api/v1/imports/{made['id']}/applications/", {"good_rows_only": True}, headers)
    assert good.json()["counts"]["done"] == 1


def test_the_work_of_a_token_keeps_to_its_scopes_after_the_request() -> None:
    a_model("claims-triage")
    headers = token("model.register", "model.read")

    made = post("/api/v1/imports/", {"content": "slug,vendor\nclaims-triage,Acme\n"}, headers).json()

    assert made["counts"]["refused"] == 1
    intake = Intake.objects.get()
    assert intake.scopes == ["model.read", "model.register"]
    assert done(intake).items.get().outcome == "REFUSED"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": CSV, "content_base64": "eA=="},
        {"content_base64": "###"},
        {"content": "   "},
        {"content": "just words"},
        {"content": CSV, "mapping": {"No such column": "name"}},
        {"content": CSV, "mapping": {"Owner": "owner"}},
        {"content": CSV, "mapping": {"Owner": "nonsense"}},
        {"content": CSV, "usual": {"owner": "nobody"}},
        {"content": CSV, "surprise": 1},
    ],
)
def test_what_cannot_be_an_import_is_refused_by_field(body: dict[str, Any]) -> None:
    response = post("/api/v1/imports/", body, token())

    assert response.status_code == 400
    assert response.json()["errors"]
    assert not Intake.objects.exists()
