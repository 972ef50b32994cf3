"""Charts are pure: the same values give the same markup, and the markup is safe."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from governance.dashboards.bars import Loss, lost_bar, mini_bar
from governance.dashboards.matrix import matrix, matrix_edge, matrix_level
from governance.dashboards.spark import lttb, spark
from governance.dashboards.steps import Band, spread, steps
from governance.dashboards.strip import StripMark, bins, strip
from governance.dashboards.svg import number, runs
from governance.dashboards.timechart import Event, Point, Threshold, health_chart, round_step, time_chart

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'


def hourly(*values: float | None) -> list[Point]:
    return [Point(NOON + timedelta(hours=i), v) for i, v in enumerate(values)]


def every_chart(name: str) -> dict[str, str]:
    marks = [
        StripMark(name, "/m/1", "critical", -23, 6),
        StripMark(name, "/m/2", "low", 5),
        StripMark(name, "/m/3", "none", None),
    ]
    return {
        "strip": strip(marks),
        "spark": spark([80, None, 70, 60], 75, name),
        "matrix": matrix({(5, 5): 2}, href=lambda likelihood, impact: f"/risks/?q={name}"),
        "steps": steps([NOON.date()] * 2, [Band("high", [1, 2])], name),
        "health": health_chart(key="h", points=hourly(80, 70, None, 60), redline=75, events=[Event(NOON, name)]),
        "metric": time_chart(
            key="m",
            name=name,
            points=hourly(0.9, 0.7),
            thresholds=[Threshold(0.8, name)],
            breaches=[(NOON, NOON + timedelta(hours=1))],
        ),
        "lost": lost_bar([Loss(name, 48)], kept=52, redline=75),
        "bar": mini_bar(3, 9, worst=True),
    }


@pytest.mark.parametrize("kind", sorted(every_chart("Claims triage")))
def test_a_chart_is_well_formed_and_keeps_the_content_security_policy(kind: str) -> None:
    drawn = every_chart("Claims triage")[kind]

    ET.fromstring(f"<div>{drawn}</div>")
    assert not re.search(r"\s(style|on\w+)=", drawn)


@pytest.mark.parametrize("kind", sorted(every_chart("Claims triage")))
def test_a_name_cannot_put_markup_into_a_chart(kind: str) -> None:
    drawn = every_chart(HOSTILE)[kind]

    assert "<script>alert" not in drawn


def test_every_chart_says_in_words_what_it_shows() -> None:
    drawn = every_chart("Claims triage")

    assert all("aria-label=" in markup for kind, markup in drawn.items() if kind != "bar")
    assert "Claims triage −23 points, past its redline, critical risk, 6 last week" in drawn["strip"]
    assert "Of 100 points 52 are kept; Claims triage took 48" in drawn["lost"]


def test_the_strip_draws_each_model_once_in_each_size() -> None:
    marks = [StripMark(f"M{i}", f"/m/{i}", "low", i % 26) for i in range(40)]

    drawn = strip(marks)

    assert drawn.count("<a href=") == 80


def test_the_strip_grows_so_that_a_tall_stack_stays_inside_it() -> None:
    marks = [StripMark(f"M{i}", "/m", "low", 9) for i in range(60)]

    heights = [float(y) for y in re.findall(r'cy="([-\d.]+)"', strip(marks))]

    assert min(heights) > 0


def test_a_quiet_model_stands_apart_and_is_not_counted_as_having_room() -> None:
    drawn = strip([StripMark("Churn radar", "/m", "none", None)])

    assert "Churn radar, quiet: no signal" in drawn
    assert "1 quiet" in drawn


@pytest.mark.parametrize("level", ["none", "low", "critical"])
def test_a_model_exactly_on_its_line_is_drawn_on_the_side_with_room(level: str) -> None:
    mark = StripMark("Edge", "/m", level, 0.0)

    assert bins([mark]) == {0: [mark]}


def test_a_missing_reading_breaks_the_line_instead_of_drawing_zero() -> None:
    assert runs([None, 1, 2, None, None, 3, None]) == [[(1, 1), (2, 2)], [(5, 3)]]
    assert spark([1, 2, None, 3, 4], None, "x").count("<polyline") == 2


def test_a_series_without_readings_says_so() -> None:
    drawn = time_chart(key="x", name="Latency", points=hourly(None, None))

    assert "No reading of Latency in this time." in drawn


def test_a_single_reading_is_a_dot() -> None:
    drawn = time_chart(key="x", name="Latency", points=hourly(4.0), unit="s")

    assert 'class="point"' in drawn


def test_a_series_that_never_changes_is_drawn() -> None:
    drawn = time_chart(key="x", name="Errors", points=hourly(0, 0, 0))

    assert "nan" not in drawn


@pytest.mark.parametrize(("count", "kept"), [(2, 2), (240, 240), (241, 240), (5000, 240)])
def test_thinning_keeps_at_most_as_many_points_as_are_drawn(count: int, kept: int) -> None:
    points = [(float(i), float(i % 7)) for i in range(count)]

    thinned = lttb(points)

    assert len(thinned) == kept
    assert (thinned[0], thinned[-1]) == (points[0], points[-1])


def test_thinning_keeps_a_lone_peak() -> None:
    points = [(float(i), 100.0 if i == 3333 else 0.0) for i in range(5000)]

    assert (3333.0, 100.0) in lttb(points)


@pytest.mark.parametrize(
    ("likelihood", "impact", "level"),
    [(1, 4, "low"), (1, 5, "medium"), (3, 3, "medium"), (2, 5, "high"), (4, 4, "high"), (4, 5, "critical")],
)
def test_a_matrix_cell_has_the_level_of_its_product(likelihood: int, impact: int, level: str) -> None:
    assert matrix_level(likelihood, impact) == level


def test_the_edge_of_the_matrix_runs_between_the_cells_inside_and_outside() -> None:
    edge = matrix_edge(outside=12)

    assert 'points="150.0,4.0 150.0,36.0 150.0,36.0 150.0,68.0 196.0,68.0 196.0,100.0 288.0,100.0"' in edge


def test_only_cells_with_risks_are_links() -> None:
    drawn = matrix({(3, 3): 7, (1, 1): 1}, href=lambda likelihood, impact: f"/r/{likelihood}/{impact}")

    assert drawn.count("<a href=") == 2
    assert "7 risks: likelihood Possible, impact 3, medium" in drawn
    assert "1 risk: likelihood Rare, impact 1, low" in drawn


def test_labels_at_the_end_of_steps_never_lie_on_each_other() -> None:
    placed = spread([(90, "a"), (89, "b"), (88, "c")], gap=13, lowest=92)

    heights = [y for y, _ in placed]
    assert all(later - earlier >= 13 for earlier, later in pairwise(heights))
    assert max(heights) <= 92


@pytest.mark.parametrize(
    ("value", "text"), [(-7.5, "−7.5"), (21.0, "21"), (0.0, "0"), (-0.04, "0"), (12500, "12\u202f500")]
)
def test_numbers_are_written_for_reading(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(("span", "step"), [(60, 20), (0.43, 0.2), (1, 0.5), (8, 2), (100, 50)])
def test_grid_lines_lie_on_round_values(span: float, step: float) -> None:
    assert round_step(span) == pytest.approx(step)
