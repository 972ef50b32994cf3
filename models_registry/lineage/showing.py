"""What the pages of the lineage show: a drawing, the same as a table, and where each line leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from models_registry.access.listing import query_of
from models_registry.lineage import layout
from models_registry.lineage.graph import Lineage, Node, neighbourhood, roles_of
from models_registry.lineage.models import EdgeRole

HOPS = 1
LONGEST_TABLE = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a node, what it is to whom, and where it leads."""

    node: Node
    kind: str
    roles: Sequence[str]
    url: str
    focus_url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A lineage as a page shows it; ``focus`` is the node whose neighbourhood is shown alone."""

    drawing: layout.Drawing
    rows: Sequence[Row]
    focus: Node | None
    all_url: str
    unfold_url: str
    left_out: int
    hidden: int
    cut: bool

    @property
    def is_empty(self) -> bool:
        """Say whether nothing but the beginning is known."""
        return not self.rows


def shown(request: HttpRequest, lineage: Lineage, *, marked: frozenset[str] = frozenset()) -> Shown:
    """Lay out what the address asks for: everything, or the neighbourhood of ``focus``; kinds in ``open`` unfolded."""
    as_of: datetime | None = getattr(request, "as_of", None)
    nodes = lineage.by_key()
    focus = nodes.get(request.GET.get("focus", ""))
    seen = neighbourhood(lineage, around=focus.key, hops=HOPS) if focus else lineage
    opened = frozenset(request.GET.get("open", "").upper().split(","))
    everything = "ALL" in opened
    kinds = frozenset({*layout.FOLDED}) if everything else opened & layout.FOLDED
    address = page_of(as_of)
    drawing = layout.drawn(
        seen,
        address=address,
        opens=lambda kind: with_parameter(request, "open", ",".join(sorted({*kinds, kind})).lower()),
        opened=kinds,
        marked=marked,
    )
    rows = _rows(request, seen, address)
    return Shown(
        drawing=drawing,
        rows=rows[:LONGEST_TABLE],
        focus=focus,
        all_url=with_parameter(request, "focus", None),
        unfold_url=with_parameter(request, "open", "all"),
        left_out=max(0, len(rows) - LONGEST_TABLE),
        hidden=lineage.hidden,
        cut=lineage.cut,
    )


def page_of(as_of: datetime | None) -> Callable[[Node], str]:
    """Return the function that gives the page of a node, at the moment that is shown."""
    moment = as_of.isoformat() if as_of else ""

    def address(node: Node) -> str:
        if node.is_version:
            own = reverse("lineage:model", args=[node.slug])
            return query_of(own, version=str(node.number), as_of=moment)
        return query_of(reverse("lineage:artifact", args=[node.artifact]), version=str(node.pk), as_of=moment)

    return address


def with_parameter(request: HttpRequest, name: str, value: str | None) -> str:
    """Return the address of the page with one parameter set, or left out."""
    query: QueryDict = request.GET.copy()
    query.pop(name, None)
    if value is not None:
        query[name] = value
    return f"{request.path}?{query.urlencode(safe=',')}" if query else request.path


def _rows(request: HttpRequest, lineage: Lineage, address: Callable[[Node], str]) -> list[Row]:
    leading, nodes = roles_of(lineage), lineage.by_key()
    made: dict[str, list[str]] = {}
    for link in lineage.links:
        made.setdefault(link.maker, []).append(f"{EdgeRole(link.role).label} {nodes[link.used]}")
    rows = []
    for node in lineage.nodes:
        if node.key == lineage.root.key:
            continue
        said = made.get(node.key, []) if node.is_version else [
            f"{nodes[link.maker]} {EdgeRole(link.role).label} it" for link in leading[node.key]
        ] or made.get(node.key, [])  # fmt: skip
        focus = with_parameter(request, "focus", node.key)
        rows.append(Row(node, layout.kind_words(node), _few(said), address(node), focus))
    return rows


def _few(said: Sequence[str], most: int = 3) -> Sequence[str]:
    return said if len(said) <= most else [*said[: most - 1], f"and {len(said) - most + 1} more"]
