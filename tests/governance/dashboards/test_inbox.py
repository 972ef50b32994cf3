"""The inbox: who owes what, in order of its clock, and the frame's counts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from governance.approvals import actions as approvals
from governance.approvals.models import Subject
from governance.dashboards import owed
from governance.dashboards.duties import Duty, Kind, When, grouped, when
from governance.risks import actions, planning
from governance.risks.models import Acknowledgement, Contribution, PlanStep, Risk
from governance.risks.settling import settle
from governance.scoring import switch
from models_registry.access.models import Account, Team
from tests.governance.risks.test_answers import a_raised_risk, acknowledged, agree, bo, cora, olive, proposed
from tests.journeys.builders import NOON, a_model, a_person, people

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def duty(due_at: datetime, task: str = "Acknowledge R-1") -> Duty:
    return Duty(kind=Kind.ACKNOWLEDGE, task=task, url="/risks/R-1/", due_at=due_at)


@pytest.mark.parametrize(
    ("due_in", "expected"),
    [
        (timedelta(seconds=-1), When.OVERDUE),
        (timedelta(0), When.TODAY),
        (timedelta(hours=14, minutes=59), When.TODAY),
        (timedelta(hours=15), When.THIS_WEEK),
        (timedelta(days=7), When.THIS_WEEK),
        (timedelta(days=7, seconds=1), When.LATER),
    ],
)
def test_a_deadline_falls_into_one_group(due_in: timedelta, expected: When) -> None:
    assert when(due_at=MONDAY + due_in, now=MONDAY) is expected


def test_groups_are_in_order_of_urgency_and_empty_ones_are_left_out() -> None:
    lines = [duty(MONDAY + timedelta(days=30), "c"), duty(MONDAY - HOUR, "b"), duty(MONDAY - 2 * HOUR, "a")]

    found = grouped(lines, now=MONDAY)

    assert [group.when for group in found] == [When.OVERDUE, When.LATER]
    assert [one.task for one in found[0].duties] == ["a", "b"]


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def raised(slug: str) -> Risk:
    """Return a High risk of another model of Olive's."""
    model = a_model(slug)
    earlier = NOON - HOUR
    risk = Risk.objects.create(model=model, category="PERFORMANCE", level_since=earlier, created_at=earlier)
    Contribution.objects.create(risk=risk, cause="scorer:drift:a", points=60, explanation="Drift.", began_at=NOON)
    settle(model=model, categories=["PERFORMANCE"], at=NOON)
    risk.refresh_from_db()
    return risk


def tasks(person: Account) -> list[str]:
    return sorted(one.task for one in owed.mine(person, at=NOON + 2 * HOUR).duties())


def planned(risk: Risk, owner: Account) -> PlanStep:
    planning.submit_plan(
        by=olive(),
        at=NOON + HOUR,
        risk_id=risk.pk,
        judged_digest=risk.digest,
        summary="Refit",
        steps=[planning.Step("Refit on October data", owner, (NOON + timedelta(days=2)).date())],
    )
    return PlanStep.objects.get(plan__risk=risk)


def verifying(risk: Risk) -> Risk:
    step = planned(acknowledged(risk), olive())
    planning.complete_step(by=olive(), at=NOON + HOUR, step_id=step.pk, evidence="Done")
    risk.refresh_from_db()
    actions.submit_evidence(
        by=olive(), at=NOON + 2 * HOUR, risk_id=risk.pk, judged_digest=risk.digest, evidence="Accuracy is back."
    )
    return risk


@pytest.mark.django_db
def test_the_owner_owes_an_acknowledgement_then_a_plan_then_its_steps_then_the_evidence() -> None:
    risk = a_raised_risk()
    name = risk.reference

    seen = [tasks(olive())]
    acknowledged(risk)
    seen.append(tasks(olive()))
    step = planned(risk, olive())
    seen.append(tasks(olive()))
    planning.complete_step(by=olive(), at=NOON + HOUR, step_id=step.pk, evidence="Done")
    seen.append(tasks(olive()))

    assert seen == [
        [f"Acknowledge {name}"],
        [f"Write a plan for {name}"],
        [f"Step 1 of {name}"],
        [f"Show that it worked for {name}"],
    ]


@pytest.mark.django_db
def test_nobody_else_owes_the_owners_duties() -> None:
    a_raised_risk()

    assert tasks(cora()) == tasks(people().otto) == tasks(people().stella) == []


@pytest.mark.django_db
def test_whoever_promised_a_step_owes_it() -> None:
    erik = a_person("erik", "Erik Lund", "ml_engineer", unit=people().claims)
    risk = acknowledged(a_raised_risk())

    planned(risk, erik)

    assert tasks(erik) == [f"Step 1 of {risk.reference}"]
    assert tasks(olive()) == []


