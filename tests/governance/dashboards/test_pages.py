"""The board, the list and the page of a model: what they show, to whom, at which moment, at what cost."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone

from governance.dashboards import board
from governance.dashboards.urls import ModelSlug
from governance.scoring.models import Posture, PostureChange
from models_registry.access.actions import grant_role
from models_registry.access.models import Account, BusinessUnit
from models_registry.access.rights import remember
from tests.journeys.builders import (
    NOON,
    OPERATOR,
    a_model,
    a_model_past_its_line,
    a_person,
    an_enforced_formula,
    hourly,
    people,
    send,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def frozen_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock that doors read."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_the_board_says_how_many_are_past_their_line_why_and_what_to_do() -> None:
    a_model_past_its_line()
    a_model("quiet-one")

    page = signed_in(people().olive).get(reverse("dashboards:red")).content.decode()

    assert "1 of 2</span> models is past its redline." in page
    assert "accuracy (avg over 1h)" in page
    assert ">Acknowledge</button>" in page
    assert 'id="quiet"' in page
    assert "Quiet one" in page


def test_a_reader_who_may_not_answer_sees_the_button_off_with_its_reason() -> None:
    a_model_past_its_line()
    vera = a_person("vera", "Vera Voss", "auditor")

    page = signed_in(vera).get(reverse("dashboards:red")).content.decode()

    assert "Claims triage" in page
    assert 'aria-disabled="true"' in page
    assert "None of your roles may" in page
    assert ">Acknowledge</button></form>" not in page


def test_a_stranger_sees_neither_the_board_nor_a_model() -> None:
    model = a_model_past_its_line()
    client = signed_in(people().stella)

    assert client.get(reverse("dashboards:red")).status_code == 403
    assert client.get(reverse("dashboards:model", args=[model.slug])).status_code in {403, 404}


def test_a_model_out_of_sight_does_not_exist_for_its_reader() -> None:
    persons = people()
    fraud = BusinessUnit.objects.create(slug="fraud", name="Fraud")
    a_model("fraud-scores", owner=persons.cora, unit=fraud)
    a_model()
    nadia = a_person("nadia", "Nadia Noor")
    grant_role(by=OPERATOR, at=NOON, account=nadia, role="auditor", unit=persons.claims)
    client = signed_in(nadia)

    listed = client.get(reverse("dashboards:models")).context["models"]

    assert [model.slug for model in listed] == ["claims-triage"]
    assert "Fraud scores" not in client.get(reverse("dashboards:red")).content.decode()
    assert client.get(reverse("dashboards:model", args=["fraud-scores"])).status_code == 404
    assert client.get(reverse("dashboards:model", args=["claims-triage"])).status_code == 200


def test_the_board_costs_the_same_for_one_model_and_for_many() -> None:
    a_model_past_its_line()
    for number in range(6):  # one by one: many at once would be a storm, and held
        a_model_past_its_line(f"model-{number}", at=NOON - timedelta(minutes=15 * number))
    olive = Account.objects.get(username="olive")
    remember(olive)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        shown = board.board(actor=olive, now=NOON)

    assert shown.past == 7
    assert len(queries) <= 12


def test_the_fragment_is_part_of_the_page() -> None:
    a_model_past_its_line()
    client = signed_in(people().olive)

    whole = client.get(reverse("dashboards:red"), {"as_of": (NOON + timedelta(hours=1)).isoformat()})
    part = client.get(reverse("dashboards:red"), {"as_of": (NOON + timedelta(hours=1)).isoformat()}, headers=HTMX)

    assert part.content.decode().strip() in whole.content.decode()
    assert len(part.content) < len(whole.content)


@pytest.mark.usefixtures("frozen_minute")
def test_an_unchanged_board_answers_204_or_304_and_a_changed_one_answers_in_full() -> None:
    a_model_past_its_line()
    client = signed_in(people().olive)
    url = reverse("dashboards:red")
    first = client.get(url, headers=HTMX)
    token = first["ETag"].strip('"')

    assert client.get(url, {"since": token}, headers=HTMX).status_code == 204
    assert client.get(url, headers={"If-None-Match": first["ETag"]}).status_code == 304

    a_model("newcomer")

    assert client.get(url, {"since": token}, headers=HTMX).status_code == 200


def test_the_past_is_shown_as_the_history_recorded_it_and_nothing_can_be_done_there() -> None:
    model = a_model_past_its_line()
    an_enforced_formula()
    send(hourly([0.1], until=NOON + timedelta(hours=1)), at=NOON + timedelta(hours=1))
    client = signed_in(people().olive)
    crossed = {"as_of": (NOON + timedelta(minutes=30)).isoformat()}
    recorded = PostureChange.objects.filter(model=model, changed_at=NOON).get()

    then = client.get(reverse("dashboards:red"), crossed)
    page = client.get(reverse("dashboards:model", args=[model.slug]), crossed)
    listed = client.get(reverse("dashboards:models"), {**crossed, "in_red": "true"})
    calm = client.get(reverse("dashboards:red"), {"as_of": (NOON - timedelta(days=1)).isoformat()})
    empty = client.get(reverse("dashboards:red"), {"as_of": (NOON - timedelta(days=40)).isoformat()})

    [row] = then.context["board"].groups["past"].rows
    assert (row.standing.room, row.standing.why) == (recorded.room, recorded.why)
    assert page.context["standing"].why == recorded.why != Posture.objects.get(model=model).why
    assert [one.at_room for one in listed.context["models"]] == [recorded.room]
    assert "Read only." in then.content.decode()
    assert ">Acknowledge</button>" not in then.content.decode()
    assert (row.step, page.context["respond"]) == ("", None)
    assert "Nothing is past its redline." in calm.content.decode()
    assert "No model is on record yet." in empty.content.decode()


def test_a_model_explains_its_health_its_risks_and_its_readings() -> None:
    an_enforced_formula()
    model = a_model_past_its_line()
    client = signed_in(people().olive)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("dashboards:model", args=[model.slug]), {"metric": "accuracy", "span": "7d"})
    text = page.content.decode()

    assert "past its redline" in page.context["sentence"]
    assert "Where the points went" in text
    assert "accuracy-low v1: below 0.8" in text
    assert "Raised performance from Low to High." in text
    assert "The model crossed its redline." in text
    assert "The way out" in text
    assert len(queries) <= 30


def test_the_address_of_a_new_model_is_left_to_the_catalog() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("dashboards:model", args=["new/"])
    assert resolve("/models/newest/").view_name == "dashboards:model"
    assert not re.fullmatch(ModelSlug.regex, "new/")
