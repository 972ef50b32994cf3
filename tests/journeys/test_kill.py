"""`kill -9` of the web, the line and PostgreSQL while events arrive: nothing is lost and nothing happens twice."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.config.embedded import remove
from tests.chaos.storm import storm


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short name, because sockets live in it; under root the server's user passes through."""
    made = Path(tempfile.mkdtemp(prefix="redline-kill-"))
    made.chmod(0o711)
    yield made
    remove(made / "pg")
    shutil.rmtree(made)


def test_every_acknowledged_event_has_its_effect_once_whatever_is_killed(place):
    report = storm(place=place, kills=3, count=300, seed=20261121)

    assert report.wrongs == [], str(report)
    assert report.acknowledged == 300
    assert report.messages > 0
    assert report.scrapes > 0
