"""The demo company loads through the real doors and tells its story."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from demo import story
from demo.load import AlreadyLoaded, load
from demo.telemetry import Telemetry, measurement_bodies
from governance.scoring.models import Posture
from models_registry.access.models import RoleGrant
from models_registry.access.roles import ROLES
from models_registry.telemetry import queries

NOW = datetime.now(UTC) - timedelta(minutes=1)


def _bodies(seed: int) -> list[bytes]:
    telemetry = Telemetry(seed, datetime(2026, 3, 2, 9, tzinfo=UTC))
    hours = [telemetry.present - timedelta(hours=hour) for hour in range(30)]
    points = (point for at in hours for model in story.MODELS for point in telemetry.points(model, at))
    return list(measurement_bodies(points))


def test_a_seed_always_tells_the_same_story():
    assert _bodies(20) == _bodies(20)
    assert _bodies(20) != _bodies(21)


def test_the_company_has_every_role_six_units_and_38_models():
    assert {person.role for person in story.PEOPLE} == set(ROLES)
    assert len(story.UNITS) == 6
    assert len({model.slug for model in story.MODELS}) == 38


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_a_small_company_loads_and_its_books_balance():
    load(at=NOW, seed=20, days=20, models=10, progress=lambda _, __: None)

    assert Posture.objects.filter(in_the_red=True).exists()
    assert all(held.balanced for held in queries.books().values())
    assert queries.unmerged_windows() == []
    assert RoleGrant.objects.count() == len(story.PEOPLE)
    call_command("replay", "--all", stdout=StringIO())  # raises when a stored state does not follow from its evidence
    with pytest.raises(AlreadyLoaded):
        load(at=NOW, seed=20, days=20, models=1, progress=lambda _, __: None)
