"""Predictions as services send them, for the tests of their door and pages."""

import datetime as dt
import itertools
import json
from typing import Any

from django.test import Client

from models_registry.access.issuing import issue_token
from models_registry.access.models import Account, AccountKind, RoleGrant
from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_actions import Receipt
from models_registry.lineage.prediction_models import Prediction
from models_registry.telemetry import source_actions
from models_registry.telemetry.models import Source
from tests.models_registry.telemetry.world import OPERATOR

AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
CANARY = "Canary-7c1f my name is Frieda Lindqvist"
_numbers = itertools.count(1)


def a_trace(**facts: Any) -> dict[str, Any]:
    """Return one prediction with everything that a sender can say of it; a field of None is left out."""
    number = next(_numbers)
    whole = {
        "prediction_id": f"p-{number}",
        "trace_id": f"t-{number}",
        "model": "policy-helper",
        "version": 1,
        "observed_at": (AT - dt.timedelta(minutes=5)).isoformat(),
        "prompt": {"name": "policy-helper/system", "version": "v1"},
        "documents": ["terms-2026#4", "terms-2026#9"],
        "input_tokens": 812,
        "output_tokens": 164,
        "latency_ms": 930.5,
        "cost_micros": 1250,
        "currency": "EUR",
        "outcome": "ok",
        "subject": "customer-17",
        "segment": "web",
        "input": CANARY,
        "output": f"Dear {CANARY}",
    }
    return {name: value for name, value in (whole | facts).items() if value is not None}


def a_body(*traces: dict[str, Any]) -> bytes:
    """Return a bulk body."""
    return json.dumps({"predictions": list(traces)}).encode()


def a_source(name: str = "", **facts: Any) -> Source:
    """Return a source that sends predictions."""
    made, _ = source_actions.create_source(
        by=OPERATOR, at=AT, name=name or f"Service {next(_numbers)}", kind="measurements", **facts
    )
    return made


def receive(source: Source, *traces: dict[str, Any], at: dt.datetime = AT, **more: Any) -> Receipt:
    """Let a source send predictions."""
    return prediction_actions.receive(source=source, body=a_body(*traces), at=at, **more)


def a_sender() -> str:
    """Return a token of an automation that sends telemetry."""
    account, _ = Account.objects.get_or_create(username="otto-ingest", defaults={"kind": AccountKind.AUTOMATION})
    RoleGrant.objects.get_or_create(account=account, role="automation_ingest", defaults={"granted_at": AT})
    return issue_token(by=account, at=dt.datetime.now(dt.UTC), account=account, name="sends").raw


def post(source: Source, body: bytes, *, query: str = "", token: str = "", **headers: str) -> Any:
    """Send a body through the door of tokens."""
    sent = {"Redline-Source": source.slug, "Authorization": f"Bearer {token or a_sender()}", **headers}
    return Client().post(f"/api/v1/predictions/{query}", body, content_type="application/json", headers=sent)


def a_prediction(model: str, *, at: dt.datetime, source: Source | None = None, **facts: Any) -> Prediction:
    """Return a prediction of a model on record, made at this moment."""
    name = f"p-of-{model}-{next(_numbers)}"
    made = source or Source.objects.filter(kind="measurements").first() or a_source()
    receive(made, a_trace(prediction_id=name, model=model, observed_at=at.isoformat(), **facts), at=at)
    return Prediction.objects.get(prediction_id=name)
