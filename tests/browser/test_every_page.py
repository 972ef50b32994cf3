"""Every page of Redline in a real browser: accessible, whole on a phone, quiet in the console and small.

The pages come from the resolver: a new address fails here until it stands in `PAGES` or in `NO_PAGES`.
"""

import gzip
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client, TransactionTestCase
from django.urls import get_resolver
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from models_registry.access.models import Account
from tests.browser.company import Company, a_busy_company
from tests.house.test_addresses import every_address
from tests.journeys.builders import people

SCHEMES, WIDTHS, NARROWEST, MOST_BYTES = ("light", "dark"), (1440, 390), 320, 25_000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FULL = bool(os.environ.get("REDLINE_FULL"))

type Paths = Callable[[Company], list[str]]


def at(*paths: str) -> Paths:
    """Return a function that gives these paths, with the names of the company filled in."""
    return lambda company: [path.format(c=company) for path in paths]


def risks(path: str, *states: str) -> Paths:
    """Return a function that gives the path for a risk in each of these states, or in every state there is."""
    return lambda company: [path.format(one) for key, one in company.risks.items() if not states or key in states]


PAGES: dict[str, tuple[str, Paths]] = {
    "": ("victor", at("/", "/?as_of={c.yesterday}")),
    "in-the-red/over-time/": ("victor", at("/in-the-red/over-time/")),
    "inbox/": ("priya", at("/inbox/")),
    "kit/": ("nadia", at("/kit/")),
    "models/": ("mateo", at("/models/", "/models/?q=nothing-is-called-so")),
    "models/<modelslug:slug>/": ("mateo", at("/models/claims-triage/", "/models/churn-radar/")),
    "models/register/": ("priya", at("/models/register/")),
    "models/<slug:slug>/edit/": ("priya", at("/models/claims-triage/edit/")),
    "risks/": ("priya", at("/risks/", "/risks/?level=high")),
    "risks/R-<int:pk>/": ("mateo", risks("/risks/{}/")),
    "risks/R-<int:pk>/respond/": ("mateo", risks("/risks/{}/respond/", "OPEN", "MITIGATING")),
    "risks/R-<int:pk>/respond/both/": ("mateo", risks("/risks/{}/respond/both/", "OPEN")),
    "approvals/": ("clara", at("/approvals/")),
    "approvals/<uuid:pk>/": ("clara", lambda c: [f"/approvals/{pk}/" for pk in c.approvals.values()]),
    "rules/": ("mateo", at("/rules/")),
    "rules/<slug:slug>/": ("mateo", at("/rules/population-stability/", "/rules/hallucination-rate-high/")),
    "rules/new/": ("mateo", at("/rules/new/")),
    "rules/new/text/": ("mateo", at("/rules/new/text/")),
    "rules/<slug:slug>/draft/": ("clara", at("/rules/toxic-output/draft/")),
    "rules/<slug:slug>/draft/fields/": ("clara", at("/rules/toxic-output/draft/fields/")),
    "rules/<slug:slug>/<int:number>/edit/": ("mateo", at("/rules/pii-leak/2/edit/")),
    "rules/<slug:slug>/<int:number>/edit/fields/": ("mateo", at("/rules/pii-leak/2/edit/fields/")),
    "rules/<slug:slug>/changes/<int:old>/<int:new>/": ("mateo", at("/rules/population-stability/changes/1/2/")),
    "formulas/": ("mateo", at("/formulas/")),
    "formulas/<slug:slug>/": ("mateo", at("/formulas/classic-ml/")),
    "formulas/new/": ("mateo", at("/formulas/new/")),
    "formulas/<slug:slug>/draft/": ("clara", at("/formulas/rag-llm/draft/")),
    "formulas/<slug:slug>/<int:number>/edit/": ("mateo", at("/formulas/classic-ml/2/edit/")),
    "formulas/<slug:slug>/changes/<int:old>/<int:new>/": ("mateo", at("/formulas/classic-ml/changes/1/2/")),
    "scoring/": ("mateo", at("/scoring/")),
    "gates/<uuid:pk>/": ("mateo", at("/gates/{c.decision}/")),
    "alerts/": ("dan", at("/alerts/")),
    "alerts/<int:pk>/": ("dan", at("/alerts/{c.alert}/")),
    "alerts/<int:pk>/acknowledge/": ("dan", at("/alerts/{c.alert}/acknowledge/")),
    "alerts/decisions/": ("mateo", at("/alerts/decisions/")),
    "alerts/routes/": ("mateo", at("/alerts/routes/")),
    "alerts/channels/new/": ("mateo", at("/alerts/channels/new/")),
    "alerts/channels/<int:pk>/": ("mateo", at("/alerts/channels/{c.channel}/")),
    "alerts/webhooks/": ("mateo", at("/alerts/webhooks/")),
    "alerts/webhooks/new/": ("mateo", at("/alerts/webhooks/new/")),
    "alerts/webhooks/<uuid:pk>/": ("mateo", at("/alerts/webhooks/{c.webhook}/")),
    "sources/": ("nadia", at("/sources/")),
    "sources/connect/": ("nadia", at("/sources/connect/", "/sources/connect/?q=nothing-is-called-so")),
    "sources/connect/<slug:kind>/": ("nadia", at("/sources/connect/arize/", "/sources/connect/prometheus/")),
    "sources/<slug:slug>/connect/": ("nadia", at("/sources/arize/connect/", "/sources/evaluation-platform/connect/")),
    "sources/<slug:slug>/names/": ("priya", at("/sources/arize/names/?name=credit-scorer")),
    "sources/history/": ("mateo", at("/sources/history/")),
    "sources/history/terms/new/": ("mateo", at("/sources/history/terms/new/")),
    "sources/history/holds/new/": ("mateo", at("/sources/history/holds/new/")),
    "sources/held/": ("nadia", at("/sources/held/")),
    "sources/events/<int:pk>/": ("nadia", at("/sources/events/{c.held}/")),
    "sources/<slug:slug>/": ("nadia", at("/sources/arize/", "/sources/evaluation-platform/")),
    "sources/<slug:slug>/sweeps/": ("nadia", at("/sources/arize/sweeps/")),
    "sources/<slug:slug>/mapping/": ("nadia", at("/sources/evaluation-platform/mapping/")),
    "sources/<slug:slug>/mapping/<int:number>/": ("nadia", at("/sources/evaluation-platform/mapping/1/")),
    "sources/<slug:slug>/mapping/<int:old>/<int:new>/": ("nadia", at("/sources/evaluation-platform/mapping/1/1/")),
    "metrics-catalogue/": ("nadia", at("/metrics-catalogue/", "/metrics-catalogue/?q=nothing-is-called-so")),
    "metrics-catalogue/unmapped/": ("nadia", at("/metrics-catalogue/unmapped/")),
    "metrics-catalogue/adopt/": ("nadia", at("/metrics-catalogue/adopt/?name=answer_length")),
    "metrics-catalogue/aliases/<int:pk>/read-again/": (
        "nadia",
        at("/metrics-catalogue/aliases/{c.alias}/read-again/"),
    ),
    "metrics-catalogue/names/<str:name>/": ("nadia", at("/metrics-catalogue/names/accuracy/")),
    "audit/": ("ruth", at("/audit/")),
    "audit/<int:number>/": ("ruth", at("/audit/{c.entry}/")),
    "people/": ("nadia", at("/people/")),
    "people/accounts/new/": ("nadia", at("/people/accounts/new/")),
    "people/<str:username>/": ("nadia", at("/people/priya/", "/people/bot-ci/")),
    "me/": ("priya", at("/me/")),
    "sign-in/": ("", at("/sign-in/")),
    "welcome/<str:secret>/": ("", at("/welcome/{c.link}/")),
    "account/password/set/": ("priya", at("/account/password/set/")),
    "account/password/reset/": ("", at("/account/password/reset/")),
    "account/password/reset/done/": ("", at("/account/password/reset/done/")),
    "account/password/reset/key/done/": ("", at("/account/password/reset/key/done/")),
    "account/inactive/": ("", at("/account/inactive/")),
    "account/logout/": ("priya", at("/account/logout/")),
    "account/signup/": ("", at("/account/signup/")),
    "account/2fa/": ("priya", at("/account/2fa/")),
    "account/2fa/webauthn/": ("priya", at("/account/2fa/webauthn/")),
    "account/2fa/recovery-codes/generate/": ("priya", at("/account/2fa/recovery-codes/generate/")),
    "account/sessions/": ("priya", at("/account/sessions/")),
    "account/email/": ("priya", at("/account/email/")),
    "account/confirm-email/": ("", at("/account/confirm-email/")),
    "models/<slug:slug>/versions/new/": ("priya", at("/models/claims-triage/versions/new/")),
    "models/<slug:slug>/aliases/protect/": ("priya", at("/models/claims-triage/aliases/protect/")),
    "models/<slug:slug>/versions/<int:number>/": (
        "priya",
        at("/models/claims-triage/versions/1/", "/models/damage-photos/versions/1/"),
    ),
    "predictions/": (
        "mateo",
        at("/predictions/", "/predictions/?orphan=true", "/predictions/?id=nothing-is-called-so"),
    ),
    "predictions/kept/": ("nadia", at("/predictions/kept/")),
    "predictions/<int:pk>/": ("mateo", at("/predictions/{c.prediction}/", "/predictions/{c.orphan}/")),
    "predictions/erase/": ("clara", at("/predictions/erase/")),
    "lineage/": ("mateo", at("/lineage/", "/lineage/?q=nothing-is-called-so")),
    "lineage/artifacts/<int:pk>/": ("mateo", at("/lineage/artifacts/{c.dataset}/", "/lineage/artifacts/{c.prompt}/")),
    "models/<slug:slug>/lineage/": ("mateo", at("/models/claims-triage/lineage/", "/models/voice-intent/lineage/")),
    "models/<slug:slug>/lineage/edges/<int:pk>/withdraw/": (
        "priya",
        at("/models/claims-triage/lineage/edges/{c.edge}/withdraw/"),
    ),
    "models/<slug:slug>/versions/<int:number>/lineage/": ("priya", at("/models/claims-triage/versions/1/lineage/")),
    "models/<slug:slug>/runs/": ("mateo", at("/models/fraud-graph/runs/", "/models/claims-triage/runs/")),
    "models/<slug:slug>/runs/<int:pk>/": ("mei", at("/models/fraud-graph/runs/{c.run}/")),
    "models/<slug:slug>/runs/compare/": (
        "mateo",
        at("/models/fraud-graph/runs/compare/?run={c.run}&run={c.other_run}", "/models/fraud-graph/runs/compare/"),
    ),
    "models/<slug:slug>/sweeps/<int:pk>/": ("mateo", at("/models/fraud-graph/sweeps/{c.sweep}/")),
    "models/<slug:slug>/changes/": (
        "mateo",
        at("/models/claims-triage/changes/", "/models/claims-triage/changes/?view=sides"),
    ),
    "elsewhere/": ("mateo", at("/elsewhere/", "/elsewhere/?q=nothing-is-called-so")),
    "elsewhere/<int:pk>/": ("priya", at("/elsewhere/{c.violation}/")),
    "costs/": ("mateo", at("/costs/", "/costs/?by=model")),
    "costs/budgets/": ("mateo", at("/costs/budgets/")),
    "costs/budgets/new/": ("mateo", at("/costs/budgets/new/")),
    "costs/budgets/<int:pk>/": ("mateo", at("/costs/budgets/{c.budget}/")),
    "costs/budgets/<int:pk>/edit/": ("mateo", at("/costs/budgets/{c.budget}/edit/")),
    "costs/prices/": ("mateo", at("/costs/prices/")),
    "costs/prices/new/": ("mateo", at("/costs/prices/new/")),
    "backfills/": ("nadia", at("/backfills/")),
    "backfills/new/": ("nadia", at("/backfills/new/")),
    "backfills/<int:pk>/": ("nadia", lambda company: [f"/backfills/{pk}/" for pk in company.backfills]),
    "costs/imports/": ("mateo", at("/costs/imports/")),
    "costs/imports/new/": ("mateo", at("/costs/imports/new/")),
    "costs/imports/<int:pk>/": ("mateo", at("/costs/imports/{c.bill}/")),
    "export/": ("priya", at("/export/")),
    "imports/": ("priya", at("/imports/")),
    "imports/new/": ("priya", at("/imports/new/")),
    "imports/<int:pk>/": ("priya", at("/imports/{c.intake}/", "/imports/{c.intake}/?show=change")),
    "imports/<int:pk>/mapping/": ("priya", at("/imports/{c.unmapped}/mapping/")),
    "imports/<int:pk>/undo/": ("priya", at("/imports/{c.intake}/undo/")),
    "models/<slug:slug>/card/": ("priya", at("/models/claims-triage/card/", "/models/damage-photos/card/")),
    "models/<slug:slug>/card/issued/": ("mateo", at("/models/claims-triage/card/issued/")),
    "models/<slug:slug>/card/issued/<int:number>/": ("mateo", at("/models/claims-triage/card/issued/1/")),
    "models/<slug:slug>/card/changes/": ("mateo", at("/models/claims-triage/card/changes/")),
    "models/<slug:slug>/card/sections/<slug:section>/": (
        "priya",
        at("/models/claims-triage/card/sections/limitations/", "/models/claims-triage/card/sections/contact/"),
    ),
    "models/<slug:slug>/card/sections/<slug:section>/versions/": (
        "mateo",
        at("/models/claims-triage/card/sections/limitations/versions/"),
    ),
}
"""Address, who opens it (nobody: a stranger), and the paths under it that show what it can show."""

