"""Approvals as people see and decide them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.approvals import actions as approvals
from governance.approvals.models import ApprovalRequest, ApprovalState, Subject
from governance.health import actions as health
from governance.risks.models import Acceptance, Risk
from governance.rules import actions as rules
from models_registry.access.models import Account
from tests.governance.risks.test_answers import a_raised_risk, acknowledged, bo, cora, olive, proposed
from tests.journeys.builders import ACCURACY_RULE, a_model, a_person, an_enforced_rule, people

pytestmark = [pytest.mark.django_db]

SOON = timedelta(days=3)


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_request(by: Account | None = None, number: int = 1, **facts: Any) -> ApprovalRequest:
    """Return a request that no room follows, decided by one compliance officer."""
    given: dict[str, Any] = {
        "subject": Subject.RESUME,
        "object_id": f"0{number}",
        "title": f"Resume drift {number}",
        "digest": f"sha256:{number}",
        "policy": {"required": 1, "roles": ["compliance_officer"]},
        "expires_at": timezone.now() + SOON,
    }
    return approvals.request(by=by or bo(), at=timezone.now(), **given | facts)


def an_acceptance() -> Acceptance:
    return proposed(acknowledged(a_raised_risk()))


def test_the_asker_sees_why_approving_is_off_and_compliance_may_vote_on_what_was_read() -> None:
    asked = an_acceptance().approval
    page = browser(olive()).get(f"/approvals/{asked.pk}/")
    assert page.status_code == 200
    assert "Approve is off: you proposed this acceptance. Someone else must approve it." in page.content.decode()
    assert "style=" not in page.content.decode()

    client = browser(cora())
    assert asked.title in client.get("/approvals/").content.decode()
    stale = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": "old"})
    mute = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "reject", "digest": asked.digest})
    good = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest})

    assert [stale.status_code, mute.status_code, good.status_code] == [409, 422, 302]


def test_a_rejection_without_a_comment_is_refused_beside_the_field_and_keeps_nothing() -> None:
    asked = an_acceptance().approval

    page = browser(cora()).post(f"/approvals/{asked.pk}/vote/", {"answer": "reject", "digest": asked.digest})
    asked.refresh_from_db()

    assert "A rejection needs a comment that says why." in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()
    assert asked.state == ApprovalState.PENDING


def test_the_page_begins_with_the_requesters_words_and_names_who_must_vote() -> None:
    asked = an_acceptance().approval
    bo()

    page = browser(cora()).get(f"/approvals/{asked.pk}/").content.decode()

    assert page.index("In the words of Olive Okafor") < page.index("What is asked")
    assert "The season ends soon." in page
    assert "An adjuster reads every claim." in page
    assert "Cora Castellan" in page
    assert "Bo Board" in page
    assert asked.digest in page


def test_who_voted_is_shown_and_votes_once() -> None:
    asked = an_acceptance().approval
    client = browser(cora())
    client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest, "comment": "Fine"})

    page = client.get(f"/approvals/{asked.pk}/").content.decode()
    again = client.post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest})

    assert "Cora Castellan approved this." in page
    assert "Approve is off: you have voted. Others decide the rest." in page
    assert again.status_code == 409


def test_a_role_that_does_not_decide_this_reads_why() -> None:
    asked = an_acceptance().approval

    page = browser(people().otto).get(f"/approvals/{asked.pk}/")
    vote = browser(people().otto).post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest})

    assert "Approve is off: " in page.content.decode()
    assert vote.status_code == 403


def test_what_one_may_not_see_does_not_exist() -> None:
    asked = an_acceptance().approval
    elsewhere = a_person("oscar", "Oscar", "model_owner")

    assert browser(elsewhere).get(f"/approvals/{asked.pk}/").status_code == 404
    assert browser(people().stella).get("/approvals/").status_code == 403


def test_a_rule_is_read_as_a_change_of_text() -> None:
    an_enforced_rule()
    version = rules.draft(
        by=cora(), at=timezone.now(), slug="accuracy-low", text=ACCURACY_RULE.replace("below: 0.8", "below: 0.75")
    )
    type(version).objects.filter(number=1).update(approved_at=timezone.now())
    asked = rules.submit(by=cora(), at=timezone.now(), version=version)

    mine = browser(cora()).get(f"/approvals/{asked.pk}/").content.decode()
    page = (
        browser(a_person("clara", "Clara Conte", "compliance_officer")).get(f"/approvals/{asked.pk}/").content.decode()
    )

    assert "Approve is off: you wrote this rule. Someone else must approve it." in mine
    assert "v1 and v2" in page
    assert "<ins>+   below: 0.75</ins>" in page
    assert "below: 0.8</del>" in page


def test_a_first_formula_is_read_whole() -> None:
    version = health.ensure_shipped_formulas(by=cora(), at=timezone.now())[0]
    asked = health.submit(by=cora(), at=timezone.now(), version=version)

    page = browser(bo()).get(f"/approvals/{asked.pk}/").content.decode()

    assert "The whole text" in page
    assert "v1, the first" in page


def test_an_acceptance_of_a_risk_that_rose_since_cannot_be_approved() -> None:
    acceptance = an_acceptance()
    asked = acceptance.approval
    Risk.objects.filter(pk=acceptance.risk_id).update(digest="sha256:moved")
    moved = browser(cora()).get(f"/approvals/{asked.pk}/").content.decode()

    Risk.objects.filter(pk=acceptance.risk_id).update(level="CRITICAL", score=80)
    page = browser(cora()).get(f"/approvals/{asked.pk}/").content.decode()
    vote = browser(cora()).post(f"/approvals/{asked.pk}/vote/", {"answer": "approve", "digest": asked.digest})

    assert "The risk moved since this was asked" in moved
    assert "This is out of date." in page
    assert "Approve is off: the risk rose to Critical" in page
    assert ">Reject</button>" in page
    assert vote.status_code == 409


def test_whoever_asked_takes_it_back() -> None:
    asked = a_request(by=bo())

    other = browser(cora()).post(f"/approvals/{asked.pk}/withdraw/")
    own = browser(bo()).post(f"/approvals/{asked.pk}/withdraw/", follow=True)
    again = browser(bo()).post(f"/approvals/{asked.pk}/withdraw/")
    asked.refresh_from_db()

    assert other.status_code == 403
    assert "Withdrawn." in own.content.decode()
    assert again.status_code == 409
    assert asked.state == ApprovalState.WITHDRAWN


def test_what_ran_out_is_listed_as_decided() -> None:
    asked = a_request()
    ApprovalRequest.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - SOON)
    client = browser(cora())

    lists = {
        tab: asked.title in client.get(f"/approvals/?tab={tab}").content.decode() for tab in ("mine", "all", "decided")
    }

    assert lists == {"mine": False, "all": False, "decided": True}


def test_lists_are_narrowed_by_words_and_subject_and_swapped_alone() -> None:
    a_request(number=1)
    asked = an_acceptance().approval
    client = browser(cora())

    by_words = client.get("/approvals/", {"q": "drift"}).content.decode()
    by_subject = client.get("/approvals/", {"subject": "ACCEPTANCE"}).content.decode()
    nonsense = client.get("/approvals/", {"subject": "WEATHER"}).content.decode()
    part = client.get("/approvals/", {"q": "nothing"}, headers={"HX-Request": "true"}).content.decode()

    assert "Resume drift 1" in by_words and asked.title not in by_words
    assert asked.title in by_subject and "Resume drift 1" not in by_subject
    assert asked.title in nonsense
    assert "<html" not in part
    assert "No request matches these filters" in part


@pytest.mark.parametrize("how_many", [3, 9])
def test_the_list_costs_the_same_however_long(how_many: int, django_assert_max_num_queries: Any) -> None:
    for number in range(how_many):
        model = a_model(f"model-{number}")
        a_request(number=number, model=model)
    client = browser(cora())
    client.get("/approvals/")

    with django_assert_max_num_queries(14):
        page = client.get("/approvals/").content.decode()

    assert page.count(">Review</a>") == how_many
