"""The pages and the API of polling: who may set it, what is shown, what is refused beside its field."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.audit.models import AuditEntry
from models_registry.telemetry import poll_actions
from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_models import Polling, PollSweep, Sighting, SweepOutcome
from models_registry.vault.models import SealedSecret
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db
SECRET = "redline:a-password-that-nobody-shows"
ASKED = {
    "address": "https://mlflow.inside",
    "experiments": "",
    "scheme": "basic",
    "credential": SECRET,
    "interval_s": "300",
    "sweep_budget": "100",
    "day_budget": "5000",
}


def signed_in(name: str, role: str) -> Client:
    client = Client()
    client.force_login(an_account(name, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def nadia(settings: Any) -> Client:
    """The administrator, of a company whose MLflow stands inside."""
    settings.OUTBOUND_HOSTS = ["mlflow.inside"]
    return signed_in("nadia", "administrator")


@pytest.fixture
def source() -> Source:
    return world.source("mlflow")


@pytest.fixture
def polled(nadia: Client, source: Source) -> Polling:
    assert nadia.post(f"/sources/{source.slug}/sweeps/", ASKED).status_code == 302
    return Polling.objects.get()


def test_setting_it_up_keeps_the_credential_in_the_vault_and_begins_at_once(nadia: Client, polled: Polling) -> None:
    page = nadia.get(f"/sources/{polled.source.slug}/").text

    assert "https://mlflow.inside" in page and "every 5 minutes" in page
    assert SECRET not in page
    assert SECRET not in nadia.get(f"/sources/{polled.source.slug}/sweeps/").text
    assert poll_actions.credential_of(polled).reveal() == SECRET  # type: ignore[union-attr]
    assert SealedSecret.objects.filter(owner__startswith="telemetry_polling|").count() == 1
    assert polled.next_at <= timezone.now()
    told = AuditEntry.objects.filter(action__startswith="polling.").order_by("pk")
    assert list(told.values_list("action", flat=True)) == [
        "polling.set",
        "polling.credential_replaced",
    ]
    assert SECRET not in str(list(AuditEntry.objects.values_list("canon", flat=True)))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("address", "http://mlflow.inside", "https"),
        ("address", "https://127.1", "disguise"),
        ("address", "https://mlflow.inside/?a=b", "without a query"),
        ("credential", "", "credential is needed"),
        ("credential", "no-colon", "user:password"),
        ("scheme", "basic_api", "Select a valid choice"),
        ("interval_s", "1", "Select a valid choice"),
        ("sweep_budget", "0", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_used_is_refused_beside_its_field(
    nadia: Client, source: Source, field: str, value: str, says: str
) -> None:
    answer = nadia.post(f"/sources/{source.slug}/sweeps/", ASKED | {field: value})

    assert answer.status_code == 422
    assert says in answer.text
    assert not Polling.objects.exists()


def test_left_empty_the_credential_that_is_kept_stays(nadia: Client, polled: Polling) -> None:
    nadia.post(f"/sources/{polled.source.slug}/sweeps/", ASKED | {"credential": "", "interval_s": "900"})

    polled.refresh_from_db()
    assert polled.interval_s == 900
    assert poll_actions.credential_of(polled).reveal() == SECRET  # type: ignore[union-attr]


def test_another_address_begins_anew_and_the_same_one_goes_on(nadia: Client, polled: Polling, settings: Any) -> None:
    settings.OUTBOUND_HOSTS = ["mlflow.inside", "other.inside"]
    Polling.objects.update(cursor={"models_looked": 1})

    nadia.post(f"/sources/{polled.source.slug}/sweeps/", ASKED)
    same = Polling.objects.get().cursor
    nadia.post(f"/sources/{polled.source.slug}/sweeps/", ASKED | {"address": "https://other.inside"})

    assert same == {"models_looked": 1}
    assert Polling.objects.get().cursor == {}


def test_a_kind_that_cannot_be_asked_says_so(nadia: Client) -> None:
    other = world.source("measurements")

    answer = nadia.get(f"/sources/{other.slug}/sweeps/")

    assert answer.status_code == 409
    assert "tell by themselves" in answer.text
    assert 'id="sweeps"' not in nadia.get(f"/sources/{other.slug}/").text


def test_paused_sweeps_are_resumed_where_they_ended(nadia: Client, polled: Polling) -> None:
    Polling.objects.update(cursor={"models_looked": 1})

    nadia.post(f"/sources/{polled.source.slug}/sweeps/switch/")
    paused = Polling.objects.get()
    refused = nadia.post(f"/sources/{polled.source.slug}/sweeps/now/", follow=True)
    nadia.post(f"/sources/{polled.source.slug}/sweeps/switch/")

    assert paused.paused_at is not None
    assert "already paused" in refused.text
    assert (Polling.objects.get().paused_at, Polling.objects.get().cursor) == (None, {"models_looked": 1})


def test_the_page_tells_the_last_sweeps_and_what_no_webhook_told(nadia: Client, polled: Polling) -> None:
    at = timezone.now() - dt.timedelta(hours=1)
    PollSweep.objects.create(
        source=polled.source, turn=1, began_at=at, ended_at=at, outcome=SweepOutcome.FAILED, told="The platform fails (503)."
    )  # fmt: skip
    for number, found_at in enumerate((at, timezone.now())):
        Sighting.objects.create(
            source=polled.source, key="k", what=f"model_version.created:claims:{number}", event_pk=1, since=at, until=at,
            finding=str(number), found_at=found_at,
        )  # fmt: skip

    page = nadia.get(f"/sources/{polled.source.slug}/").text

    assert "The platform fails (503)." in page
    assert "model_version.created:claims:0" in page
    assert "model_version.created:claims:1" not in page  # its webhook may still come


def test_who_may_only_read_sees_the_state_and_the_reason(polled: Polling) -> None:
    page = signed_in("audrey", "auditor").get(f"/sources/{polled.source.slug}/")

    assert page.status_code == 200
    assert "Sweep now" in page.text
    assert f"/sources/{polled.source.slug}/sweeps/now/" not in page.text


def test_the_api_sets_shows_and_lists_without_the_credential(nadia: Client, source: Source) -> None:
    body: dict[str, Any] = {
        "config": {"address": "https://mlflow.inside"},
        "scheme": "bearer",
        "credential": "a-token",
        "interval_s": 300,
        "paused": True,
    }
    address = f"/api/v1/sources/{source.slug}/polling/"

    missing = nadia.get(address)
    made = nadia.put(address, body, content_type="application/json")
    refused = nadia.put(address, body | {"config": {"address": "http://x"}}, content_type="application/json")
    unknown = nadia.put(address, body | {"color": 1}, content_type="application/json")
    asked = nadia.post(f"/api/v1/sources/{source.slug}/sweeps/")
    listed = nadia.get(f"/api/v1/sources/{source.slug}/sweeps/")

    assert (missing.status_code, made.status_code, refused.status_code) == (404, 200, 400)
    assert made.json()["paused_at"] is not None and "credential" not in made.json()
    assert made.json() == nadia.get(address).json()
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/config/address"]
    assert [each["pointer"] for each in unknown.json()["errors"]] == ["#/color"]
    assert (asked.status_code, listed.json()["results"]) == (409, [])