NO_PAGES = {
    "answers a program": {
        "healthz",
        "readyz",
        "health",
        "version",
        "metrics",
        "v1/risk/update",
        "rules/schema.json",
        *(f"{base}v1/{signal}" for base in ("", "otlp/<slug:path_token>/") for signal in ("metrics", "logs", "traces")),
        "otlp/<slug:path_token>",
        "otlp/<slug:path_token>/<path:place>",
    },
    "a file": {
        r"audit/^export\.(?P<form>csv|jsonl)$",
        "alerts/alerts.csv",
        "backfills/<int:pk>/rejected.csv",
        "rules/rules.csv",
        "risks.csv",
        "in-the-red.csv",
        "models.csv",
        "models/<modelslug:slug>/readings.csv",
        "account/2fa/recovery-codes/download/",
        "lineage/artifacts.csv",
        "costs/showback.csv",
        "imports/<int:pk>/problems.csv",
        r"^export/(?P<table>[a-z_]{1,40})\.(?P<form>csv|xlsx|json)$",
        "lineage/versions/<int:pk>/affected.csv",
        "models/<slug:slug>/versions/<int:number>/bom.json",
        "models/<slug:slug>/card/files/<slug:form>/",
    },
    "part of another page": {
        "search/",
        "alerts/mine/",
        "models/<slug:slug>/versions/",
        "gates/models/<slug:slug>/panel/",
        "rules/<slug:slug>/automation/",
        "rules/<slug:slug>/<int:number>/effect/",
        "models/<slug:slug>/risks/",
        "models/<slug:slug>/lineage/panel/",
        "models/<slug:slug>/card/panel/",
        "models/<slug:slug>/costs/panel/",
        "models/<slug:slug>/predictions/panel/",
        "predictions/<int:pk>/explanation.pdf",
    },
    "leads on to another page": {
        "views/<int:number>/",
        "lineage/versions/<int:pk>/",
        "risks/R-<int:pk>/respond/draft/",
        "account/login/",
        "account/login/code/confirm/",
        "account/password/change/",
        "account/2fa/authenticate/",
    },
    "needs a mail or a second factor that the company has not": {
        r"account/^confirm-email/(?P<key>[-:\w]+)/$",
        "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "account/reauthenticate/",
        "account/2fa/reauthenticate/",
        "account/2fa/webauthn/reauthenticate/",
        "account/2fa/totp/activate/",
        "account/2fa/totp/deactivate/",
        "account/2fa/recovery-codes/",
        "account/2fa/webauthn/add/",
        "account/2fa/webauthn/keys/<int:pk>/remove/",
        "account/2fa/webauthn/keys/<int:pk>/edit/",
    },
}
"""Addresses that answer GET with something else than a page of their own, by why."""

