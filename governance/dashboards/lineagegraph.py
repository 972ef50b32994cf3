"""A lineage as boxes and lines: what things came from on the left. Boxes are links in reading order."""

from collections.abc import Iterable
from html import escape
from typing import Protocol

from django.utils.safestring import SafeString

from governance.dashboards.svg import markup, text


class Box(Protocol):
    """One box: where it stands, what it says, where it leads."""

    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sub(self) -> str: ...
    @property
    def said(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def css(self) -> str: ...


class Wire(Protocol):
    """One line between two boxes."""

    @property
    def x1(self) -> int: ...
    @property
    def y1(self) -> int: ...
    @property
    def x2(self) -> int: ...
    @property
    def y2(self) -> int: ...


class Word(Protocol):
    """A role beside a box."""

    @property
    def x(self) -> int: ...
    @property
    def y(self) -> int: ...
    @property
    def text(self) -> str: ...


class Drawing(Protocol):
    """Everything that is drawn, in reading order."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def boxes(self) -> Iterable[Box]: ...
    @property
    def wires(self) -> Iterable[Wire]: ...
    @property
    def words(self) -> Iterable[Word]: ...


def lineage_graph(drawing: Drawing) -> SafeString:
    """Draw a laid-out lineage at its own size; what is wider than the page scrolls in its own region."""
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    out = [f'<svg class="graph" {size} role="group" aria-label="{escape(drawing.name)}">']
    out += [_line(wire) for wire in drawing.wires]
    out += [text(word.x, word.y, word.text) for word in drawing.words]
    out += [_box(box) for box in drawing.boxes]
    return markup([*out, "</svg>"])


def _line(wire: Wire) -> str:
    middle = (wire.x1 + wire.x2) / 2
    return (
        f'<path class="edge" d="M{wire.x1} {wire.y1}C{middle:g} {wire.y1} {middle:g} {wire.y2} {wire.x2} {wire.y2}"/>'
    )


def _box(box: Box) -> str:
    inside = (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="3"/>'
        + text(box.x + 10, box.y + 16, box.kind, css="k")
        + text(box.x + 10, box.y + 31, box.title, css="t")
        + text(box.x + 10, box.y + 46, box.sub, css="k")
    )
    look = f"node {box.css}".strip()
    drawn = f'<g class="{look}"><title>{escape(box.said)}</title>{inside}</g>'
    return f'<a href="{escape(box.url)}" aria-label="{escape(box.said)}">{drawn}</a>' if box.url else drawn
