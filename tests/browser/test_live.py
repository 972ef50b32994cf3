"""The board in a browser: a change appears without a reload, and nothing of the reader's is lost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from governance.config.env import live_origins
from tests.browser.conftest import SignIn
from tests.journeys.builders import a_model, a_model_past_its_line, people
from tests.streaming import live_process


@contextmanager
def streamed(settings: Any) -> Iterator[None]:
    """Let pages hear of changes from a live process of their own."""
    with live_process() as port:
        settings.REDLINE_LIVE, settings.REDLINE_LIVE_URL = "sse", f":{port}/live/"
        origins = live_origins(settings.REDLINE_LIVE_URL, hosts=["localhost", "127.0.0.1"], secure=False)
        settings.SECURE_CSP = {**settings.SECURE_CSP, "connect-src": ["'self'", *origins]}
        yield


@pytest.mark.django_db(transaction=True)
def test_a_row_appears_without_a_reload_and_the_reader_keeps_the_place(
    live_server: Any, sign_in: SignIn, settings: Any, complaints: list[str]
) -> None:
    quiet = a_model("quiet-one")
    page = sign_in(people().olive)
    with streamed(settings):
        with page.expect_response(re.compile("since=")):  # asked once when the stream opens
            page.goto(live_server.url)
        expect(page.locator(".live")).to_have_attribute("data-state", "on")
        page.locator(f"#model-{quiet.slug}").focus()
        page.evaluate("document.querySelector('#steady').open = true; document.title = 'not loaded again'")

        model = a_model_past_its_line()

        expect(page.locator(f"#past #model-{model.slug}")).to_be_visible(timeout=2000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 2")
        expect(page.locator(f"#model-{quiet.slug}")).to_be_focused()
        assert page.evaluate("document.querySelector('#steady').open && document.title") == "not loaded again"
        assert complaints == []

    expect(page.locator(".live")).to_contain_text("Live updates stopped. You are looking at", timeout=10_000)
    complaints.clear()  # the browser reports the stream that ended


@pytest.mark.django_db(transaction=True)
def test_a_list_under_the_pointer_keeps_its_order_until_it_is_left(
    live_server: Any, sign_in: SignIn, settings: Any
) -> None:
    a_model("quiet-one")
    page = sign_in(people().olive)
    with streamed(settings):
        with page.expect_response(re.compile("since=")):
            page.goto(live_server.url)
        page.locator("#row-quiet-one").hover()

        a_model("another")

        expect(page.get_by_role("button", name="1 more. Show")).to_be_visible(timeout=2000)
        expect(page.locator("#row-another")).to_have_count(0)
        page.mouse.move(2, 2)
        expect(page.locator("#row-another")).to_be_visible()
        expect(page.get_by_role("button", name="1 more. Show")).to_have_count(0)