TAKES_POST = {
    "backfills/begin/",
    "backfills/<int:pk>/piece/",
    "backfills/<int:pk>/start/",
    "backfills/<int:pk>/pause/",
    "backfills/<int:pk>/resume/",
    "backfills/<int:pk>/cancel/",
    "models/<slug:slug>/aliases/lift/",
    "models/<slug:slug>/runs/<int:pk>/link/",
    "predictions/<int:pk>/text/",
    "predictions/kept/<slug:slug>/",
    "models/<slug:slug>/card/issue/",
    "elsewhere/<int:pk>/answer/",
    "costs/budgets/<int:pk>/end/",
    "sources/history/terms/<int:number>/agree/",
    "sources/history/terms/<int:number>/end/",
    "sources/history/holds/<int:pk>/lift/",
    "costs/rates/",
    "costs/imports/<int:pk>/apply/",
    "costs/imports/<int:pk>/undo/",
    "imports/<int:pk>/check/",
    "imports/<int:pk>/apply/",
    "edit-models/",
    "models/<slug:slug>/versions/<int:number>/stage/",
    "models/<slug:slug>/versions/<int:number>/alias/",
    "sign-in/as/",
    "sign-out/",
    "views/<int:number>/save/",
    "views/<int:number>/delete/",
    "views/<slug:list_name>/",
    "people/<str:username>/roles/",
    "people/<str:username>/roles/<int:number>/end/",
    "people/<str:username>/link/",
    "people/<str:username>/disable/",
    "people/<str:username>/tokens/",
    "people/<str:username>/tokens/<int:number>/revoke/",
    "alerts/channels/<int:pk>/routes/",
    "alerts/channels/<int:pk>/test/",
    "alerts/channels/<int:pk>/switch/",
    "alerts/webhooks/<uuid:pk>/test/",
    "alerts/webhooks/<uuid:pk>/switch/",
    "alerts/webhooks/<uuid:pk>/delete/",
    "alerts/acknowledge/",
    "alerts/<int:pk>/resolve/",
    "alerts/<int:pk>/notes/",
    "sources/events/<int:pk>/replay/",
    "metrics-catalogue/aliases/<int:pk>/end/",
    "sources/<slug:slug>/mapping/<int:number>/activate/",
    "sources/<slug:slug>/trial/",
    "sources/<slug:slug>/secret/",
    "sources/<slug:slug>/secret/rotate/",
    "sources/<slug:slug>/switch/",
    "sources/<slug:slug>/interval/",
    "sources/<slug:slug>/replay/",
    "sources/<slug:slug>/sweeps/now/",
    "sources/<slug:slug>/sweeps/switch/",
    "gates/<uuid:pk>/use/",
    "gates/<uuid:pk>/approval/",
    "gates/versions/<int:pk>/ask/",
    "approvals/<uuid:pk>/vote/",
    "approvals/<uuid:pk>/withdraw/",
    "rules/<slug:slug>/<int:number>/reinstate/",
    "rules/says/",
    "rules/tried/",
    "rules/<slug:slug>/<int:number>/submit/",
    "rules/<slug:slug>/<int:number>/withdraw/",
    "rules/<slug:slug>/<int:number>/shadow/",
    "rules/<slug:slug>/<int:number>/enforce/",
    "rules/<slug:slug>/<int:number>/retire/",
    "formulas/says/",
    "formulas/<slug:slug>/<int:number>/submit/",
    "formulas/<slug:slug>/<int:number>/withdraw/",
    "formulas/<slug:slug>/<int:number>/enforce/",
    "formulas/<slug:slug>/<int:number>/retire/",
    "scoring/pause/<slug:scope>/",
    "scoring/resume/<int:pk>/",
    "risks/acknowledge/",
    "risks/undo/",
    "alerts/snooze/",
    "alerts/snooze/end/",
    "risks/R-<int:pk>/acknowledge/",
    "risks/R-<int:pk>/evidence/",
    "risks/R-<int:pk>/send-back/",
    "risks/R-<int:pk>/release/",
    "risks/R-<int:pk>/assess/",
    "risks/R-<int:pk>/rerun/",
    "risks/R-<int:pk>/disputes/<int:dispute_pk>/settle/",
    "risks/R-<int:pk>/steps/<int:step_pk>/complete/",
    "risks/R-<int:pk>/steps/<int:step_pk>/verify/",
    "risks/R-<int:pk>/steps/<int:step_pk>/return/",
    "risks/R-<int:pk>/steps/<int:step_pk>/move/",
    "in-the-red/acknowledge/R-<int:pk>/",
    "inbox/acknowledge/",
}
"""Addresses that change something; they refuse GET."""

