"""Fixtures of telemetry tests."""

from collections.abc import Callable

import pytest

from models_registry.telemetry import actions
from models_registry.telemetry.models import TelemetryEvent
from tests.models_registry.telemetry.world import AT


@pytest.fixture
def run_line() -> Callable[[], None]:
    """Claim and measure everything that waits, one event at a time."""

    def run() -> None:
        while claimed := actions.claim(limit=50, at=AT):
            for event in TelemetryEvent.objects.select_related("source").filter(pk__in=claimed).order_by("pk"):
                actions.measure(event=event, at=AT)

    return run
