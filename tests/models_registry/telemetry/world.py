"""Rows that telemetry tests need: a company with one owner and one model, and bodies that sources send."""

import datetime as dt
import itertools
import json
from typing import Any

from models_registry.access.models import Account, BusinessUnit
from models_registry.audit.actor import System
from models_registry.catalog.actions import register_model
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry import actions, source_actions
from models_registry.telemetry.models import Source, TelemetryEvent

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)

OPERATOR = System("operator")
"""Who works at the terminal of the server."""

MAPPING: dict[str, Any] = {
    "mapping": 1,
    "event_id": "/id",
    "fields": {"model": "/model", "observed_at": "/at"},
    "values": [{"metric": {"const": "accuracy"}, "value": "/accuracy"}],
}


def olive() -> Account:
    """Olive, who owns the claims model."""
    unit, _ = BusinessUnit.objects.get_or_create(slug="claims", defaults={"name": "Claims"})
    account, _ = Account.objects.get_or_create(
        username="olive", defaults={"display_name": "Olive Okafor", "unit": unit}
    )
    return account


def claims_model(slug: str = "claims-triage") -> RegisteredModel:
    """A registered model that Olive owns."""
    owner = olive()
    assert owner.unit is not None
    return register_model(
        by=OPERATOR, at=AT, slug=slug, name="Claims triage", kind="CLASSIFIER", owner=owner, unit=owner.unit
    )


def source(kind: str = "measurements", **facts: Any) -> Source:
    """A source of the given kind."""
    made, _ = source_actions.create_source(by=OPERATOR, at=AT, name=f"Source {next(_numbers)}", kind=kind, **facts)
    return made


def mapped_source(document: dict[str, Any] = MAPPING) -> Source:
    """A generic JSON source with an active mapping."""
    made = source("generic_json")
    teach(made, document)
    return made


def teach(made: Source, document: dict[str, Any], at: dt.datetime = AT) -> None:
    """Put another mapping in force."""
    mapping = source_actions.save_mapping(by=OPERATOR, at=at, source=made, document=document)
    source_actions.activate_mapping(by=OPERATOR, at=at, mapping=mapping)


def work(at: dt.datetime = AT) -> None:
    """Claim and measure everything that waits, one event at a time."""
    while claimed := actions.claim(limit=50, at=at):
        for event in TelemetryEvent.objects.select_related("source").filter(pk__in=claimed).order_by("pk"):
            actions.measure(event=event, at=at)


def measurements(*values: float, model: str = "claims-triage", metric: str = "accuracy", minute: int = 0) -> bytes:
    """A bulk body: one measurement a second from `minute` minutes before `AT` on."""
    start = AT - dt.timedelta(minutes=minute + 30)
    return json.dumps(
        {
            "measurements": [
                {
                    "model": model,
                    "metric": metric,
                    "value": value,
                    "observed_at": (start + dt.timedelta(seconds=second)).isoformat(),
                }
                for second, value in enumerate(values)
            ]
        }
    ).encode()


def mapped_body(*, number: int, accuracy: Any = 0.9, model: str = "claims-triage") -> bytes:
    """A body that `MAPPING` reads."""
    at = (AT - dt.timedelta(minutes=number)).isoformat()
    return json.dumps({"id": f"e{number}", "model": model, "at": at, "accuracy": accuracy}).encode()
