"""Controls of forms."""

import datetime as dt

from models_registry.access.widgets import Day


def test_a_day_is_written_as_the_browser_reads_it() -> None:
    drawn = Day().render("due_on", dt.date(2026, 12, 10))

    assert 'type="date"' in drawn
    assert 'value="2026-12-10"' in drawn
