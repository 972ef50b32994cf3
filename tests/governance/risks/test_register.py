"""The register as a list: what its address asks, the matrix, the past, the file, and many answers at once."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.risks import actions, planning
from governance.risks.method import placed
from governance.risks.models import Contribution, Risk, RiskState
from governance.risks.placing import bands
from governance.risks.settling import settle
from models_registry.access import listing
from models_registry.access.models import Account, BusinessUnit
from models_registry.audit.models import AuditEntry
from tests.governance.risks.test_answers import a_raised_risk, cora, olive
from tests.journeys.builders import NOON, a_model, a_person, people

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
HOUR = timedelta(hours=1)


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_risk(slug: str, *, points: float = 60, category: str = "PERFORMANCE", at=NOON, **facts: object) -> Risk:
    """Return a risk that a scorer raised at ``at``: High unless told otherwise."""
    model = a_model(slug, **facts)
    risk = Risk.objects.create(model=model, category=category, level_since=at - HOUR, created_at=at - HOUR)
    Contribution.objects.create(risk=risk, cause="scorer:a:b", points=points, explanation="Drift.", began_at=at)
    settle(model=model, categories=[category], at=at)
    risk.refresh_from_db()
    return risk


def listed(client: Client, **query: object) -> list[int]:
    return [row.risk.pk for row in client.get("/risks/", query).context["rows"]]


def file_rows(client: Client, **query: object) -> list[dict[str, str]]:
    answer = client.get("/risks.csv", query)
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_every_filter_narrows_and_unknown_values_break_nothing() -> None:
    fraud = BusinessUnit.objects.create(slug="fraud", name="Fraud")
    otis = a_person("otis", "Otis Other", "model_owner", unit=fraud)
    high = a_risk("claims-triage", points=60)
    critical = a_risk("voice", points=90, category="SECURITY", owner=otis, unit=fraud)
    medium = a_risk("churn", points=25, at=NOON - timedelta(days=10))
    client = browser(cora())

    assert listed(client) == [critical.pk, high.pk, medium.pk]
    assert listed(client, level="critical,high") == [critical.pk, high.pk]
    assert listed(client, level=["HIGH", "CRITICAL"]) == [critical.pk, high.pk]
    assert listed(client, category="security") == [critical.pk]
    assert listed(client, owner="otis") == [critical.pk]
    assert listed(browser(olive()), owner="me") == [high.pk, medium.pk]
    assert listed(client, unit="fraud") == [critical.pk]
    assert listed(client, q=high.reference.lower()) == [high.pk]
    assert listed(client, q="churn") == [medium.pk]
    assert listed(client, changed="7d") == [critical.pk, high.pk]
    Risk.objects.filter(pk=high.pk).update(due_at=timezone.now() + HOUR)
    Risk.objects.filter(pk=critical.pk).update(due_at=timezone.now() - HOUR)
    assert listed(client, overdue="1") == [critical.pk, medium.pk]
    assert listed(client, stage="production") == []
    assert listed(client, state="closed") == []
    assert listed(client, sort="model") == [medium.pk, high.pk, critical.pk]
    assert listed(client, sort="score") == [medium.pk, high.pk, critical.pk]
    odd = {"level": "purple", "owner": "x" * 300, "sort": "password", "after": "9" * 40, "view": "-", "impact": "9"}
    assert listed(client, **odd, likelihood="a", q="\x00") == [critical.pk, high.pk, medium.pk]


def test_an_empty_answer_repeats_what_was_asked_and_lets_each_part_go() -> None:
    a_risk("only")

    page = browser(olive()).get("/risks/?q=nobody&level=low,high&owner=me").content.decode()

    assert "No risk matches these filters" in page
    assert "Level: High, Low" in page
    assert 'href="?level=high,low&amp;owner=me"' in page


def test_the_address_is_tidy_and_complete() -> None:
    client = browser(olive())
    asked = "/risks/?level=CRITICAL&level=HIGH&owner=ME&q=&unit=&sort=-score&nonsense=1&after=4"

    part = client.get(asked, headers=HTMX)
    plain = client.get(asked)

    assert part["HX-Push-Url"] == "/risks/?level=critical,high&owner=me&after=4"
    assert (plain.status_code, plain.url) == (302, part["HX-Push-Url"])
    assert client.get("/risks/?sort=-score", headers=HTMX)["HX-Push-Url"] == "/risks/"
    assert "HX-Request" in part["Vary"]


def test_a_risk_shows_where_it_came_from_its_plan_and_who_owns_it() -> None:
    risk = a_raised_risk()
    actions.acknowledge(by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest)
    steps = [
        planning.Step(text=f"Step {n}", owner=olive(), due_on=(NOON + timedelta(days=n)).date()) for n in (1, 2, 3)
    ]
    plan = planning.submit_plan(
        by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest, summary="Refit", steps=steps
    )
    planning.complete_step(by=olive(), at=NOON + 2 * HOUR, step_id=plan.steps.get(position=1).pk, evidence="Done")

    answer = browser(olive()).get("/risks/")

    [row] = answer.context["rows"]
    assert (row.from_level, row.status, row.mine) == ("Low", "Plan 1 of 3", True)
    assert "from Low" in answer.content.decode()
    assert "Plan 1 of 3" in answer.content.decode()


def test_more_goes_on_where_the_list_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    risks = [a_risk(f"model-{number}", points=60 + number // 2) for number in range(5)]
    client = browser(olive())
    whole = listed(client)
    monkeypatch.setattr(listing, "PER_PAGE", 2)

    found, address = [], "/risks/"
    while address:
        page = client.get(address)
        found += [row.risk.pk for row in page.context["rows"]]
        address = f"/risks/{page.context['more_url']}" if page.context["more_url"] else ""

    assert found == whole
    assert set(found) == {risk.pk for risk in risks}


def test_a_score_lies_in_exactly_the_cell_that_the_matrix_puts_it_in() -> None:
    cells = [(likelihood, impact) for likelihood in range(1, 6) for impact in range(1, 6)]
    for assessed in cells:
        for score in (0, 3.9, 4, 4.1, 20, 39.9, 40, 64, 75, 99.9, 100):
            inside = [
                cell
                for cell in cells
                for band in bands(cell)
                if band.assessed == assessed
                and (band.over is None or score > band.over)
                and (band.up_to is None or score <= band.up_to)
            ]
            assert inside == [placed(score, likelihood=assessed[0], impact=assessed[1])]


def test_a_cell_of_the_matrix_lists_what_it_counts_and_the_counts_follow_the_filters() -> None:
    a_risk("one", points=60)
    a_risk("two", points=60)
    a_risk("three", points=95, category="SECURITY")
    client = browser(olive())
    placing = client.get("/risks/").context["placing"]

    assert placing.total == 3
    for (likelihood, impact), count in placing.counts.items():
        page = client.get("/risks/" + placing.address(likelihood, impact))
        assert len(page.context["rows"]) == count == page.context["placing"].total
        assert page.context["placing"].counts == placing.counts
    low = client.get("/risks/", {"likelihood": "1", "impact": "1"}).context
    assert (low["placing"].cell, low["rows"]) == ((1, 1), [])
    narrowed = client.get("/risks/", {"category": "security"}).context["placing"]
    assert sum(narrowed.counts.values()) == 1
    assert "All cells" in client.get("/risks/", {"likelihood": "5", "impact": "5"}).content.decode()


def test_the_past_is_the_history_level_score_and_answer_of_that_moment() -> None:
    risk = a_raised_risk(points=60)
    actions.acknowledge(by=olive(), at=NOON + HOUR, risk_id=risk.pk, judged_digest=risk.digest)
    Contribution.objects.create(
        risk=risk, cause="scorer:a:c", points=95, explanation="Worse.", began_at=NOON + 2 * HOUR
    )
    settle(model=risk.model, categories=[risk.category], at=NOON + 2 * HOUR)
    client = browser(olive())

    def at(moment) -> tuple[str, str, float]:
        [row] = client.get("/risks/", {"as_of": moment.isoformat(), "state": "open,acknowledged"}).context["rows"]
        return row.level, row.state, row.risk.at_score

    assert at(NOON + HOUR / 2) == ("HIGH", RiskState.OPEN, risk.score)
    assert at(NOON + HOUR * 1.5) == ("HIGH", RiskState.ACKNOWLEDGED, risk.score)
    level, state, score = at(NOON + HOUR * 2.5)
    assert (level, state) == ("CRITICAL", RiskState.OPEN)
    assert score > risk.score
    assert listed(client, as_of=(NOON - timedelta(days=2)).isoformat()) == []
    [line] = file_rows(client, as_of=(NOON + HOUR * 1.5).isoformat())
    assert (line["level"], line["status"], float(line["score"]), line["due_at"]) == (
        "HIGH", "ACKNOWLEDGED", risk.score, "",
    )  # fmt: skip


def test_in_the_past_nothing_can_be_done_and_the_bar_says_so() -> None:
    risk = a_raised_risk()
    client = browser(olive())
    moment = (NOON + HOUR / 2).isoformat()

    page = client.get("/risks/", {"as_of": moment}).content.decode()

    assert "Read only." in page
    assert "Overdue" not in page
    assert 'class="sel"' not in page
    assert "risks/acknowledge" not in page
    refused = client.post(f"/risks/acknowledge/?as_of={moment.replace('+', '%2B')}", {"pick": f"{risk.pk}:x"})
    assert refused.status_code == 400


def test_the_file_holds_the_rows_of_the_list_and_no_formula() -> None:
    a_risk("plain", points=60)
    a_risk("evil", points=90, name="=HYPERLINK(1)")
    client = browser(olive())

    rows = file_rows(client, level="critical,high", sort="model")

    assert [int(row["reference"][2:]) for row in rows] == listed(client, level="critical,high", sort="model")
    assert {row["model"] for row in rows} == {"Plain", "'=HYPERLINK(1)"}
    assert {row["from_level"] for row in rows} == {"LOW"}


def test_a_single_row_is_acknowledged_in_place() -> None:
    risk = a_raised_risk()
    client = browser(olive())
    pick = {"pick": f"{risk.pk}:{risk.digest}"}
    row = {**HTMX, "HX-Target": f"risk-{risk.pk}"}

    done = client.post("/risks/acknowledge/", pick, headers=row)
    again = client.post("/risks/acknowledge/", pick, headers=row)

    assert done.status_code == 200
    assert done.content.decode().strip().startswith(f'<tr id="risk-{risk.pk}">')
    assert "Acknowledged" in done.content.decode()
    assert f"Acknowledged {risk.reference}." in done["HX-Trigger"]
    assert again.status_code == 409
    assert "cannot be acknowledged" in again["HX-Trigger"]


def test_many_rows_are_acknowledged_with_one_note_and_each_refusal_is_told() -> None:
    fraud = BusinessUnit.objects.create(slug="fraud", name="Fraud")
    otis = a_person("otis", "Otis Other", "model_owner", unit=fraud)
    mine, moved = a_risk("one"), a_risk("two")
    not_mine = a_risk("three", owner=otis, unit=people().claims)
    unseen = a_risk("four", owner=otis, unit=fraud)
    picks = [f"{mine.pk}:{mine.digest}", f"{moved.pk}:old", f"{not_mine.pk}:{not_mine.digest}", f"{unseen.pk}:x"]

    answer = browser(olive()).post("/risks/acknowledge/?sort=model", {"pick": picks, "note": "Known."}, headers=HTMX)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "Acknowledged 1 risk." in page
    assert f"R-{moved.pk}: This was not saved." in page
    assert f"R-{not_mine.pk}: You may acknowledge" in page
    assert f"R-{unseen.pk}" not in page
    assert [seen.note for seen in mine.acknowledgements.all()] == ["Known."]
    assert AuditEntry.objects.filter(action="risk.acknowledged").count() == 1
    states = {risk.pk: risk.state for risk in Risk.objects.all()}
    assert (states[mine.pk], states[moved.pk], states[not_mine.pk]) == ("ACKNOWLEDGED", "OPEN", "OPEN")


def test_more_than_fifty_at_once_are_refused_with_the_limit() -> None:
    risk = a_raised_risk()
    model = risk.model
    others = [
        Risk(model=a_model(f"m-{n}", owner=model.owner), category="COST", level_since=NOON, created_at=NOON)
        for n in range(50)
    ]
    Risk.objects.bulk_create(others)
    picks = [f"{pk}:x" for pk in Risk.objects.values_list("pk", flat=True)]

    answer = browser(olive()).post("/risks/acknowledge/", {"pick": picks}, headers=HTMX)

    assert answer.status_code == 422
    assert "At most 50 risks can be acknowledged at once, not 51." in answer.content.decode()
    assert not AuditEntry.objects.filter(action="risk.acknowledged").exists()


@pytest.mark.parametrize(
    ("name", "role", "offered"), [("olive", "model_owner", True), ("cora", "compliance_officer", False)]
)
def test_the_answer_is_offered_to_those_who_may_and_others_read_why_not(name: str, role: str, offered: bool) -> None:
    a_raised_risk()

    page = browser(a_person(name, name, role)).get("/risks/").content.decode()

    assert ('class="sel"' in page) is offered
    assert ("None of your roles may acknowledge" in page) is not offered


def test_a_stranger_opens_neither_the_list_nor_its_file() -> None:
    a_raised_risk()
    client = browser(people().stella)

    assert client.get("/risks/").status_code == 403
    assert client.get("/risks.csv").status_code == 403
    assert client.post("/risks/acknowledge/").status_code == 403


@pytest.mark.parametrize("query", [{}, {"as_of": (NOON + HOUR / 2).isoformat()}])
def test_the_list_costs_the_same_for_any_number_of_risks(query: dict[str, str]) -> None:
    for number in range(3):
        a_risk(f"model-{number}")
    client = browser(olive())

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/risks/", query, headers=HTMX).status_code == 200
        return len(queries)

    few = cost()
    for number in range(3, 9):
        a_risk(f"model-{number}")

    assert cost() == few <= 12
