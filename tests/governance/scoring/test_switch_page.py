"""The page of the pause switch: who may, what it says, and that ending a pause takes two people."""

from typing import Any

import pytest
from django.test import Client

from governance.scoring import switch
from governance.scoring.models import AutomationControl, ControlScope
from models_registry.access.models import Account
from models_registry.audit.models import AuditEntry
from tests.journeys.builders import NOON, a_model, a_person, an_enforced_rule, people

pytestmark = pytest.mark.django_db


def browser(person: Account) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def clara() -> Account:
    return a_person("clara", "Clara Conte", "compliance_officer")


def test_a_pause_states_its_effect_and_shows_on_the_page_with_who_and_why() -> None:
    a_model()
    client = browser(people().cora)
    before = client.get("/scoring/").content.decode()

    answer = client.post("/scoring/pause/global/", {"reason": "The Arize key is being replaced"}, follow=True)
    page = answer.content.decode()

    assert "Pause scoring for 1 model" in before
    assert "style=" not in before
    assert "Automatic scoring is paused" in page
    assert "The Arize key is being replaced" in page
    assert "You paused this. Another person must resume it." in page
    assert AuditEntry.objects.filter(action="automation.paused").count() == 1


def test_another_person_resumes() -> None:
    switch.pause(by=people().cora, at=NOON, reason="Checking a rule")
    pause = AutomationControl.objects.get()

    alone = browser(people().cora).post(f"/scoring/resume/{pause.pk}/", follow=True).content.decode()
    page = browser(clara()).post(f"/scoring/resume/{pause.pk}/", follow=True).content.decode()
    pause.refresh_from_db()

    assert "Another person must resume it." in alone
    assert "Resumed." in page
    assert pause.resumed_by == clara()


def test_one_model_or_one_rule_is_paused_by_name() -> None:
    model, rule = a_model(), an_enforced_rule().rule
    client = browser(people().cora)

    client.post("/scoring/pause/model/", {"target": model.slug, "reason": "Retraining"})
    client.post("/scoring/pause/rule/", {"target": rule.slug, "reason": "Too noisy"})
    page = client.get("/scoring/").content.decode()

    found = set(AutomationControl.objects.values_list("scope", "scope_id"))
    assert found == {(ControlScope.MODEL.value, model.slug), (ControlScope.RULE.value, rule.slug)}
    assert "Model Claims triage" in page
    assert "2 paused" in page
    assert "Automatic scoring is paused." not in page


@pytest.mark.parametrize(
    ("scope", "given"), [("global", {"reason": "  "}), ("model", {"reason": "Why not"}), ("rule", {"target": "gone"})]
)
def test_a_pause_without_reason_or_target_is_refused_beside_the_field(scope: str, given: dict[str, str]) -> None:
    answer = browser(people().cora).post(f"/scoring/pause/{scope}/", given)

    assert answer.status_code == 422
    assert f'id="pause-{scope}" open' in answer.content.decode()
    assert not AutomationControl.objects.exists()


def test_what_is_paused_is_not_paused_again() -> None:
    switch.pause(by=people().cora, at=NOON, reason="Checking a rule")

    page = browser(clara()).post("/scoring/pause/global/", {"reason": "Me too"}, follow=True).content.decode()

    assert "already paused" in page
    assert AutomationControl.objects.count() == 1


def test_an_action_without_a_reason_is_refused() -> None:
    with pytest.raises(switch.ReasonMissing):
        switch.pause(by=people().cora, at=NOON, reason=" ")


@pytest.mark.parametrize(
    ("role", "may_pause", "may_resume"),
    [
        ("governance_board", True, False),
        ("compliance_officer", True, True),
        ("on_call", True, False),
        ("administrator", True, True),
        ("model_owner", False, False),
        ("ml_engineer", False, False),
        ("auditor", False, False),
        ("executive", False, False),
    ],
)
def test_who_may_pause_and_resume(role: str, may_pause: bool, may_resume: bool) -> None:
    person = a_person("probe", "Probe", role)
    client = browser(person)
    paused = client.post("/scoring/pause/global/", {"reason": "Probe"}).status_code
    AutomationControl.objects.filter(resumed_at__isnull=True).update(paused_by=people().cora)
    control = AutomationControl.objects.first() or switch.pause(by=people().cora, at=NOON, reason="Other")
    page = client.get("/scoring/").content.decode()
    resumed = client.post(f"/scoring/resume/{control.pk}/").status_code

    assert paused == (302 if may_pause else 403)
    assert resumed == (302 if may_resume else 403)
    assert ("None of your roles may resume automation" in page) is not may_resume


def test_strangers_do_not_see_the_switch() -> None:
    assert browser(people().stella).get("/scoring/").status_code == 403


@pytest.mark.parametrize("how_many", [1, 6])
def test_the_page_costs_the_same_however_long_its_history(how_many: int, django_assert_max_num_queries: Any) -> None:
    for number in range(how_many):
        model = a_model(f"model-{number}")
        switch.pause(by=people().cora, at=NOON, reason="Why", scope=ControlScope.MODEL, scope_id=model.slug)
    client = browser(clara())
    client.get("/scoring/")

    with django_assert_max_num_queries(18):
        page = client.get("/scoring/").content.decode()

    assert page.count("Resume scoring</button>") == how_many
