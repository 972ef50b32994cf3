"""The card in a bill of materials: what is on record stands where CycloneDX has a place for it, valid by its schema."""

from dataclasses import replace
from typing import Any

import pytest

from governance.reports import card_bom
from governance.reports.cards import Card, Facts, Part, Result, Statement, Written, seen_with
from models_registry.catalog.models import ModelVersion
from models_registry.lineage.statement import Member
from tests.governance.reports.test_cards import a_card
from tests.journeys.builders import NOON
from tests.models_registry.lineage.test_bom import wrong
from tests.models_registry.lineage.world import a_version, artifact, stated

pytestmark = pytest.mark.django_db
PEOPLE = Part("people", "Who answers for it", (Statement("Owner", "Olive Okafor"), Statement("Team", "Claims")))


def written(section: str, text: str) -> Part:
    return Part(
        section.lower(), section, written=Written(text, 1, "sha256:" + "a" * 64, "Olive", NOON), section=section
    )


def a_full_card() -> Card:
    texts = ("USERS", "TRADE_OFFS", "ENVIRONMENT", "HUMAN_OVERSIGHT", "HOW_TO_USE")
    results = (
        Result("parity", "FAIRNESS", "recall", 0.87, "FAIL", "under 25", low=0.81, high=0.92),
        Result("parity", "FAIRNESS", "recall", 0.95, "PASS", "over 60"),
        Result("parity", "FAIRNESS", "selection rate", 0.5, "", "under 25"),
        Result("parity", "FAIRNESS", "recall", 0.9, "PASS"),
        Result("held-out", "PERFORMANCE", "accuracy", 0.91, "PASS", "under 25"),
    )
    card = a_card()
    return replace(
        card,
        parts=(*card.parts, PEOPLE, *(written(one, f"Of {one}.") for one in texts)),
        facts=Facts("CLASSIFIER", version=1, results=results),
    )


def model_card(card: Card, version: ModelVersion, spec: str = "1.6") -> dict[str, Any]:
    bill = card_bom.document(card=card, version=version, at=NOON, base="https://redline.example", spec=spec)
    assert wrong(bill) == []
    found: dict[str, Any] = bill["metadata"]["component"]["modelCard"]
    return found


@pytest.mark.parametrize("spec", card_bom.SPECS)
def test_each_section_stands_where_the_schema_has_a_place_for_it(spec: str) -> None:
    found = model_card(a_full_card(), a_version(), spec)

    told = found["considerations"]
    assert (told["users"], told["performanceTradeoffs"]) == (["Of USERS."], ["Of TRADE_OFFS."])
    assert told["environmentalConsiderations"]["properties"] == [
        {"name": "redline:environmental-impact", "value": "Of ENVIRONMENT."}
    ]
    named = {one["name"]: one["value"] for one in found["properties"]}
    assert named["redline:human-oversight"] == "Of HUMAN_OVERSIGHT."
    assert named["redline:instructions-for-use"] == "Of HOW_TO_USE."
    assert (named["redline:owner"], named["redline:team"]) == ("Olive Okafor", "Claims")


def test_fairness_is_told_group_by_group_and_other_suites_are_not_taken_for_it() -> None:
    assert model_card(a_full_card(), a_version())["considerations"]["fairnessAssessments"] == [
        {
            "groupAtRisk": "under 25",
            "harms": "parity: recall 0.87 (95 % interval 0.81 to 0.92), failed. parity: selection rate 0.5.",
        },
        {"groupAtRisk": "over 60", "harms": "parity: recall 0.95, passed."},
    ]


def test_risks_come_with_their_answers_and_who_may_not_see_them_is_told_that_they_are_left_out() -> None:
    whole, version = a_full_card(), a_version()
    seen = seen_with(whole, may=lambda permission: permission != "risk.read")

    assert {"name": "Fairness (high)", "mitigationStrategy": "open."} in model_card(whole, version)["considerations"][
        "ethicalConsiderations"
    ]
    found = model_card(seen, version)
    assert "ethicalConsiderations" not in found["considerations"]
    assert {"name": "redline:left-out", "value": "Risks and answers"} in found["properties"]


def test_the_model_carries_the_licence_of_its_own_weights_and_names_what_it_was_built_upon() -> None:
    version = a_version()
    base = artifact("BASE_MODEL", "qwen3-8b", "2025-04", licence="Apache-2.0")
    weights = artifact("WEIGHTS", "claims-weights", "v1", licence="House terms")
    stated(
        version,
        Member("base", base, "FINE_TUNED_FROM"),
        Member("weights", weights, "CONSISTS_OF", made_from=(("base", "FINE_TUNED_FROM"),)),
    )

    bill = card_bom.document(card=a_card(), version=version, at=NOON, base="https://redline.example")

    assert wrong(bill) == []
    component = bill["metadata"]["component"]
    assert component["licenses"] == [{"license": {"name": "House terms"}}]
    assert component["pedigree"]["ancestors"] == [
        {"type": "machine-learning-model", "name": "qwen3-8b", "version": "2025-04"}
    ]
