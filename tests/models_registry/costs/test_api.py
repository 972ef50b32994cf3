"""The API of costs: months, days, budgets, and bills that programs bring."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from models_registry.access.issuing import issue_token
from models_registry.access.models import Account
from models_registry.costs.models import CostImport, CostRecord
from tests.journeys.builders import NOON, a_model
from tests.models_registry.costs.world import adam, cora, robot

pytestmark = pytest.mark.django_db
API = "/api/v1/costs"


def call(account: Account, method: str, path: str, body: Any = None) -> Any:
    raw = issue_token(by=adam() if account.is_automation else account, at=timezone.now(), account=account, name="t").raw
    headers = {"Authorization": f"Bearer {raw}"}
    sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
    return getattr(Client(), method)(f"{API}{path}", headers=headers, **sent)


def bill(*rows: str, **more: Any) -> dict[str, Any]:
    return {"file_name": "cloud.csv", "content": "\n".join(["date,model,amount", *rows]) + "\n", **more}


def test_a_program_brings_a_bill_once_and_people_read_the_month() -> None:
    a_model("copilot")
    today = timezone.now().date()
    rows = (f"{today},copilot,10.5", f"{today},,2")

    dry = call(robot(), "post", "/imports/", bill(*rows, dry_run=True))
    assert (dry.status_code, dry.json()["importable"], dry.json()["id"]) == (200, 2, None)
    assert not CostImport.objects.exists()
    made, again = (call(robot(), "post", "/imports/", bill(*rows)) for _ in range(2))

    assert (made.status_code, made.json()["imported"]) == (201, 2)
    assert (again.status_code, again.json()["imported"], CostRecord.objects.count()) == (200, 0, 2)
    month = call(cora(), "get", "/showback/?by=unit").json()
    assert month["amount"] == "12.5"
    assert [(line["name"], line["amount"]) for line in month["lines"]] == [("Claims", "10.5"), ("Unattributed", "2")]
    assert {row["amount"] for row in call(cora(), "get", "/daily/?model=copilot").json()["results"]} == {"10.5"}


def test_problems_are_named_by_row_and_column_and_good_rows_come_when_asked_for() -> None:
    today = timezone.now().date()
    rows = (f"{today},,1", f"{today},nobody,1")

    refused = call(robot(), "post", "/imports/", bill(*rows))
    taken = call(robot(), "post", "/imports/", bill(*rows, good_rows_only=True))
    undone = call(robot(), "post", f"/imports/{taken.json()['id']}/undoings/", {"reason": "Wrong."})
    twice = call(robot(), "post", f"/imports/{taken.json()['id']}/undoings/", {"reason": "Wrong."})

    assert (refused.status_code, refused.json()["imported"]) == (200, 0)
    assert refused.json()["problems"] == [{"row": 3, "column": "model", "problem": "no model is called nobody"}]
    assert (taken.status_code, taken.json()["imported"]) == (201, 1)
    assert (undone.status_code, undone.json()["state"], twice.status_code) == (200, "UNDONE", 409)


def test_a_person_sets_a_budget_and_a_program_does_not() -> None:
    a_model("copilot")
    asked = {"scope": "MODEL", "model": "copilot", "amount": "250.50", "first_month": f"{NOON:%Y-%m}"}

    made = call(cora(), "post", "/budgets/", asked)

    assert (made.status_code, made.json()["amount"], made.json()["target"]) == (201, "250.5", "Copilot")
    assert call(cora(), "post", "/budgets/", asked).status_code == 409
    assert call(robot(), "post", "/budgets/", asked).status_code == 403
    assert call(cora(), "get", f"/budgets/{made.json()['id']}/").json()["spent"] is None


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/showback/?by=colour", "by"), ("/showback/?month=2999-01", "month"), ("/daily/?since=x", "since"),
        ("/daily/?since=2020-01-01&until=2026-01-01", "since"), ("/daily/?until=0001-01-05", "until"),
        ("/showback/?month=0001-01", "month"), ("/showback/?month=0000-01", "month"),
    ],
)  # fmt: skip
def test_strange_questions_are_refused(path: str, field: str) -> None:
    answer = call(cora(), "get", path)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"#/{field}"


@pytest.mark.parametrize(
    "body",
    [
        {"scope": "MODEL", "model": "nobody", "amount": "1", "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": "1,000", "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": 5, "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": "5", "first_month": "2026-13"},
        {"scope": "TEAM", "amount": "5", "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": "5", "first_month": "0000-01"},
        {"scope": "HOUSE", "amount": "5", "first_month": "2026-11", "last_month": "0000-12"},
        {"scope": "HOUSE", "amount": "5", "first_month": "\u0662\u0660\u0662\u0666-11"},
        {"scope": "HOUSE", "amount": "9" * 999_990, "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": "-5", "first_month": "2026-11"},
        {"scope": "HOUSE", "amount": "5", "first_month": "2026-11", "note": "\ud800"},
        {"scope": "PROJECT", "project": "a\x00b", "amount": "5", "first_month": "2026-11"},
        {"scope": "PROJECT", "project": "\u2003", "amount": "5", "first_month": "2026-11"},
    ],
    ids=range(13),
)
def test_a_budget_that_limits_nothing_is_refused(body: dict[str, Any]) -> None:
    assert call(cora(), "post", "/budgets/", body).status_code == 400


@pytest.mark.parametrize(
    "content",
    [
        "\r", "0", "date,amount\n2026-10-01,1\n\x00", 'date,"amount\n2026-10-01,1\n',
        "date,amount\n", "date,amount\n" + "9" * 140_000,
    ],
    ids=range(6),
)  # fmt: skip
def test_what_is_no_bill_is_a_problem_of_the_content(content: str) -> None:
    answer = call(robot(), "post", "/imports/", {"content": content})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/content")
    assert not CostImport.objects.exists()


def test_what_no_file_holds_is_refused_before_it_is_read() -> None:
    halves = call(robot(), "post", "/imports/", {"content": "date,amount\n2026-10-01,\ud800\n"})
    heavy = call(robot(), "post", "/imports/", {"content": "date,amount\n2026-10-01,1\n" + "é" * 700_000})

    assert (halves.status_code, heavy.status_code) == (400, 413)


def test_a_bill_of_odd_cells_has_problems_and_one_beyond_all_counting_is_refused() -> None:
    odd = call(robot(), "post", "/imports/", bill("0001-01-01,,1", "9999-12-31,,1", "2026-10-01,," + "9" * 100_000))
    huge = call(robot(), "post", "/imports/", bill(*["2026-10-01,,999999999"] * 9_300))

    assert (odd.status_code, [one["column"] for one in odd.json()["problems"]]) == (200, ["date", "date", "amount"])
    assert (huge.status_code, CostRecord.objects.count()) == (409, 0)
