"""The register as people see and answer it."""

import pytest
from django.test import Client

from models_registry.access.models import Account
from tests.governance.risks.test_answers import a_raised_risk, cora, olive, people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.governance.risks.urls")]


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_owner_acknowledges_what_was_read_and_others_see_why_they_cannot() -> None:
    risk = a_raised_risk()
    client, address = browser(olive()), f"/risks/{risk.reference}/"

    assert risk.reference in client.get("/risks/").content.decode()
    assert "style=" not in client.get(address).content.decode()
    assert "may acknowledge" in browser(cora()).get(address).content.decode()
    assert browser(people().stella).get(address).status_code == 403
    assert browser(cora()).post(f"{address}acknowledge/", {"judged_digest": risk.digest}).status_code == 403
    assert client.post(f"{address}acknowledge/", {"judged_digest": "old"}).status_code == 409
    assert client.post(f"{address}acknowledge/", {"judged_digest": risk.digest}).status_code == 302
