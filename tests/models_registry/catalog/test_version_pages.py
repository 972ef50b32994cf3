"""Versions as an owner registers, moves and names them in a browser."""

import pytest
from django.test import Client

from models_registry.catalog.models import Alias, ModelVersion, Stage
from tests.models_registry.catalog.test_stages import DIGEST, person, staged

pytestmark = pytest.mark.django_db


def browser(name: str, role: str) -> Client:
    client = Client()
    client.force_login(person(name, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def olive() -> Client:
    olive = person("olive", "model_owner")
    staged(olive)
    client = Client()
    client.force_login(olive, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_version_is_registered_and_shown(olive: Client) -> None:
    asked = {"artifact_digest": "sha256:" + "b" * 64, "source_uri": "s3://models/2", "description": "New index."}

    answer = olive.post("/models/claims-triage/versions/new/", asked)

    assert answer.url == "/models/claims-triage/versions/2/"
    assert "New index." in olive.get(answer.url).text
    assert "v2" in olive.get("/models/claims-triage/versions/").text


def test_a_digest_that_is_none_is_refused_beside_the_field(olive: Client) -> None:
    answer = olive.post("/models/claims-triage/versions/new/", {"artifact_digest": "latest"})

    assert answer.status_code == 422
    assert "64 hexadecimal digits" in answer.context["form"].errors["artifact_digest"][0]
    assert ModelVersion.objects.count() == 1


def test_a_version_moves_freely_but_not_into_production(olive: Client) -> None:
    address = "/models/claims-triage/versions/1/stage/"

    assert olive.post(address, {"to": "DEVELOPMENT"}).status_code == 302
    assert ModelVersion.objects.get().stage == Stage.DEVELOPMENT
    refused = olive.post(address, {"to": "PRODUCTION"})
    assert (refused.status_code, "Only a gate" in refused.text) == (409, True)
    assert olive.post(address, {"to": "DEVELOPMENT"}).status_code == 409
    assert ModelVersion.objects.get().stage == Stage.DEVELOPMENT


def test_an_alias_points_at_a_version_and_a_guarded_one_waits_for_the_gate(olive: Client) -> None:
    address = "/models/claims-triage/versions/1/alias/"

    assert olive.post(address, {"name": "candidate"}).status_code == 302
    assert Alias.objects.get().name == "candidate"
    assert "points at this version already" in olive.post(address, {"name": "candidate"}).text
    guarded = olive.post(address, {"name": "champion"})
    assert (guarded.status_code, "is guarded" in guarded.text) == (409, True)
    assert olive.post(address, {"name": "a b"}).status_code == 422


def test_an_auditor_reads_and_a_stranger_sees_nothing(olive: Client) -> None:
    auditor, stella = browser("al", "auditor"), browser("stella", "")

    assert DIGEST in auditor.get("/models/claims-triage/versions/1/").text
    for path in ("versions/new/", "versions/1/stage/", "versions/1/alias/"):
        assert auditor.post(f"/models/claims-triage/{path}").status_code == 403
    assert stella.get("/models/claims-triage/versions/1/").status_code in {403, 404}


def test_the_past_shows_versions_of_then(olive: Client) -> None:
    before = olive.get("/models/claims-triage/versions/?as_of=2026-11-20T11:00Z")
    after = olive.get("/models/claims-triage/versions/?as_of=2026-11-20T12:30Z")

    assert (list(before.context["rows"]), [stage for _, stage in after.context["rows"]]) == ([], [Stage.STAGING])
