"""A version in shadow beside the one in force."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.rules.applies import applies
from governance.rules.comparison import Stretch, compare
from governance.rules.judging import facts_of
from governance.rules.parsing import parse
from governance.rules.queries import models_in_scope
from models_registry.catalog.models import Kind, RegisteredModel, RegulatoryClass
from tests.governance.rules.people import a_model, a_person

DAY = timedelta(days=1)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def a_stretch(begins: int, ends: int | None, *, model: int = 1, segment: str = "") -> Stretch:
    cleared = None if ends is None else BEGIN + ends * DAY
    return Stretch(model, "production", segment, BEGIN + begins * DAY, cleared, 40.0)


def test_an_overlap_on_the_same_series_is_the_same_event() -> None:
    found = compare(candidate=[a_stretch(1, 4)], enforced=[a_stretch(3, None)], since=BEGIN)

    assert (len(found.more), len(found.fewer), len(found.both)) == (0, 0, 1)


def test_touching_ends_are_two_events() -> None:
    found = compare(candidate=[a_stretch(1, 3)], enforced=[a_stretch(3, 5)], since=BEGIN)

    assert (len(found.more), len(found.fewer), len(found.both)) == (1, 1, 0)


def test_another_segment_is_another_series() -> None:
    found = compare(candidate=[a_stretch(1, 3, segment="eu")], enforced=[a_stretch(1, 3)], since=BEGIN)

    assert found.would == 1
    assert len(found.fewer) == 1


def test_what_ended_before_does_not_count() -> None:
    found = compare(candidate=[a_stretch(1, 2)], enforced=[], since=BEGIN + 5 * DAY)

    assert found.would == 0


RULE = """rule: scoped
title: Scoped
why: It is.
applies_to:
  {scope}
when:
  metric: accuracy
  over: 1d
  below: 0.5
then:
  risk: performance
  effect: {{floor: high}}
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "scope",
    [
        "kind: [rag_application]",
        "kind: [classifier]",
        "materiality: [high]",
        "regulatory_class: [high-risk]",
        "regulatory_class: [minimal, limited]",
        "tags: [fraud]",
        "environment: [production]",
    ],
)
def test_the_list_of_models_is_the_one_that_the_rule_is_judged_on(scope: str) -> None:
    for place, (kind, grade) in enumerate(
        [(Kind.CLASSIFIER, RegulatoryClass.HIGH_RISK), (Kind.RAG_APPLICATION, RegulatoryClass.LIMITED)]
    ):
        a_model(f"model-{place}", kind=kind, regulatory_class=grade, tags=["fraud"][:place])
    definition = parse(RULE.format(scope=scope))
    judged = {
        model.pk
        for model in RegisteredModel.objects.select_related("unit")
        if applies(definition, facts_of(model, environment="production"))
    }

    listed = models_in_scope(actor=a_person("Stella", "auditor"), definition=definition)

    assert {model.pk for model in listed} == judged
