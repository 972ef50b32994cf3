"""An acknowledgement given by mistake is taken back: the clock runs as before, and the record keeps both."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.dashboards import trend
from governance.risks import accepting, actions, answers, planning, standings
from governance.risks.lifecycle import UNDO_WITHIN
from governance.risks.models import Acknowledgement, Contribution, Risk, RiskState
from governance.risks.settling import settle
from governance.risks.undoing import NothingToUndo, undo_acknowledgement, undo_each
from models_registry.access.models import Account
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from tests.governance.risks.test_answers import HOUR, a_raised_risk, cora, olive
from tests.governance.risks.test_api import caller
from tests.governance.risks.test_register import HTMX, browser
from tests.journeys.builders import NOON, a_person, people

pytestmark = pytest.mark.django_db

GIVEN = NOON + HOUR
SOON = GIVEN + timedelta(seconds=5)


def seen(risk: Risk, at: datetime = GIVEN) -> Acknowledgement:
    given = actions.acknowledge(by=olive(), at=at, risk_id=risk.pk, judged_digest=risk.digest)
    risk.refresh_from_db()
    return given


def undone(given: Acknowledgement, at: datetime = SOON, by: Account | None = None) -> Risk:
    return undo_acknowledgement(by=by or olive(), at=at, acknowledgement_id=given.pk)


@pytest.mark.django_db(transaction=True)
def test_undoing_runs_the_clock_as_before_and_adds_to_the_trail(governed_tables: None) -> None:
    risk = a_raised_risk()
    owed_by = risk.due_at

    given = seen(risk)
    assert risk.due_at != owed_by
    back = undone(given)

    assert (back.state, back.due_at) == (RiskState.OPEN, owed_by)
    assert Acknowledgement.objects.filter(pk=given.pk).exists()
    entry = AuditEntry.objects.get(action="risk.acknowledgement_undone")
    assert entry.body["acknowledgement"] == given.pk
    assert entry.body["due_at"] == owed_by.isoformat()
    assert AuditEntry.objects.filter(action="risk.acknowledged").count() == 1


def test_a_shortened_clock_is_not_lengthened_by_undoing() -> None:
    risk = a_raised_risk()
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=95, began_at=NOON + 22 * HOUR)
    settle(model=risk.model, categories=["PERFORMANCE"], at=NOON + 22 * HOUR)
    risk.refresh_from_db()
    owed_by = risk.due_at
    assert owed_by == NOON + 24 * HOUR  # the time of High, sooner than the four hours of Critical from the rise

    back = undone(seen(risk, NOON + 23 * HOUR), NOON + 23 * HOUR + timedelta(seconds=5))

    assert back.due_at == owed_by


def test_what_passed_its_time_meanwhile_is_overdue_once() -> None:
    risk = a_raised_risk()
    late = risk.due_at
    undone(seen(risk, late - timedelta(seconds=2)), late + timedelta(seconds=3))

    assert actions.mark_overdue(at=late + timedelta(seconds=4)) == 1
    assert actions.mark_overdue(at=late + timedelta(seconds=5)) == 0
    assert AuditEntry.objects.get(action="risk.overdue").body["duty"] == "ACKNOWLEDGE"


def test_time_to_acknowledge_counts_what_stands_alone() -> None:
    risk = a_raised_risk()
    undone(seen(risk))
    week = trend.week(actor=cora(), at=NOON + 9 * HOUR, as_of=None)
    assert week.acknowledged_in is None

    seen(risk, NOON + 8 * HOUR)

    assert trend.week(actor=cora(), at=NOON + 9 * HOUR, as_of=None).acknowledged_in == 8 * HOUR


def test_what_was_undone_is_told_now_and_stood_at_the_moment_between() -> None:
    risk = a_raised_risk()
    given = seen(risk)
    undone(given)
    changes = list(standings.changes_of(risk))

    def told(until: datetime | None) -> datetime | None:
        read = answers.answers(risk, actor=olive(), changes=changes, now=SOON, until=until)
        return read.acknowledgements[0][0].undone_at

    assert told(None) == SOON
    assert told(GIVEN + timedelta(seconds=2)) is None
    then = standings.then_of(risk, at=GIVEN + timedelta(seconds=2))
    assert then is not None and then.state == RiskState.ACKNOWLEDGED


@pytest.mark.parametrize("who", ["stella", "otto", "cora"])
def test_others_do_not_undo_it(who: str) -> None:
    given = seen(a_raised_risk())

    with pytest.raises(AccessDenied):
        undone(given, by=getattr(people(), who))


def test_a_deputy_who_may_acknowledge_does_not_undo_what_the_owner_gave() -> None:
    risk = a_raised_risk()
    dora = a_person("dora", "Dora Deputy", "model_owner", unit=people().claims)
    risk.model.deputy = dora
    risk.model.save()

    with pytest.raises(AccessDenied, match=r"Only Olive .* can undo this"):
        undone(seen(risk), by=dora)


def test_after_a_minute_it_stands() -> None:
    given = seen(a_raised_risk())

    with pytest.raises(NothingToUndo, match="more than 60 seconds ago"):
        undone(given, GIVEN + UNDO_WITHIN + timedelta(seconds=1))


def test_it_is_undone_once() -> None:
    given = seen(a_raised_risk())
    undone(given)

    with pytest.raises(NothingToUndo, match="undone already"):
        undone(given)


def planned(risk: Risk) -> None:
    steps = [planning.Step("Pin the index", olive(), (NOON + timedelta(days=2)).date())]
    planning.submit_plan(
        by=olive(), at=GIVEN, risk_id=risk.pk, judged_digest=risk.digest, answers="", summary="Fix.", steps=steps
    )


def proposed(risk: Risk) -> None:
    ends = (NOON + timedelta(days=20)).date()
    accepting.propose_acceptance(
        by=olive(), at=GIVEN, risk_id=risk.pk, judged_digest=risk.digest, justification="The season ends soon.",
        compensating_control="An adjuster reads every claim.", expires_on=ends,
    )  # fmt: skip


def disputed(risk: Risk) -> None:
    actions.dispute(
        by=olive(), at=GIVEN, risk_id=risk.pk, judged_digest=risk.digest, reason="Wrong.", disputed_input="scorer:drift:a"
    )  # fmt: skip


def raised(risk: Risk) -> None:
    Contribution.objects.create(risk=risk, cause="scorer:drift:b", points=95, began_at=GIVEN)
    settle(model=risk.model, categories=["PERFORMANCE"], at=GIVEN)


@pytest.mark.parametrize(
    ("later", "reason"),
    [
        (planned, "answered after it was acknowledged and is mitigating now"),
        (proposed, "An acceptance of R-.* was proposed"),
        (disputed, "was disputed after"),
        (raised, "rose after it was acknowledged"),
    ],
)
def test_what_came_after_it_is_not_undone_with_it(later: Any, reason: str) -> None:
    risk = a_raised_risk()
    given = seen(risk)
    later(risk)
    state = Risk.objects.values_list("state", "due_at").get(pk=risk.pk)

    with pytest.raises(NothingToUndo, match=reason):
        undone(given)

    assert Risk.objects.values_list("state", "due_at").get(pk=risk.pk) == state


def test_many_are_undone_each_alone() -> None:
    risk = a_raised_risk()
    first = seen(risk)
    undone(first)
    second = seen(risk, SOON)

    done, refused = undo_each(by=olive(), at=SOON, acknowledgement_ids=[first.pk, second.pk])

    assert [one.pk for one in done] == [risk.pk]
    assert refused == [f"The acknowledgement of {risk.reference} is undone already."]


# ---- doors ----


def pressed(client: Client, page: str) -> str:
    """Return the address behind the Undo button of a page."""
    start = page.index('action="/risks/undo/') + len('action="')
    return page[start : page.index('"', start)]


def test_the_page_offers_undo_without_script_and_returns_to_itself() -> None:
    risk = a_raised_risk()
    client = browser(olive())

    page = client.post(f"/risks/{risk.reference}/acknowledge/", {"judged_digest": risk.digest}, follow=True)
    address = pressed(client, page.content.decode())
    back = client.post(address, {"next": f"/risks/{risk.reference}/"})

    assert (back.status_code, back["Location"]) == (302, f"/risks/{risk.reference}/")
    risk.refresh_from_db()
    assert risk.state == RiskState.OPEN
    text = client.get(back["Location"]).content.decode()
    assert f"Undid the acknowledgement of {risk.reference}." in text
    assert "Undone" in text


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""])
def test_undoing_never_leads_out_of_the_house(target: str) -> None:
    risk = a_raised_risk()
    given = seen(risk, timezone.now())

    answer = browser(olive()).post(f"/risks/undo/?pick={given.pk}", {"next": target})

    assert answer["Location"] == "/risks/"


@pytest.mark.parametrize(
    "door", ["/risks/acknowledge/?level=high", "/inbox/acknowledge/", "/in-the-red/acknowledge/R-{pk}/", "one row"]
)
def test_each_place_that_acknowledges_offers_to_undo_it(door: str) -> None:
    risk = a_raised_risk()
    pick = f"{risk.pk}:{risk.digest}"
    headers = {**HTMX, **({"HX-Target": f"risk-{risk.pk}"} if door == "one row" else {})}
    address = "/risks/acknowledge/" if door == "one row" else door.format(pk=risk.pk)

    answer = browser(olive()).post(address, {"pick": pick, "judged_digest": risk.digest}, headers=headers)

    given = risk.acknowledgements.get()
    assert f'"undo": "/risks/undo/?pick={given.pk}"' in answer["HX-Trigger"]


def test_a_script_reloads_the_page_or_says_why_not() -> None:
    risk = a_raised_risk()
    client = browser(olive())
    client.post(f"/risks/{risk.reference}/acknowledge/", {"judged_digest": risk.digest})
    address = f"/risks/undo/?pick={risk.acknowledgements.get().pk}"

    done = client.post(address, headers=HTMX)
    again = client.post(address, headers=HTMX)
    nothing = client.post("/risks/undo/?pick=no", headers=HTMX)

    assert (done.status_code, done["HX-Refresh"]) == (200, "true")
    assert again.status_code == nothing.status_code == 409
    assert "undone already" in again["HX-Trigger"]
    assert "there is no such acknowledgement" in nothing["HX-Trigger"]


def test_the_api_undoes_what_its_caller_gave_once() -> None:
    risk = a_raised_risk()
    client = caller(olive())
    here = f"/api/v1/risks/{risk.pk}/acknowledgements/"
    given = client.post(here, {"judged_digest": risk.digest}, format="json").json()

    done = client.post(f"{here}{given['id']}/undoings/", {}, format="json")
    again = client.post(f"{here}{given['id']}/undoings/", {}, format="json")
    extra = client.post(f"{here}{given['id']}/undoings/", {"force": True}, format="json")
    gone = client.post(f"{here}999999/undoings/", {}, format="json")

    assert (done.status_code, done.json()["state"]) == (201, "OPEN")
    assert (again.status_code, extra.status_code, gone.status_code) == (409, 400, 404)
    assert "undone already" in again.json()["detail"]
