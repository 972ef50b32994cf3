"""Fixtures of telemetry tests."""

from collections.abc import Callable

import pytest

from tests.models_registry.telemetry import world


@pytest.fixture
def run_line() -> Callable[[], None]:
    """Claim and measure everything that waits, one event at a time."""
    return world.work