@pytest.mark.django_db
def test_the_owner_verifies_the_steps_of_others_and_compliance_those_of_the_owner() -> None:
    erik = a_person("erik", "Erik Lund", "ml_engineer", unit=people().claims)
    risk = acknowledged(a_raised_risk())
    step = planned(risk, erik)
    planning.complete_step(by=erik, at=NOON + HOUR, step_id=step.pk, evidence="Pull request 12")
    wanted = f"Verify step 1 of {risk.reference}"

    by_another = [wanted in tasks(person) for person in (erik, olive(), cora())]
    PlanStep.objects.filter(pk=step.pk).update(done_by=olive())
    by_the_owner = [wanted in tasks(person) for person in (erik, olive(), cora())]

    assert by_another == [False, True, False]
    assert by_the_owner == [False, False, True]


@pytest.mark.django_db
def test_compliance_verifies_settles_and_confirms_releases() -> None:
    handed_over = verifying(a_raised_risk())
    disputed = raised("pricing")
    actions.dispute(
        by=olive(),
        at=NOON,
        risk_id=disputed.pk,
        judged_digest=disputed.digest,
        reason="The labels are late.",
        disputed_input="scorer:drift:a",
    )

    assert tasks(cora()) == [f"Settle the dispute of {disputed.reference}", f"Verify {handed_over.reference}"]


@pytest.mark.django_db
def test_a_held_level_whose_causes_ended_waits_for_compliance() -> None:
    risk = a_raised_risk()
    before = tasks(cora())

    Contribution.objects.filter(risk=risk).update(cleared_at=NOON)
    Risk.objects.filter(pk=risk.pk).update(factor=12)

    assert before == []
    assert tasks(cora()) == [f"Confirm the release of {risk.reference}"]


@pytest.mark.django_db
def test_an_approval_waits_for_those_whose_vote_would_count() -> None:
    asked = proposed(acknowledged(a_raised_risk()))
    title = asked.approval.title
    before = [tasks(person) for person in (olive(), cora(), bo(), people().otto)]

    agree(asked, cora())

    assert before == [[f"Write a plan for {asked.risk.reference}"], [title], [title], []]
    assert tasks(cora()) == []
    assert tasks(bo()) == [title]


@pytest.mark.django_db
def test_an_approval_about_policy_needs_a_fitting_role_and_another_person() -> None:
    def asks(**policy: Any) -> None:
        approvals.request(
            by=cora(),
            at=NOON,
            subject=Subject.RULE_VERSION,
            object_id="1",
            title="Rule drift v2",
            digest="sha256:1",
            policy={"required": 1, **policy},
            expires_at=NOON + timedelta(days=3),
        )

    asks(roles=["governance_board", "compliance_officer"][:1], excluded=["brit"])
    brit = a_person("brit", "Brit Board", "governance_board")
    clara = a_person("clara", "Clara Conte", "compliance_officer")

    assert tasks(bo()) == ["Rule drift v2"]
    assert tasks(cora()) == tasks(clara) == tasks(brit) == tasks(olive()) == []


@pytest.mark.django_db
def test_an_acceptance_that_ends_soon_is_the_owners_again() -> None:
    asked = proposed(acknowledged(a_raised_risk()), days=20)
    agree(asked, cora())
    agree(asked, bo())

    soon = owed.mine(olive(), at=NOON + timedelta(days=7)).duties()

    assert tasks(olive()) == []
    assert [one.task for one in soon] == [f"Acceptance of {asked.risk.reference} ends"]


@pytest.mark.django_db
def test_the_team_tab_shows_what_colleagues_owe() -> None:
    team = Team.objects.create(slug="claims-ml", name="Claims ML", unit=people().claims)
    erik = a_person("erik", "Erik Lund", "ml_engineer", unit=people().claims)
    Account.objects.filter(pk=erik.pk).update(team=team)
    erik.refresh_from_db()
    risk = a_raised_risk()
    outside = [one.task for one in owed.of_team(erik, at=NOON).duties()]

    type(risk.model).objects.filter(pk=risk.model_id).update(team=team)
    inside = owed.of_team(erik, at=NOON).duties(whose=True)

    assert outside == []
    assert [(one.task, one.whose) for one in inside] == [(f"Acknowledge {risk.reference}", "Olive Okafor")]
    assert not inside[0].judged_digest


@pytest.mark.django_db
def test_the_counts_of_the_frame_are_those_of_the_lists() -> None:
    asked = proposed(acknowledged(a_raised_risk()))

    found = owed.counts(cora(), at=NOON + 2 * HOUR)

    assert found["duties"] == len(owed.mine(cora(), at=NOON + 2 * HOUR).duties()) == 1
    assert found["approvals"] == 1
    assert found["past"] == 1
    assert asked.approval.title in browser(cora()).get("/inbox/").content.decode()


@pytest.mark.django_db
def test_a_risk_is_acknowledged_on_its_line() -> None:
    risk = a_raised_risk()
    client = browser(olive())
    page = client.get("/inbox/").content.decode()
    address, pick = "/inbox/acknowledge/", f"{risk.pk}:{risk.digest}"

    stale = client.post(address, {"pick": f"{risk.pk}:old"}, headers={"HX-Request": "true"})
    good = client.post(address, {"pick": pick}, headers={"HX-Request": "true"})
    again = client.post(address, {"pick": pick})
    nothing = client.post(address, {"pick": "risk"})
    risk.refresh_from_db()

    assert pick in page
    assert "style=" not in page
    assert [one.status_code for one in (stale, good, again, nothing)] == [409, 200, 409, 422]
    assert "moved while you were reading" in stale.content.decode()
    assert f"Acknowledged {risk.reference}" in good["HX-Trigger"]
    assert f"Write a plan for {risk.reference}" in good.content.decode()
    assert "<html" not in good.content.decode()
    assert risk.state == "ACKNOWLEDGED"


