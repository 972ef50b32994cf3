"""A lineage as plain values: nodes with their depth, links with their role. What pages draw and programs read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

VERSION, ARTIFACT = "VERSION", "ARTIFACT"
"""What a node is: a version of a model, or a version of an artifact."""


@dataclass(frozen=True, slots=True)
class Node:
    """One model version or artifact version. ``depth`` counts the links to where the question began, there 0.

    Of a model version, ``kind`` is empty, ``name`` is the model's, and ``stage``, ``aliases`` and ``owner`` say where
    it stands and who answers for it.
    """

    key: str
    pk: int
    depth: int
    kind: str
    name: str
    label: str
    digest: str = ""
    licence: str = ""
    source_uri: str = ""
    artifact: int | None = None
    slug: str = ""
    number: int = 0
    stage: str = ""
    aliases: tuple[str, ...] = ()
    owner: str = ""
    archived: bool = False

    @property
    def is_version(self) -> bool:
        """Say whether this is a version of a model."""
        return not self.kind

    @property
    def serves(self) -> bool:
        """Say whether somebody relies on the model version now: in production, or behind an alias."""
        return self.stage == "PRODUCTION" or bool(self.aliases)

    def __str__(self) -> str:
        return f"{self.name} {self.label}"


@dataclass(frozen=True, slots=True)
class Link:
    """``maker`` was made from, or works with, ``used``; both are keys of nodes."""

    maker: str
    used: str
    role: str
    pk: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """What was reached from one node, nearest first, the beginning included.

    ``hidden`` counts model versions whose models the reader may not see; ``cut`` says that the depth ended the walk.
    """

    root: Node
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    hidden: int = 0
    cut: bool = False

    def by_key(self) -> dict[str, Node]:
        """Return the nodes by their keys."""
        return {node.key: node for node in self.nodes}

    def joined(self, other: "Lineage") -> "Lineage":
        """Return both sides of one node as one lineage."""
        nodes = {node.key: node for node in (*self.nodes, *other.nodes)}
        links = {link.pk: link for link in (*self.links, *other.links)}
        return Lineage(
            self.root, tuple(nodes.values()), tuple(links.values()), self.hidden + other.hidden, self.cut or other.cut
        )


@dataclass(frozen=True, slots=True)
class Affected:
    """A model version that stands on something: how far away, through which artifact, in which role."""

    node: Node
    via: Node
    role: str

    @property
    def depth(self) -> int:
        """How many links lie between them."""
        return self.node.depth


def affected(lineage: Lineage) -> Sequence[Affected]:
    """Return the model versions downstream: those that serve first, then the nearest.

    Each stands once, with the artifact through which it is reached over the fewest links.
    """
    nodes = lineage.by_key()
    nearest: dict[str, Affected] = {}
    for link in lineage.links:
        node, via = nodes[link.maker], nodes[link.used]
        if node.is_version and (node.key not in nearest or via.depth < nearest[node.key].via.depth):
            nearest[node.key] = Affected(node, via, link.role)
    return sorted(nearest.values(), key=_urgency)


def neighbourhood(lineage: Lineage, *, around: str, hops: int) -> Lineage:
    """Return only what is within so many links of one node, in either direction, seen from that node."""
    near = {around}
    for _ in range(hops):
        near |= {end for link in lineage.links for end in (link.maker, link.used) if {link.maker, link.used} & near}
    nodes = tuple(node for node in lineage.nodes if node.key in near)
    links = tuple(link for link in lineage.links if link.maker in near and link.used in near)
    return Lineage(lineage.by_key()[around], nodes, links, lineage.hidden, lineage.cut)


def roles_of(lineage: Lineage) -> Mapping[str, Sequence[Link]]:
    """Return for each node the links that lead to it from what was made from it, or works with it."""
    found: dict[str, list[Link]] = {node.key: [] for node in lineage.nodes}
    for link in lineage.links:
        found[link.used].append(link)
    return found


def _urgency(one: Affected) -> tuple[bool, bool, int, str, int]:
    in_production = one.node.stage == "PRODUCTION"
    return not in_production, not one.node.serves, one.node.depth, one.node.name, -one.node.number