ANY = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000", "slug": "x", "modelslug": "x", "str": "x"}
"""A value for each kind of blank in an address."""


def addresses() -> dict[str, Any]:
    """Return the addresses of pages by the resolver, and their views; programs have their own tests."""
    return {one: view for one, view in every_address(get_resolver()) if not one.startswith("api/")}


def test_every_address_that_answers_get_is_opened_here() -> None:
    known = {*PAGES, *(one for group in NO_PAGES.values() for one in group)}

    assert known <= set(addresses()), "gone from the resolver"
    assert sorted(set(addresses()) - known - TAKES_POST) == [], "add them to PAGES, NO_PAGES or TAKES_POST"


@pytest.mark.parametrize("address", sorted(TAKES_POST))
@pytest.mark.django_db
def test_what_changes_something_refuses_get(client: Client, address: str) -> None:
    client.force_login(people().cora, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/" + re.sub(r"<(\w+):\w+>", lambda blank: ANY[blank[1]], address)).status_code == 405


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Company]:
    """Build the company once for all pages, and leave an empty database behind."""
    with django_db_blocker.unblock():
        yield a_busy_company()
        TransactionTestCase._fixture_teardown(None)  # type: ignore[arg-type] # ours, see tests/conftest.py


@pytest.fixture(scope="module")
def server(company: Company) -> Iterator[str]:
    """Serve the company's pages for as long as this module runs."""
    live = LiveServer("localhost")
    yield live.url
    live.stop()


