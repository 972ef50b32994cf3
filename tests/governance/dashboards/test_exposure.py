"""The register behind the board: what the database counts is what its lines say, one by one."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import product

import pytest

from governance.dashboards import exposure
from governance.dashboards.sparks import SPARK_DAYS, daily, sparks
from governance.dashboards.standing import models_at
from governance.health.models import Formula, FormulaVersion, HealthScore
from governance.risks.method import placed
from governance.risks.models import Risk, RiskChange
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.catalog.models import RegisteredModel
from tests.journeys.builders import NOON, a_model, people

LATER = NOON + timedelta(hours=1)
SCORES = (0.0, 9.9, 10.0, 10.1, 34.0, 59.9, 60.0, 84.9, 100.0)


def a_register() -> None:
    """Give models risks of every level and state, at scores around the steps of the matrix, that moved twice since."""
    ways = list(product(RiskLevel, ("CLOSED", "OPEN", "ACCEPTED"), SCORES))
    categories = list(RiskCategory)
    made = []
    for number, (level, state, score) in enumerate(ways):
        index, category = divmod(number, len(categories))
        model = RegisteredModel.objects.filter(slug=f"m-{index}").first() or a_model(f"m-{index}")
        likelihood, impact = 1 + number % 5, 1 + number // 5 % 5
        made.append(
            Risk.objects.create(
                model=model, category=categories[category], level=level, state=state, score=score, factor=score,
                baseline_likelihood=likelihood, baseline_impact=impact, level_since=NOON, created_at=NOON,
                due_at=NOON + timedelta(minutes=30 if number % 2 else 90),
            )
        )  # fmt: skip
    for days, turn in ((-3, 5), (0, 0), (9, 7)):
        RiskChange.objects.bulk_create(
            RiskChange(
                risk=risk, from_level="LOW", to_level=ways[(n + turn) % len(ways)][0], from_score=0,
                to_score=ways[(n + turn) % len(ways)][2], state=ways[(n + turn) % len(ways)][1], explanation="Moved.",
                changed_at=NOON + timedelta(days=days),
            )
            for n, risk in enumerate(made)
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("at", [None, LATER, NOON - timedelta(days=1), NOON - timedelta(days=30)])
def test_counts_are_those_of_the_lines_now_and_at_a_past_moment(at: datetime | None) -> None:
    a_register()
    RegisteredModel.objects.update(created_at=NOON - timedelta(days=60))
    models = models_at(actor=people().cora, at=at)

    counted = exposure.exposure(models=models, now=LATER, at=at)
    lines = exposure.open_risks(models=models, at=at)

    assert counted.open_count == len(lines)
    assert counted.grave_count == sum(one.level >= RiskLevel.HIGH for one in lines)
    assert counted.cells == Counter(placed(one.score, likelihood=one.likelihood, impact=one.impact) for one in lines)
    late = [one for one in lines if one.awaits_acknowledgement and one.due_at and one.due_at < LATER]
    assert counted.overdue_count == (len(late) if at is None else 0)
    assert (at is None or len(lines) > 0) == (at != NOON - timedelta(days=30))


@pytest.mark.django_db
@pytest.mark.parametrize("at", [None, LATER])
def test_the_gravest_of_each_model_is_the_first_of_its_lines(at: datetime | None) -> None:
    a_register()
    models = [*RegisteredModel.objects.order_by("pk").values_list("pk", flat=True)]

    assert exposure.gravest_of(models=models[1:4], at=at) == exposure.gravest(
        exposure.open_risks(models=models[1:4], at=at)
    )


@pytest.mark.django_db
def test_a_reader_of_nothing_is_told_of_no_risk() -> None:
    a_register()

    counted = exposure.exposure(models=RegisteredModel.objects.none(), now=LATER, at=None)

    assert counted == exposure.Exposure({}, 0, 0, 0)


@pytest.mark.django_db
def test_a_small_line_shows_what_held_at_the_end_of_each_day() -> None:
    scored, silent = a_model("scored"), a_model("silent")
    version = FormulaVersion.objects.create(
        formula=Formula.objects.create(slug="f", title="F", created_at=NOON), number=1, text="", digest="sha256:1",
        author=people().cora, created_at=NOON,
    )  # fmt: skip
    days = ((40, 10.0), (20.4, 70.0), (20.2, 75.0), (10.5, None), (2.5, 80.0), (-1, 20.0))
    HealthScore.objects.bulk_create(
        HealthScore(
            model=scored, formula_version=version, score=score, redline=60 + back, coverage=1,
            scored_at=NOON - timedelta(days=back),
        )
        for back, score in days
    )  # fmt: skip

    found = daily([scored.pk, silent.pk], until=NOON)

    assert found == [(scored.pk, [None] * 9 + [75.0] * 10 + [None] * 8 + [80.0] * 3, 62.5)]
    assert len(found[0][1]) == SPARK_DAYS
    assert 'class="redline"' in sparks([scored.pk], until=NOON)[scored.pk]
