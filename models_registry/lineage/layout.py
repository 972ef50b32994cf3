"""Where each node of a lineage stands in a drawing: what things came from on the left, what stands on them right.

Columns are the longest ways from the beginning, so that every link leads rightwards; one that passes a column is
kept a lane there, so that it runs behind no box. Inside a column nodes and lanes are ordered by the middle of
their neighbours (Sugiyama's barycentres), so that few links cross. Too many nodes of one kind in one column are
drawn as one box, which can be opened.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models_registry.lineage.graph import Lineage, Node
from models_registry.lineage.models import ArtifactKind, EdgeRole

WIDTH, HEIGHT, GAP, BESIDE, LANE = 194, 54, 12, 108, 6
"""Width and height of a box, the space below and beside it, and the height of a lane, in pixels."""
LONGEST_TITLE, LONGEST_SUB = 27, 32
DRAWN = 40
"""More nodes than this are drawn by kind."""
ALIKE = 3
"""More of one kind in one column than this become one box."""
SWEEPS = 6
MODEL_VERSIONS = "MODEL_VERSION"
"""What model versions are called where kinds of artifacts are named."""

FOLDED = frozenset({*ArtifactKind.values, MODEL_VERSIONS})
"""What may be folded."""

type Following = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the drawing, with what it says and where it leads; ``count`` nodes stand behind it."""

    key: str
    x: int
    y: int
    kind: str
    title: str
    sub: str
    said: str
    url: str
    css: str
    count: int = 1
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Wire:
    """One line of the drawing, from the right of a box to the left of another."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True, slots=True)
class Word:
    """A role, written where its lines begin."""

    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn, in reading order: column by column, downwards."""

    width: int
    height: int
    name: str
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    words: tuple[Word, ...]
    folded: int

    @property
    def is_folded(self) -> bool:
        """Say whether some nodes stand behind one box."""
        return bool(self.folded)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node, or several alike, in one column; without a node, the lane of links that pass it."""

    key: str
    column: int
    nodes: tuple[Node, ...]

    @property
    def height(self) -> int:
        """Return how much of the column it takes."""
        return HEIGHT if self.nodes else LANE


type Address = Callable[[Node], str]
type Opened = Callable[[str], str]


def drawn(
    lineage: Lineage,
    *,
    address: Address,
    opens: Opened,
    opened: Collection[str] = (),
    marked: Collection[str] = (),
) -> Drawing:
    """Return the drawing. ``address`` gives the page of a node, ``opens`` the page on which a kind is unfolded.

    ``opened`` are kinds that are not folded, ``marked`` the keys of nodes that are drawn as affected.
    """
    columns = columns_of(lineage)
    spots, home = _spots(lineage, columns, opened)
    spots, links = _with_lanes(spots, {(home[link.used], home[link.maker]) for link in lineage.links})
    lanes = _ordered(spots, links)
    places = _places(lanes)
    boxes = [_box(spot, places, lineage.root, address, opens, marked) for lane in lanes for spot in lane if spot.nodes]
    width = max((x for x, _ in places.values()), default=0) + WIDTH + 2
    height = max((places[spot.key][1] + spot.height for spot in spots), default=0) + 2
    folded = sum(len(spot.nodes) for spot in spots if len(spot.nodes) > 1)
    words = _words(lineage, home, places)
    return Drawing(
        width, height, f"Lineage of {lineage.root}", tuple(boxes), _wires(spots, links, places), words, folded
    )


def columns_of(lineage: Lineage) -> dict[str, int]:
    """Return the column of each node: 0 for the beginning, less for its origins, more for what stands on it."""
    used: dict[str, list[str]] = {}
    makers: dict[str, list[str]] = {}
    for link in lineage.links:
        used.setdefault(link.maker, []).append(link.used)
        makers.setdefault(link.used, []).append(link.maker)
    columns = {node.key: 0 for node in lineage.nodes}
    for following, step in ((used, -1), (makers, 1)):
        for node in _in_order(lineage.root.key, following):
            for other in following.get(node, ()):
                ahead = columns[node] + step
                columns[other] = min(columns[other], ahead) if step < 0 else max(columns[other], ahead)
    return columns


def _in_order(root: str, following: Following) -> list[str]:
    """Return what can be reached from the root so that every node stands behind those that lead to it."""
    done: set[str] = set()
    order: list[str] = []
    work = [(root, False)]
    while work:
        node, leaving = work.pop()
        if leaving:
            order.append(node)
        elif node not in done:
            done.add(node)
            work.append((node, True))
            work.extend((other, False) for other in following.get(node, ()) if other not in done)
    return order[::-1]


def _spots(lineage: Lineage, columns: Mapping[str, int], opened: Collection[str]) -> tuple[list[Spot], dict[str, str]]:
    """Return what is drawn in each column, and behind which box each node stands."""
    alike: dict[tuple[int, str], list[Node]] = {}
    for node in lineage.nodes:
        alike.setdefault((columns[node.key], _kind(node)), []).append(node)
    folds = len(lineage.nodes) > DRAWN
    spots: list[Spot] = []
    home: dict[str, str] = {}
    for (column, kind), nodes in alike.items():
        single = [node for node in nodes if node.key == lineage.root.key]
        rest = [node for node in nodes if node.key != lineage.root.key]
        if folds and kind not in opened and len(rest) > ALIKE:
            spots.append(Spot(f"{kind}{column}", column, tuple(rest)))
        else:
            single += rest
        spots += [Spot(node.key, column, (node,)) for node in single]
    for spot in spots:
        home |= {node.key: spot.key for node in spot.nodes}
    return spots, home


def _with_lanes(
    spots: Sequence[Spot], links: Iterable[tuple[str, str]]
) -> tuple[list[Spot], Sequence[tuple[str, str]]]:
    """Return the spots with a lane in each column that links from one box pass, and the links cut at the lanes."""
    columns = {spot.key: spot.column for spot in spots}
    numbers = sorted(set(columns.values()))
    lanes: dict[str, Spot] = {}
    cut: set[tuple[str, str]] = set()
    for left, right in links:
        before = left
        for column in numbers:
            if columns[left] < column < columns[right]:
                lane = lanes.setdefault(f"{left}~{column}", Spot(f"{left}~{column}", column, ()))
                cut.add((before, lane.key))
                before = lane.key
        cut.add((before, right))
    return [*spots, *sorted(lanes.values(), key=lambda spot: spot.key)], sorted(cut)


def _ordered(spots: Sequence[Spot], links: Iterable[tuple[str, str]]) -> list[list[Spot]]:
    """Return the columns, each ordered so that its links cross those of its neighbours little."""
    lanes: dict[int, list[Spot]] = {}
    for spot in sorted(spots, key=_usual_order):
        lanes.setdefault(spot.column, []).append(spot)
    beside: dict[str, list[str]] = {}
    for left, right in links:
        beside.setdefault(left, []).append(right)
        beside.setdefault(right, []).append(left)
    numbers = sorted(lanes)
    for sweep in range(SWEEPS):
        heights = {spot.key: place - (len(lane) - 1) / 2 for lane in lanes.values() for place, spot in enumerate(lane)}
        for number in numbers if sweep % 2 == 0 else numbers[::-1]:
            middle = {spot.key: _middle(beside.get(spot.key, ()), heights, heights[spot.key]) for spot in lanes[number]}
            lanes[number].sort(key=lambda spot: (middle[spot.key], _usual_order(spot)))
            size = len(lanes[number])
            heights |= {spot.key: place - (size - 1) / 2 for place, spot in enumerate(lanes[number])}
    return [lanes[number] for number in numbers]


def _middle(others: Sequence[str], heights: Mapping[str, float], own: float) -> float:
    return sum(heights[other] for other in others) / len(others) if others else own


def _places(lanes: Sequence[Sequence[Spot]]) -> dict[str, tuple[int, int]]:
    heights = [sum(spot.height + GAP for spot in lane) - GAP for lane in lanes]
    tallest = max(heights, default=0)
    places = {}
    for column, lane in enumerate(lanes):
        top = (tallest - heights[column]) // 2 + 1
        for spot in lane:
            places[spot.key] = (column * (WIDTH + BESIDE) + 1, top)
            top += spot.height + GAP
    return places


def _wires(
    spots: Sequence[Spot], links: Iterable[tuple[str, str]], places: Mapping[str, tuple[int, int]]
) -> tuple[Wire, ...]:
    middle = {spot.key: places[spot.key][1] + spot.height // 2 for spot in spots}
    wires = [
        Wire(places[left][0] + WIDTH, middle[left], places[right][0], middle[right])
        for left, right in links
        if left != right
    ]
    for spot in spots:
        if not spot.nodes:
            x = places[spot.key][0]
            wires.append(Wire(x, middle[spot.key], x + WIDTH, middle[spot.key]))
    return tuple(wires)


def _words(lineage: Lineage, home: Mapping[str, str], places: Mapping[str, tuple[int, int]]) -> tuple[Word, ...]:
    roles: dict[str, set[str]] = {}
    for link in lineage.links:
        roles.setdefault(home[link.used], set()).add(EdgeRole(link.role).label)
    words = []
    for key, found in sorted(roles.items()):
        x, y = places[key]
        more = f" +{len(found) - 1}" if len(found) > 1 else ""
        words.append(Word(x + WIDTH + 5, y + HEIGHT // 2 - 5, f"{min(found)}{more}"))
    return tuple(words)


def _box(
    spot: Spot,
    places: Mapping[str, tuple[int, int]],
    root: Node,
    address: Address,
    opens: Opened,
    marked: Collection[str],
) -> Box:
    x, y = places[spot.key]
    if len(spot.nodes) > 1:
        kind = _kind(spot.nodes[0])
        words = several(kind, len(spot.nodes))
        names = ", ".join(sorted({node.name for node in spot.nodes})[:3])
        said = f"{words}: {names} and others. Open them."
        return Box(
            spot.key, x, y, "Several", words, cut(names, LONGEST_SUB), said, opens(kind), "more", len(spot.nodes)
        )
    node = spot.nodes[0]
    sub = standing(node) if node.is_version else node.licence or node.digest.removeprefix("sha256:")[:12]
    shown = f"{node.label}, {sub}" if sub else node.label
    css = "this" if node.key == root.key else "changed" if node.key in marked else ""
    said = f"{kind_words(node)} {node.name} {shown}"
    return Box(
        node.key,
        x,
        y,
        kind_words(node),
        cut(node.name, LONGEST_TITLE),
        cut(shown, LONGEST_SUB),
        said,
        address(node),
        css,
    )


def standing(node: Node) -> str:
    """Return where a model version stands, in words."""
    return ", ".join([*([node.stage.lower()] if node.stage else []), *(f"@{name}" for name in node.aliases)])


def kind_words(node: Node) -> str:
    """Return what sort of thing a node is."""
    return "Model version" if node.is_version else str(ArtifactKind(node.kind).label)


def several(kind: str, count: int) -> str:
    """Return a count of things of one kind, in words."""
    if kind == MODEL_VERSIONS:
        return f"{count} model versions"
    one = ArtifactKind(kind).label.lower()
    plural = {"weights": "weights", "code": "commits", "vector index": "vector indexes"}.get(one, f"{one}s")
    return f"{count} {plural}"


def cut(text: str, longest: int) -> str:
    """Return a text that fits a box."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _kind(node: Node) -> str:
    return MODEL_VERSIONS if node.is_version else node.kind


def _usual_order(spot: Spot) -> tuple[str, str, str]:
    if not spot.nodes:
        return "~", spot.key, ""
    node = spot.nodes[0]
    return _kind(node), node.name, node.label
