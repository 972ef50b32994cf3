"""The pages about one's own account: in the house's dress, clean under the policy, and doing what they say."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client

from models_registry.access.landing import landing
from models_registry.access.models import Account
from tests.models_registry.access.people import an_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_attempts_counted() -> Iterator[None]:
    """Sign-ins are counted by address; every test begins at none, and leaves none behind."""
    cache.clear()
    yield
    cache.clear()


PASSWORD = "a long sentence of mine"
INLINE = re.compile(r"<[^>]*\s(?:style|on[a-z]+)\s*=|<style|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", re.IGNORECASE)


def with_password(account: Account) -> Account:
    account.set_password(PASSWORD)
    account.email = f"{account.username}@example.com"
    account.save()
    return account


def signed_in(account: Account) -> Client:
    """Return a browser in which this person signed in and confirmed it just now, as changes of factors ask."""
    client = Client()
    answer = client.post("/sign-in/", {"login": account.username, "password": PASSWORD})
    assert answer.status_code == 302
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def with_app(client: Client) -> str:
    """Turn an authenticator app on and return its secret."""
    page = client.get("/account/2fa/totp/activate/").content.decode()
    found = re.search(r'id="totp-key">([A-Z2-7]+)<', page)
    assert found
    client.post("/account/2fa/totp/activate/", {"code": code_of(found[1])})
    return found[1]


OWN_PAGES = [
    "/me/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/2fa/totp/activate/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/sessions/",
    "/account/reauthenticate/",
    "/account/logout/",
]


@pytest.mark.parametrize("address", OWN_PAGES)
def test_a_page_wears_the_house_dress_and_nothing_inline(address: str) -> None:
    client = signed_in(with_password(an_account("olive", "model_owner")))

    answer = client.get(address)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "css/redline.css" in page
    assert page.count("<h1>") == 1
    assert not re.search(r"<h1>\s*</h1>", page)
    assert not INLINE.search(page)
    assert not SCRIPT.search(page)
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in/",
        "/account/login/",
        "/account/signup/",
        "/account/inactive/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/1-set-password/",
        "/account/password/reset/key/done/",
    ],
)
def test_a_page_before_the_door_wears_the_house_dress(address: str) -> None:
    page = Client().get(address, follow=True).content.decode()

    assert "css/redline.css" in page
    assert not INLINE.search(page)


def test_nobody_signs_up() -> None:
    answer = Client().post(
        "/account/signup/",
        {"username": "eve", "email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert "Accounts are made by an administrator" in answer.content.decode()
    assert not Account.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("compliance_officer", "/inbox/"),
        ("model_owner", "/inbox/"),
        ("on_call", "/alerts/"),
        ("ml_engineer", "/alerts/"),
        ("auditor", "/audit/"),
        ("administrator", "/sources/"),
        ("executive", "/"),
        ("governance_board", "/"),
    ],
)
def test_each_role_lands_on_what_it_asks_first(role: str, address: str) -> None:
    account = with_password(an_account("probe", role))

    plain = Client().post("/sign-in/", {"login": "probe", "password": PASSWORD})
    asked = Client().post("/sign-in/?next=/rules/", {"login": "probe", "password": PASSWORD, "next": "/rules/"})

    assert landing(account) == plain["Location"] == address
    assert asked["Location"] == "/rules/"


def test_a_wrong_password_is_refused_beside_the_form() -> None:
    with_password(an_account("olive", "model_owner"))

    answer = Client().post("/sign-in/", {"login": "olive", "password": "no"})

    assert answer.status_code == 200
    assert "css/redline.css" in answer.content.decode()
    assert 'role="alert"' in answer.content.decode() or "errorlist" in answer.content.decode()


def test_a_password_is_changed_and_too_weak_a_one_refused() -> None:
    client = signed_in(with_password(an_account("olive", "model_owner")))
    address = "/account/password/change/"

    weak = client.post(address, {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    new = "another long sentence"
    good = client.post(address, {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert "at least 12 characters" in weak.content.decode()
    assert good.status_code == 302
    assert Account.objects.get(username="olive").check_password(new)


def test_an_authenticator_app_is_set_up_asked_for_and_turned_off() -> None:
    account = with_password(an_account("olive", "model_owner"))
    client = signed_in(account)
    page = client.get("/account/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in page

    with_app(client)
    shown = client.get("/account/2fa/").content.decode()
    codes = client.get("/account/2fa/recovery-codes/").content.decode()
    stranger = Client()
    halfway = stranger.post("/sign-in/", {"login": "olive", "password": PASSWORD}, follow=True).content.decode()
    recovery = re.search(r'id="codes"[^>]*>(\S+)', codes)
    assert recovery
    inside = stranger.post("/account/2fa/authenticate/", {"code": recovery[1]})
    off = client.post("/account/2fa/totp/deactivate/", follow=True)

    assert "Your account asks for a second factor" in shown
    assert "Enter your code" in halfway
    assert "css/redline.css" in halfway
    assert not SCRIPT.search(halfway)
    assert inside["Location"] == "/inbox/"
    assert "Add a second factor" in off.content.decode()
    assert not Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists()


def test_a_forgotten_password_is_renewed_by_mail_without_saying_who_has_an_account(mailoutbox: list[Any]) -> None:
    with_password(an_account("olive", "model_owner"))
    client = Client()

    known = client.post("/account/password/reset/", {"email": "olive@example.com"}, follow=True).content.decode()
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.com"}, follow=True).content.decode()
    link = re.search(r"/account/password/reset/key/\S+", mailoutbox[0].body)
    assert link
    page = client.get(link[0], follow=True)
    client.post(
        page.redirect_chain[-1][0], {"password1": "another long sentence", "password2": "another long sentence"}
    )

    assert "Look at your mail" in known
    assert "Look at your mail" in unknown
    assert "Choose a new password" in page.content.decode()
    assert Account.objects.get(username="olive").check_password("another long sentence")


def test_other_sessions_are_ended() -> None:
    account = with_password(an_account("olive", "model_owner"))
    here, there = signed_in(account), signed_in(account)
    here.get("/me/")
    there.get("/me/")
    listed = here.get("/account/sessions/").content.decode()

    here.post("/account/sessions/")

    assert "Sign out everywhere else" in listed
    assert here.get("/me/").status_code == 200
    assert there.get("/me/").status_code == 302


def test_the_profile_shows_roles_sessions_and_tokens_of_nobody_else() -> None:
    client = signed_in(with_password(an_account("olive", "model_owner")))

    page = client.get("/me/").content.decode()

    assert "Model owner" in page
    assert "Answers for the models they own" in page
    assert "My sessions" in page
    assert "Issue a token" in page


def test_density_and_single_keys_are_kept_by_the_browser() -> None:
    client = signed_in(with_password(an_account("olive", "model_owner")))
    given: dict[str, Any] = {"display_name": "Olive", "theme": "DARK", "time_zone": "Europe/Berlin"}

    client.post("/me/", given | {"density": "comfortable"})
    off = client.get("/me/").content.decode()
    client.post("/me/", given | {"density": "compact", "keys": "on"})
    on = client.get("/me/").content.decode()

    assert 'data-density="comfortable"' in off
    assert 'data-keys="off"' in off
    assert 'data-theme="dark"' in off
    assert "data-density=" not in on
    assert "data-keys=" not in on


def test_automation_has_no_door_for_browsers() -> None:
    with_password(an_account("otto", "automation_ci"))
    client = Client()

    client.post("/sign-in/", {"login": "otto", "password": PASSWORD})

    assert "_auth_user_id" not in client.session
