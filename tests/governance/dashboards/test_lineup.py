"""The lineup: what the database says of every model is what `standing` says of each alone."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.dashboards.board import LISTED
from governance.dashboards.lineup import lineup
from governance.dashboards.standing import Standing, models_at, standings
from governance.dashboards.strip import Crowd
from governance.scoring.models import Posture, PostureChange
from models_registry.access.models import Account, BusinessUnit
from models_registry.access.rights import remember
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import NOON, a_model, people

ROOMS = (-31.0, -0.5, 0.0, 0.4, 5.0, 5.1, 24.9, 25.0, 60.0)
NAMES = ("Éclair", "apple", "Zebra", "_draft")
LATER = NOON + timedelta(hours=1)
EVERY = {"past": 1000, "close": 1000, "quiet": 1000, "steady": 1000}


def every_posture() -> None:
    """Let a model stand in every way there is, one without any posture, and two that share a place and a name."""
    pattern = a_model("pattern")
    facts = {field.attname: getattr(pattern, field.attname) for field in RegisteredModel._meta.concrete_fields}
    facts.pop("id")
    ways = [
        {"room": room, "in_the_red": red, "quiet": quiet, "health": health, "risk_score": score, "level": "MEDIUM"}
        for room, red, quiet, health, score in product(ROOMS, (True, False), (True, False), (None, 50.0), (0.0, 30.0))
    ]
    models = RegisteredModel.objects.bulk_create(
        RegisteredModel(**{**facts, "slug": f"m-{number}", "name": f"{NAMES[number % 4]} {number // 8}"})
        for number in range(len(ways))
    )
    pairs = list(zip(models, ways, strict=True))
    Posture.objects.bulk_create(Posture(model=model, updated_at=NOON, **way) for model, way in pairs)
    earlier = NOON - timedelta(days=2)
    turned = [{**way, "in_the_red": not way["in_the_red"], "room": 1.0} for way in ways]
    PostureChange.objects.bulk_create(
        PostureChange(model=model, changed_at=earlier, **way) for model, way in zip(models, turned, strict=True)
    )
    PostureChange.objects.bulk_create(PostureChange(model=model, changed_at=NOON, **way) for model, way in pairs)
    PostureChange.objects.bulk_create(
        PostureChange(model=model, changed_at=LATER + timedelta(days=1)) for model in models
    )


def cora() -> Account:
    people()
    account = Account.objects.get(username="cora")
    remember(account)
    return account


def drawn(one: Standing) -> float | None:
    return None if one.group == "quiet" else one.room


@pytest.mark.django_db
@pytest.mark.parametrize("at", [None, LATER])
def test_the_database_groups_places_and_orders_as_standing_does(at: datetime | None) -> None:
    actor = cora()
    every_posture()
    models = models_at(actor=actor, at=at)

    stood = lineup(models=models, at=at, listed=EVERY)
    alone = standings(models=models, at=at)

    assert stood.total == len(alone) == 145
    assert stood.counts == Counter(one.group for one in alone)
    assert stood.crowd == Crowd.of(drawn(one) for one in alone)
    for group in EVERY:
        placed = [(one.pk, one.level, one.drawn_room) for one in stood.places[group]]
        expected = [one for one in alone if one.group == group]
        expected.sort(key=lambda one: (1000.0 if one.room is None else one.room, one.model.name, one.model.pk))
        assert placed == [(one.model.pk, one.level, drawn(one)) for one in expected]


@pytest.mark.django_db
@pytest.mark.parametrize(("whole_up_to", "placed"), [(145, 145), (144, sum(LISTED.values()))])
def test_only_the_first_of_each_group_travel_unless_all_are_few(whole_up_to: int, placed: int) -> None:
    actor = cora()
    every_posture()

    with CaptureQueriesContext(connection) as queries:
        stood = lineup(models=models_at(actor=actor, at=None), at=None, listed=LISTED, whole_up_to=whole_up_to)

    assert sum(len(places) for places in stood.places.values()) == placed
    assert stood.total == 145
    assert len(queries) == 1


@pytest.mark.django_db
def test_nobody_is_placed_for_a_reader_who_may_see_nothing() -> None:
    every_posture()

    stood = lineup(models=RegisteredModel.objects.none(), at=None, listed=LISTED, whole_up_to=400)

    assert (stood.total, stood.first("past", 10), stood.crowd) == (0, (), Crowd({}, 0, 0))


@pytest.mark.django_db
def test_an_owner_is_told_of_their_own_models_alone() -> None:
    stella = people().stella
    every_posture()
    elsewhere = BusinessUnit.objects.create(slug="elsewhere", name="Elsewhere")
    RegisteredModel.objects.filter(slug__startswith="m-1").update(owner=stella, unit=elsewhere)
    olive = Account.objects.get(username="olive")
    remember(olive)
    models = models_at(actor=olive, at=None)

    stood = lineup(models=models, at=None, listed=LISTED)

    assert 0 < stood.total == models.count() < 145