@pytest.mark.django_db
def test_selected_lines_are_acknowledged_together_with_one_note_and_those_that_moved_say_so() -> None:
    risks = [raised(f"model-{number}") for number in range(3)]
    picks = [f"{one.pk}:{one.digest}" for one in risks[:2]] + [f"{risks[2].pk}:old"]
    client = browser(olive())
    before = client.get("/inbox/").content.decode()

    answer = client.post("/inbox/acknowledge/", {"pick": picks, "note": "Seen at stand-up"}, follow=True)
    page = answer.content.decode()

    assert "Select 3 to acknowledge" in before
    assert "Acknowledged 2 risks. Write their plans next." in page
    assert f"{risks[2].reference}: This was not saved." in page
    assert set(Acknowledgement.objects.values_list("note", flat=True)) == {"Seen at stand-up"}


@pytest.mark.django_db
def test_a_page_that_stays_open_is_told_only_what_changed() -> None:
    risk = a_raised_risk()
    client = browser(olive())
    first = client.get("/inbox/")
    found = re.search(r'name="since" value="([^"]+)"', first.content.decode())
    assert found

    same = client.get("/inbox/", {"since": found[1]}, headers={"HX-Request": "true"})
    acknowledged(risk)
    changed = client.get("/inbox/", {"since": found[1]}, headers={"HX-Request": "true"})

    assert same.status_code in (204, 200)  # 200 where the minute changed between the two
    assert changed.status_code == 200
    assert 'data-nav-count="/inbox/" value="1"' in changed.content.decode()


@pytest.mark.django_db
def test_only_the_owner_acknowledges_on_a_line() -> None:
    risk = a_raised_risk()

    answers = [
        browser(person).post("/inbox/acknowledge/", {"pick": f"{risk.pk}:{risk.digest}"}).status_code
        for person in (cora(), people().otto, people().stella)
    ]
    risk.refresh_from_db()

    assert answers == [409, 409, 403]
    assert risk.state == "OPEN"


@pytest.mark.django_db
def test_an_empty_inbox_names_the_last_thing_closed() -> None:
    risk = a_raised_risk()
    client = browser(cora())
    assert "Nothing waits for you" in client.get("/inbox/").content.decode()

    asked = proposed(acknowledged(risk))
    agree(asked, cora())
    page = client.get("/inbox/").content.decode()
    done = client.get("/inbox/?tab=done").content.decode()

    assert f"Last thing you closed: {asked.approval.title}" in page
    assert f"Voted on: {asked.approval.title}" in done


@pytest.mark.django_db
def test_the_past_has_no_inbox() -> None:
    answer = browser(olive()).get("/inbox/?as_of=2026-01-01")

    assert (answer.status_code, answer["Location"]) == (302, "/inbox/")


@pytest.mark.django_db
@pytest.mark.parametrize("how_many", [2, 6])
def test_the_inbox_costs_the_same_however_much_waits(how_many: int, django_assert_max_num_queries: Any) -> None:
    for number in range(how_many):
        raised(f"model-{number}")
    client = browser(olive())
    client.get("/inbox/")

    with django_assert_max_num_queries(12):
        page = client.get("/inbox/").content.decode()

    assert page.count(">Acknowledge R-") == how_many


@pytest.mark.django_db
def test_every_page_says_that_scoring_is_paused_by_whom_and_why() -> None:
    before = browser(cora()).get("/inbox/").content.decode()
    switch.pause(by=cora(), at=NOON, reason="Checking a rule")

    page = browser(olive()).get("/inbox/").content.decode()

    assert "Scoring: automatic" in before
    assert "Automatic scoring is paused." not in before
    assert "Automatic scoring is paused." in page
    assert "Cora Castellan, since" in page
    assert "Checking a rule" in page
    assert "Telemetry is kept" in page


@pytest.mark.django_db
def test_the_kit_is_for_administrators() -> None:
    adam = a_person("adam", "Adam Adler", "administrator")

    assert browser(adam).get("/kit/").status_code == 200
    assert browser(cora()).get("/kit/").status_code == 403


@pytest.mark.django_db
def test_who_owes_more_than_a_page_sees_the_soonest_and_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.dashboards.inbox_views.LISTED", 1)
    a_raised_risk()
    first = Risk.objects.get()
    other = a_model("second")
    Risk.objects.create(
        model=other, category=first.category, level="HIGH", state="OPEN", due_at=NOON + timedelta(days=300),
        level_since=NOON, raised_at=NOON, created_at=NOON,
    )  # fmt: skip

    page = browser(olive()).get("/inbox/").content.decode()

    assert "2 duties wait; the 1 soonest are listed." in page
    assert f"Acknowledge {first.reference}" in page
    assert page.count("<tr id=") == 1
