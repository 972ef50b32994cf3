"""The quick answer to a runtime question is the ordinary one, and everything unusual goes the ordinary way."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.gates import swift
from governance.gates.api import Runtime
from governance.gates.api_urls import urlpatterns
from governance.rules.models import Episode
from governance.scoring.models import Posture
from models_registry.access.models import RoleGrant, Token
from models_registry.catalog.models import ModelVersion, RegisteredModel
from tests.governance.gates.world import AT, a_clean_version, a_person, a_rule, a_token, otto

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/gates/runtime/claims-triage/"


@pytest.fixture
def version() -> ModelVersion:
    return a_clean_version(at=timezone.now())


def caller(raw: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {raw}"})


@pytest.fixture
def service(version: ModelVersion) -> Client:
    """A caller whose token was used today already."""
    raw = a_token(otto(), at=timezone.now())
    Token.objects.update(last_used_on=timezone.now().date())
    return caller(raw)


def fires(version: ModelVersion) -> None:
    Episode.objects.create(
        rule_version=a_rule(),
        model=version.model,
        environment="production",
        category="PRIVACY",
        points=40,
        steps=[{"at": AT.isoformat(), "points": 40, "value": 0.01, "text": "Leaks at 1%."}],
        began_at=AT,
    )


@pytest.mark.parametrize("state", ["calm", "firing", "held", "prohibited", "both"])
def test_both_ways_give_the_same_answer(
    state: str, version: ModelVersion, service: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    if state in ("firing", "held", "both"):
        fires(version)
    if state == "held":
        Episode.objects.update(held=True)
    if state in ("prohibited", "both"):
        RegisteredModel.objects.update(regulatory_class="PROHIBITED")

    service.get(ADDRESS)  # a process reads the text of a rule once
    with django_assert_num_queries(0):  # the one prepared statement goes past Django's cursors
        quick = service.get(ADDRESS)
    monkeypatch.setattr(swift, "fetch_one", lambda *_: None)
    slow = service.get(ADDRESS)

    assert quick.json() == slow.json()
    assert (quick.status_code, quick["Content-Type"]) == (slow.status_code, slow["Content-Type"])
    assert (quick.json()["access"] == "full") == (state in ("calm", "held")), "what a breaker holds restricts nobody"


def test_the_first_question_of_a_day_notes_the_use_of_the_token(version: ModelVersion) -> None:
    client = caller(a_token(otto(), at=timezone.now()))

    assert client.get(ADDRESS).status_code == 200
    assert Token.objects.get().last_used_on == timezone.now().date()


def revoked() -> None:
    Token.objects.update(revoked_at=timezone.now())


def expired() -> None:
    Token.objects.update(issued_at=AT - timedelta(days=9), expires_at=AT - timedelta(days=8))


def disabled() -> None:
    account = otto()
    account.is_active = False
    account.save()


def stripped() -> None:
    RoleGrant.objects.filter(account=otto()).update(ended_at=timezone.now())


def narrowed() -> None:
    Token.objects.update(scopes=["model.read"])


@pytest.mark.parametrize(
    ("change", "status"), [(revoked, 401), (expired, 401), (disabled, 401), (stripped, 403), (narrowed, 403)]
)
def test_what_changed_about_a_caller_counts_from_the_next_question(
    change: Any, status: int, version: ModelVersion, service: Client
) -> None:
    assert service.get(ADDRESS).status_code == 200

    change()

    refused = service.get(ADDRESS)
    assert (refused.status_code, refused["Content-Type"]) == (status, "application/problem+json")


def test_who_may_not_read_a_model_hears_of_none(version: ModelVersion) -> None:
    stella = a_person("Stella", "ml_engineer")
    client = caller(a_token(stella, at=timezone.now()))
    Token.objects.update(last_used_on=timezone.now().date())
    RegisteredModel.objects.update(unit=other_unit())

    assert client.get(ADDRESS).status_code in (403, 404)
    assert client.get("/api/v1/gates/runtime/nobody-knows/").status_code in (403, 404)


def other_unit() -> Any:
    return type(a_person("Stella").unit).objects.create(slug="lending", name="Lending")


def test_a_model_that_was_never_judged_gets_the_sandbox_the_ordinary_way(
    version: ModelVersion, service: Client
) -> None:
    Posture.objects.all().delete()

    assert service.get(ADDRESS).json()["access"] == "sandbox"


def test_the_address_answers_early() -> None:
    view = next(pattern.callback for pattern in urlpatterns if pattern.name == "runtime")
    assert view.early is swift.runtime
    assert view.cls is Runtime
