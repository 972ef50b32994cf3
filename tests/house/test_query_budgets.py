"""No list asks more of the database when it is longer: every list page with N and with 3N rows, the frame included.

An address without parameters is either a list with a budget here, or stands among those that list nothing, with
what it is instead. A new page fails until it is one of the two.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from models_registry.access.models import Account, RoleGrant
from tests.house.rows import rows
from tests.house.test_addresses import ADDRESSES, is_page
from tests.journeys.builders import a_person

pytestmark = pytest.mark.django_db

FRAME = 4
"""The session, the account, its roles, and one statement for every count of the frame."""
BUDGET = 12
"""What a list page may ask in all, the frame included."""
LISTS: Mapping[str, int] = {
    "": BUDGET,
    "alerts/": BUDGET,
    "alerts/decisions/": BUDGET,
    "alerts/mine/": BUDGET,
    "alerts/routes/": BUDGET,
    "alerts/webhooks/": BUDGET,
    "approvals/": BUDGET,
    "approvals/?tab=all": BUDGET,
    "approvals/?tab=decided": BUDGET,
    "audit/": BUDGET,
    "costs/": BUDGET,
    "costs/?by=model": BUDGET,
    "costs/budgets/": BUDGET,
    "backfills/": BUDGET,
    "costs/imports/": BUDGET,
    "costs/prices/": BUDGET,
    "elsewhere/": BUDGET,
    "formulas/": BUDGET,
    "imports/": BUDGET,
    "in-the-red/over-time/": BUDGET,
    "inbox/": 13,  # seven kinds of duty, each of its own tables
    "inbox/?tab=team": BUDGET,
    "inbox/?tab=done": BUDGET,
    "lineage/": BUDGET,
    "metrics-catalogue/": BUDGET,
    "metrics-catalogue/unmapped/": BUDGET,
    "models/": BUDGET,
    "people/": BUDGET,
    "predictions/": BUDGET,
    "predictions/?orphan=true": BUDGET,
    "predictions/kept/": BUDGET,
    "risks/": BUDGET,
    "rules/": BUDGET,
    "scoring/": 14,  # the history, what is paused now, and the menus of what could be paused
    "sources/": BUDGET,
    "sources/held/": BUDGET,
    "sources/history/": 16,
}
"""Address of a list, and how many statements it may send."""
OTHERS: Mapping[str, str] = {
    "alerts/acknowledge/": "only takes posts",
    "alerts/snooze/": "only takes posts",
    "alerts/snooze/end/": "only takes posts",
    "alerts/alerts.csv": "a file, streamed",
    "alerts/channels/new/": "a form",
    "alerts/webhooks/new/": "a form",
    "api/docs/": "the reference of the API",
    "backfills/begin/": "only takes posts",
    "backfills/new/": "a form",
    "costs/budgets/new/": "a form",
    "people/accounts/new/": "a form",
    "costs/imports/new/": "a form",
    "costs/prices/new/": "a form",
    "costs/rates/": "only takes posts",
    "costs/showback.csv": "a file, streamed",
    "edit-models/": "only takes posts",
    "export/": "a few fixed tables",
    "formulas/new/": "a form",
    "formulas/says/": "answers about one text",
    "imports/new/": "a form",
    "in-the-red.csv": "a file, streamed",
    "inbox/acknowledge/": "only takes posts",
    "kit/": "examples, from no table",
    "lineage/artifacts.csv": "a file, streamed",
    "me/": "one's own profile; its sessions and tokens are few",
    "models.csv": "a file, streamed",
    "metrics-catalogue/adopt/": "a form",
    "models/register/": "a form",
    "predictions/erase/": "a form",
    "risks.csv": "a file, streamed",
    "risks/acknowledge/": "only takes posts",
    "risks/undo/": "only takes posts",
    "rules/new/": "a form",
    "rules/new/text/": "a form",
    "rules/says/": "answers about one text",
    "rules/rules.csv": "a file, streamed",
    "rules/schema.json": "a constant",
    "rules/tried/": "answers about one text",
    "search/": "the few best matches of a few words",
    "sources/history/holds/new/": "a form",
    "sources/history/terms/new/": "a form",
    "sources/connect/": "the platforms, from no table",
}
"""Address without parameters that lists nothing, and what it is instead."""


@pytest.fixture
def reader() -> Client:
    """Return the session of somebody who may open every list, and who already has some duties."""
    account: Account = a_person("cora", "Cora", "compliance_officer", "auditor", "administrator")
    assert RoleGrant.objects.filter(account=account).count() == 3
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def cost(client: Client, address: str) -> int:
    """Return how many statements the page sends; asked once before, for what is kept in memory."""
    client.get(f"/{address}")
    with CaptureQueriesContext(connection) as sent:
        response: Any = client.get(f"/{address}")
    assert response.status_code == 200, address
    return len(sent)


def test_every_address_without_parameters_has_a_budget_or_lists_nothing() -> None:
    plain = {
        address
        for address, view in ADDRESSES
        if is_page(view)
        and "<" not in address
        and not address.startswith("api/2.0/mlflow/")  # lists nothing but what it searched
    }

    assert plain == {address.partition("?")[0] for address in LISTS} | set(OTHERS)


def test_no_list_asks_more_when_it_is_three_times_as_long(reader: Client) -> None:
    rows(0, 3)
    short = {address: cost(reader, address) for address in LISTS}
    rows(3, 9)
    long = {address: cost(reader, address) for address in LISTS}

    assert long == short
    assert {address: sent for address, sent in long.items() if sent > LISTS[address]} == {}


def test_the_frame_asks_four_things(reader: Client) -> None:
    rows(0, 3)
    part = CaptureQueriesContext(connection)
    with part:
        reader.get("/kit/")

    assert len(part) == FRAME
