"""A stage for stories with many actors: each has a browser of their own, and screenshots are kept by name."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page

from alerts.delivery import tasks as delivery
from alerts.routing import tasks as routing
from governance.scoring import tasks as scoring
from models_registry.access.actions import create_account, grant_role
from models_registry.access.models import Account, AccountKind
from tests.browser.conftest import SHOTS
from tests.browser.test_live import streamed
from tests.journeys.builders import NOON, OPERATOR, a_person

ROOT = Path(__file__).resolve().parents[2]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium writes to the console when a form comes back with its errors; that is an answer, not a fault."""


@dataclass
class Theatre:
    """Gives every actor a page, and hears what any of their browsers complains about."""

    browser: Browser
    url: str
    window: Mapping[str, Any]
    complaints: list[str] = field(default_factory=list)

    def visitor(self, **window: Any) -> Page:
        """Return a page of somebody who is not signed in."""
        context = self.browser.new_context(**{**self.window, "base_url": self.url, **window})
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        return page

    def enter(self, account: Account, **window: Any) -> Page:
        """Return a page of this person, signed in."""
        client = Client()
        known = Account.objects.get(pk=account.pk)  # a session ends where a password was set since
        client.force_login(known, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page = self.visitor(**window)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": self.url}])
        return page

    def shoot(self, page: Page, name: str) -> None:
        """Keep a screenshot of the page in light and dark, wide and phone-narrow."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for size in (WIDE, NARROW):
                page.set_viewport_size(size)
                page.screenshot(path=SHOTS / f"story-{name}-{scheme}-{size['width']}.png")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size(before or WIDE)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            self.complaints.append(message.text)


@pytest.fixture
def theatre(
    live_server: Any, browser: Browser, browser_context_args: dict[str, Any], settings: Any
) -> Iterator[Theatre]:
    """Open the stage on the running server, with live pages; the play ends without a complaint of any browser."""
    settings.REDLINE_URL = live_server.url
    stage = Theatre(browser, live_server.url, browser_context_args)
    with streamed(settings):
        yield stage
        for context in browser.contexts:
            context.close()
    assert stage.complaints == []


@dataclass(frozen=True)
class Cast:
    """Who plays beside the persons of the builders."""

    adam: Account
    carl: Account
    bea: Account
    boris: Account
    vera: Account
    pipeline: Account


def the_cast() -> Cast:
    """Return the administrator, a second compliance officer, the board, the auditor and the pipeline."""
    pipeline = create_account(by=OPERATOR, at=NOON, username="bot-ci", kind=AccountKind.AUTOMATION)
    grant_role(by=OPERATOR, at=NOON, account=pipeline, role="automation_ci")
    return Cast(
        adam=a_person("adam", "Adam Ames", "administrator"),
        carl=a_person("carl", "Carl Conti", "compliance_officer"),
        bea=a_person("bea", "Bea Bloom", "governance_board"),
        boris=a_person("boris", "Boris Bauer", "governance_board"),
        vera=a_person("vera", "Vera Vogt", "auditor"),
        pipeline=pipeline,
    )


def run_the_line() -> None:
    """Do what the scheduler does each second: measure and score, route, deliver."""
    at = datetime.now(UTC)
    for station in (scoring, routing, delivery):
        station.tick(at)


def ask_the_gate(*, url: str, token: str, model: str, version: int = 1) -> subprocess.CompletedProcess[str]:
    """Run `redline gate` as a pipeline does: a process of its own that knows an address and a token."""
    question = ["gate", "--model", model, "--version", str(version), "--target", "production"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "REDLINE_URL": url, "REDLINE_TOKEN": token}
    command = [sys.executable, "-m", "redline_cli", *question]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def not_loaded_again(page: Page) -> Iterator[None]:
    """Check that what happens inside reaches the page without loading it again."""
    page.evaluate("window.loadedOnce = true")
    yield
    assert page.evaluate("window.loadedOnce") is True
