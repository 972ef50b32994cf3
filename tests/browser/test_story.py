"""The whole story, click by click: telemetry arrives, a model turns red, people answer, the gate decides."""

import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from governance.risks.models import Risk
from models_registry.access.issuing import create_link, issue_token
from models_registry.catalog import actions as catalog
from models_registry.catalog.models import Materiality, RegulatoryClass, Stage
from models_registry.telemetry.signatures import sign
from tests.browser.theatre import Theatre, ask_the_gate, not_loaded_again, run_the_line, the_cast, theatre
from tests.journeys.builders import ACCURACY_RULE, a_model, an_enforced_formula, an_enforced_rule, hourly, people

__all__ = ["theatre"]
HOUR = timedelta(hours=1)
PASSWORD = "a long walk by the river"
FORMULA = """\
formula: classic
title: Classic models
redline: 60
components:
  - {key: accurate, metric: accuracy, weight: 100, zero_at: 0.5, hundred_at: 0.95, missing: quiet, max_age: 1d}
"""


def send(address: str, secret: str, rows: list[dict[str, Any]], *, event: str) -> int:
    """Post readings through the telemetry door, signed; return the status."""
    body = json.dumps(
        {"measurements": [{**row, "observed_at": row["observed_at"].isoformat()} for row in rows]}
    ).encode()
    headers = sign(event_id=event, at=datetime.now(UTC), body=body, secret=secret)
    request = urllib.request.Request(address, body, {**headers, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return int(answer.status)


def connect_a_source(page: Page, *, name: str, kind: str) -> tuple[str, str]:
    """Connect a source as an administrator; return the address and the secret that are shown once."""
    page.goto("/sources/")
    page.get_by_role("link", name="Connect a source").first.click()
    page.get_by_role("link", name=kind, exact=True).click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make its address and secret").click()
    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    return page.locator("#copy-address").inner_text(), page.locator("#copy-secret").inner_text()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_one_event_travels_door_to_door(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    model = a_model(materiality=Materiality.MEDIUM, regulatory_class=RegulatoryClass.HIGH_RISK)
    an_enforced_rule(ACCURACY_RULE.replace("floor: high", "floor: medium"))
    an_enforced_formula(FORMULA)
    made = catalog.register_version(
        by=persons.olive, at=hour - 48 * HOUR, model=model, artifact_digest="sha256:" + "a" * 64
    )
    catalog.move_stage(by=persons.olive, at=hour - 48 * HOUR, version=made, to=Stage.STAGING)
    # The administrator connects a source; the secret is shown once.
    adam = theatre.enter(cast.adam)
    address, secret = connect_a_source(adam, name="Monitoring", kind="Measurements in bulk")
    theatre.shoot(adam, "secret")
    adam.goto("/sources/monitoring/connect/")
    expect(adam.get_by_text(secret)).to_have_count(0)

    # What it sends first is calm.
    assert send(address, secret, hourly([0.93, 0.94], until=hour - 2 * HOUR), event="e0") == 202
    run_the_line()
    calm = datetime.now(UTC)

    # A board somewhere else turns red without being loaded again.
    cora = theatre.enter(persons.cora)
    with cora.expect_response(re.compile("since=")):
        cora.goto("/")
    expect(cora.get_by_role("heading", level=1)).to_contain_text("Nothing is past its redline")
    with not_loaded_again(cora):
        assert send(address, secret, hourly([0.7, 0.6], until=hour), event="e1") == 202
        run_the_line()
        expect(cora.locator("#past #model-claims-triage")).to_be_visible(timeout=5000)
    expect(cora.get_by_role("heading", level=1)).to_contain_text("1 of 1 model")
    theatre.shoot(cora, "board-red")
    risk = Risk.objects.get(model=model)

    # Its owner sets a password by the one-time link, signs in and lands where duties wait.
    olive = theatre.visitor()
    olive.goto(f"/welcome/{create_link(by=cast.adam, at=datetime.now(UTC), account=persons.olive)}/")
    for box in olive.locator("input[type=password]").all():
        box.fill(PASSWORD)
    olive.get_by_role("button", name="Set password").click()
    olive.get_by_label("Login").fill("olive")
    olive.locator("input[type=password]").fill(PASSWORD)
    olive.get_by_role("button", name="Sign in", exact=True).click()
    olive.wait_for_url("**/inbox/")
    expect(olive.get_by_text("successfully")).to_have_count(0)
    theatre.shoot(olive, "inbox")

    # She acknowledges in place, and reads the evidence down to the event.
    duties = olive.locator("#duties")
    with not_loaded_again(olive):
        duties.get_by_role("button", name="Acknowledge", exact=True).first.click()
        expect(olive.locator(".toast")).to_contain_text(f"Acknowledged {risk.reference}.")
        expect(duties.get_by_role("button", name="Acknowledge", exact=True)).to_have_count(0)
    olive.get_by_role("link", name="Register").click()
    olive.get_by_role("link", name=re.compile(f"^{risk.reference}")).click()
    expect(olive.get_by_role("heading", level=1)).to_contain_text(risk.reference)
    olive.locator("#why summary", has_text="Evidence").first.click()
    theatre.shoot(olive, "risk")
    olive.locator("#why").get_by_role("link", name="e1").click()
    expect(olive.get_by_role("heading", level=1)).to_contain_text("Event")
    expect(olive.locator("pre.record").first).to_contain_text('"value": 0.6')
    olive.go_back()

    # She answers in steps. A step without a date comes back with the message beside its field.
    olive.get_by_role("link", name="Respond").click()
    olive.get_by_role("radio", name="Mitigate").check()
    olive.get_by_label("Cause, as you know it now").fill("The October invoices are missing from the training data.")
    due = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for number, text in ((1, "Refit on the whole of October"), (2, "Validate on November")):
        if number > 1:
            olive.get_by_role("button", name="Add a step").click()
        olive.get_by_label(f"Step {number}", exact=True).fill(text)
        olive.get_by_label(f"Who does step {number}").select_option(label="Olive Okafor")
    olive.get_by_label("Step 1 due").fill(due)
    olive.get_by_role("button", name="Review", exact=True).click()
    expect(olive.get_by_text("Step 2 has no date.")).to_be_visible()
    expect(olive.get_by_label("Step 2 due")).to_be_focused()
    theatre.shoot(olive, "respond-error")
    olive.get_by_label("Step 2 due").fill(due)
    olive.get_by_role("button", name="Review", exact=True).click()
    expect(olive.get_by_label("Record that will be written")).to_contain_text("risk.plan_submitted")
    theatre.shoot(olive, "respond-review")
    olive.get_by_role("button", name="Submit plan").click()
    expect(olive.get_by_text("The plan is on record.")).to_be_visible()

    # Compliance sees the plan. The pipeline is told no, and why.
    cora.goto(f"/risks/{risk.reference}/")
    expect(cora.locator("#plan")).to_contain_text("Refit on the whole of October")
    expect(cora.locator("#plan")).to_contain_text("0 of 2 steps done")
    theatre.shoot(cora, "plan")
    token = issue_token(by=cast.adam, at=datetime.now(UTC), account=cast.pipeline, name="Releases").raw
    blocked = ask_the_gate(url=theatre.url, token=token, model=model.slug)
    assert (blocked.returncode, blocked.stdout) == (20, ""), blocked
    assert "Bring the readings back to the good side of the line" in blocked.stderr

    # The steps are done and the evidence recovers.
    olive.goto(f"/risks/{risk.reference}/")
    for number in (1, 2):
        step = olive.locator("#plan tbody tr").nth(number - 1)
        step.locator("summary", has_text="Complete").click()
        step.get_by_label("How it was done").fill("The run of the notebook is attached to the version.")
        step.get_by_role("button", name=f"Complete step {number}").click()
    expect(olive.locator("#plan")).to_contain_text("2 of 2 steps done")
    late = [
        {**row, "observed_at": hour - timedelta(minutes=minute)} for minute in range(1, 29) for row in hourly([0.99])
    ]
    assert send(address, secret, late, event="e2") == 202
    run_the_line()
    olive.reload()
    olive.get_by_label("Evidence").fill("Both runs are attached to version 1; accuracy is back at 0.98.")
    olive.get_by_role("button", name="Hand over for verification").click()

    # Somebody who neither owns the model nor did the work verifies it.
    cora.goto(f"/risks/{risk.reference}/")
    verdict = cora.locator("#answer .card", has_text="Verify and close")
    verdict.get_by_label("Reason").fill("Both notebooks were run again, with the same result.")
    theatre.shoot(cora, "verify")
    verdict.get_by_role("button", name="Verify and close").click()
    expect(cora.locator("#answer")).to_contain_text("Closed")

    # The gate asks people now; they agree, and the pipeline may ship.
    asked = ask_the_gate(url=theatre.url, token=token, model=model.slug)
    assert (asked.returncode, "APPROVAL_MISSING" in asked.stderr) == (10, True), asked
    olive.goto(f"/models/{model.slug}/")
    olive.get_by_role("button", name="Ask the gate about v1").click()
    expect(olive.get_by_role("heading", level=1)).to_contain_text("needs a review")
    theatre.shoot(olive, "gate-review")
    olive.get_by_role("button", name="Request approval").click()
    expect(olive.get_by_text("Compliance was asked to approve this promotion.")).to_be_visible()
    cora.goto("/approvals/")
    cora.get_by_role("link", name=re.compile("Claims triage v1")).click()
    theatre.shoot(cora, "approval-promotion")
    cora.get_by_role("button", name="Approve", exact=True).click()
    expect(cora.get_by_text("Approved. It takes effect now.")).to_be_visible()
    shipped = ask_the_gate(url=theatre.url, token=token, model=model.slug)
    assert (shipped.returncode, shipped.stdout.splitlines()[0]) == (0, "APPROVE"), shipped
    olive.goto(f"/models/{model.slug}/")
    answers = olive.locator("#gate-answers")
    answers.get_by_text("The latest answers").click()
    theatre.shoot(olive, "gate-answers")
    answers.get_by_role("link", name="APPROVE").first.click()
    olive.get_by_role("button", name="Move version…").click()
    theatre.shoot(olive, "gate-move")
    olive.get_by_role("dialog").get_by_role("button", name="Move version").click()
    olive.goto(f"/models/{model.slug}/")
    expect(olive.get_by_role("list", name="Stages")).to_contain_text("v1 production")
    theatre.shoot(olive, "promoted")

    # The auditor sees all of it, narrows it and takes it along.
    vera = theatre.enter(cast.vera)
    vera.goto("/audit/")
    entries = vera.locator("#entries")
    for sentence in (
        "Connected the source Monitoring.",
        "Raised performance from Low to Medium.",
        f"Acknowledged {risk.reference}.",
        f"Submitted a plan for {risk.reference}.",
        "A gate blocked the model.",
        f"Released {risk.reference}.",
        "The gate answered APPROVE for v1.",
        "Moved v1 from staging to production.",
    ):
        expect(entries).to_contain_text(sentence)
    vera.get_by_label("About").fill(f"risk:{risk.pk}")
    vera.get_by_role("button", name="Filter").click()
    expect(entries).not_to_contain_text("Connected the source")
    theatre.shoot(vera, "trail")
    with vera.expect_download() as kept:
        vera.get_by_role("link", name="JSON Lines").click()
    exported = [json.loads(line)["action"] for line in kept.value.path().read_text().splitlines()]
    assert exported == [
        "risk.level_raised",
        "risk.acknowledged",
        "risk.plan_submitted",
        "risk.step_completed",
        "risk.step_completed",
        "risk.evidence_submitted",
        "risk.released",
    ]

    # Before the red moment everything was calm, and the past cannot be changed.
    past = theatre.enter(persons.olive)
    for address, name in (("/", "board"), (f"/models/{model.slug}/", "model"), ("/risks/", "register")):
        past.goto(f"{address}?as_of={quote(calm.isoformat())}")
        expect(past.locator(".over.asof")).to_contain_text("Read only.")
        expect(past.get_by_role("main")).not_to_contain_text("Medium (20.8)")
        expect(past.get_by_role("button", name=re.compile("Acknowledge|Respond|Pause"))).to_have_count(0)
        theatre.shoot(past, f"as-of-{name}")
        if name == "board":
            expect(past.get_by_role("heading", level=1)).to_contain_text("Nothing is past its redline")
        if name == "register":
            expect(past.get_by_role("heading", name="No risk is open")).to_be_visible()
