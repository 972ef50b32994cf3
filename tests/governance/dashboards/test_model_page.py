"""The page of one model: how often it must be drawn, what its chart shows and exports, and how it stood."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.dashboards import modelpage
from governance.dashboards.happenings import happenings
from models_registry.access.rights import remember
from models_registry.catalog.actions import register_version
from models_registry.catalog.models import AliasMove, RegisteredModel
from tests.journeys.builders import (
    NOON,
    a_model,
    a_model_past_its_line,
    an_enforced_formula,
    hourly,
    people,
    send,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def olive_signed_in() -> Client:
    client = Client()
    client.force_login(people().olive)
    return client


def page_of(model: RegisteredModel) -> str:
    return reverse("dashboards:model", args=[model.slug])


def test_the_page_asks_again_and_is_told_nothing_while_nothing_of_this_model_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, other = a_model_past_its_line(), a_model("another")
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    client = olive_signed_in()
    first = client.get(page_of(model))
    token = first.context["token"]

    register_version(by=people().olive, at=NOON, model=other, artifact_digest="sha256:" + "1" * 64)
    assert client.get(page_of(model), {"since": token}, headers=HTMX).status_code == 204

    register_version(by=people().olive, at=NOON, model=model, artifact_digest="sha256:" + "2" * 64)
    part = client.get(page_of(model), {"since": token}, headers=HTMX)
    assert part.status_code == 200
    assert part.content.decode().lstrip().startswith('<div id="model"')
    assert "since=" not in part.context["address"]


def test_the_page_costs_a_dozen_questions_however_long_the_history() -> None:
    an_enforced_formula()
    model = a_model_past_its_line()
    olive = people().olive
    remember(olive)
    spent = []
    for hours in (1, 30):
        send(hourly([0.7] * hours, until=NOON + timedelta(hours=hours)), at=NOON + timedelta(hours=hours))
        found = modelpage.seen(actor=olive, slug=model.slug, as_of=None)
        with CaptureQueriesContext(connection) as queries:
            modelpage.overview(
                actor=olive, model=found, now=NOON + timedelta(hours=hours), as_of=None, asked=modelpage.Asked()
            )
        spent.append(len(queries))

    assert spent[0] == spent[1] <= 15


def test_the_chart_has_a_file_with_the_same_readings() -> None:
    model = a_model_past_its_line()
    client = olive_signed_in()
    asked = {"metric": "accuracy", "span": "7d"}

    page = client.get(page_of(model), asked)
    answer = client.get(reverse("dashboards:model_readings", args=[model.slug]), asked)
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]

    assert (page.context["choice"].metric, page.context["choice"].per) == ("accuracy", "hour")
    assert rows
    assert {row["metric"] for row in rows} == {"accuracy"}
    assert rows[0]["from"].endswith("+00:00")
    assert 'class="breach"' in page.content.decode()
    assert f"/models/{model.slug}/readings.csv?metric=accuracy&amp;span=7d" in page.content.decode()


def test_an_unknown_metric_or_span_falls_back_without_breaking() -> None:
    model = a_model_past_its_line()

    page = olive_signed_in().get(page_of(model), {"metric": "nonsense", "segment": "x", "span": "1y"})

    assert page.context["choice"].metric == "accuracy"
    assert page.context["span"] == "30d"


def test_an_alias_is_shown_where_it_pointed_then_with_its_earlier_moves() -> None:
    model = a_model()
    olive = people().olive
    one = register_version(
        by=people().olive, at=NOON - timedelta(days=9), model=model, artifact_digest="sha256:" + "1" * 64
    )
    two = register_version(
        by=people().olive, at=NOON - timedelta(days=8), model=model, artifact_digest="sha256:" + "2" * 64
    )
    for version, days in ((one, 6), (two, 2)):
        AliasMove.objects.create(
            model=model, name="champion", version=version, moved_by=olive, moved_at=NOON - timedelta(days=days)
        )
    client = olive_signed_in()

    [now] = client.get(page_of(model)).context["aliases"]
    [then] = client.get(page_of(model), {"as_of": (NOON - timedelta(days=4)).isoformat()}).context["aliases"]

    assert (now["move"].version, [move.version for move in now["earlier"]]) == (two, [one])
    assert (then["move"].version, then["earlier"]) == (one, [])


def test_the_chart_of_health_marks_the_raise_and_the_weights_are_shares() -> None:
    an_enforced_formula()
    model = a_model_past_its_line()

    page = olive_signed_in().get(page_of(model))

    assert "Performance from Low to High" in page.context["health_chart"]
    assert sum(one.weight for one in page.context["components"]) == pytest.approx(1)


def test_a_past_page_offers_nothing_to_do_and_fetches_its_parts_of_that_moment() -> None:
    model = a_model_past_its_line()
    moment = (NOON + timedelta(minutes=30)).isoformat()

    page = olive_signed_in().get(page_of(model), {"as_of": moment}).content.decode()

    assert 'id="model-gate"' not in page
    assert f"/models/{model.slug}/risks/?as_of=" in page
    assert "data-live" not in page


def test_the_head_shows_the_road_into_production_with_its_gaps() -> None:
    model = a_model("claims-triage")
    assert olive_signed_in().get(page_of(model)).context["road"] == [{"words": "no version yet", "on": False}]

    register_version(by=people().olive, at=NOON, model=model, artifact_digest="sha256:" + "1" * 64)
    register_version(by=people().olive, at=NOON, model=model, artifact_digest="sha256:" + "2" * 64)

    road = olive_signed_in().get(page_of(model)).context["road"]
    assert [one["words"] for one in road] == ["v2 development", "no version in staging", "no version in production"]
    assert not any(one["on"] for one in road)


def test_what_happened_is_told_at_its_own_moment_whenever_it_was_written() -> None:
    model = a_model("claims-triage")
    first, second = model.created_at, model.created_at + timedelta(hours=2)
    register_version(by=people().olive, at=second, model=model, artifact_digest="sha256:" + "1" * 64)

    now = happenings(model_id=model.pk, until=None)
    between = happenings(model_id=model.pk, until=first + timedelta(hours=1))

    assert [(one.text, one.at) for one in now] == [("Registered v1.", second), ("Registered the model.", first)]
    assert between == now[1:]
    assert happenings(model_id=model.pk, until=first - timedelta(hours=1)) == []
