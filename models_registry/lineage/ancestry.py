"""Whether an edge would close a circle, and which one: nothing is made from what was made from it."""

from collections.abc import Iterable, Mapping, Sequence


def way(uses: Mapping[int, Iterable[int]], *, start: int, end: int) -> Sequence[int]:
    """Return the shortest way from ``start`` along ``uses`` to ``end``, both included; empty when there is none."""
    came: dict[int, int] = {start: start}
    line = [start]
    for node in line:  # grows while it is walked: breadth first
        if node == end:
            return _back(came, start, end)
        for following in uses.get(node, ()):
            if following not in came:
                came[following] = node
                line.append(following)
    return ()


def circle(uses: Mapping[int, Iterable[int]], edges: Iterable[tuple[int, int]]) -> Sequence[int]:
    """Return the circle that one of the edges is part of, its first node again at the end; empty without one.

    ``edges`` are pairs of what is made and what it is made from; ``uses`` holds them and all others.
    """
    for made, used in edges:
        found = way(uses, start=used, end=made)
        if found:
            return (made, *found)
    return ()


def _back(came: Mapping[int, int], start: int, end: int) -> Sequence[int]:
    found = [end]
    while found[-1] != start:
        found.append(came[found[-1]])
    return found[::-1]
