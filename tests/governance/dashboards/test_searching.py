"""The palette's search: by name and by number, and only what one may see."""

import pytest
from django.test import Client

from governance.dashboards.searching import find
from models_registry.access.rights import remember
from tests.governance.risks.test_register import a_risk
from tests.journeys.builders import ACCURACY_RULE, a_model, an_enforced_rule, people

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_few_letters_find_models_rules_and_people() -> None:
    a_model("claims-triage")
    a_model("voice-intent")
    an_enforced_rule(ACCURACY_RULE.replace("Accuracy below 0.80", "Claims go wrong"))

    found = find(actor=people().cora, words=" claims ")

    assert [(one.group, one.text, one.url) for one in found] == [
        ("Models", "Claims triage", "/models/claims-triage/"),
        ("Rules", "Claims go wrong", "/rules/accuracy-low/"),
    ]
    assert [one.text for one in find(actor=people().cora, words="olive") if one.group == "People"] == ["Olive Okafor"]


def test_the_number_of_a_risk_finds_it() -> None:
    risk = a_risk("claims-triage")

    assert [one.url for one in find(actor=people().cora, words=risk.reference.lower())] == [f"/risks/{risk.reference}/"]


@pytest.mark.parametrize("words", ["", " ", "c", "nobody is called so", "%", "r-999999999"])
def test_too_few_letters_and_strange_words_find_nothing(words: str) -> None:
    a_model("claims-triage")

    assert find(actor=people().cora, words=words) == []


def test_who_may_see_nothing_finds_nothing() -> None:
    a_model("claims-triage")
    a_risk("voice-intent")

    assert find(actor=people().stella, words="claims") == []
    assert find(actor=people().stella, words="r-1") == []


@pytest.mark.parametrize("models", [3, 9])
def test_three_queries_find_everything(django_assert_max_num_queries, models: int) -> None:
    for number in range(models):
        a_model(f"claims-{number}")
    actor = people().cora
    remember(actor)

    with django_assert_max_num_queries(4):  # one more for the roles of the reader
        found = find(actor=actor, words="claims")

    assert len([one for one in found if one.group == "Models"]) == min(models, 6)


def test_the_answer_is_a_part_of_the_palette() -> None:
    a_model("claims-triage")
    client = Client()
    client.force_login(people().cora, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/search/?q=triage")

    assert answer.status_code == 200
    assert 'role="option" href="/models/claims-triage/"' in answer.text
    assert "<html" not in answer.text
