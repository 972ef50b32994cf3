"""Pages of people and of the trail: who gets in, what they see, and what a click leaves behind."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from models_registry.access.actions import (
    LastAdministrator,
    RoleOfAnotherKind,
    create_account,
    end_role,
    grant_role,
)
from models_registry.access.issuing import create_link
from models_registry.access.models import Account, AccountKind, RoleGrant, Token
from models_registry.access.pages import parse_as_of
from models_registry.access.rights import AccessDenied
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.audit.export import safe_cell
from models_registry.audit.models import AuditEntry
from tests.models_registry.access.people import a_model, an_account

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.models_registry.access.urls")]
CLI = System("command line")
NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_stranger_is_sent_to_the_door_also_by_htmx() -> None:
    page = Client().get("/people/")
    part = Client().get("/audit/", headers={"HX-Request": "true"})

    assert (page.status_code, page.headers["Location"]) == (302, "/sign-in/?next=/people/")
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in/?next=/audit/")


def test_a_refused_page_says_why() -> None:
    answer = signed_in(an_account("eve", "executive")).get("/people/")

    assert answer.status_code == 403
    assert "None of your roles may read people and roles." in answer.content.decode()


def test_accounts_are_found_by_name_role_and_state() -> None:
    client = signed_in(an_account("ada", "administrator"))
    an_account("olive", "model_owner")
    an_account("al", "auditor")
    an_account("stella")

    def listed(query: str) -> set[str]:
        text = client.get(f"/people/?{query}").content.decode()
        return {name for name in ("ada", "olive", "al", "stella") if f'href="/people/{name}/"' in text}

    assert listed("q=oli") == {"olive"}
    assert listed("role=auditor") == {"al"}
    assert listed("role=none") == {"stella"}
    assert listed("state=disabled") == set()
    assert listed("role=nonsense") == {"ada", "olive", "al", "stella"}


def test_accounts_come_a_page_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models_registry.access.listing.PER_PAGE", 2)
    client = signed_in(an_account("ada", "administrator"))
    an_account("bo")
    an_account("cora")

    first = client.get("/people/").content.decode()
    rest = client.get("/people/?after=bo", headers={"HX-Request": "true"}).content.decode()

    assert 'href="?after=bo"' in first
    assert 'href="/people/cora/"' not in first
    assert 'href="/people/cora/"' in rest
    assert 'href="/people/bo/"' not in rest
    assert "<html" not in rest


def test_the_administrator_gives_and_ends_a_role_and_the_trail_knows() -> None:
    admin, _ = an_account("ada", "administrator"), an_account("olive")
    client = signed_in(admin)

    assert client.get("/people/").status_code == 200
    given = client.post("/people/olive/roles/", {"role": "auditor", "unit": ""}, follow=True)
    grant = RoleGrant.objects.get(role="auditor")
    client.post(f"/people/olive/roles/{grant.pk}/end/")

    assert "olive is now Auditor." in given.content.decode()
    assert [e.action for e in AuditEntry.objects.filter(actor_name="ada").order_by("id")] == [
        "role.granted",
        "role.ended",
    ]
    grant.refresh_from_db()
    assert grant.ended_at is not None


def test_nobody_raises_themselves_and_the_last_administrator_stays() -> None:
    admin, otto = an_account("ada", "administrator"), an_account("otto", "automation_ci")

    with pytest.raises(AccessDenied):
        grant_role(by=admin, at=NOW, account=admin, role="governance_board")
    with pytest.raises(RoleOfAnotherKind):
        grant_role(by=admin, at=NOW, account=otto, role="compliance_officer")
    with pytest.raises(LastAdministrator):
        end_role(by=admin, at=NOW, grant=RoleGrant.objects.get(role="administrator"))


def test_automation_never_gets_a_way_to_sign_in() -> None:
    otto = create_account(by=CLI, at=NOW, username="otto", kind=AccountKind.AUTOMATION, password="a long password")

    assert not otto.has_usable_password()
    with pytest.raises(AccessDenied):
        create_link(by=CLI, at=NOW, account=otto)


def test_a_new_token_is_shown_once() -> None:
    client = signed_in(an_account("olive", "model_owner"))

    shown = client.post("/people/olive/tokens/", {"name": "laptop", "days": 5}).content.decode()
    token = Token.objects.get()
    later = client.get("/me/").content.decode()

    assert "rdl_" in shown
    assert f"rdl_…{token.last_four}" in later
    assert shown.split("rdl_")[1][:40] not in later
    client.post(f"/people/olive/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_another_person_s_tokens_do_not_exist_for_you() -> None:
    an_account("olive")
    client = signed_in(an_account("eve", "executive"))

    assert client.post("/people/olive/tokens/", {"name": "x", "days": 5}).status_code == 404


def test_the_profile_keeps_theme_and_a_real_time_zone() -> None:
    olive = an_account("olive", "model_owner")
    client = signed_in(olive)

    good = {"display_name": "Olive", "theme": "DARK", "time_zone": "Europe/Berlin"}
    assert client.post("/me/", good).status_code == 302
    assert client.post("/me/", {**good, "time_zone": "Mars/Olympus"}).status_code == 422
    olive.refresh_from_db()
    assert (olive.theme, olive.time_zone) == ("DARK", "Europe/Berlin")


def test_a_one_time_link_works_once(client: Client) -> None:
    raw = create_link(by=CLI, at=timezone.now(), account=an_account("olive"))
    words = {"password": "long enough for us", "again": "long enough for us"}

    assert client.post(f"/welcome/{raw}/", {**words, "again": "other"}).status_code == 422
    assert client.post(f"/welcome/{raw}/", words).status_code == 302
    assert client.post(f"/welcome/{raw}/", words).status_code == 410
    entered = client.post("/sign-in/", {"login": "olive", "password": words["password"]})
    assert entered.status_code == 302
    assert client.get("/me/").status_code == 200


def test_choosing_who_you_are_exists_in_the_demo_alone(client: Client, settings: Any) -> None:
    an_account("cora", "compliance_officer")
    an_account("otto", "automation_ci")

    assert client.post("/sign-in/as/", {"username": "cora"}).status_code == 404
    settings.REDLINE_MODE = "demo"
    page = client.get("/sign-in/").content.decode()
    assert "Sign in as </span>cora" in page
    assert "otto" not in page
    assert client.post("/sign-in/as/", {"username": "otto"}).status_code == 404
    assert client.get("/sign-in/as/").status_code == 405
    assert (
        client.post("/sign-in/as/", {"username": "cora", "next": "https://evil.example/"}).headers["Location"]
        == "/inbox/"
    )


def test_the_demo_offers_one_person_a_role_before_the_others(client: Client, settings: Any) -> None:
    settings.REDLINE_MODE = "demo"
    for name, role in (("olive", "model_owner"), ("anna", "model_owner"), ("cora", "compliance_officer")):
        an_account(name, role)

    page = client.get("/sign-in/")

    assert [(one["first"].username, [str(other) for other in one["others"]]) for one in page.context["cast"]] == [
        ("olive", ["anna"]),
        ("cora", []),
    ]
    assert "Answers for the models they own" in page.content.decode()
    assert "Sign in as </span>anna" in page.content.decode()


def test_owners_see_the_trail_of_their_models_and_auditors_all_of_it() -> None:
    olive, stella = an_account("olive", "model_owner"), an_account("stella", unit="retail", team="")
    mine, hers = a_model("mine", olive, unit="credit"), a_model("hers", stella, unit="retail")
    own = record(by=CLI, action="model.registered", on=mine, body={})
    other = record(by=CLI, action="model.registered", on=hers, body={})

    client = signed_in(olive)

    assert f'id="entry-{own}"' in client.get("/audit/").content.decode()
    assert f'id="entry-{other}"' not in client.get("/audit/").content.decode()
    assert client.get(f"/audit/{own}/").status_code == 200
    assert client.get(f"/audit/{other}/").status_code == 404
    assert client.get("/audit/export.csv").status_code == 403
    assert f'id="entry-{other}"' in signed_in(an_account("al", "auditor")).get("/audit/").content.decode()


def test_the_trail_is_filtered_and_swapped_in_place() -> None:
    client = signed_in(an_account("al", "auditor"))
    one = record(by=CLI, action="risk.level_raised", on=("risk", "7"), body={})
    two = record(by=CLI, action="risk.acknowledged", on=("risk", "8"), body={})

    def found(query: str) -> set[int]:
        html = client.get(f"/audit/?{query}", headers={"HX-Request": "true"}).content.decode()
        assert html.lstrip().startswith('<section class="sheet" id="entries">')
        return {number for number in (one, two) if f'id="entry-{number}"' in html}

    assert found("action=risk") == {one, two}
    assert found("action=risk.acknowledged") == {two}
    assert found("subject=risk:7") == {one}
    assert found("actor=command") == {one, two}
    assert found("since=2001-01-01&until=2001-02-01") == set()
    assert found("as_of=2001-01-01") == set()
    assert client.get("/audit/?since=yesterday").status_code == 400


def test_an_entry_is_told_in_words_beside_what_it_concerns() -> None:
    mine = a_model("mine", an_account("olive", "model_owner"), unit="credit")
    facts = {"category": "DATA_INTEGRITY", "from_level": "LOW", "to_level": "HIGH", "reference": "R-7"}
    number = record(by=CLI, action="risk.level_raised", on=("risk", "7"), body=facts, model_id=mine.pk)
    client = signed_in(an_account("al", "auditor"))

    [line] = client.get("/audit/?subject=risk:7").context["lines"]

    assert (line.text, line.subject) == ("Raised data integrity from Low to High.", f"{mine.name}, R-7")
    assert "Raised data integrity from Low to High." in client.get(f"/audit/{number}/").content.decode()


def test_older_entries_are_reached_by_the_number_of_the_last_one_shown(django_assert_max_num_queries: Any) -> None:
    numbers = [record(by=CLI, action="risk.acknowledged", on=("risk", str(n)), body={}) for n in range(120)]
    client = signed_in(an_account("al", "auditor"))
    numbers.sort(reverse=True)

    with django_assert_max_num_queries(12):
        first = client.get("/audit/?action=risk.acknowledged")
    second = client.get(f"/audit/?action=risk.acknowledged&before={first.context['older']}")

    shown = [line.entry.pk for page in (first, second) for line in page.context["lines"]]
    assert shown == numbers[:100]
    assert client.get("/audit/?before=x").status_code == 200


def test_the_export_streams_escapes_formulas_and_leaves_an_entry() -> None:
    client = signed_in(an_account("al", "auditor"))
    number = record(by=System("=cmd|' /C calc'!A0"), action="risk.level_raised", on=("risk", "7"), body={})

    lines = b"".join(client.get("/audit/export.jsonl?action=risk")).decode().splitlines()
    table = b"".join(client.get("/audit/export.csv?action=risk")).decode()

    assert [json.loads(line)["id"] for line in lines] == [number]
    assert "'=cmd|" in table
    assert AuditEntry.objects.filter(action="audit.exported").count() == 2
    assert [safe_cell(v) for v in ("+1", "@x", None, 5, "a")] == ["'+1", "'@x", "", "5", "a"]


def test_as_of_is_a_moment_or_the_end_of_a_day() -> None:
    assert parse_as_of("", now=NOW) is None
    assert parse_as_of("2026-11-21", now=NOW) is None
    assert parse_as_of("2026-11-20T10:00:00Z", now=NOW) == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert parse_as_of("2026-11-20", now=NOW) == datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)
    for wrong in ("soon", "2026-13-01", "2027-01-01", "2026-11-21T15:00:01Z"):
        with pytest.raises(BadRequest):
            parse_as_of(wrong, now=NOW)


def test_the_past_cannot_be_changed() -> None:
    client = signed_in(an_account("ada", "administrator"))
    an_account("olive")

    assert client.post("/people/olive/roles/?as_of=2020-01-01", {"role": "auditor"}).status_code == 400


def test_the_commands_print_what_a_shell_needs_and_fail_in_one_line(capsys: Any) -> None:
    call_command("bootstrap")
    link = capsys.readouterr().out.strip()
    call_command("bootstrap")
    again = capsys.readouterr().out
    call_command("create_account", "ci", "--role", "automation_ci")
    capsys.readouterr()
    call_command("create_token", "ci", "--scope", "gate.ask", "--ttl", "1h")
    raw = capsys.readouterr().out

    assert "/welcome/" in link
    assert "already" in again
    assert raw.startswith("rdl_")
    assert raw.count("\n") == 1
    assert Token.objects.get().scopes == ["gate.ask"]
    for command in (
        ("create_token", "nobody"),
        ("create_token", "ci", "--ttl", "91d"),
        ("create_token", "ci", "--ttl", "soon"),
        ("create_token", "ci", "--scope", "all"),
        ("create_account", "ci", "--role", "automation_ci"),
        ("create_account", "x", "--role", "king"),
        ("create_account", "x", "--role", "auditor", "--unit", "nowhere"),
        ("create_account", "x", "--role", "auditor", "--role", "automation_ci"),
    ):
        with pytest.raises(CommandError):
            call_command(*command)
    assert not Account.objects.filter(username="x").exists()
