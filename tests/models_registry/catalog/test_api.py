"""The catalog's API and pages, door to record."""

import pytest
from rest_framework.test import APIClient

from tests.models_registry.catalog.test_stages import DIGEST, cleared, person, staged

pytestmark = [pytest.mark.django_db]


def test_a_model_is_registered_versioned_moved_and_read_by_api() -> None:
    olive = person("olive", "model_owner")
    client = APIClient()
    client.force_authenticate(olive)
    facts = {"slug": "churn", "name": "Churn", "kind": "CLASSIFIER", "owner": "olive", "unit": "claims"}

    made = client.post("/api/v1/models/", facts, format="json")
    again = client.post("/api/v1/models/", facts, format="json")
    version = client.post("/api/v1/models/churn/versions/", {"artifact_digest": DIGEST}, format="json")
    moved = client.post("/api/v1/models/churn/versions/1/stage/", {"to": "STAGING"}, format="json")
    refused = client.post("/api/v1/models/churn/versions/1/stage/", {"to": "PRODUCTION"}, format="json")
    pointed = client.put("/api/v1/models/churn/aliases/challenger/", {"version": 1}, format="json")
    listed = client.get("/api/v1/models/churn/versions/")

    assert [made.status_code, again.status_code, version.status_code] == [201, 409, 201]
    assert [moved.status_code, refused.status_code, pointed.status_code] == [200, 409, 200]
    assert listed.json()["results"][0] | {"stage": "STAGING", "aliases": ["challenger"]} == listed.json()["results"][0]


def test_unknown_fields_are_refused_by_name() -> None:
    client = APIClient()
    client.force_authenticate(person("olive", "model_owner"))

    answer = client.post("/api/v1/models/", {"slug": "x", "colour": "red"}, format="json")

    assert answer.status_code == 400
    assert {"pointer": "#/colour", "detail": "Unknown field."} in answer.json()["errors"]


def test_the_versions_panel_and_the_forms_answer() -> None:
    olive = person("olive", "model_owner")
    version = staged(olive)
    cleared(version)
    client = APIClient()
    client.force_login(olive)

    pages = [client.get(f"/models/{path}") for path in ("claims-triage/versions/", "claims-triage/edit/", "register/")]
    past = client.get("/models/claims-triage/versions/?as_of=2020-01-01")
    bad = client.post("/models/register/", {"name": ""})

    assert [page.status_code for page in pages] == [200] * 3
    assert b"No version is registered" in past.content
    assert bad.status_code == 422
