"""The page of one risk: evidence, way out, answers with what changed since, and every deed on it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.risks import planning, standings
from governance.risks.models import Contribution, Risk, RiskState
from governance.risks.settling import settle
from tests.governance.risks.test_answers import (
    HOUR,
    a_raised_risk,
    accepted,
    acknowledged,
    bo,
    cora,
    olive,
    planned,
)
from tests.governance.risks.test_duties import done_step, in_verification, raised_further
from tests.governance.risks.test_pages import browser
from tests.journeys.builders import NOON, a_model_past_its_line, a_person, people

pytestmark = pytest.mark.django_db


def page(client: Client, risk: Risk, **asked: str) -> str:
    answer = client.get(f"/risks/{risk.reference}/", asked)
    assert answer.status_code == 200
    text: str = answer.content.decode()
    assert "style=" not in text
    return text


def ann() -> Any:
    return a_person("ann", "Ann Audit", "auditor")


def test_a_rule_s_points_are_explained_down_to_the_event() -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model, category="PERFORMANCE")

    text = page(browser(olive()), risk)

    assert "rule accuracy-low v1" in text
    assert "/rules/accuracy-low/" in text
    assert "limit below 0.800" in text
    assert "Monitoring, event" in text
    assert "Windows the rule read" in text
    assert "Without it the score is" in text
    assert "Accuracy below 0.80" in text


def test_a_scorer_s_points_and_the_assessment_are_told_apart() -> None:
    text = page(browser(olive()), a_raised_risk())

    assert "By drift." in text
    assert "Assessed by people" in text


def test_a_decision_on_an_earlier_state_says_what_changed_since() -> None:
    risk = a_raised_risk()
    accepted(risk)
    raised_further(risk)

    text = page(browser(olive()), risk)

    assert "Stale" in text
    assert "raised from High (" in text


def test_the_changes_since_a_judged_state_are_those_after_it() -> None:
    risk = a_raised_risk()
    judged = risk.digest
    raised_further(risk)
    changes = list(standings.changes_of(risk))

    assert standings.changes_since(risk, risk.digest, changes).changes == ()
    assert len(standings.changes_since(risk, judged, changes).changes) == 1
    assert len(standings.changes_since(risk, "sha256:unknown", changes).changes) == len(changes)


def test_the_past_shows_what_stood_then() -> None:
    risk = acknowledged(a_raised_risk())
    Contribution.objects.update(began_at=NOON)

    before = page(browser(olive()), risk, as_of=(NOON - timedelta(minutes=30)).isoformat())

    assert "Low" in before
    assert "Drift." not in before
    assert "<form" not in before.partition('id="main"')[2].partition("</main>")[0]


@pytest.mark.parametrize("who", [bo, cora, ann])
def test_others_see_the_risk_and_why_they_cannot_answer(who: Any) -> None:
    text = page(browser(who()), a_raised_risk())

    assert "may acknowledge" in text
    assert 'action="/risks/' not in text.partition("Acknowledge")[0].rpartition("<form")[2]


def test_a_stranger_to_the_model_does_not_learn_of_the_risk() -> None:
    risk = a_raised_risk()
    luca = a_person("luca", "Luca", "model_owner")

    assert browser(luca).get(f"/risks/{risk.reference}/").status_code == 404
    assert browser(luca).post(f"/risks/{risk.reference}/acknowledge/", {}).status_code == 404
    assert browser(luca).get("/models/claims-triage/risks/").status_code == 404


def test_a_step_is_completed_verified_and_closed_through_the_pages() -> None:
    risk = planned(acknowledged(a_raised_risk()))
    first, second = risk.plans.get().steps.order_by("position")
    owner, officer = browser(olive()), browser(cora())
    base = f"/risks/{risk.reference}"

    unfinished = owner.post(f"{base}/steps/{first.pk}/complete/", {"evidence": ""})
    assert unfinished.status_code == 422
    assert "This field is required" in unfinished.content.decode()
    given = {"evidence": "Pinned in PR 12", "evidence_url": "https://git.example/pr/12"}
    assert owner.post(f"{base}/steps/{first.pk}/complete/", given).status_code == 302
    assert owner.post(f"{base}/steps/{first.pk}/verify/").status_code == 403
    assert officer.post(f"{base}/steps/{first.pk}/verify/").status_code == 302
    assert "git.example/pr/12" in page(officer, risk)
    assert owner.post(f"{base}/steps/{second.pk}/complete/", given).status_code == 302
    assert officer.post(f"{base}/steps/{second.pk}/return/", {"reason": "Half of it."}).status_code == 302
    assert "Returned by Cora" in page(owner, risk)
    assert owner.post(f"{base}/steps/{second.pk}/complete/", given).status_code == 302
    evidence = {"judged_digest": risk.digest, "evidence": "Recovered since noon."}
    assert owner.post(f"{base}/evidence/", evidence).status_code == 302
    assert "Recovered since noon." in page(officer, risk)
    verdict = {"judged_digest": risk.digest, "reason": "Read the dashboards."}
    assert owner.post(f"{base}/release/", verdict).status_code == 403
    held = officer.post(f"{base}/release/", verdict)
    assert held.status_code == 409
    assert "still holds" in held.content.decode()
    assert "Read the dashboards." in held.content.decode()
    Contribution.objects.update(cleared_at=NOON + HOUR)
    assert officer.post(f"{base}/release/", verdict).status_code == 302

    risk.refresh_from_db()
    assert risk.state == RiskState.CLOSED


def test_evidence_is_sent_back_through_the_page() -> None:
    risk = in_verification()
    given = {"judged_digest": risk.digest, "reason": "One segment is missing."}

    assert browser(cora()).post(f"/risks/{risk.reference}/send-back/", given).status_code == 302

    risk.refresh_from_db()
    assert risk.state == RiskState.MITIGATING


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31", "soon", ""])
def test_a_step_is_not_moved_to_a_day_that_cannot_be(day: str) -> None:
    step = planned(acknowledged(a_raised_risk())).plans.get().steps.get(position=1)
    address = f"/risks/{step.plan.risk.reference}/steps/{step.pk}/move/"

    refused = browser(olive()).post(address, {"due_on": day, "reason": "Later."})

    assert refused.status_code == 422
    assert f'id="id_move-{step.pk}_due_on_error"' in refused.content.decode()


def test_a_dispute_is_settled_through_the_page_by_another_person() -> None:
    risk = a_raised_risk()
    given = {"judged_digest": risk.digest, "reason": "Test data.", "disputed_input": "scorer:drift:a"}
    from governance.risks import actions

    dispute = actions.dispute(by=olive(), at=NOON, risk_id=risk.pk, **given)
    address = f"/risks/{risk.reference}/disputes/{dispute.pk}/settle/"

    assert browser(olive()).post(address, {"upheld": "yes", "settlement": "Right."}).status_code == 403
    assert browser(cora()).post(address, {"upheld": "perhaps", "settlement": "x"}).status_code == 422
    assert browser(cora()).post(address, {"upheld": "yes", "settlement": "It was test data."}).status_code == 302
    assert browser(cora()).post(address, {"upheld": "yes", "settlement": "Again."}).status_code == 409
    assert "upheld" in page(browser(olive()), risk)


def test_compliance_assesses_on_the_page() -> None:
    risk = a_raised_risk(points=10)
    address = f"/risks/{risk.reference}/assess/"

    assert browser(cora()).post(address, {"likelihood": 9, "impact": 5, "reason": "x"}).status_code == 422
    assert browser(olive()).post(address, {"likelihood": 5, "impact": 5, "reason": "x"}).status_code == 403
    assert browser(cora()).post(address, {"likelihood": 5, "impact": 5, "reason": "New use."}).status_code == 302

    risk.refresh_from_db()
    assert risk.level == "CRITICAL"


def test_the_evidence_is_read_anew_without_writing() -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model, category="PERFORMANCE")
    client = browser(olive())
    before = list(risk.changes.values_list("pk", flat=True))

    fragment = client.post(f"/risks/{risk.reference}/rerun/", headers={"HX-Request": "true"})
    whole = client.post(f"/risks/{risk.reference}/rerun/")

    assert "Read anew" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "Read anew" in whole.content.decode()
    assert list(risk.changes.values_list("pk", flat=True)) == before
    assert browser(bo()).post(f"/risks/{risk.reference}/rerun/").status_code == 403


@pytest.mark.parametrize("path", ["steps/999999/complete/", "disputes/999999999999/settle/", "steps/1/complete/"])
def test_what_is_not_of_this_risk_is_not_found(path: str) -> None:
    risk = a_raised_risk()

    assert browser(olive()).post(f"/risks/{risk.reference}/{path}", {"evidence": "x"}).status_code == 404
    assert browser(olive()).get("/risks/R-99999999999999999999999/").status_code == 404


def test_the_model_s_panel_names_the_deed_and_the_refusal() -> None:
    risk = a_raised_risk()

    mine = browser(olive()).get("/models/claims-triage/risks/").content.decode()
    others = browser(cora()).get("/models/claims-triage/risks/").content.decode()
    past = browser(cora()).get("/models/claims-triage/risks/", {"as_of": (NOON - HOUR).isoformat()}).content.decode()

    assert risk.reference in mine
    assert "#answer" in mine
    assert "may acknowledge" in others
    assert "No risk of this model was open then." in past
    assert "<html" not in mine
    assert browser(people().stella).get("/models/claims-triage/risks/").status_code == 403


def test_the_page_costs_no_more_with_a_long_history(django_assert_max_num_queries: Any) -> None:
    step = done_step()
    risk = step.plan.risk
    client = browser(cora())
    for hour in range(30):
        Contribution.objects.create(risk=risk, cause=f"scorer:a:{hour}", points=hour, began_at=NOON + hour * HOUR / 60)
        settle(model=risk.model, categories=[risk.category], at=NOON + hour * HOUR / 60)

    with django_assert_max_num_queries(45):
        page(client, risk)


def test_returning_twice_is_a_conflict_with_words() -> None:
    step = done_step()
    planning.return_step(by=cora(), at=NOON + HOUR, step_id=step.pk, reason="No.")

    again = browser(cora()).post(f"/risks/{step.plan.risk.reference}/steps/{step.pk}/return/", {"reason": "No."})

    assert again.status_code == 409
    assert "is not done yet" in again.content.decode()
