"""At night on a phone: the mail leads to the alert, looking at it changes nothing, and one tap takes it on."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from playwright.sync_api import expect

from alerts.inbox.models import Alert, AlertState
from alerts.routing.defaults import ensure_default_routes
from models_registry.telemetry.actions import create_source, find_quiet_sources
from tests.browser.theatre import NARROW, Theatre, run_the_line, the_cast, theatre
from tests.journeys.builders import NOON, people

__all__ = ["theatre"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("governed_tables")
def test_on_call_answers_from_the_mail(theatre: Theatre) -> None:
    cast, persons = the_cast(), people()
    persons.otto.email = "otto@example.org"
    persons.otto.save()
    ensure_default_routes(by=persons.cora, at=NOON)
    create_source(by=cast.adam, at=NOON, name="Arize EU", kind="arize", expected_interval_s=3600)
    find_quiet_sources(at=datetime.now(UTC))
    run_the_line()
    [letter] = [one for one in mail.outbox if one.to == [persons.otto.email]]
    link = re.search(r"Open: (\S+)", str(letter.body))
    assert link is not None
    alert = Alert.objects.get()

    # The link opens without a password again where the phone is signed in; it shows, and changes nothing.
    otto = theatre.enter(persons.otto, viewport=NARROW, has_touch=True, is_mobile=True)
    otto.goto(link[1])
    expect(otto.get_by_role("heading", level=1)).to_contain_text("Arize EU has sent nothing")
    theatre.shoot(otto, "phone-alert")
    otto.get_by_role("link", name="Acknowledge").tap()
    expect(otto.get_by_text("Acknowledging says that you take it on.")).to_be_visible()
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN
    assert not otto.evaluate("document.documentElement.scrollWidth > innerWidth")

    # One tap takes it on, and a note tells the others.
    otto.get_by_role("button", name="Acknowledge").tap()
    expect(otto.get_by_role("complementary", name="About this alert")).to_contain_text("Otto Ortega")
    otto.get_by_label("Note").fill("Their status page says that exports are late. I look again at six.")
    otto.get_by_role("button", name="Add note").tap()
    expect(otto.locator("article")).to_contain_text("I look again at six.")
    theatre.shoot(otto, "phone-note")
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, persons.otto)
