"""A circle is found whenever there is one, and the way that is told really goes round."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models_registry.lineage import ancestry

nodes = st.integers(0, 9)
edges = st.lists(st.tuples(nodes, nodes), max_size=30)


def uses_of(pairs: list[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for made, used in pairs:
        found.setdefault(made, set()).add(used)
    return found


def reaches(uses: dict[int, set[int]], start: int, end: int) -> bool:
    """Say by matrix, not by walk, whether one leads to the other."""
    closed = {(a, b) for a, many in uses.items() for b in many}
    for middle in range(10):
        closed |= {(a, d) for a, b in closed if b == middle for c, d in closed if c == middle}
    return start == end or (start, end) in closed


@given(edges, nodes, nodes)
def test_a_way_is_found_exactly_when_one_leads_to_the_other(pairs, start, end):
    uses = uses_of(pairs)

    found = ancestry.way(uses, start=start, end=end)

    assert bool(found) == reaches(uses, start, end)
    if found:
        assert (found[0], found[-1]) == (start, end)
        assert all(b in uses[a] for a, b in pairwise(found))
        assert len(set(found)) == len(found)


@given(edges)
def test_a_circle_is_found_exactly_when_an_edge_is_part_of_one(pairs):
    uses = uses_of(pairs)

    found = ancestry.circle(uses, pairs)

    assert bool(found) == any(reaches(uses, used, made) for made, used in pairs)
    if found:
        assert found[0] == found[-1]
        assert all(b in uses[a] for a, b in pairwise(found))


def test_the_shortest_way_round_is_told():
    uses = {1: {2}, 2: {3, 4}, 3: {4}, 4: {1}}

    assert ancestry.circle(uses, [(4, 1)]) == (4, 1, 2, 4)
