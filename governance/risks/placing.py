"""Which risks lie in a cell of the matrix: the inverse of `method.placed`, for a query.

From the assessed cell likelihood rises first, then impact, until the cell's points hold the score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance.risks.method import matrix_points

type Cell = tuple[int, int]
"""Likelihood and impact, 1 to 5 each."""


@dataclass(frozen=True, slots=True)
class Band:
    """Scores that move a risk assessed at ``assessed`` into one cell: above ``over``, up to ``up_to`` (None: all)."""

    assessed: Cell
    over: int | None
    up_to: int | None


def road(*, likelihood: int, impact: int) -> Sequence[Cell]:
    """Return the cells a risk walks from its assessed one, up to (5, 5)."""
    rising = [(step, impact) for step in range(likelihood, 6)]
    return [*rising, *((5, step) for step in range(impact + 1, 6))]


def points(cell: Cell) -> int:
    """Return the points of a cell, up to 100."""
    return matrix_points(likelihood=cell[0], impact=cell[1])


def bands(cell: Cell) -> Iterator[Band]:
    """Return every way into a cell: from which assessed cells, by which scores."""
    for assessed in ((likelihood, impact) for likelihood in range(1, 6) for impact in range(1, 6)):
        way = road(likelihood=assessed[0], impact=assessed[1])
        if cell in way:
            place = way.index(cell)
            over = points(way[place - 1]) if place else None
            yield Band(assessed, over, None if place == len(way) - 1 else points(cell))
