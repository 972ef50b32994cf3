"""Scores of other systems are evidence: they raise a risk with its trail, fade, and wait during a pause."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.risks.models import Contribution, Risk
from governance.scoring import intake, pipeline, switch
from governance.scoring.models import Posture
from governance.vocabulary import RiskCategory, RiskLevel
from models_registry.access.models import Account, AccountKind
from models_registry.access.rights import AccessDenied
from models_registry.audit.models import AuditEntry
from models_registry.catalog.actions import name_outside
from models_registry.catalog.models import ModelVersion, RegisteredModel
from tests.governance.gates.world import AT, OPERATOR, a_clean_version, a_person, a_token

FINDING: dict[str, Any] = {
    "modelId": "claims-triage",
    "riskIndicator": "PERFORMANCE_DRIFT",
    "severity": "HIGH",
    "evidence": {"source": "ARIZE_AI", "metric": "psi", "score": 0.31, "timestamp": "2026-03-01T12:00:00Z"},
    "automatedAction": "AUTO_ELEVATE",
}
SCORES: dict[str, Any] = {
    "scores": {"DATA_INTEGRITY": {"level": "MEDIUM", "value": 52}, "COST": {"value": 12.5}},
    "source": "Arize AI Drift Alert: embedding_cosine_similarity dropped 15% on 2026-03-01",
    "evidence": [FINDING["evidence"]],
}


def scorer() -> Account:
    return a_person("Otto", "automation_scorer", kind=AccountKind.AUTOMATION)


def said(level: RiskLevel = RiskLevel.HIGH, **changed: Any) -> intake.Said:
    facts = {"category": RiskCategory.FAIRNESS, "name": "parity", "level": level, "text": f"Parity: {level}."}
    return intake.Said(**{**facts, **changed})


@pytest.fixture
def model(db: None) -> RegisteredModel:
    return a_clean_version().model


@pytest.mark.parametrize(
    ("level", "value", "points"),
    [
        (None, 12.5, 12.5),
        (RiskLevel.LOW, 90.0, 0.0),
        (RiskLevel.MEDIUM, None, 20.0),
        (RiskLevel.MEDIUM, 52.0, 20.0),
        (RiskLevel.HIGH, 52.0, 52.0),
        (RiskLevel.CRITICAL, 1.0, 75.0),
        (RiskLevel.CRITICAL, 100.0, 100.0),
    ],
)
def test_the_level_stands_and_a_value_in_its_band_refines_it(
    level: RiskLevel | None, value: float | None, points: float
) -> None:
    assert said(level=level, value=value).points == points


@pytest.mark.parametrize(
    ("indicator", "category"),
    [
        ("PERFORMANCE_DRIFT", "PERFORMANCE"),
        ("embedding-drift", "DATA_INTEGRITY"),
        ("COST", "COST"),
        ("CONCEPT_DRIFT", "PERFORMANCE"),
    ],
)
def test_foreign_indicators_are_understood(indicator: str, category: str) -> None:
    assert intake.category_of(indicator) == category


def test_an_indicator_without_meaning_is_refused() -> None:
    with pytest.raises(intake.IndicatorUnknown):
        intake.category_of("MOON_PHASE")


def test_a_score_raises_the_risk_the_posture_and_the_epoch_with_a_trail(model: RegisteredModel) -> None:
    epoch = ModelVersion.objects.get().epoch

    outcome = intake.take_in(by=scorer(), at=AT, model=model, said=[said()], source="nightly audit")

    assert (outcome.risks[0].level, outcome.risks[0].state, outcome.paused) == ("HIGH", "OPEN", False)
    assert Posture.objects.get().risk_score >= 40
    assert ModelVersion.objects.get().epoch > epoch
    actions = set(AuditEntry.objects.filter(actor_name="Otto").values_list("action", flat=True))
    assert {"risk.evidence_received", "risk.level_raised"} <= actions


def test_the_same_score_again_changes_nothing_and_a_low_one_clears_the_cause(model: RegisteredModel) -> None:
    later = AT + timedelta(hours=1)
    for at in (AT, AT, later):
        intake.take_in(by=scorer(), at=at, model=model, said=[said()])
    assert Contribution.objects.count() == 1

    outcome = intake.take_in(by=scorer(), at=later, model=model, said=[said(RiskLevel.LOW)])

    assert Contribution.objects.get().cleared_at == later
    assert outcome.risks[0].level == "HIGH"  # a raised level is not lowered by its scorer's word alone


def test_what_is_only_logged_weighs_nothing(model: RegisteredModel) -> None:
    intake.take_in(by=scorer(), at=AT, model=model, said=[said(only_log=True)])

    assert Contribution.objects.count() == 0
    assert Risk.objects.get(category="FAIRNESS").level == "LOW"
    assert AuditEntry.objects.filter(action="risk.evidence_received").count() == 1


def test_during_a_pause_a_score_is_kept_and_weighed_after_the_resume(model: RegisteredModel) -> None:
    switch.pause(by=a_person("Cora", "compliance_officer"), at=AT, reason="Looking into it")
    outcome = intake.take_in(by=scorer(), at=AT, model=model, said=[said()])
    assert (outcome.paused, outcome.risks[0].level) == (True, "LOW")

    switch.resume(by=a_person("Carl", "compliance_officer"), at=AT)
    pipeline.sweep(at=AT + timedelta(minutes=6))

    assert Risk.objects.get(category="FAIRNESS").level == "HIGH"


@pytest.mark.parametrize("role", ["automation_ci", "automation_ingest", "model_owner", "compliance_officer", ""])
def test_only_scorers_write_scores(role: str, model: RegisteredModel) -> None:
    kind = AccountKind.AUTOMATION if role.startswith("automation") else AccountKind.PERSON

    with pytest.raises(AccessDenied):
        intake.take_in(by=a_person("Stella", role, kind=kind), at=AT, model=model, said=[said()])


@pytest.fixture
def sender(model: RegisteredModel) -> Client:
    return Client(headers={"Authorization": f"Bearer {a_token(scorer(), at=timezone.now())}"})


def test_the_update_endpoint_answers_as_its_senders_expect(sender: Client) -> None:
    answer = sender.post("/v1/risk/update", FINDING, "application/json")

    found = answer.json()
    assert answer.status_code == 200, found
    assert (found["status"], found["action"], found["level"]) == ("processed", "AUTO_ELEVATE", "HIGH")
    assert "ARIZE_AI: PSI is 0.31." in Posture.objects.get().why


def test_the_same_key_twice_has_one_effect(sender: Client) -> None:
    key = {"Idempotency-Key": "arize-mon-42-1772366400"}
    first, second = (sender.post("/v1/risk/update", FINDING, "application/json", headers=key) for _ in range(2))

    assert first.content == second.content
    assert AuditEntry.objects.filter(action="risk.evidence_received").count() == 1


@pytest.mark.parametrize("number", [True, False])
def test_scores_of_several_risks_are_patched(number: bool, sender: Client, model: RegisteredModel) -> None:
    name_outside(by=OPERATOR, at=AT, model=model, system="arize", name="credit-scorer")
    name = model.pk if number else "credit-scorer"

    answer = sender.patch(f"/api/v1/models/{name}/risk_scores", SCORES, "application/json")

    found = answer.json()
    assert answer.status_code == 200, found
    assert [(risk["category"], risk["level"]) for risk in found["risks"]] == [
        ("COST", "LOW"),
        ("DATA_INTEGRITY", "MEDIUM"),
    ]
    entry = AuditEntry.objects.filter(action="risk.evidence_received").first()
    assert entry is not None
    assert SCORES["source"] in entry.canon


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"modelId": "nobody-knows"}, 404),
        ({"riskIndicator": "MOON_PHASE"}, 400),
        ({"severity": "EXTREME"}, 400),
        ({"evidence": {}}, 400),
        ({"evidence": {**FINDING["evidence"], "score": "NaN"}}, 400),
    ],
)
def test_what_cannot_be_understood_is_a_problem(change: dict[str, Any], status: int, sender: Client) -> None:
    answer = sender.post("/v1/risk/update", {**FINDING, **change}, "application/json")

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert Contribution.objects.count() == 0
