"""Models that cost something, made by the doors that sources and people use."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from models_registry.access.models import Account, AccountKind, RoleGrant
from models_registry.costs.importing import upload
from models_registry.costs.models import CostImport
from models_registry.telemetry.actions import claim, create_source, measure, receive
from models_registry.telemetry.models import Source, TelemetryEvent
from tests.journeys.builders import NOON, OPERATOR, a_person, people

AT = datetime.combine(date(2026, 10, 20), time(12), UTC)
TODAY = AT.date()
DAY = timedelta(days=1)


def cora() -> Account:
    """Return compliance, who brings in bills and sets budgets of everything."""
    return people().cora


def adam() -> Account:
    """Return the administrator, who brings in bills and sets no budget."""
    return a_person("adam", "Adam Ames", "administrator")


def robot() -> Account:
    """Return an account of the ingest, which brings in bills."""
    account, fresh = Account.objects.get_or_create(username="bills", defaults={"kind": AccountKind.AUTOMATION})
    if fresh:
        RoleGrant.objects.create(account=account, role="automation_ingest", granted_at=NOON)
    return account


def a_source() -> Source:
    """Return the source that reports money and tokens."""
    found = Source.objects.filter(slug="metrics").first()
    return found or create_source(by=OPERATOR, at=AT - 90 * DAY, name="Metrics", kind="measurements")[0]


def report(readings: Iterable[Mapping[str, Any]], *, at: datetime = AT) -> None:
    """Send readings and let the line measure them."""
    body = json.dumps({"measurements": list(readings)}).encode()
    receive(source=a_source(), body=body, headers={}, at=at)
    for pk in claim(limit=500, at=at):
        measure(event=TelemetryEvent.objects.select_related("source").get(pk=pk), at=at)


def spent(model: str, day: date, amount: float, **more: Any) -> dict[str, Any]:
    """Return a reading that says what a model cost on a day."""
    moment = datetime.combine(day, time(10), UTC)
    return {"model": model, "metric": "cost_usd", "value": amount, "observed_at": moment.isoformat()} | more


def tokens(model: str, day: date, read: int, written: int, product: str = "") -> list[dict[str, Any]]:
    """Return readings that count a day's tokens of a product."""
    segment = {"segment": f"product={product}"} if product else {}
    moment = datetime.combine(day, time(10), UTC).isoformat()
    return [
        {"model": model, "metric": metric, "value": value, "observed_at": moment} | segment
        for metric, value in (("input_token_count", read), ("output_token_count", written))
    ]


def a_bill(*rows: str, head: str = "date,model,amount,currency,team,project", **more: Any) -> CostImport:
    """Return an uploaded bill with these rows."""
    content = "\n".join([head, *rows]) + "\n"
    return upload(by=cora(), at=AT, file_name="bill.csv", content=content, **more)
