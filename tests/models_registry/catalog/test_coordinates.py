"""The drawing of a sweep: every run on every axis, colours by the objective, readable at two hundred runs."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models_registry.catalog import coordinates
from models_registry.catalog.coordinates import Trace, axis_of

TEXT = st.text("ab<&>\"' é\x00", max_size=9)
VALUE = st.none() | st.booleans() | st.floats(-1e6, 1e6) | TEXT


def drawn(traces, names=("a", "b"), **more):
    return coordinates.drawing(traces, names, "auc", **{"maximise": True, "name": "A sweep.", **more})


def test_two_hundred_runs_are_two_hundred_lines_with_the_winner_on_top():
    traces = [Trace(f"run {n}", {"a": n / 7, "b": "xy"[n % 2]}, n / 200, n == 199) for n in range(200)]

    lines = re.findall(r'<polyline class="([^"]+)"', drawn(traces))

    assert len(lines) == 200
    assert lines[-1] == "trace s4 wins"
    assert {line.split()[1] for line in lines} == {"s1", "s2", "s3", "s4"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3], [0, 0.5, 1]),
        ([0.001, 1.0, 1000.0], [0, 0.5, 1]),
        (["x", "y"], [0.25, 0.75]),
        ([True, False], [0.75, 0.25]),
        ([5, 5], [0.5, 0.5]),
        ([1, "1"], [0.5, 0.5]),
    ],
)
def test_an_axis_places_numbers_by_size_and_words_by_name(values, expected):
    axis = axis_of("p", values)

    assert [axis.place(value) for value in values] == pytest.approx(expected)


def test_a_smaller_value_is_better_where_the_sweep_minimises():
    assert [coordinates.step_of(v, low=0, high=1, maximise=False) for v in (0, 0.3, 0.6, 1)] == [4, 3, 2, 1]
    traces = [Trace("a", {}, 0.0), Trace("b", {}, 1.0)]
    assert coordinates.legend(traces, maximise=False)[0] == (4, "0 to 0.25")
    assert coordinates.legend(traces, maximise=True)[0] == (4, "0.75 to 1")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.builds(Trace, TEXT, st.fixed_dictionaries({"a": VALUE, "b": VALUE}),
                          st.none() | st.floats(-1e6, 1e6)), max_size=12), st.booleans())  # fmt: skip
def test_whatever_was_told_is_drawn_as_sound_markup_within_its_frame(traces, maximise):
    svg = drawn(traces, maximise=maximise)

    if not any(trace.objective is not None for trace in traces):
        assert svg == ""
        return
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", svg)
    ElementTree.fromstring(clean)
    for points in re.findall(r'points="([^"]*)"', svg):
        for point in points.split():
            assert 0 <= float(point.split(",")[1]) <= coordinates.HEIGHT
