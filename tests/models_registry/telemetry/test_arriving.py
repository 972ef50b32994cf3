"""What whoever connects a source sees of it: waiting, refused, held, measured, and what is missing then."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from models_registry.access.models import RoleGrant
from models_registry.audit.models import AuditEntry
from models_registry.catalog.models import ExternalName
from models_registry.telemetry import arriving, refusals, samples, source_actions
from models_registry.telemetry.models import EventState, Measurement, Source, TelemetryEvent
from models_registry.telemetry.refusal_models import DoorRefusal
from tests.models_registry.access.people import an_account
from tests.models_registry.telemetry import world

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    refusals.forget()
    yield
    refusals.forget()


@pytest.fixture
def nadia() -> Client:
    client = Client()
    client.force_login(an_account("nadia", "administrator"), backend=BACKEND)
    return client


def source(kind: str = "measurements") -> tuple[Source, str]:
    return source_actions.create_source(by=world.OPERATOR, at=timezone.now(), name="Watched", kind=kind)


def watched(client: Client, since: str = "") -> str:
    answer = client.get("/sources/watched/connect/", {"since": since}, headers={"HX-Request": "true"})
    assert answer.status_code in (200, 204)
    return answer.text


def send(made: Source, body: bytes, secret: str) -> int:
    answer = Client().post(
        f"/api/v1/telemetry/{made.path_token}/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "User-Agent": "nightly-job/3"},
    )
    return answer.status_code


def body(model: str = "claims-triage", metric: str = "accuracy") -> bytes:
    at = (timezone.now() - dt.timedelta(minutes=1)).isoformat()
    return json.dumps({"measurements": [{"model": model, "metric": metric, "value": 0.9, "observed_at": at}]}).encode()


def test_from_waiting_over_a_wrong_secret_to_the_first_measurement(nadia: Client) -> None:
    world.claims_model()
    made, secret = source()

    waiting = watched(nadia)
    send(made, body(), "nonsense")
    refused = watched(nadia)
    send(made, body(), secret)
    reading = watched(nadia)
    world.work(timezone.now())
    measured = watched(nadia)

    assert "Nothing has reached this address yet" in waiting
    assert "It came with a secret or a signature that is not this source" in refused
    assert "nightly-job/3" in refused
    assert "It is being read" in reading
    assert "/models/claims-triage/?metric=accuracy&amp;segment=#metric" in measured
    assert "Refused earlier" in measured
    assert "0.9 ratio" in measured


def test_nothing_is_sent_again_while_nothing_happens_and_anything_new_is(nadia: Client) -> None:
    made, secret = source()
    before = arriving.token(made, at=timezone.now())

    same = nadia.get("/sources/watched/connect/", {"since": before}, headers={"HX-Request": "true"})
    send(made, b"{}", "nonsense")
    after = arriving.token(made, at=timezone.now())
    send(made, b"{}", secret)
    later = arriving.token(made, at=timezone.now())
    world.work(timezone.now())

    assert (same.status_code, same.text) == (204, "")
    assert len({before, after, later, arriving.token(made, at=timezone.now())}) == 4


def test_what_changes_while_the_page_is_made_is_asked_for_again(nadia: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    world.claims_model()
    made, secret = source()
    send(made, body(), secret)
    look = arriving._arrival

    def and_then_it_is_measured(*given: Any) -> arriving.Arrival | None:
        found = look(*given)
        world.work(timezone.now())
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(arriving, "_arrival", and_then_it_is_measured)
        shown = watched(nadia)
    since = re.search(r'name="since" value="([0-9a-f]+)"', shown)
    assert since is not None

    assert "It is being read" in shown
    assert "is heard" in watched(nadia, since[1])


def test_the_live_topic_changes_with_what_comes_and_asks_once(django_assert_num_queries: Callable[..., object]) -> None:
    made, secret = source()
    before = arriving.live_tokens()
    send(made, body(), "nonsense")
    refused = arriving.live_tokens()
    send(made, body(), secret)

    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        kept = arriving.live_tokens()

    assert len({str(each) for each in (before, refused, kept)}) == 3


def test_a_refusal_before_the_newest_event_is_history(nadia: Client) -> None:
    world.claims_model()
    made, secret = source()
    send(made, body(), "nonsense")
    DoorRefusal.objects.update(last_at=timezone.now() - dt.timedelta(hours=1))
    send(made, body(), secret)
    world.work(timezone.now())

    found = arriving.watch(made, actor=an_account("ann", "administrator"), at=timezone.now())

    assert (found.state, [each.code for each in found.earlier], list(found.refusals)) == (
        "measured",
        ["E_AUTH_WRONG"],
        [],
    )


def test_a_delivery_to_no_source_is_shown_while_nothing_came(nadia: Client) -> None:
    source()
    Client().post("/api/v1/telemetry/MISTYPED-TOKEN/", b"{}", content_type="application/json")

    assert "MISTYP…" in watched(nadia)


def test_an_unknown_model_is_named_and_the_administrator_told_who_can_help(nadia: Client) -> None:
    made, secret = source()
    send(made, body(model="credit-scorer"), secret)
    world.work(timezone.now())

    held = watched(nadia)

    assert '<span class="mono">credit-scorer</span>' in held
    assert "/sources/watched/names/?name=credit-scorer" in held
    assert 'aria-disabled="true"' in held  # whoever only administers neither registers nor names models


def test_an_owner_says_which_model_is_meant_and_what_was_held_is_read() -> None:
    model = world.claims_model()
    made, secret = source()
    send(made, body(model="credit-scorer"), secret)
    world.work(timezone.now())
    olive = Client()
    for role in ("model_owner", "compliance_officer"):
        RoleGrant.objects.create(account=model.owner, role=role, granted_at=timezone.now())
    olive.force_login(model.owner, backend=BACKEND)

    page = olive.get("/sources/watched/names/?name=credit-scorer")
    done = olive.post("/sources/watched/names/", {"name": "credit-scorer", "model": model.slug}, follow=True)
    world.work(timezone.now())

    assert 'value="credit-scorer"' in page.text
    assert "1 held event goes through the line again" in done.text
    assert Measurement.objects.get().model == model
    assert ExternalName.objects.get().system == "measurements"
    assert AuditEntry.objects.filter(action="model.named_outside").count() == 1


def test_a_name_that_is_taken_is_refused_beside_its_field() -> None:
    model = world.claims_model()
    made, _ = source()
    RoleGrant.objects.create(account=model.owner, role="model_owner", granted_at=timezone.now())
    olive = Client()
    olive.force_login(model.owner, backend=BACKEND)
    asked = {"name": "credit-scorer", "model": model.slug}
    olive.post(f"/sources/{made.slug}/names/", asked)

    again = olive.post(f"/sources/{made.slug}/names/", asked)

    assert (again.status_code, list(again.context["form"].errors)) == (422, ["name"])


def test_models_of_others_are_not_offered() -> None:
    world.claims_model()
    source()
    client = Client()
    client.force_login(an_account("stella", "model_owner"), backend=BACKEND)

    page = client.get("/sources/watched/names/")

    assert (page.status_code, "Claims triage" in page.text) == (200, False)


def test_what_held_it_is_gone_and_one_click_replays_it(nadia: Client) -> None:
    made, secret = source()
    send(made, body(), secret)
    world.work(timezone.now())
    before = arriving.token(made, at=timezone.now())
    world.claims_model()

    after = watched(nadia, since=before)
    answer = nadia.post(
        "/sources/watched/replay/",
        {"reason": TelemetryEvent.objects.get().reason, "next": "/sources/watched/connect/"},
    )

    assert "What held it is gone" in after
    assert answer.headers["Location"] == "/sources/watched/connect/"
    assert TelemetryEvent.objects.get().state == EventState.NEW


def test_generic_json_leads_to_its_mapping(nadia: Client) -> None:
    made, secret = source("generic_json")
    send(made, b'{"id": "1", "accuracy": 0.9}', secret)
    world.work(timezone.now())

    held = watched(nadia)

    assert "No mapping says yet where its numbers are" in held
    assert f"/sources/watched/mapping/?event={TelemetryEvent.objects.get().pk}" in held


def test_a_delivery_without_a_number_is_read_and_says_what_was_counted(nadia: Client) -> None:
    made, secret = source("prometheus")
    told = samples.sample(kind="prometheus", model="claims-triage", at=timezone.now()).body
    send(made, told.replace(b'"model_id"', b'"somebody"'), secret)
    world.work(timezone.now())

    empty = watched(nadia)

    assert "it carries no number" in empty
    assert "counted, not measured" in empty


def test_an_alert_that_names_no_model_is_told_what_to_label(nadia: Client) -> None:
    made, secret = source("grafana")
    told = samples.sample(kind="grafana", model="claims-triage", at=timezone.now()).body
    send(made, told.replace(b'"model_id"', b'"somebody"'), secret)
    world.work(timezone.now())

    assert "Label its rule with model_id" in watched(nadia)


def test_what_is_missing_after_the_first_measurement(nadia: Client) -> None:
    world.claims_model()
    world.claims_model("fraud-radar")
    made, secret = source()
    send(made, body(metric="our_own_score"), secret)
    world.work(timezone.now())

    found = arriving.missing(made, actor=an_account("ann", "administrator"))
    shown = watched(nadia)

    assert (found.no_interval, found.unmapped, [each.slug for each in found.unheard], found.unheard_count) == (
        True,
        ["our_own_score"],
        ["fraud-radar"],
        1,
    )
    assert "/metrics-catalogue/adopt/?name=our_own_score" in shown
    assert "Nobody is told when it is silent" in shown


def test_nothing_is_missing_at_a_source_that_is_complete(nadia: Client) -> None:
    world.claims_model()
    made, secret = source()
    source_actions.expect(by=world.OPERATOR, at=timezone.now(), source=made, interval_s=3600)
    send(made, body(), secret)
    world.work(timezone.now())

    assert "Nothing. Every model" in watched(nadia)


def test_the_watch_costs_no_more_with_more_events(nadia: Client) -> None:
    world.claims_model()
    made, secret = source()
    costs = []
    for count in (1, 30):
        for number in range(count):
            send(made, body(metric=f"metric_{number}_{count}"), secret)
        world.work(timezone.now())
        with CaptureQueriesContext(connection) as asked:
            watched(nadia)
        costs.append(len(asked))

    assert costs[1] <= costs[0] + 1  # held_reasons and the number of measurements do not grow
    assert costs[0] <= 22


def test_only_who_manages_sources_watches(nadia: Client) -> None:
    source()
    auditor = Client()
    auditor.force_login(an_account("al", "auditor"), backend=BACKEND)

    assert auditor.get("/sources/watched/connect/").status_code == 403
    assert auditor.get("/sources/connect/arize/").status_code == 403
    gallery = auditor.get("/sources/connect/")
    assert (gallery.status_code, "/sources/connect/arize/" in gallery.text) == (200, False)


@pytest.mark.parametrize("path", ["/", "/models/", "/sources/", "/models/claims-triage/"])
def test_where_nothing_is_yet_the_way_to_the_gallery_is_shown(path: str) -> None:
    if path.startswith("/models/c"):
        world.claims_model()
    nadia = Client()
    nadia.force_login(an_account("nadia", "administrator"), backend=BACKEND)

    page = nadia.get(path)

    assert 'href="/sources/connect/"' in page.text.partition("<main")[2]
