"""The board in numbers: what is listed, what is counted, what it costs, and what can be done on a row."""

import csv
import gzip
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.dashboards import board, trend
from governance.dashboards.board import Row
from governance.dashboards.exposure import OpenRisk
from governance.dashboards.standing import Standing
from governance.dashboards.strip import Crowd, StripMark, bins, strip
from governance.risks.models import Risk
from governance.scoring.models import Posture, PostureChange
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account
from models_registry.access.rights import remember
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import NOON, a_model, a_model_past_its_line, people

HTMX = {"HX-Request": "true"}


def olive_signed_in() -> Client:
    client = Client()
    client.force_login(people().olive)
    return client


def many(number: int) -> None:
    """Fill the portfolio with copies of one model: every tenth past its line, every seventh quiet."""
    pattern = a_model("pattern")
    facts = {field.attname: getattr(pattern, field.attname) for field in RegisteredModel._meta.concrete_fields}
    facts.pop("id")
    models = RegisteredModel.objects.bulk_create(
        RegisteredModel(**{**facts, "slug": f"m-{index}", "name": f"Model {index}"}) for index in range(number)
    )
    stood = [
        {
            "room": -5.0 - index % 30 if index % 10 == 0 else float(index % 40),
            "in_the_red": index % 10 == 0,
            "quiet": index % 7 == 0 and index % 10 != 0,
            "risk_score": 70 if index % 10 == 0 else 10,
            "level": RiskLevel.HIGH if index % 10 == 0 else RiskLevel.LOW,
            "health": 50.0 + index % 50,
            "health_redline": 75.0,
            "why": "Accuracy is below its floor.",
        }
        for index in range(number)
    ]
    Posture.objects.bulk_create(
        Posture(model=model, updated_at=NOON, **one) for model, one in zip(models, stood, strict=True)
    )
    PostureChange.objects.bulk_create(
        PostureChange(model=model, changed_at=NOON, **one) for model, one in zip(models, stood, strict=True)
    )


def remembered(name: str = "cora") -> Account:
    people()
    account = Account.objects.get(username=name)
    remember(account)
    return account


# ---- what is listed ----


@pytest.mark.django_db
def test_of_many_models_the_worst_are_listed_and_the_rest_counted_with_a_way_to_them() -> None:
    many(700)
    client = Client()
    client.force_login(people().cora)

    page = client.get(reverse("dashboards:red"))
    shown = page.context["board"]

    assert (shown.total, shown.past) == (701, 70)
    assert len(shown.groups["past"].rows) == board.LISTED["past"]
    assert shown.groups["past"].more == 30
    assert shown.groups["past"].rows[0].standing.room == -25
    assert "30 more in the list of models" in page.content.decode()
    assert sum(group.count for group in shown.groups.values()) == 701
    assert len(gzip.compress(page.content)) < 25_000


@pytest.mark.django_db
@pytest.mark.parametrize("as_of", [None, NOON + timedelta(hours=1)])
def test_the_board_takes_no_more_questions_for_three_times_the_models(as_of: object) -> None:
    actor, spent = remembered(), []
    for number in (20, 60):
        many_named(number)
        with CaptureQueriesContext(connection) as queries:
            board.board(actor=actor, now=NOON + timedelta(hours=2), as_of=as_of)  # type: ignore[arg-type]
        spent.append(len(queries))

    assert spent[0] == spent[1] <= 12


def many_named(number: int) -> None:
    people()
    for index in range(number):
        model = RegisteredModel.objects.filter(slug=f"n-{index}").first() or a_model(f"n-{index}")
        facts = {"room": -1.0 - index, "in_the_red": True, "quiet": False, "risk_score": 70, "health": 50.0}
        Posture.objects.update_or_create(model=model, defaults={**facts, "updated_at": NOON})


@pytest.mark.django_db
def test_executives_read_a_view_without_duties() -> None:
    a_model_past_its_line()
    a_model("quiet-one")
    client = olive_signed_in()

    page = client.get(reverse("dashboards:red"), {"view": "board"}).content.decode()

    assert "1 of 2</span> models is past its redline." in page
    assert "1 has gone quiet" in page
    assert 'id="quiet"' not in page
    assert ">Acknowledge</button>" not in page
    assert 'hx-get="/?view=board"' in page


@pytest.mark.django_db
def test_the_file_holds_every_model_of_the_board_and_no_formula() -> None:
    a_model_past_its_line()
    a_model("evil", name="=HYPERLINK(1)")

    answer = olive_signed_in().get(reverse("dashboards:red_file"))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]

    assert [(row["group"], row["slug"]) for row in rows] == [("past", "claims-triage"), ("quiet", "evil")]
    assert rows[1]["model"] == "'=HYPERLINK(1)"
    assert rows[0]["gravest risk"].startswith("R-")


