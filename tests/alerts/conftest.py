"""What the rooms of alerts share in their tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.alerts.receiving import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving(settings) as found:
        yield found
