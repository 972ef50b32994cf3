"""The API's guard: tokens, scopes, closed by default, problems, and one effect per key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from models_registry.access import tokens
from models_registry.access.actions import disable
from models_registry.access.issuing import LifeTooLong, UnknownScope, issue_token, revoke_token
from models_registry.access.models import Account, BusinessUnit, IdempotentRequest, Token
from models_registry.access.rights import AccessDenied
from models_registry.audit.actor import System
from models_registry.audit.models import AuditEntry
from tests.models_registry.access.people import an_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.models_registry.access.urls")]
CLI = System("command line")


def a_token(account: Account, **given: Any) -> str:
    return issue_token(by=CLI, at=given.pop("at", timezone.now()), account=account, **given).raw


def bearer(raw: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {raw}"}


def get(path: str, raw: str) -> Any:
    return Client().get(path, headers=bearer(raw))


def test_a_token_is_never_stored_and_carries_a_checksum() -> None:
    raw = a_token(an_account("otto", "automation_ci"))
    token = Token.objects.get()

    assert raw.startswith("rdl_")
    assert bytes(token.digest) == tokens.digest_of(raw)
    assert token.last_four == raw[-4:]
    assert not any(raw in entry.canon for entry in AuditEntry.objects.all())
    assert tokens.well_formed(raw)
    assert not tokens.well_formed(raw[:-1] + ("0" if raw[-1] != "0" else "1"))


def test_a_good_token_opens_and_its_day_of_use_is_kept() -> None:
    answer = get("/api/gate/", a_token(an_account("otto", "automation_ci")))

    assert answer.json() == {"verdict": "APPROVE"}
    assert Token.objects.get().last_used_on == timezone.now().date()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("none", "Authentication credentials were not provided."),
        ("malformed", "This is not a Redline token."),
        ("unknown", "This token is not known."),
        ("revoked", "This token was revoked."),
        ("expired", "This token has expired."),
        ("disabled", "This account is disabled."),
    ],
)
def test_a_bad_token_is_refused_with_its_reason(spoil: str, reason: str) -> None:
    now = timezone.now()
    otto = an_account("otto", "automation_ci")
    old = now - timedelta(days=2) if spoil == "expired" else now
    raw = a_token(otto, at=old, lifetime=timedelta(days=1))
    if spoil == "revoked":
        revoke_token(by=CLI, at=now, token=Token.objects.get())
    if spoil == "disabled":
        Account.objects.filter(pk=otto.pk).update(is_active=False)
    shown = {"none": "", "malformed": "rdl_nonsense", "unknown": tokens.mint()}.get(spoil, raw)

    answer = Client().get("/api/gate/", headers=bearer(shown) if shown else {})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="redline"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == reason


def test_scopes_limit_a_token_below_its_account() -> None:
    raw = a_token(an_account("otto", "automation_ci"), scopes=["model.read"])

    assert get("/api/units/", raw).status_code == 200
    refused = get("/api/gate/", raw)
    assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
    assert refused.json()["detail"] == "This token is limited to model.read; it may not ask the gate."


def test_a_view_without_a_permission_is_closed_to_everybody() -> None:
    raw = a_token(an_account("cora", "compliance_officer"))

    assert get("/api/forgotten/", raw).status_code == 403
    assert Client().put("/api/units/", headers=bearer(raw)).status_code in (403, 405)


def test_lists_come_in_pages_that_follow_a_cursor() -> None:
    raw = a_token(an_account("cora", "compliance_officer"))
    BusinessUnit.objects.bulk_create([BusinessUnit(slug=f"u{n}", name="u") for n in range(5)])

    first = get("/api/units/?limit=4", raw).json()
    second = get(first["next"], raw).json()

    assert len(first["results"]) == 4
    assert set(first["results"]).isdisjoint(second["results"])
    assert len(first["results"] + second["results"]) == BusinessUnit.objects.count()


def test_token_issuing_keeps_its_limits() -> None:
    otto, cora = an_account("otto", "automation_ci"), an_account("cora", "compliance_officer")
    admin = an_account("ada", "administrator")

    with pytest.raises(LifeTooLong):
        a_token(otto, lifetime=timedelta(days=91))
    with pytest.raises(UnknownScope):
        a_token(otto, scopes=["everything"])
    with pytest.raises(AccessDenied):
        issue_token(by=cora, at=timezone.now(), account=otto)
    with pytest.raises(AccessDenied, match="Only cora"):
        issue_token(by=admin, at=timezone.now(), account=cora)
    assert issue_token(by=admin, at=timezone.now(), account=otto).token.issued_by == admin


def test_disabling_an_account_ends_its_tokens() -> None:
    admin, otto = an_account("ada", "administrator"), an_account("otto", "automation_ci")
    a_token(otto)

    disable(by=admin, at=timezone.now(), account=otto)

    assert Token.objects.get().revoked_at is not None


def post(raw: str, key: str, slug: str = "a") -> Any:
    headers = {**bearer(raw), "Idempotency-Key": key}
    return Client().post("/api/units/", {"slug": slug}, content_type="application/json", headers=headers)


def test_the_same_key_gives_the_same_answer_and_another_body_is_refused() -> None:
    raw = a_token(an_account("otto", "automation_ci"))

    first, second, other = post(raw, "k"), post(raw, "k"), post(raw, "k", slug="b")

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 422


def test_a_refused_request_may_be_corrected_under_the_same_key() -> None:
    raw = a_token(an_account("otto", "automation_ci"))

    assert post(raw, "k", slug="wrong").status_code == 400
    assert not IdempotentRequest.objects.exists()
    assert post(raw, "k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_requests_at_once_have_one_effect() -> None:
    from django.db import transaction

    with transaction.atomic():
        raw = a_token(an_account("otto", "automation_ci"))
    get("/api/gate/", raw)
    before = BusinessUnit.objects.count()

    def send(_: int) -> tuple[int, str]:
        try:
            answer = post(raw, "race")
            return answer.status_code, answer.json()["slug"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(20)))

    assert BusinessUnit.objects.count() == before + 1
    assert len(answers) == 1
    assert answers.pop()[0] == 201
