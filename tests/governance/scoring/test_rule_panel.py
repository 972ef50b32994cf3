"""What the live loop says on a rule's page."""

from datetime import timedelta

import pytest
from django.test import Client

from governance.risks.models import Risk
from governance.rules import actions
from governance.rules.models import Episode, RuleVersion
from governance.scoring import foresight, switch
from governance.scoring.models import ControlScope, RuleTrip
from governance.vocabulary import RiskLevel
from tests.governance.rules.people import AT, a_model, a_person, an_approved_version, an_enforced_version, cora

pytestmark = pytest.mark.django_db

SLUG = "error-rate-sla-breach"
TEXT = dict(actions.shipped_texts())[SLUG]


def a_client(name: str, role: str) -> Client:
    client = Client()
    client.force_login(a_person(name, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def in_shadow() -> RuleVersion:
    version = an_approved_version(SLUG, TEXT)
    return actions.shadow(by=cora(), at=AT, version=version)


def fires(version: RuleVersion, slug: str, *, points: float = 50.0) -> None:
    Episode.objects.create(
        rule_version=version,
        model=a_model(slug),
        environment="production",
        category="RELIABILITY",
        points=points,
        steps=[],
        began_at=AT - timedelta(hours=2),
    )


def test_enforcing_what_does_not_fire_raises_nothing() -> None:
    seen = foresight.foresee(actor=cora(), version=in_shadow(), at=AT)

    assert seen.sentence == "Enforcing raises nothing now: no model is past its limit."


def test_the_effect_counts_the_risks_that_would_rise() -> None:
    version = in_shadow()
    fires(version, "claims")
    fires(version, "churn")

    seen = foresight.foresee(actor=cora(), version=version, at=AT)

    assert seen.sentence == "Enforcing raises 2 risks on 2 models."
    assert {rise.after for rise in seen.rises} == {RiskLevel.HIGH}
    assert not Risk.objects.exists()


def test_an_effect_that_changes_no_level_says_so() -> None:
    version = in_shadow()
    fires(version, "claims", points=5.0)

    seen = foresight.foresee(actor=cora(), version=version, at=AT)

    assert seen.sentence == "It fires on 1 model now, and no risk would stand higher for it."


def test_an_effect_tells_nothing_of_models_that_its_reader_does_not_see() -> None:
    version = in_shadow()
    fires(version, "claims")

    assert foresight.foresee(actor=a_person("Otto", "automation_ingest"), version=version, at=AT).rises == ()


def test_the_question_before_enforcing_states_the_effect() -> None:
    version = in_shadow()
    fires(version, "claims")

    page = a_client("Cora", "compliance_officer").get(f"/rules/{SLUG}/1/effect/").content.decode()

    assert "Enforcing raises 1 risk on 1 model." in page
    assert "Reliability from Low to High" in page


def test_a_rule_is_paused_from_its_page() -> None:
    an_enforced_version(SLUG, TEXT)
    client = a_client("Cora", "compliance_officer")
    assert "Pause this rule…" in client.get(f"/rules/{SLUG}/automation/").content.decode()

    client.post("/scoring/pause/rule/", {"target": SLUG, "reason": "Its source sends rubbish."})

    page = client.get(f"/rules/{SLUG}/automation/").content.decode()
    assert switch.hold_open().rule(SLUG)
    assert "Its source sends rubbish." in page
    assert "Another person must resume it." in page


def test_a_pause_of_everything_is_told_on_the_rule() -> None:
    an_enforced_version(SLUG, TEXT)
    switch.pause(by=cora(), at=AT, reason="Migration.", scope=ControlScope.GLOBAL)

    page = a_client("Stella", "auditor").get(f"/rules/{SLUG}/automation/").content.decode()

    assert "All scoring is paused" in page


def test_a_reader_sees_why_they_cannot_pause() -> None:
    an_enforced_version(SLUG, TEXT)

    page = a_client("Stella", "auditor").get(f"/rules/{SLUG}/automation/").content.decode()

    assert 'aria-disabled="true"' in page
    assert "None of your roles may" in page


def test_a_held_rule_says_since_when_and_why() -> None:
    version = an_enforced_version(SLUG, TEXT)
    RuleTrip.objects.create(rule_version=version, model_count=12, tripped_at=AT)

    page = a_client("Cora", "compliance_officer").get(f"/rules/{SLUG}/automation/").content.decode()

    assert "12 models within ten minutes" in page
    assert f'action="/rules/{SLUG}/1/reinstate/"' in page


def test_compliance_lets_a_held_rule_raise_risks_again() -> None:
    version = an_enforced_version(SLUG, TEXT)
    RuleTrip.objects.create(rule_version=version, model_count=12, tripped_at=AT)

    a_client("Cora", "compliance_officer").post(f"/rules/{SLUG}/1/reinstate/")

    assert not RuleTrip.objects.filter(settled_at__isnull=True).exists()


def test_a_reader_cannot_let_a_held_rule_go() -> None:
    version = an_enforced_version(SLUG, TEXT)
    RuleTrip.objects.create(rule_version=version, model_count=12, tripped_at=AT)

    answer = a_client("Stella", "auditor").post(f"/rules/{SLUG}/1/reinstate/")

    assert answer.status_code == 403
    assert RuleTrip.objects.filter(settled_at__isnull=True).exists()


def test_nothing_is_let_go_that_is_not_held() -> None:
    an_enforced_version(SLUG, TEXT)

    page = a_client("Cora", "compliance_officer").post(f"/rules/{SLUG}/1/reinstate/", follow=True).content.decode()

    assert "This rule is not held." in page
