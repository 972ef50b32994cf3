"""What changed between two versions is told once, on the right side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.lineage import comparing
from models_registry.lineage.comparing import Held

held = st.builds(
    Held, st.sampled_from(["TRAINED_ON", "PROMPTS_WITH"]), st.integers(0, 3), st.just("x"), st.integers(0, 5)
)
lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12)


@given(st.lists(held, max_size=8, unique=True), st.lists(held, max_size=8, unique=True))
def test_every_artifact_of_either_side_is_told_exactly_once(old, new):
    found = comparing.artifacts(old, new)

    told_old = sorted((one.role, one.old) for one in found if one.old is not None)
    told_new = sorted((one.role, one.new) for one in found if one.new is not None)
    assert told_old == sorted((one.role, one.value) for one in old)
    assert told_new == sorted((one.role, one.value) for one in new)
    assert all((one.old == one.new) == (one.state == "same") for one in found)


def test_one_version_that_gives_way_to_one_other_is_one_change():
    old = [Held("TRAINED_ON", 1, "claims", "v1"), Held("PROMPTS_WITH", 2, "system", "v1")]
    new = [
        Held("TRAINED_ON", 1, "claims", "v2"),
        Held("PROMPTS_WITH", 2, "system", "v1"),
        Held("RUNS_IN", 3, "image", "1"),
    ]

    found = [(one.name, one.state, one.old, one.new) for one in comparing.artifacts(old, new)]

    assert found == [("image", "added", None, "1"), ("claims", "changed", "v1", "v2"), ("system", "same", "v1", "v1")]


def test_numbers_tell_by_how_much():
    found = comparing.facts({"auc": "0.9", "style": "plain"}, {"auc": "0.95", "new": "1"})

    assert [(one.name, one.state) for one in found] == [("auc", "changed"), ("new", "added"), ("style", "removed")]
    assert [one.by for one in found] == ["+0.05", "", ""]


@pytest.mark.parametrize(
    ("old", "new", "by"),
    [
        ("700", "500", "\u2212200"),
        ("1e-05", "0.001", "+0.00099"),
        ("1", "1.0", ""),
        ("plain", "2", ""),
        ("nan", "2", ""),
    ],
)
def test_a_difference_has_as_many_places_as_it_needs(old, new, by):
    assert comparing.moved(old, new) == by


@given(lines, lines)
def test_both_sides_are_whole_and_of_one_length(old, new):
    left, right = comparing.sides("\n".join(old), "\n".join(new))

    assert len(left) == len(right)
    assert [one.text for one in left if one.number is not None] == "\n".join(old).splitlines()
    assert [one.text for one in right if one.number is not None] == "\n".join(new).splitlines()
    assert all(
        a.text == b.text
        for a, b in zip(left, right, strict=True)
        if a.state == b.state == "same" and a.number and b.number
    )


def test_texts_without_end_are_not_compared_line_by_line():
    assert comparing.may_compare("a\n" * 3000, "b")
    assert not comparing.may_compare("a\n" * 5000, "b")
