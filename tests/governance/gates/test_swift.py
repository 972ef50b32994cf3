"""The quick answer to a runtime question is the ordinary one, and everything unusual goes the ordinary way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from governance.config.wsgi import application
from governance.gates import swift
from governance.rules.models import Episode
from governance.scoring.models import Posture
from models_registry.access.models import RoleGrant, Token
from models_registry.catalog.models import ModelVersion, RegisteredModel
from tests.governance.gates.world import AT, a_clean_version, a_person, a_rule, a_token, otto
from tests.wsgi import Answered, ask, connection_kept

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/gates/runtime/claims-triage/"


@pytest.fixture
def version() -> ModelVersion:
    return a_clean_version(at=timezone.now())


class Caller:
    """A service that asks with its token, by the door that servers answer at."""

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def get(self, address: str) -> Answered:
        return ask(application, address, token=self.raw)


@pytest.fixture
def service(version: ModelVersion) -> Caller:
    """A caller whose token was used today already."""
    raw = a_token(otto(), at=timezone.now())
    Token.objects.update(last_used_on=timezone.now().date())
    return Caller(raw)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep the test's transaction: neither the porch nor the handler behind it looks at the connection's age."""
    with connection_kept():
        yield


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
    state: str, version: ModelVersion, service: Caller, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    if state in ("firing", "held", "both"):
        fires(version)
    if state == "held":
        Episode.objects.update(held=True)
    if state in ("prohibited", "both"):
        RegisteredModel.objects.update(regulatory_class="PROHIBITED")

    service.get(ADDRESS)  # a process reads the text of a rule once
    assert swift.runtime("claims-triage/", {"HTTP_AUTHORIZATION": f"Bearer {service.raw}"}) is not None
    with django_assert_num_queries(0):  # the one prepared statement goes past Django's cursors
        quick = service.get(ADDRESS)
    monkeypatch.setattr(swift, "fetch_one", lambda *_: None)
    slow = service.get(ADDRESS)

    assert quick.json() == slow.json()
    assert (quick.status, quick.headers["Content-Type"]) == (slow.status, slow.headers["Content-Type"])
    assert (quick.json()["access"] == "full") == (state in ("calm", "held")), "what a breaker holds restricts nobody"


def test_the_first_question_of_a_day_notes_the_use_of_the_token(version: ModelVersion) -> None:
    client = Caller(a_token(otto(), at=timezone.now()))

    assert client.get(ADDRESS).status == 200
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
    change: Any, status: int, version: ModelVersion, service: Caller
) -> None:
    assert service.get(ADDRESS).status == 200

    change()

    refused = service.get(ADDRESS)
    assert (refused.status, refused.headers["Content-Type"]) == (status, "application/problem+json")


def test_who_may_not_read_a_model_hears_of_none(version: ModelVersion) -> None:
    stella = a_person("Stella", "ml_engineer")
    client = Caller(a_token(stella, at=timezone.now()))
    Token.objects.update(last_used_on=timezone.now().date())
    RegisteredModel.objects.update(unit=other_unit())

    assert client.get(ADDRESS).status in (403, 404)
    assert client.get("/api/v1/gates/runtime/nobody-knows/").status in (403, 404)


def other_unit() -> Any:
    return type(a_person("Stella").unit).objects.create(slug="lending", name="Lending")


def test_a_model_that_was_never_judged_gets_the_sandbox_the_ordinary_way(
    version: ModelVersion, service: Caller
) -> None:
    Posture.objects.all().delete()

    assert service.get(ADDRESS).json()["access"] == "sandbox"


@pytest.mark.parametrize(
    "rest", ["", "/", "claims-triage", "claims-triage//", "claims\x00/", "a/b/", "é/", "claims-triage/x"]
)
def test_what_is_no_address_of_a_model_is_left_to_the_view(rest: str, service: Caller) -> None:
    assert swift.runtime(rest, {"HTTP_AUTHORIZATION": f"Bearer {service.raw}"}) is None
