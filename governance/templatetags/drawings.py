"""Drawings that pages of any room may show: a template asks for them by name, no room imports another's."""

from collections.abc import Mapping
from typing import Protocol

from django import template
from django.utils.safestring import SafeString

from governance.dashboards import lineagegraph
from governance.dashboards.matrix import matrix

register = template.Library()


class Placed(Protocol):
    """How many risks lie in each cell, likelihood first, and where a cell leads."""

    @property
    def counts(self) -> Mapping[tuple[int, int], int]: ...

    def address(self, likelihood: int, impact: int) -> str: ...


@register.simple_tag
def risk_matrix(placing: Placed) -> SafeString:
    """Draw risks by likelihood and impact; each cell that holds some leads to them."""
    return matrix(placing.counts, href=placing.address)


@register.simple_tag
def lineage_graph(drawing: lineagegraph.Drawing) -> SafeString:
    """Draw where things came from and what stands on them; each box leads to its page."""
    return lineagegraph.lineage_graph(drawing)
