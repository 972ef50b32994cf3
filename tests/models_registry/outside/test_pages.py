"""The pages of what stands elsewhere: who sees what, since when, and the answer."""

from datetime import timedelta

import pytest
from django.test import Client

from models_registry.access.models import Account
from models_registry.outside.models import Violation
from models_registry.telemetry.poll_models import Polling
from tests.journeys.builders import NOON, a_person, people
from tests.models_registry.outside.test_violations import MINUTE, a_used_decision, a_version, put_on, tell

pytestmark = pytest.mark.django_db


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(account: Account, address: str) -> str:
    return signed_in(account).get(address).content.decode()


def test_a_stranger_sees_neither_models_nor_what_is_unknown():
    a_version()
    tell(put_on())
    tell({**put_on(), "artifact_collection_name": "unheard-of"})

    shown = page(a_person("stella"), "/elsewhere/")

    assert "claims-triage" not in shown and "Claims triage" not in shown and "unheard-of" not in shown
    held = Violation.objects.get()
    assert signed_in(a_person("stella")).get(f"/elsewhere/{held.pk}/").status_code in (403, 404)


def test_an_unknown_model_is_shown_to_those_who_read_sources():
    tell({**put_on(), "artifact_collection_name": "unheard-of"})

    assert "unheard-of" in page(people().cora, "/elsewhere/?state=unknown")


def test_the_list_says_since_when_however_often_it_was_confirmed():
    a_used_decision(a_version(), at=NOON - MINUTE)
    for minute in (0, 5, 10):
        tell(put_on(at=NOON + minute * MINUTE))

    shown = signed_in(people().olive).get("/elsewhere/")

    [stand] = shown.context["stands"]
    assert (stand.since, stand.violation, stand.cover.since()) == (NOON, None, NOON - MINUTE)


def test_the_past_shows_what_stood_then():
    a_version()
    tell(put_on())

    before = (NOON - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    after = (NOON + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert "Nothing" in page(people().olive, f"/elsewhere/?as_of={before}&state=violation")
    assert "Claims triage" in page(people().olive, f"/elsewhere/?as_of={after}&state=violation")


def test_an_answer_asks_for_words_and_is_given_once():
    a_version()
    tell(put_on())
    address, client = f"/elsewhere/{Violation.objects.get().pk}/", signed_in(people().olive)

    empty = client.post(f"{address}answer/", {"text": " "})
    given = client.post(f"{address}answer/", {"text": "Taken off today."})
    again = client.post(f"{address}answer/", {"text": "Once more."})

    assert (empty.status_code, given.status_code, again.status_code) == (422, 302, 409)
    assert "Taken off today." in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("polled", "says"),
    [
        (None, "is not swept, so nobody learns of it until sweeps are set up"),
        ({}, "The next sweep of"),
        ({"paused_at": NOON}, "are paused, so nobody learns of it until they are resumed"),
    ],
)
def test_the_page_says_how_it_becomes_known_that_an_alias_was_taken_off(polled, says):
    a_version()
    tell(put_on())
    held = Violation.objects.select_related("placement__source").get()
    if polled is not None:
        Polling.objects.create(
            source=held.placement.source, interval_s=300, sweep_budget=1, day_budget=1, set_at=NOON, begun_at=NOON,
            next_at=NOON, day=NOON.date(), **polled,
        )  # fmt: skip

    shown = page(people().olive, f"/elsewhere/{held.pk}/")

    assert "W&amp;B sends nothing when an alias is taken off." in shown
    assert says in shown


def test_who_may_not_answer_sees_why():
    a_version()
    tell(put_on())
    address, cora = f"/elsewhere/{Violation.objects.get().pk}/", people().cora

    shown = page(cora, address)

    assert "disabled" in shown and "Answer" in shown
    assert signed_in(cora).post(f"{address}answer/", {"text": "Fine."}).status_code == 403


def test_programs_read_violations_and_the_owner_answers_by_one():
    a_version()
    tell(put_on())
    olive, held = signed_in(people().olive), Violation.objects.get()

    listed = olive.get("/api/v1/violations/?state=UNANSWERED").json()["results"]
    answered = olive.post(
        f"/api/v1/violations/{held.pk}/answers/", {"text": "Off today."}, content_type="application/json"
    )
    again = olive.post(f"/api/v1/violations/{held.pk}/answers/", {"text": "Off."}, content_type="application/json")

    [one] = listed
    assert (one["model"], one["target"], one["version_there"], one["version"]) == (
        "claims-triage",
        "alias:production",
        "v1",
        1,
    )
    assert (one["said_by"], one["ended_at"]) == ("dana", None)
    assert (answered.status_code, answered.json()["answer"], again.status_code) == (201, "Off today.", 409)
    assert olive.get("/api/v1/violations/?state=UNANSWERED").json()["results"] == []
    assert signed_in(a_person("stella")).get(f"/api/v1/violations/{held.pk}/").status_code in (403, 404)
