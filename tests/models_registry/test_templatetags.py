"""Template tags only format: what they say depends on what they are given, and is escaped."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum

import pytest
from django.template import Context, Engine

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
ENGINE = Engine.get_default


class Level(Enum):
    HIGH = "HIGH"


def drawn(source: str, **values: object) -> str:
    context = Context({"now": NOW, **values})
    return ENGINE().from_string("{% load redline %}" + source).render(context)


@pytest.mark.parametrize(
    ("level", "word", "empty_bars"),
    [("LOW", "Low", 3), (Level.HIGH, "High", 1), ("critical", "Critical", 0), (None, "No signal", 4)],
)
def test_a_risk_level_is_bars_and_a_word(level: object, word: str, empty_bars: int) -> None:
    markup = drawn("{% risk level %}", level=level)

    assert markup.endswith(f"{word}</span>")
    assert markup.count('class="off"') == empty_bars


def test_an_unknown_level_is_never_shown_as_a_level() -> None:
    assert "No signal" in drawn("{% risk level %}", level="EXTREME")


@pytest.mark.parametrize(
    ("minutes", "text", "late"),
    [(38, "Due 10:20, in 38\u00a0min", False), (-22, "Was due 09:20", True), (4320, "Due 24 Nov", False)],
)
def test_a_clock_says_when_and_how_long(minutes: int, text: str, late: bool) -> None:
    markup = drawn("{% clock due %}", due=NOW + timedelta(minutes=minutes))

    assert text in markup
    assert ("late" in markup) is late


@pytest.mark.parametrize(
    ("hours", "text"),
    [(-2, "2\u00a0h ago"), (-240, "11 Nov"), (5, "in 5\u00a0h"), (-24 * 400, "17 Oct 2025")],
)
def test_a_moment_is_relative_within_a_day_and_a_date_after(hours: int, text: str) -> None:
    markup = drawn("{% when at %}", at=NOW + timedelta(hours=hours))

    assert f">{text}</time>" in markup
    assert "UTC" in markup


def test_a_moment_that_never_came_is_never() -> None:
    assert drawn("{% when at %}", at=None) == "never"


def test_a_page_of_a_past_moment_counts_from_that_moment() -> None:
    markup = drawn("{% when at %}", now=None, as_of=NOW, at=NOW - timedelta(minutes=3))

    assert "3\u00a0min ago" in markup


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (52, "23 past 75"),
        (Decimal("52.5"), "22 past 75"),
        (80, "5 above 75"),
        (75, "on the line"),
        (74.8, "past the line"),
    ],
)
def test_health_says_how_far_it_is_from_its_line(score: float | Decimal, text: str) -> None:
    assert text in drawn("{% health score 75 %}", score=score)


def test_health_that_was_not_measured_is_not_a_number() -> None:
    assert "Not measured" in drawn("{% health None 75 %}")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 1204|num }}", "1\u202f204"),
        ("{{ -7.5|signed:1 }}", "−7.5"),
        ("{{ 3|signed }}", "+3"),
        ("{{ 0.064|percent:1 }}", "6.4\u00a0%"),
        ("{{ 0.605|reading }}", "0.605"),
        ('{{ 3.0|reading:"s" }}', "3\u00a0s"),
        ('{{ 0.064|reading:"ratio" }}', "0.064"),
        ('{{ "p95_latency_ms"|metric_words }}', "P95 latency"),
        ('{{ "our_own_metric"|metric_words }}', "our_own_metric"),
        ("{{ nothing|num }}", "–"),
        ("{{ -0.2|num }}", "0"),
    ],
)
def test_numbers_are_written_for_reading(source: str, text: str) -> None:
    assert drawn(source, nothing=None) == text


def test_a_refused_button_cannot_be_pressed_and_says_why() -> None:
    reason = "Approve is off: you wrote this rule."
    markup = drawn('{% post_button "Approve" "/approve/" refusal=reason %}', reason=reason)

    assert 'aria-disabled="true"' in markup
    assert reason in markup
    assert "<form" not in markup


def test_a_button_that_is_allowed_posts_with_its_fields() -> None:
    markup = drawn('{% post_button "Approve" "/approve/" version=3 %}', csrf_token="t0ken")

    assert 'method="post" action="/approve/"' in markup
    assert '<input type="hidden" name="version" value="3">' in markup
    assert "t0ken" in markup


@pytest.mark.parametrize(
    "source",
    [
        "{% pill evil %}",
        "{% refused_button evil evil %}",
        "{% json_view evil %}",
        "{% diff '' evil %}",
        "{% verdict evil %}",
    ],
)
def test_text_is_escaped_everywhere(source: str) -> None:
    assert "<b>" not in drawn(source, evil="<b>bold</b>").lower()


def test_a_difference_marks_lines_added_and_removed() -> None:
    markup = drawn("{% diff old new %}", old="a: 1\nb: 2", new="a: 1\nb: 3")

    assert "<del>− b: 2</del>" in markup
    assert "<ins>+ b: 3</ins>" in markup


def test_equal_texts_have_no_difference() -> None:
    assert "Nothing changed." in drawn("{% diff text text %}", text="a: 1")


def test_text_that_is_not_json_is_shown_as_it_came() -> None:
    assert "not {json" in drawn("{% json_view text %}", text="not {json")


def test_the_bottom_bar_holds_four_places() -> None:
    nav = [{"label": "", "items": [{"label": str(i)} for i in range(6)]}]

    assert drawn("{% bar_items nav as found %}{{ found|length }}", nav=nav) == "4"
