"""The rules' pages as people use them."""

import pytest
from django.test import Client

from governance.approvals.models import ApprovalRequest
from governance.rules import actions
from governance.rules.models import RuleVersion, VersionState
from tests.governance.rules.people import AT, a_person, agree, an_approved_version, an_enforced_version, cora

pytestmark = [pytest.mark.django_db]

SLUG = "error-rate-sla-breach"
TEXT = dict(actions.shipped_texts())[SLUG]


def as_cora() -> Client:
    client = Client()
    client.force_login(cora(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def as_stella() -> Client:
    client = Client()
    client.force_login(a_person("Stella", "auditor"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_shows_every_shipped_rule() -> None:
    versions = actions.ensure_shipped(by=cora(), at=AT)

    page = as_cora().get("/rules/").content.decode()

    assert all(f'href="/rules/{version.rule.slug}/"' in page for version in versions)


def test_a_reader_sees_why_the_buttons_are_shut() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)

    page = as_stella().get(f"/rules/{SLUG}/").content.decode()

    assert "None of your roles may" in page
    assert f'action="/rules/{SLUG}/1/submit/"' not in page


def test_an_error_stands_under_its_line_with_its_column() -> None:
    wrong = TEXT.replace("over: ", "over: never")

    answer = as_cora().post("/rules/new/text/", {"text": wrong})

    page = answer.content.decode()
    assert answer.status_code == 422
    number = next(n for n, line in enumerate(TEXT.splitlines(), start=1) if line.strip().startswith("over:"))
    assert f'id="line-{number}"' in page
    assert f"line {number}, column" in page
    assert "^ column" in page


def test_the_form_writes_the_text_that_a_file_would_have() -> None:
    fields = {
        "rule": "recall-low",
        "title": "Recall is low",
        "why": "Missed fraud costs money.",
        "metric": "recall",
        "aggregate": "AVG",
        "over": "1D",
        "side": "BELOW",
        "low": "0.6",
        "medium": "0.7",
        "high": "0.8",
        "windows": "2",
        "per": "MODEL",
        "gaps": "BREAK",
        "category": "PERFORMANCE",
        "level": "HIGH",
        "tier": "",
        "require": ["ACKNOWLEDGEMENT"],
        "clear_windows": "1",
        "clearing": "PROPOSE",
    }

    checked = as_cora().post("/rules/new/", {**fields, "check": "1"})
    answer = as_cora().post("/rules/new/", fields)

    assert "below: {low: 0.6, medium: 0.7, high: 0.8}" in checked.content.decode()
    assert answer.status_code == 302
    assert actions.errors_of(RuleVersion.objects.get().text) == []


def test_the_road_is_walked_by_buttons() -> None:
    client = as_cora()
    client.post("/rules/new/text/", {"text": TEXT})
    client.post(f"/rules/{SLUG}/1/submit/")
    version = RuleVersion.objects.get()
    assert version.state == VersionState.SUBMITTED
    agree(ApprovalRequest.objects.get())

    client.post(f"/rules/{SLUG}/1/shadow/")
    client.post(f"/rules/{SLUG}/1/enforce/")

    version.refresh_from_db()
    assert version.state == VersionState.ENFORCED


def test_a_step_out_of_turn_is_refused_on_the_page() -> None:
    an_approved_version(SLUG, TEXT)

    answer = as_cora().post(f"/rules/{SLUG}/1/enforce/")

    assert answer.status_code == 409
    assert "not enforced" in answer.content.decode()


def test_what_changed_between_versions_is_shown() -> None:
    an_enforced_version(SLUG, TEXT)
    actions.draft(by=cora(), at=AT, slug=SLUG, text=f"{TEXT}# stricter\n")

    page = as_stella().get(f"/rules/{SLUG}/changes/1/2/").content.decode()

    assert "<ins>+ # stricter</ins>" in page


def test_the_schema_is_published() -> None:
    answer = as_stella().get("/rules/schema.json")

    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json()["title"] == "Redline rule"
