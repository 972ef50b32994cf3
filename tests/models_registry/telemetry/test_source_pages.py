"""Connecting a source, rotating its secret and switching it off, by an administrator in a browser."""

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.audit.models import AuditEntry
from models_registry.telemetry.actions import receive
from models_registry.telemetry.models import Source
from models_registry.telemetry.source_actions import rotates, secrets_of
from tests.models_registry.access.people import an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia() -> Client:
    client = Client()
    client.force_login(an_account("nadia", "administrator"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def connected(nadia: Client) -> Source:
    asked = {"name": "Arize EU", "environment": "production", "interval": "3600"}
    assert nadia.post("/sources/connect/arize/", asked).status_code == 201
    return Source.objects.get()


def test_a_connected_source_shows_its_address_and_its_secret_once(nadia: Client) -> None:
    asked = {"name": "Arize EU", "environment": "production", "interval": "3600"}

    answer = nadia.post("/sources/connect/arize/", asked)

    source = Source.objects.get()
    [secret] = secrets_of(source)
    assert secret in answer.text
    assert f"/api/v1/telemetry/{source.path_token}/" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert secret not in nadia.get("/sources/arize-eu/").text
    assert secret not in nadia.get("/sources/arize-eu/connect/").text
    assert source.expected_interval_s == 3600


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Arize EU"),
        ("name", "!!!"),
        ("name", "Connect"),
        ("environment", "not a slug"),
        ("secret", "short"),
        ("model", "nobody"),
    ],
)
def test_a_source_that_cannot_be_is_refused_beside_the_field(
    nadia: Client, connected: Source, field: str, value: str
) -> None:
    asked = {"name": "Another", "environment": "production", "interval": ""} | {field: value}

    answer = nadia.post("/sources/connect/arize/", asked)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Source.objects.count() == 1


def test_a_rotation_accepts_both_secrets_until_it_ends(nadia: Client, connected: Source) -> None:
    [old] = secrets_of(connected)
    receive(source=connected, body=b"{}", headers={}, at=timezone.now())

    nadia.post("/sources/arize-eu/secret/")
    both = secrets_of(connected)
    assert old in both
    assert rotates(connected)
    nadia.post("/sources/arize-eu/secret/rotate/")

    assert set(secrets_of(connected)) == set(both) - {old}
    assert not rotates(connected)
    again = nadia.post("/sources/arize-eu/secret/rotate/", follow=True)
    assert "No rotation is under way" in again.text


def test_a_source_that_was_never_heard_gets_a_new_secret_in_place_of_the_old_one(
    nadia: Client, connected: Source
) -> None:
    [old] = secrets_of(connected)

    answer = nadia.post("/sources/arize-eu/secret/")

    [new] = set(secrets_of(connected))
    assert new != old
    assert new in answer.text
    assert not rotates(connected)


def test_a_platforms_own_secret_is_taken_and_a_kind_that_nobody_knows_is_not_there(nadia: Client) -> None:
    asked = {"name": "Arize", "environment": "production", "interval": "", "secret": "made-by-arize"}

    assert nadia.post("/sources/connect/arize/", asked).status_code == 201
    assert secrets_of(Source.objects.get()) == ["made-by-arize"]
    assert nadia.get("/sources/connect/fax/").status_code == 404


def test_a_source_is_switched_off_and_on_and_may_be_silent_for_longer(nadia: Client, connected: Source) -> None:
    nadia.post("/sources/arize-eu/switch/")
    connected.refresh_from_db()
    assert connected.disabled_at is not None
    nadia.post("/sources/arize-eu/switch/")
    nadia.post("/sources/arize-eu/interval/", {"interval": "86400"})
    connected.refresh_from_db()

    assert (connected.disabled_at, connected.expected_interval_s) == (None, 86400)
    done = AuditEntry.objects.filter(action__startswith="source.").order_by("id").values_list("action", flat=True)
    assert list(done) == ["source.created", "source.disabled", "source.enabled", "source.interval_set"]


@pytest.mark.parametrize(
    "path", ["connect/arize/", "arize-eu/trial/", "arize-eu/secret/", "arize-eu/switch/", "arize-eu/interval/"]
)
def test_an_auditor_reads_and_changes_nothing(connected: Source, path: str) -> None:
    client = Client()
    client.force_login(an_account("al", "auditor"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/sources/{path}").status_code == 403
    page = client.get("/sources/arize-eu/")
    assert (page.status_code, connected.path_token in page.text) == (200, False)
