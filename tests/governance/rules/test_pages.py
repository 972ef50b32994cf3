"""The rules' pages as people use them."""

import re
from typing import Any

import pytest
from django.test import Client

from governance.approvals.models import ApprovalRequest
from governance.rules import actions
from governance.rules.models import RuleVersion, VersionState
from tests.governance.rules.people import AT, a_person, agree, an_approved_version, an_enforced_version, cora

pytestmark = [pytest.mark.django_db]

SLUG = "error-rate-sla-breach"
TEXT = dict(actions.shipped_texts())[SLUG]
EVERY = len(list(actions.shipped_texts()))


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

    assert all(f'href="/rules/{version.rule.slug}/?version=1"' in page for version in versions)


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


def test_the_list_is_narrowed_by_what_is_under_way() -> None:
    actions.ensure_shipped(by=cora(), at=AT)
    version = RuleVersion.objects.get(rule__slug=SLUG)
    actions.submit(by=cora(), at=AT, version=version)

    page = as_stella().get("/rules/", {"state": "SUBMITTED"}).content.decode()

    assert f"/rules/{SLUG}/" in page
    assert page.count('id="rule-') == 1


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"q": "error rate"}, 1),
        ({"origin": "own"}, 0),
        ({"kind": "RECOMMENDER", "q": "retrieval"}, 0),
        ({"kind": "recommender", "q": "error rate"}, 1),
        ({"category": "security,fairness", "sort": "-title"}, 6),
        ({"state": "draft,retired"}, EVERY),
        ({"state": "enforced"}, 0),
        ({"state": "no"}, EVERY),
    ],
    ids=["text", "origin", "kind", "any kind", "risks", "states", "no state", "unknown"],
)
def test_the_list_is_narrowed_by_its_address(asked: dict[str, str], count: int) -> None:
    actions.ensure_shipped(by=cora(), at=AT)

    page = as_stella().get("/rules/", asked).content.decode()

    assert page.count('id="rule-') == count


def test_the_list_sorts_both_ways_and_tells_its_tidy_address() -> None:
    actions.ensure_shipped(by=cora(), at=AT)
    client = as_stella()

    def slugs(address: str) -> list[str]:
        return re.findall(r'<a class="name" href="/rules/([a-z0-9-]+)/', client.get(address).content.decode())

    assert slugs("/rules/?sort=-title") == slugs("/rules/")[::-1]
    untidy = client.get("/rules/?q=&state=SUBMITTED&sort=title")
    assert (untidy.status_code, untidy["Location"]) == (302, "/rules/?state=submitted")
    part = client.get("/rules/?category=cost", headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="rules">')
    assert part["HX-Push-Url"] == "/rules/?category=cost"


def test_the_list_offers_its_views_and_repeats_what_found_nothing() -> None:
    page = as_stella().get("/rules/?origin=own&q=nothing").content.decode()

    assert 'href="/rules/?state=enforced"' in page
    assert "No rule matches these filters" in page
    assert "Origin: Your own" in page


def test_the_file_holds_the_rows_of_the_address() -> None:
    actions.ensure_shipped(by=cora(), at=AT)

    answer = as_stella().get("/rules/rules.csv?q=error rate")

    assert len(b"".join(answer.streaming_content).decode().splitlines()) == 2  # type: ignore[attr-defined]


def test_the_list_costs_no_more_when_there_are_more_rules(django_assert_max_num_queries: Any) -> None:
    actions.ensure_shipped(by=cora(), at=AT)
    client = as_stella()
    client.get("/rules/")

    with django_assert_max_num_queries(12):
        client.get("/rules/")


def test_the_list_comes_as_a_file() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)

    answer = as_stella().get("/rules/rules.csv")

    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[1].startswith(f"{SLUG},")


def test_a_rule_that_cannot_be_read_says_so_in_the_list() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text="rule: broken")

    page = as_stella().get("/rules/").content.decode()

    assert "Cannot be judged" in page


@pytest.mark.parametrize("tab", ["rule", "shadow", "history", "nonsense"])
def test_every_tab_opens_for_a_reader(tab: str) -> None:
    an_enforced_version(SLUG, TEXT)

    assert as_stella().get(f"/rules/{SLUG}/", {"tab": tab}).status_code == 200


def test_the_history_names_who_did_what() -> None:
    an_enforced_version(SLUG, TEXT)

    page = as_stella().get(f"/rules/{SLUG}/?tab=history").content.decode()

    assert "Cora enforced version 1." in page


def test_a_submission_is_withdrawn_by_a_button() -> None:
    version = actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT)
    actions.submit(by=cora(), at=AT, version=version)

    as_cora().post(f"/rules/{SLUG}/1/withdraw/")

    version.refresh_from_db()
    assert version.state == VersionState.RETIRED


def test_a_draft_with_errors_shows_why_it_cannot_be_submitted() -> None:
    actions.draft(by=cora(), at=AT, slug=SLUG, text=TEXT.replace("over: ", "over: never"))

    page = as_cora().get(f"/rules/{SLUG}/").content.decode()

    assert "The text has 1 error. Mend it first." in page
    assert f'action="/rules/{SLUG}/1/submit/"' not in page


def test_the_reviewers_and_their_votes_are_shown() -> None:
    an_approved_version(SLUG, TEXT)

    page = as_stella().get(f"/rules/{SLUG}/").content.decode()

    assert "Carl" in page
    assert "Bea" in page
    assert "Start shadow" in page
