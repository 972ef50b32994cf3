"""The register as people see and answer it."""

from datetime import timedelta

import pytest
from django.test import Client

from models_registry.access.models import Account
from tests.governance.risks.test_answers import a_raised_risk, cora, olive, people
from tests.journeys.builders import NOON

pytestmark = [pytest.mark.django_db]


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


def test_a_risk_is_shown_as_it_was_and_cannot_be_answered_in_the_past() -> None:
    risk = a_raised_risk()
    client, address = browser(olive()), f"/risks/{risk.reference}/"

    before = client.get(address, {"as_of": (NOON - timedelta(minutes=30)).isoformat()})
    long_ago = client.get(address, {"as_of": "2026-01-01T00:00Z"})

    assert "Low" in before.content.decode()
    assert "What is owed now" not in before.content.decode()
    assert long_ago.status_code == 404
    assert client.post(f"{address}acknowledge/?as_of=2026-01-01", {}).status_code == 400
