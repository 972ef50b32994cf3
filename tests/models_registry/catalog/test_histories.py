"""What is read of a history by index alone is what reading all of it would tell."""

from datetime import timedelta
from random import Random

import pytest
from django.db.models import OuterRef, Subquery

from models_registry.catalog import queries
from models_registry.catalog.models import AliasMove, ModelVersion, RegisteredModel, Stage, StageMove
from tests.journeys.builders import NOON, a_model

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def versions_of(model: RegisteredModel, count: int) -> list[ModelVersion]:
    """Return versions without moves, numbered from one."""
    facts = {"model": model, "created_by": model.owner, "created_at": NOON}
    return ModelVersion.objects.bulk_create(ModelVersion(number=number, **facts) for number in range(1, count + 1))


@pytest.mark.parametrize("seed", range(12))
def test_aliases_point_where_their_last_move_put_them(seed: int) -> None:
    chance = Random(seed)
    model = a_model()
    versions = versions_of(model, 4)
    for _ in range(40):
        at = NOON - chance.randint(0, 9) * HOUR
        version = chance.choice([None, *versions])
        AliasMove.objects.create(
            model=model, name=chance.choice("abc"), version=version, moved_by=model.owner, moved_at=at
        )
    everything = sorted(AliasMove.objects.all(), key=lambda move: (move.moved_at, move.pk))

    for at in (None, NOON, NOON - 4 * HOUR, NOON - 20 * HOUR):
        known = [move for move in everything if at is None or move.moved_at <= at]
        last = {move.name: move for move in known}
        assert list(queries.pointing(model=model, at=at)) == [last[n] for n in sorted(last) if last[n].version_id]
        until = {
            move.pk: next((later.moved_at for later in known[place + 1 :] if later.name == move.name), None)
            for place, move in enumerate(known)
        }
        held = {move.pk: move.until for move in queries.alias_holdings(model=model, at=at)}
        assert held == {move.pk: until[move.pk] for move in known if move.version_id}


@pytest.mark.parametrize("seed", range(12))
def test_versions_stand_where_their_last_move_put_them(seed: int) -> None:
    chance = Random(seed)
    model, other = a_model(), a_model("other-model")
    for version in (*versions_of(model, 8), *versions_of(other, 2)):
        for _ in range(chance.randint(1, 5)):
            StageMove.objects.create(
                version=version, to_stage=chance.choice(Stage.values), moved_by=model.owner,
                moved_at=NOON - chance.randint(0, 9) * HOUR,
            )  # fmt: skip
    everything = sorted(StageMove.objects.select_related("version"), key=lambda move: (move.moved_at, move.pk))

    assert {move.model_id == move.version.model_id for move in everything} == {True}
    assert {move.pk for move in queries.stage_history(model=model)} == {
        move.pk for move in everything if move.version.model_id == model.pk
    }
    for at in (NOON, NOON - 4 * HOUR, NOON - 20 * HOUR):
        last = {move.version_id: move for move in everything if move.moved_at <= at}
        stood = sorted(last.values(), key=lambda move: -move.version.number)
        mine = [move for move in stood if move.version.model_id == model.pk]
        newest = [move for move in mine if [one for one in mine if one.to_stage == move.to_stage].index(move) < 2]
        assert list(queries.standing(model=model, at=at, each=2)) == newest
        for stage in Stage.values:
            numbers = queries.numbers_in(stage, model=OuterRef("pk"), at=at).values("number")[:1]
            [found] = RegisteredModel.objects.filter(pk=model.pk).annotate(found=Subquery(numbers))
            assert found.found == next((move.version.number for move in mine if move.to_stage == stage), None)
