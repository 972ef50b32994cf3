"""A newcomer goes from choosing a platform to the first measurement on screen, with what the page says to send."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from models_registry.telemetry import refusals
from models_registry.telemetry.models import Measurement, TelemetryEvent
from tests.browser.test_every_page import overflow, violations
from tests.browser.theatre import NARROW, WIDE, Theatre, not_loaded_again, run_the_line, the_cast, theatre
from tests.journeys.builders import a_model

__all__ = ["theatre"]
GAUGE = """
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

provider = MeterProvider(metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(), 3_600_000)])
provider.get_meter("test").create_gauge("ai.drift.psi").set(0.31)
assert provider.force_flush()
"""
SIZES = (WIDE, NARROW)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("governed_tables")]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    refusals.forget()


def choose(page: Page, *, platform: str, model: str = "Claims triage", search: str = "") -> None:
    """Go from the list of sources to the page of a fresh one."""
    page.goto("/sources/")
    page.get_by_role("link", name="Connect a source").first.click()
    if search:
        page.get_by_label("Platform, or what it sends").fill(search)
        expect(page.locator("#gallery .card")).to_have_count(1)
    page.get_by_role("link", name=platform, exact=True).click()
    page.get_by_label("Model to begin with").select_option(label=model)
    page.get_by_role("button", name="Make its address and secret").click()
    expect(page.locator("#watch")).to_contain_text("Nothing has reached this address yet")


def shown(page: Page, title: str) -> str:
    """Return the text that the page shows under a title, as somebody reads and copies it."""
    part = page.locator("details", has=page.locator("summary", has_text=title))
    if part.get_attribute("open") is None:
        part.locator("summary").click()
    text = part.locator("pre.record").text_content()
    assert text
    return text.strip()


def shell(text: str) -> str:
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def sound(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands: for eyes, for readers, on a phone."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found += violations(page, f"{scheme} {size['width']}")
            if overflow(page) > 0:
                found.append(f"wider than {size['width']}")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return found


def test_from_a_wrong_secret_by_curl_to_the_first_measurement(theatre: Theatre) -> None:
    model = a_model()
    adam = theatre.enter(the_cast().adam, bypass_csp=True)
    choose(adam, platform="Measurements in bulk", search="notebook")
    command = shown(adam, "Try it from a shell")
    assert model.slug in command

    # A sample goes through the door and is not kept.
    with not_loaded_again(adam):
        adam.get_by_role("button", name="Send a test event").click()
        expect(adam.locator("#tried")).to_contain_text("Test, not kept")
        expect(adam.locator("#tried")).to_contain_text("0.31")
        assert TelemetryEvent.objects.count() == 0

        # The newcomer's most common state: a secret that lost its end.
        secret = adam.locator("#copy-secret").inner_text()
        assert "E_AUTH_WRONG" in shell(command.replace(secret, secret[:-4]))
        watch = adam.locator("#watch")
        expect(watch).to_contain_text("Something arrived and was refused", timeout=12_000)
        expect(watch).to_contain_text("Copy the secret again, whole")
        expect(watch).to_contain_text("curl/")
        assert sound(adam) == []
        theatre.shoot(adam, "connect-refused")

        # With the command as it stands the event is kept, and becomes a measurement.
        assert '"duplicate":false' in shell(command)
        expect(watch).to_contain_text("It is being read", timeout=12_000)
        run_the_line()
        expect(watch).to_contain_text("A source is heard".replace("A source", "Measurements in bulk"), timeout=12_000)
        expect(watch.get_by_role("link", name="Claims triage", exact=True)).to_be_visible()
        expect(watch).to_contain_text("0.31 index")
        expect(watch).to_contain_text("What is missing still")
        assert sound(adam) == []
        theatre.shoot(adam, "connect-measured")

    adam.get_by_role("link", name="See Claims triage's chart").click()
    expect(adam.get_by_role("heading", name="Readings")).to_be_visible()
    assert re.search(r"/models/claims-triage/\?metric=psi&segment=#metric$", adam.url)


def test_the_stock_exporter_of_opentelemetry_with_the_environment_that_the_page_shows(theatre: Theatre) -> None:
    a_model()
    adam = theatre.enter(the_cast().adam)
    choose(adam, platform="OpenTelemetry")
    variables = dict(line.split("=", 1) for line in shown(adam, "Environment of an application").splitlines())

    wrong = {**variables, "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20nonsense"}
    subprocess.run(
        [sys.executable, "-c", GAUGE], env={**os.environ, **wrong}, capture_output=True, timeout=60, check=False
    )
    expect(adam.locator("#watch")).to_contain_text("the space after Bearer is %20", timeout=12_000)
    expect(adam.locator("#watch")).to_contain_text("OTel-OTLP-Exporter-Python")
    done = subprocess.run(
        [sys.executable, "-c", GAUGE], env={**os.environ, **variables}, capture_output=True, timeout=60, check=False
    )
    run_the_line()

    assert (done.returncode, done.stderr) == (0, b"")
    expect(adam.locator("#watch").get_by_role("link", name="Claims triage", exact=True)).to_be_visible(timeout=12_000)
    assert Measurement.objects.filter(metric="psi", value=0.31).exists()


def test_an_alert_of_a_model_that_nobody_registered_is_named_and_read_after_its_owner_helps(theatre: Theatre) -> None:
    model = a_model()
    cast = the_cast()
    adam, olive = theatre.enter(cast.adam), theatre.enter(model.owner)
    choose(adam, platform="Alertmanager")
    address, secret = adam.locator("#copy-address").inner_text(), adam.locator("#copy-secret").inner_text()
    config = shown(adam, "In alertmanager.yml")
    assert f"url: {address}" in config

    assert send(address, secret, model="Claims Triage (prod)") == "202"
    run_the_line()
    watch = adam.locator("#watch")
    expect(watch).to_contain_text("No registered model is called Claims Triage (prod)", timeout=12_000)
    theatre.shoot(adam, "connect-unknown")
    handed = watch.locator("p.note .mono").inner_text()

    olive.goto(handed)
    expect(olive.get_by_label("What the source calls it")).to_have_value("Claims Triage (prod)")
    olive.get_by_label("Model that is meant").select_option(label="Claims triage")
    theatre.shoot(olive, "connect-names")
    olive.get_by_role("button", name="It means this model").click()
    expect(olive.get_by_text("wait until somebody who may replay them does")).to_be_visible()

    expect(watch).to_contain_text("What held it is gone", timeout=15_000)
    watch.get_by_role("button", name="Replay what is held").click()
    expect(adam.get_by_role("main")).to_contain_text("goes through the line again")
    run_the_line()
    expect(adam.locator("#watch")).to_contain_text("is heard", timeout=12_000)


def test_what_is_shown_is_copied_by_keyboard(theatre: Theatre) -> None:
    a_model()
    adam = theatre.enter(the_cast().adam, permissions=["clipboard-read", "clipboard-write"])
    choose(adam, platform="Prometheus")
    secret = adam.locator("#copy-secret").inner_text()

    adam.get_by_role("button", name="Copy the secret").focus()
    adam.keyboard.press("Enter")
    expect(adam.locator(".toast")).to_contain_text("Copied.")
    assert adam.evaluate("navigator.clipboard.readText()") == secret

    adam.locator("summary", has_text="Samples, in prometheus.yml").focus()
    adam.keyboard.press("Enter")
    expect(adam.locator("pre", has_text="remote_write:")).to_be_visible()
    expect(adam.locator("pre", has_text="alertmanagers:")).to_be_hidden()

    adam.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    adam.get_by_role("button", name="Copy the address").click()
    expect(adam.locator(".toast")).to_contain_text("Copy it by hand")
    assert adam.evaluate("getSelection().toString()").strip() == adam.locator("#copy-address").inner_text()


def test_without_script_everything_is_there_and_a_reload_shows_what_came(theatre: Theatre, tmp_path: Path) -> None:
    a_model()
    adam = theatre.enter(the_cast().adam, java_script_enabled=False)
    adam.goto("/sources/connect/?q=notebook")
    adam.get_by_role("link", name="Measurements in bulk", exact=True).click()
    adam.get_by_label("Model to begin with").select_option(label="Claims triage")
    adam.get_by_role("button", name="Make its address and secret").click()
    expect(adam.get_by_role("button", name="Copy the secret")).to_be_hidden()
    command = shown(adam, "Try it from a shell")

    shell(command)
    run_the_line()
    with adam.context.expect_page() as opened:
        adam.get_by_role("link", name="Look again in another window").click()

    expect(opened.value.locator("#watch")).to_contain_text("is heard")
    expect(opened.value.get_by_role("main")).to_contain_text("It was shown once, when it was made")
    expect(adam.locator("#copy-secret")).to_be_visible()
    with adam.context.expect_page() as tried:
        adam.get_by_role("button", name="Send a test event").click()
    expect(tried.value.get_by_role("main")).to_contain_text("Test, not kept")


def send(address: str, secret: str, *, model: str) -> str:
    """Deliver one firing alert as an Alertmanager of version 0.25 does; return the status."""
    labels = {"alertname": "Drift", "model_id": model, "metric": "psi"}
    alert: dict[str, Any] = {
        "status": "firing", "labels": labels, "annotations": {"value": "0.41"}, "generatorURL": "",
        "startsAt": datetime.now(UTC).isoformat(), "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "57c6d9296de2ad39",
    }  # fmt: skip
    body = {
        "version": "4", "groupKey": '{}:{model_id="x"}', "truncatedAlerts": 0, "status": "firing", "receiver": "redline",
        "groupLabels": {}, "commonLabels": labels, "commonAnnotations": {}, "externalURL": "", "alerts": [alert],
    }  # fmt: skip
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", address, "-H", f"Authorization: Bearer {secret}",
               "-H", "Content-Type: application/json", "-A", "Alertmanager/0.25.0", "--data-binary", json.dumps(body)]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
