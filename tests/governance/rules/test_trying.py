"""A rule tried on stored readings before anybody is asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from governance.rules.models import Episode, Evaluation, SeriesState
from governance.rules.parsing import parse
from governance.rules.trying import try_out
from models_registry.audit.actions import record
from models_registry.audit.actor import System
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.models import Rollup
from tests.governance.rules.people import AT, a_model, a_person, cora

pytestmark = pytest.mark.django_db

TEXT = """rule: accuracy-falls
title: Accuracy falls
why: People are decided on.
applies_to:
  kind: [classifier]
when:
  metric: accuracy
  over: 1d
  below: 0.8
  for: 2
then:
  risk: performance
  effect: {points: 30}
"""


def days(model: RegisteredModel, *values: float) -> None:
    """Store one reading a day, the last of them yesterday."""
    with transaction.atomic():
        for ago, value in enumerate(reversed(values), start=1):
            begins = AT.replace(hour=0) - timedelta(days=ago)
            Rollup.objects.create(
                model=model,
                metric="accuracy",
                environment="production",
                segment="",
                width_s=86400,
                starts_at=begins,
                count=1,
                sum=value,
                min=value,
                max=value,
                first=value,
                last=value,
                first_at=begins,
                last_at=begins,
            )
        record(by=System("arrangement"), action="test.arranged", on=model, body={})


def test_a_run_of_bad_days_is_counted_once() -> None:
    days(a_model("claims"), 0.9, 0.7, 0.7, 0.7, 0.9, 0.9)
    days(a_model("churn"), 0.9, 0.9, 0.7, 0.9)

    trial = try_out(actor=a_person("Stella", "auditor"), definition=parse(TEXT), at=AT)

    assert [(one.model.slug, one.count, one.points) for one in trial.found] == [("claims", 1, 30.0)]
    assert trial.sentence == "It would have fired once in the last 60 days, on 1 of 2 models."


def test_what_goes_on_is_told_as_now() -> None:
    days(a_model("claims"), 0.9, 0.7, 0.7)

    trial = try_out(actor=a_person("Stella", "auditor"), definition=parse(TEXT), at=AT)

    assert trial.found[0].now


def test_models_out_of_scope_are_not_tried() -> None:
    days(a_model("search", kind="RAG_APPLICATION"), 0.1, 0.1, 0.1)

    trial = try_out(actor=a_person("Stella", "auditor"), definition=parse(TEXT), at=AT)

    assert (trial.model_count, trial.found) == (0, ())


def test_nobody_learns_of_models_that_they_do_not_see() -> None:
    days(a_model("claims"), 0.1, 0.1, 0.1)

    assert try_out(actor=a_person("Ingo", "automation_ingest"), definition=parse(TEXT), at=AT).found == ()


def test_trying_writes_nothing() -> None:
    days(a_model("claims"), 0.1, 0.1, 0.1)

    try_out(actor=cora(), definition=parse(TEXT), at=AT)

    assert not any(table.objects.exists() for table in (Episode, Evaluation, SeriesState))


def test_trying_costs_no_more_for_more_models(django_assert_max_num_queries: Any) -> None:
    for place in range(9):
        days(a_model(f"model-{place}"), 0.7, 0.7)
    actor = a_person("Stella", "auditor")

    with django_assert_max_num_queries(5):
        try_out(actor=actor, definition=parse(TEXT), at=AT)


def test_a_rule_is_tried_from_its_page() -> None:
    a_model("claims")
    client = Client()
    client.force_login(cora(), backend="django.contrib.auth.backends.ModelBackend")

    page = client.post("/rules/tried/", {"text": TEXT}).content.decode()
    wrong = client.post("/rules/tried/", {"text": "rule: x"}).content.decode()

    assert "It would not have fired in the last 60 days" in page
    assert "Mend its errors first" in wrong
