"""The page on which an owner answers: three decisions, drafts, the record before it is written, conflicts."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.risks import planning
from governance.risks.judged import standing
from governance.risks.models import Contribution, ResponseDraft, Risk, RiskState
from governance.risks.settling import settle
from models_registry.audit.models import AuditEntry
from tests.governance.risks.test_answers import HOUR, a_raised_risk, acknowledged, bo, cora, olive, said
from tests.governance.risks.test_detail import ann
from tests.governance.risks.test_pages import browser
from tests.journeys.builders import NOON, a_person, people

pytestmark = pytest.mark.django_db

SOON = (timezone.now() + timedelta(days=9)).date().isoformat()


def ready() -> tuple[Client, Risk, str]:
    """Return Olive's browser, an acknowledged risk and the address of its answer page."""
    risk = acknowledged(a_raised_risk())
    return browser(olive()), risk, f"/risks/{risk.reference}/respond/"


def a_plan(risk: Risk, **other: Any) -> dict[str, Any]:
    return {
        "do": "review",
        "decision": "MITIGATE",
        "judged_digest": risk.digest,
        "standing": standing(risk),
        "summary": "The index was rebuilt with half the chunk size.",
        "step_count": 2,
        "step-0-text": "Point v14 at the old index",
        "step-0-owner": olive().pk,
        "step-0-due_on": SOON,
        "step-1-text": "Rebuild with overlap",
        "step-1-owner": people().otto.pk,
        "step-1-due_on": SOON,
        **other,
    }


def an_acceptance(risk: Risk, **other: Any) -> dict[str, Any]:
    given = {"justification": "The season ends soon.", "compensating_control": "Adjusters read.", "expires_on": SOON}
    return {"do": "review", "decision": "ACCEPT", "judged_digest": risk.digest, **given, **other}


def a_dispute(risk: Risk, **other: Any) -> dict[str, Any]:
    given = {"disputed_input": "scorer:drift:a", "reason": "It was a test."}
    return {"do": "review", "decision": "DISPUTE", "judged_digest": risk.digest, **given, **other}


def moved(risk: Risk) -> None:
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=95, began_at=NOON + 3 * HOUR)
    settle(model=risk.model, categories=[risk.category], at=NOON + 3 * HOUR)


@pytest.mark.parametrize(
    ("given", "action"),
    [(a_plan, "risk.plan_submitted"), (an_acceptance, "risk.acceptance_proposed"), (a_dispute, "risk.disputed")],
)
def test_the_record_is_shown_before_it_is_written_and_then_written_so(given: Any, action: str) -> None:
    client, risk, address = ready()

    review = client.post(address, given(risk))

    text = review.content.decode()
    assert review.status_code == 200
    assert f"{action}  {risk.reference}" in text
    assert "set on save" in text
    assert said(action) == 0
    assert client.post(address, given(risk, do="submit")).status_code == 302
    entry = AuditEntry.objects.get(action=action)
    shown = {"summary", "justification", "reason"} & set(entry.body)
    assert shown
    for name in shown:
        assert str(entry.body[name]) in text


def test_a_plan_with_its_steps_is_on_record_and_the_draft_gone() -> None:
    client, risk, address = ready()
    client.post(address, a_plan(risk, do="save"))

    client.post(address, a_plan(risk, do="submit"))

    risk.refresh_from_db()
    assert risk.state == RiskState.MITIGATING
    assert [one.owner.username for one in risk.plans.get().steps.order_by("position")] == ["olive", "otto"]
    assert not ResponseDraft.objects.exists()


def test_steps_are_added_and_removed_without_script() -> None:
    client, risk, address = ready()

    more = client.post(address, a_plan(risk, do="add_step")).content.decode()
    fewer = client.post(address, a_plan(risk, do="remove_step:0")).content.decode()

    assert 'name="step-2-text"' in more
    assert "Point v14 at the old index" in more
    assert 'name="step-1-text"' not in fewer
    assert "Rebuild with overlap" in fewer
    assert "Point v14" not in fewer
    assert said("risk.plan_submitted") == 0


