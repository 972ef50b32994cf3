"""A payload nobody has seen is held, mapped by pointing at it, and taken in: nothing a source sent is lost."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from models_registry.telemetry.models import EventState, Measurement, TelemetryEvent
from models_registry.telemetry.signatures import sign
from tests.browser.test_story import connect_a_source
from tests.browser.theatre import Theatre, run_the_line, the_cast, theatre
from tests.journeys.builders import a_model

__all__ = ["theatre"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_a_payload_nobody_has_seen_is_held_mapped_and_replayed(theatre: Theatre) -> None:
    cast = the_cast()
    model = a_model()
    adam = theatre.enter(cast.adam)
    address, secret = connect_a_source(adam, name="Evaluation", kind="Generic JSON")
    at = datetime.now(UTC)
    body = json.dumps(
        {"id": "run-7", "model": model.slug, "at": (at - timedelta(hours=1)).isoformat(), "results": {"accuracy": 0.91}}
    ).encode()
    headers = sign(event_id="run-7", at=at, body=body, secret=secret) | {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10) as answer:
        assert answer.status == 202
    run_the_line()

    # It is held with a reason and shown as it came.
    adam.goto("/sources/evaluation/")
    expect(adam.get_by_role("main")).to_contain_text("1 received = 0 done + 0 duplicate + 1 held")
    adam.get_by_role("link", name="All held events").click()
    adam.locator("tbody a.name, tbody td a").first.click()
    expect(adam.get_by_role("heading", name="Why it is held")).to_be_visible()
    expect(adam.get_by_role("main")).to_contain_text('"results": {"accuracy": 0.91}')
    theatre.shoot(adam, "held")

    # The payload is shown as a tree with a first guess; what it gives stands beside, and a click mends it.
    adam.get_by_role("link", name="Map its fields").click()
    expect(adam.get_by_label("model at /model")).to_be_visible()
    expect(adam.locator("#gives")).to_contain_text("accuracy")
    adam.get_by_label("accuracy at /results/accuracy").check()
    adam.get_by_role("button", name="Leave aside").click()
    expect(adam.locator("#gives")).to_contain_text("/values")
    adam.get_by_label("accuracy at /results/accuracy").check()
    adam.get_by_role("button", name="Number", exact=True).click()
    expect(adam.locator("#gives")).to_contain_text("0.91")
    theatre.shoot(adam, "mapping-pointed")

    # A wrong text is refused beside the field; the right one is tried on what is held, and saved as a version.
    text = adam.get_by_label("Mapping", exact=True)
    right = text.input_value()
    text.fill(json.dumps({**json.loads(right), "values": []}))
    adam.get_by_role("button", name="Save as version 1").click()
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(text).to_be_focused()
    text.fill(right)
    adam.get_by_label("Why").fill("The evaluation runs send their results since today.")
    adam.get_by_role("button", name="Try on held events").click()
    expect(adam.locator("#tried")).to_contain_text("1 of 1 held event would be read")
    theatre.shoot(adam, "mapping-tried")
    adam.get_by_role("button", name="Save as version 1").click()
    expect(adam.get_by_role("main")).to_contain_text("A draft: it reads nothing yet")
    expect(adam.get_by_role("main")).to_contain_text("since today")
    theatre.shoot(adam, "mapping-version")

    # Putting it in force says what it will do, and replays what is held; the books balance before and after.
    adam.get_by_role("button", name="Put in force…").click()
    dialog = adam.get_by_role("dialog")
    expect(dialog).to_contain_text("1 of 1 tried would be read")
    theatre.shoot(adam, "mapping-activate")
    dialog.get_by_role("button", name="Put version 1 in force").click()
    expect(adam.get_by_role("main")).to_contain_text("0 done + 0 duplicate + 0 held + 0 dead + 1 waiting")
    run_the_line()
    adam.goto("/sources/evaluation/")
    expect(adam.get_by_role("main")).to_contain_text("1 received = 1 done + 0 duplicate + 0 held")
    expect(adam.get_by_text("balance", exact=True)).to_be_visible()
    theatre.shoot(adam, "books")
    assert TelemetryEvent.objects.get().state == EventState.DONE
    assert Measurement.objects.get().value == pytest.approx(0.91)