@pytest.fixture(scope="module")
def window(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """One window in which page after page is opened."""
    page = browser.new_context(**browser_context_args).new_page()
    page.set_default_timeout(10_000)
    yield page
    page.context.close()


def be(window: Page, server: str, username: str) -> None:
    """Hold a session of this person; of nobody when there is no name."""
    window.context.clear_cookies()
    if username:
        client = Client()
        client.force_login(Account.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        window.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": server}])


def combinations(number: int) -> list[tuple[str, int]]:
    """Return the schemes and widths to look at: all, or each of them once, the pairs alternating by page."""
    every = [(scheme, width) for scheme in SCHEMES for width in WIDTHS]
    return every if FULL else [(scheme, WIDTHS[(n + number) % 2]) for n, scheme in enumerate(SCHEMES)]


def overflow(window: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def inspect(window: Page, address: str, *, number: int, status: int = 200) -> list[str]:
    """Open the page and return everything that is wrong with it."""
    found: list[str] = []

    def console(message: Any) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            found.append(f"console: {message.text}")

    def broken(error: Any) -> None:
        found.append(f"script: {error}")

    window.on("console", console)
    window.on("pageerror", broken)
    answer = window.goto(address, wait_until="load")
    assert answer is not None
    if answer.status != status:
        found.append(f"answered {answer.status}")
    weight = len(gzip.compress(answer.body()))
    if weight > MOST_BYTES:
        found.append(f"{weight} bytes compressed")
    if (heads := window.locator("h1:visible").count()) != 1:
        found.append(f"{heads} headings of the first level")
    if not window.title().strip(" ·"):
        found.append("no title")
    for width in (NARROWEST, *WIDTHS):
        window.set_viewport_size({"width": width, "height": 900})
        if (wider := overflow(window)) > 0:
            found.append(f"{wider} px wider than a window of {width}")
    for scheme, width in combinations(number):
        window.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of SCHEMES
        window.set_viewport_size({"width": width, "height": 900})
        found += violations(window, f"{scheme} {width}")
    window.remove_listener("console", console)
    window.remove_listener("pageerror", broken)
    return found


def violations(window: Page, where: str) -> list[str]:
    """Return what axe objects to, with the first elements that it names."""
    result = Axe().run(window, options={"runOnly": RULES, "resultTypes": ["violations"]})
    return [
        f"{where}: {one['id']}: " + "; ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in result.response["violations"]
    ]


@pytest.mark.parametrize(("number", "address"), enumerate(PAGES), ids=lambda value: str(value) or "board")
def test_a_page_is_accessible_whole_quiet_and_small(
    company: Company, server: str, window: Page, number: int, address: str
) -> None:
    username, paths = PAGES[address]
    be(window, server, username)
    found = {path: inspect(window, server + path, number=number + n) for n, path in enumerate(paths(company))}

    assert found, "no path"
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("path", "username", "status"),
    [("/kit/", "victor", 403), ("/models/nothing/", "victor", 404), ("/none/", "", 404), ("/welcome/spent/", "", 410)],
)
def test_a_refusal_is_a_page_like_any_other(server: str, window: Page, path: str, username: str, status: int) -> None:
    be(window, server, username)

    assert inspect(window, server + path, number=0, status=status) == []


@pytest.mark.parametrize(
    ("username", "path", "words"),
    [
        ("victor", "/", "past their redline"),
        ("priya", "/inbox/", "Inbox"),
        ("mateo", "/risks/", "R-"),
        ("mateo", "/models/claims-triage/", "Claims triage"),
        ("mateo", "/rules/", "Input population has shifted"),
        ("dan", "/alerts/", "Claims triage"),
        ("ruth", "/audit/", "Dan Whitfield"),
    ],
)
def test_a_page_says_the_same_without_script(
    server: str, window: Page, browser: Browser, username: str, path: str, words: str
) -> None:
    be(window, server, username)
    bare = browser.new_context(java_script_enabled=False, storage_state=window.context.storage_state()).new_page()
    bare.goto(server + path)

    assert words in bare.locator("main").inner_text()
    bare.context.close()