def test_a_long_reason_is_cut_between_words_and_kept_in_full() -> None:
    why = "Retrieval precision is 0.605 and its floor is 0.80. " * 5
    row = Row(Standing(RegisteredModel(), why=why), None)

    assert len(row.short_why) <= board.SHORT_WHY + 2
    assert row.short_why.endswith(" …")
    assert row.why == why
    assert Row(Standing(RegisteredModel(), why="Short."), None).short_why == "Short."


# ---- what can be done ----


@pytest.mark.django_db
def test_an_owner_acknowledges_on_the_row_and_gets_the_board_as_it_is_then() -> None:
    model = a_model_past_its_line()
    risk = Risk.objects.get(model=model)
    client = olive_signed_in()
    url = reverse("dashboards:red_acknowledge", args=[risk.pk])

    stale = client.post(url, {"judged_digest": "sha256:other"}, headers=HTMX)
    done = client.post(url, {"judged_digest": risk.digest}, headers=HTMX)

    assert stale.status_code == 409
    assert "This was not saved." in stale.content.decode()
    assert f"Acknowledged {risk.reference}" in done["HX-Trigger"]
    assert done.content.decode().lstrip().startswith('<div id="board"')
    assert ">Respond</a>" in done.content.decode()
    assert risk.acknowledgements.count() == 1


@pytest.mark.django_db
def test_a_person_out_of_scope_cannot_acknowledge_by_the_address() -> None:
    risk = Risk.objects.get(model=a_model_past_its_line())
    client = Client()
    client.force_login(people().stella)

    answer = client.post(reverse("dashboards:red_acknowledge", args=[risk.pk]), {"judged_digest": risk.digest})

    assert answer.status_code in {403, 404}
    assert not risk.acknowledgements.exists()


# ---- over time ----


@pytest.mark.django_db
def test_the_aside_tells_levels_by_day_and_what_the_week_brought() -> None:
    a_model_past_its_line()
    client = olive_signed_in()

    part = client.get(reverse("dashboards:trend"), headers=HTMX).content.decode()
    whole = client.get(reverse("dashboards:trend")).content.decode()

    assert "Models by risk over 30 days: 0 critical, 1 high, 0 medium now" in part
    assert "<html" not in part
    assert part.strip() in whole
    week = trend.week(actor=remembered("olive"), at=timezone.now(), as_of=None)
    assert (week.by_rules, week.by_people, week.decided, week.acknowledged_in) == (1, 0, 0, None)


@pytest.mark.django_db
def test_the_aside_of_a_past_day_knows_nothing_of_what_came_later() -> None:
    a_model_past_its_line()
    actor, before = remembered("olive"), NOON - timedelta(days=2)

    drawn = trend.by_level(actor=actor, at=before, as_of=before)

    assert "0 critical, 0 high, 0 medium now" in drawn


# ---- the strip of large portfolios ----


def marks(number: int) -> list[StripMark]:
    return [StripMark(f"M{i}", f"/m/{i}/", "low", float(i % 30)) for i in range(number)]


def test_many_models_stand_in_finer_stacks_of_smaller_dots() -> None:
    drawn = strip(marks(300))

    assert drawn.count('r="2.75"') == 300
    assert 'class="crowd"' in drawn  # the phone's strip has no room for dots
    assert len(gzip.compress(drawn.encode())) < 8_000
    assert set(bins(marks(60), 1)) == set(range(26))


def test_a_crowd_is_an_outline_and_only_the_past_side_is_drawn_one_by_one() -> None:
    rooms = [float(i % 30) for i in range(5000)] + [-3.0] * 40 + [None] * 7
    worst = [StripMark(f"P{i}", f"/p/{i}/", "high", -3.0) for i in range(12)]

    drawn = strip(worst, Crowd.of(rooms), more_url="/models/?in_red=true")

    assert drawn.count('class="crowd"') == 2
    assert 'aria-label="Distance of 5047 models from their redline, in points"' in drawn
    assert "and 28 more past the line" in drawn
    assert 'href="/models/?in_red=true"' in drawn
    assert "7 quiet" in drawn


def test_a_model_awaits_acknowledgement_only_while_its_risk_is_open() -> None:
    risk = OpenRisk(1, 1, RiskCategory.PERFORMANCE, RiskLevel.HIGH, 60.0, "OPEN", "why", 3, 3)

    assert risk.awaits_acknowledgement
    assert risk.url == "/risks/R-1/"
