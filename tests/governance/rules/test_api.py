"""The API of rules and of formulas: one shape, and automation never writes."""

from typing import Any

import pytest
from django.test import Client

from governance.health import actions as formulas
from governance.health.models import Formula, FormulaVersion
from governance.rules import actions
from governance.rules.models import RuleVersion, VersionState
from tests.governance.gates.world import a_person as an_account
from tests.governance.gates.world import otto
from tests.governance.rules.people import AT, a_person, cora

pytestmark = pytest.mark.django_db

RULE = "error-rate-sla-breach"
RULE_TEXT = dict(actions.shipped_texts())[RULE]
FORMULA = "rag-llm"
FORMULA_TEXT = dict(formulas.shipped_texts())[FORMULA]
BOTH = pytest.mark.parametrize(
    ("base", "slug", "text"), [("rules", RULE, RULE_TEXT), ("formulas", FORMULA, FORMULA_TEXT)], ids=["rule", "formula"]
)


def of(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, address: str, body: Any = None, **headers: str) -> Any:
    return client.post(f"/api/v1/{address}", body or {}, content_type="application/json", headers=headers)


@BOTH
def test_a_text_becomes_a_draft_and_a_request(base: str, slug: str, text: str) -> None:
    client = of(cora())

    drafted = send(client, f"{base}/", {"text": text})
    asked = send(client, f"{base}/{slug}/versions/1/submission/")

    assert (drafted.status_code, asked.status_code) == (201, 201)
    assert drafted.json()["state"] == "DRAFT"
    assert drafted.json()["text"] == text
    assert asked.json()["digest"] == drafted.json()["digest"]
    assert client.get(f"/api/v1/{base}/{slug}/").json()["versions"][0]["state"] == "SUBMITTED"


@BOTH
def test_a_list_names_every_version(base: str, slug: str, text: str) -> None:
    client = of(cora())
    send(client, f"{base}/", {"text": text})
    send(client, f"{base}/{slug}/versions/", {"text": f"{text}# second\n"})

    listed = client.get(f"/api/v1/{base}/").json()["results"]
    versions = client.get(f"/api/v1/{base}/{slug}/versions/").json()["results"]

    assert [one["slug"] for one in listed] == [slug]
    assert [one["number"] for one in versions] == [2, 1]
    assert client.get(f"/api/v1/{base}/{slug}/versions/2/").json()["text"].endswith("# second\n")


@BOTH
def test_a_check_names_line_and_column_and_keeps_nothing(base: str, slug: str, text: str) -> None:
    answer = send(of(cora()), f"{base}/lint/", {"text": text.replace("title:", "titel:")}).json()

    assert answer["valid"] is False
    assert any(one["line"] == (3 if base == "rules" else 2) and one["column"] == 1 for one in answer["problems"])
    assert not RuleVersion.objects.exists()
    assert not FormulaVersion.objects.exists()


@BOTH
def test_a_check_of_a_sound_text_says_it_in_words(base: str, slug: str, text: str) -> None:
    answer = send(of(cora()), f"{base}/lint/", {"text": text, "slug": slug}).json()

    assert answer["valid"] is True
    assert answer["sentence"]


@BOTH
def test_a_text_that_names_another_is_an_error_of_the_check(base: str, slug: str, text: str) -> None:
    answer = send(of(cora()), f"{base}/lint/", {"text": text, "slug": "another"}).json()

    assert answer["problems"][0]["path"] == ("rule" if base == "rules" else "formula")


@BOTH
def test_automation_reads_and_checks_but_never_writes(base: str, slug: str, text: str) -> None:
    send(of(cora()), f"{base}/", {"text": text})
    robot = of(otto())

    assert robot.get(f"/api/v1/{base}/{slug}/versions/1/").status_code == 200
    assert send(robot, f"{base}/lint/", {"text": text}).status_code == 200
    assert send(robot, f"{base}/", {"text": text}).status_code == 403
    assert send(robot, f"{base}/{slug}/versions/", {"text": text}).status_code == 403
    assert send(robot, f"{base}/{slug}/versions/1/submission/").status_code == 403


@BOTH
def test_whoever_sends_telemetry_reads_no_policy(base: str, slug: str, text: str) -> None:
    from models_registry.access.models import AccountKind

    ingest = of(an_account("Ingo", "automation_ingest", kind=AccountKind.AUTOMATION))

    assert ingest.get(f"/api/v1/{base}/").status_code == 403


@BOTH
def test_an_unknown_field_is_refused(base: str, slug: str, text: str) -> None:
    answer = send(of(cora()), f"{base}/", {"text": text, "state": "ENFORCED"})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": "#/state", "detail": "Unknown field."}]


@BOTH
def test_a_text_with_errors_is_no_new_one(base: str, slug: str, text: str) -> None:
    answer = send(of(cora()), f"{base}/", {"text": "nothing: here\n"})

    assert answer.status_code == 400
    assert "line 1, column 1" in answer.content.decode()


@BOTH
def test_a_next_version_may_hold_errors_and_is_not_submitted(base: str, slug: str, text: str) -> None:
    client = of(cora())
    send(client, f"{base}/", {"text": text})

    drafted = send(client, f"{base}/{slug}/versions/", {"text": text.replace("title:", "titel:")})
    asked = send(client, f"{base}/{slug}/versions/2/submission/")

    assert drafted.status_code == 201
    assert drafted.json()["problems"]
    assert asked.status_code == 400


@BOTH
def test_the_same_key_drafts_once(base: str, slug: str, text: str) -> None:
    client = of(cora())

    first = send(client, f"{base}/", {"text": text}, **{"Idempotency-Key": "k"})
    again = send(client, f"{base}/", {"text": text}, **{"Idempotency-Key": "k"})

    assert first.json()["number"] == again.json()["number"] == 1


@BOTH
def test_anothers_draft_is_not_submitted(base: str, slug: str, text: str) -> None:
    send(of(cora()), f"{base}/", {"text": text})

    answer = send(of(a_person("Carl", "compliance_officer")), f"{base}/{slug}/versions/1/submission/")

    assert answer.status_code == 409
    assert "Cora wrote this draft" in answer.json()["detail"]


@BOTH
@pytest.mark.parametrize("address", ["missing/", "missing/versions/", "missing/versions/1/"])
def test_what_is_not_there_is_not_found(base: str, slug: str, text: str, address: str) -> None:
    assert of(cora()).get(f"/api/v1/{base}/{address}").status_code == 404


def test_a_new_formula_says_which_kinds_it_scores() -> None:
    send(of(cora()), "formulas/", {"text": FORMULA_TEXT, "kinds": ["AGENT"]})

    assert Formula.objects.get().kinds == ["AGENT"]


def test_a_name_that_is_an_address_is_refused() -> None:
    answer = send(of(cora()), "rules/", {"text": RULE_TEXT.replace(f"rule: {RULE}", "rule: lint")})

    assert answer.status_code == 409
    assert not RuleVersion.objects.filter(state=VersionState.DRAFT).exists()


@BOTH
def test_a_list_costs_no_more_when_there_is_more(
    base: str, slug: str, text: str, django_assert_max_num_queries: Any
) -> None:
    actions.ensure_shipped(by=cora(), at=AT)
    formulas.ensure_shipped_formulas(by=cora(), at=AT)
    client = of(cora())

    with django_assert_max_num_queries(8):
        client.get(f"/api/v1/{base}/")