def test_acknowledging_on_the_page_keeps_what_was_written() -> None:
    risk = a_raised_risk()
    client, address = browser(olive()), f"/risks/{risk.reference}/respond/"

    first = client.get(address).content.decode()
    done = client.post(address, a_plan(risk, do="acknowledge", note="Seen."))

    assert "Acknowledge it first." in first
    assert done.status_code == 302
    after = client.get(address).content.decode()
    assert "Rebuild with overlap" in after
    risk.refresh_from_db()
    assert risk.state == RiskState.ACKNOWLEDGED
    assert risk.acknowledgements.get().note == "Seen."


@pytest.mark.parametrize(
    ("given", "status", "said_text"),
    [
        ({"step-1-due_on": ""}, 422, "Step 2 has no date."),
        ({"step-1-text": ""}, 422, "Step 2 has no words."),
        ({"step-1-owner": "999999"}, 422, 'id="id_step-1-owner_error"'),
        ({"step-1-owner": "1; drop table"}, 422, 'id="id_step-1-owner_error"'),
        ({"step-0-due_on": "2020-01-01"}, 422, "which is over"),
        ({"step-0-due_on": "9999-12-31"}, 422, "or earlier"),
        ({"step-0-due_on": "soon"}, 422, "Enter a valid date"),
        ({"step_count": "0"}, 422, "A plan needs at least one step."),
        ({"step_count": "999"}, 422, "Step 30 has no words."),
        ({"step_count": "999999999"}, 422, "A plan needs at least one step."),
        ({"step_count": "-1"}, 422, "A plan needs at least one step."),
        ({"summary": "x" * 100_000}, 422, "at most 4000 characters"),
        ({"summary": "\x00"}, 422, 'id="id_summary_error"'),
        ({"decision": "FORGET"}, 422, "Choose what to do first."),
        ({"decision": ""}, 422, "Choose what to do first."),
        ({"judged_digest": "x" * 500}, 409, "moved while you were reading"),
        ({"do": "remove_step:99999999999"}, 200, "Rebuild with overlap"),
        ({"do": "nonsense"}, 200, "risk.plan_submitted"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(given: dict[str, str], status: int, said_text: str) -> None:
    client, risk, address = ready()

    answer = client.post(address, a_plan(risk, **given))

    assert answer.status_code == status
    assert said_text in answer.content.decode()
    assert said("risk.plan_submitted") == 0


@pytest.mark.parametrize(
    ("given", "said_text"),
    [
        ({"expires_on": "2099-01-01"}, "High risks can be accepted for 90 days at most. Choose"),
        ({"expires_on": "2020-01-01"}, "must end after it begins"),
        ({"expires_on": ""}, "This field is required"),
        ({"justification": "   "}, "This field is required"),
    ],
)
def test_an_acceptance_is_limited_by_its_level_beside_the_field(given: dict[str, str], said_text: str) -> None:
    client, risk, address = ready()

    answer = client.post(address, an_acceptance(risk, **given))

    assert answer.status_code == 422
    assert said_text in answer.content.decode()


def test_only_an_input_of_the_score_is_disputed() -> None:
    client, risk, address = ready()

    answer = client.post(address, a_dispute(risk, disputed_input="rule:made-up"))

    assert answer.status_code == 422
    assert 'id="id_disputed_input_error"' in answer.content.decode()


@pytest.mark.parametrize("do", ["review", "submit"])
def test_a_risk_that_moved_is_a_conflict_that_keeps_the_text_and_says_what_changed(do: str) -> None:
    client, risk, address = ready()
    given = a_plan(risk, do=do)
    moved(risk)

    answer = client.post(address, given)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "moved while you were reading" in text
    assert "raised from High" in text
    assert "Rebuild with overlap" in text
    assert risk.digest not in text  # the form carries the present state now
    assert said("risk.plan_submitted") == 0


def test_another_s_plan_is_never_replaced_unseen() -> None:
    client, risk, address = ready()
    given = a_plan(risk, do="submit")
    step = planning.Step("Theirs", olive(), (NOON + timedelta(days=3)).date())
    planning.submit_plan(
        by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, summary="Theirs", steps=[step]
    )

    answer = client.post(address, given)

    assert answer.status_code == 409
    assert "Somebody answered" in answer.content.decode()
    assert "Rebuild with overlap" in answer.content.decode()
    assert risk.plans.get().summary == "Theirs"


def test_a_draft_is_kept_every_ten_seconds_and_found_after_signing_in_again() -> None:
    client, risk, address = ready()

    empty = client.post(f"{address}draft/", {"step_count": "0"})
    kept = client.post(f"{address}draft/", a_plan(risk, draft_version=0))
    same = client.post(f"{address}draft/", a_plan(risk, draft_version=0))
    later = client.post(f"{address}draft/", a_plan(risk, draft_version=1, summary="Better."))

    assert empty.status_code == 204
    assert "Draft saved" in kept.content.decode()
    assert 'hx-trigger="every 10s, change delay:1s from:#respond"' in kept.content.decode()
    assert same.status_code == 200
    assert 'value="2"' in later.content.decode()
    client.logout()
    lost = client.post(f"{address}draft/", a_plan(risk), headers={"HX-Request": "true"})
    assert lost.status_code == 401
    assert "/sign-in/" in lost.headers["HX-Redirect"]
    again = browser(olive())
    assert again.get(f"{address}draft/").url == address
    assert "Better." in again.get(address).content.decode()


def test_two_windows_never_overwrite_each_other() -> None:
    client, risk, address = ready()
    client.post(f"{address}draft/", a_plan(risk, draft_version=0))
    client.post(f"{address}draft/", a_plan(risk, draft_version=1, summary="From the first window."))

    quiet = client.post(f"{address}draft/", a_plan(risk, draft_version=1, summary="From the second window."))
    asked = client.post(address, a_plan(risk, do="save", draft_version=1, summary="From the second window."))

    assert (quiet.status_code, asked.status_code) == (409, 409)
    assert "See both" in quiet.content.decode()
    assert "From the second window." in asked.content.decode()
    assert ResponseDraft.objects.get().body["fields"]["summary"] == "From the first window."
    over = client.post(address, a_plan(risk, do="save:over", draft_version=1, summary="From the second window."))
    assert over.status_code == 302
    assert ResponseDraft.objects.get().body["fields"]["summary"] == "From the second window."


def test_two_people_see_both_drafts() -> None:
    client, risk, address = ready()
    mona = a_person("mona", "Mona Moss", "model_owner", unit=people().claims)
    risk.model.deputy = mona
    type(risk.model).objects.filter(pk=risk.model_id).update(deputy=mona)
    browser(mona).post(f"{address}draft/", a_plan(risk, summary="Mona's words."))
    client.post(f"{address}draft/", a_plan(risk, summary="Olive's words."))

    page = client.get(address).content.decode()
    both = client.get(f"{address}both/").content.decode()

    assert "Mona Moss is writing an answer too" in page
    assert "Mona&#x27;s words." not in page
    assert "Mona&#x27;s words." in both
    assert "Olive&#x27;s words." in both


def test_a_draft_is_discarded() -> None:
    client, risk, address = ready()
    client.post(f"{address}draft/", a_plan(risk))

    client.post(address, a_plan(risk, do="discard"))

    assert not ResponseDraft.objects.exists()


@pytest.mark.parametrize("who", [bo, ann, lambda: people().otto])
def test_people_who_may_give_no_answer_are_told_why(who: Any) -> None:
    _, risk, address = ready()

    for path in (address, f"{address}both/"):
        refused = browser(who()).get(path)
        assert refused.status_code == 403
        assert "Roles that may" in refused.content.decode()
    assert browser(who()).post(f"{address}draft/", a_plan(risk)).status_code == 403


def test_compliance_may_dispute_and_sees_why_it_may_not_plan() -> None:
    _, risk, address = ready()
    officer = browser(cora())

    text = officer.get(address).content.decode()

    assert "None of your roles may plan a mitigation." in text
    assert officer.post(address, a_plan(risk, do="submit")).status_code == 403
    assert officer.post(address, a_dispute(risk, do="submit")).status_code == 302


def test_who_decides_an_acceptance_is_named_before_it_is_asked_for() -> None:
    client, _, address = ready()
    bo()

    text = client.get(address).content.decode()

    assert "Cora Castellan" in text
    assert "Bo Board" in text


def test_the_page_costs_no_more_with_more_steps(django_assert_max_num_queries: Any) -> None:
    client, risk, address = ready()
    client.get(address)
    many = {f"step-{place}-{part}": "" for place in range(30) for part in ("text", "owner", "due_on")}

    with django_assert_max_num_queries(60):
        client.post(address, a_plan(risk, do="edit", **many, step_count=30))
