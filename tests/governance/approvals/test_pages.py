"""Approvals as people see and decide them."""

import pytest
from django.test import Client

from models_registry.access.models import Account
from tests.governance.risks.test_answers import a_raised_risk, acknowledged, cora, olive, proposed

pytestmark = [pytest.mark.django_db]


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_asker_sees_why_approving_is_off_and_compliance_may_vote_on_what_was_read() -> None:
    asked = proposed(acknowledged(a_raised_risk())).approval
    page = browser(olive()).get(f"/approvals/{asked.pk}/")
    assert page.status_code == 200
    assert "Someone else must decide it." in page.content.decode()
    assert "style=" not in page.content.decode()

    client = browser(cora())
    assert asked.title in client.get("/approvals/").content.decode()
    stale = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": "old"})
    mute = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "reject", "digest": asked.digest})
    good = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest})

    assert [stale.status_code, mute.status_code, good.status_code] == [409, 422, 302]
