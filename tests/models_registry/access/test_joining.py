"""Letting somebody in from a page: an account with a role, a link shown once, and no way to act as somebody else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from models_registry.access.actions import create_account
from models_registry.access.models import Account, OneTimeLink, RoleGrant
from models_registry.audit.actor import System
from models_registry.audit.models import AuditEntry
from tests.models_registry.access.people import an_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.models_registry.access.urls")]
CLI = System("command line")
NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
ADD = "/people/accounts/new/"
GOOD_PASSWORD = "a long enough sentence of one's own"


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def link_in(page: str) -> str:
    return "/welcome/" + page.split("/welcome/")[1].split("<")[0].strip()


def test_a_person_is_let_in_by_a_link_that_is_shown_once() -> None:
    admin = signed_in(an_account("ada", "administrator"))

    shown = admin.post(ADD, {"username": "clara", "display_name": "Clara Weiss", "role": "compliance_officer"})
    link = link_in(shown.content.decode())
    set_up = Client().post(link, {"password": GOOD_PASSWORD, "again": GOOD_PASSWORD})

    clara = Account.objects.get(username="clara")
    assert set_up.status_code == 302
    assert clara.check_password(GOOD_PASSWORD)
    assert RoleGrant.objects.get(account=clara).role == "compliance_officer"
    assert Client().get(link).status_code == 410
    assert link not in admin.get("/people/clara/").content.decode()
    assert list(AuditEntry.objects.filter(actor_name="ada").order_by("id").values_list("action", flat=True)) == [
        "account.created",
        "role.granted",
        "link.created",
    ]


def test_automation_is_made_without_a_link() -> None:
    admin = signed_in(an_account("ada", "administrator"))

    made = admin.post(ADD, {"username": "bot-ci", "role": "automation_ci"}, follow=True)

    assert made.redirect_chain == [("/people/bot-ci/", 302)]
    assert Account.objects.get(username="bot-ci").is_automation
    assert not OneTimeLink.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "", "role": "auditor"}, "id_username"),
        ({"username": "a b", "role": "auditor"}, "id_username"),
        ({"username": "ada", "role": "auditor"}, "id_username"),
        ({"username": "clara", "role": "auditor", "email": "not-one"}, "id_email"),
        ({"username": "clara", "role": "king"}, "id_role"),
        ({"username": "clara", "role": ""}, "id_role"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(given: dict[str, str], field: str) -> None:
    admin = signed_in(an_account("ada", "administrator"))

    answer = admin.post(ADD, given)

    assert answer.status_code == 422
    assert f'id="{field}_error"' in answer.content.decode()
    assert not Account.objects.exclude(username="ada").exists()


def test_only_who_manages_people_adds_one() -> None:
    auditor = signed_in(an_account("ruth", "auditor"))

    listed = auditor.get("/people/").content.decode()

    assert auditor.get(ADD).status_code == 403
    assert auditor.post(ADD, {"username": "clara", "role": "auditor"}).status_code == 403
    assert "Add an account" in listed
    assert ADD not in listed


def test_a_new_link_ends_the_one_before() -> None:
    admin = signed_in(an_account("ada", "administrator"))
    first = link_in(admin.post(ADD, {"username": "clara", "role": "auditor"}).content.decode())

    second = link_in(admin.post("/people/clara/link/").content.decode())

    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_nobody_gets_a_link_for_an_account_that_has_a_password() -> None:
    admin = signed_in(an_account("ada", "administrator"))
    create_account(by=CLI, at=NOW, username="clara", password=GOOD_PASSWORD)

    answer = admin.post("/people/clara/link/", follow=True)
    page = admin.get("/people/clara/").content.decode()

    assert "clara has a password." in answer.content.decode()
    assert not OneTimeLink.objects.exists()
    assert "They have a password." in page
    assert "/people/clara/link/" not in page


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "a/b", "a\x00b", "..", ".a", "x" * 151])
def test_a_name_that_no_address_can_carry_is_none(name: str) -> None:
    with pytest.raises(ValidationError):
        create_account(by=CLI, at=NOW, username=name)
    with pytest.raises(CommandError) as told:
        call_command("create_account", name, "--role", "auditor")

    assert "\n" not in str(told.value)
    assert not Account.objects.exists()


def test_an_address_that_is_none_is_refused_by_the_command(capsys: Any) -> None:
    with pytest.raises(CommandError, match="valid email"):
        call_command("create_account", "clara", "--role", "auditor", "--email", "not-one")

    assert not Account.objects.exists()
