"""The drawing: links lead rightwards, nothing lies on anything else, and 200 nodes stay readable."""

from hypothesis import given
from hypothesis import strategies as st

from governance.dashboards.lineagegraph import lineage_graph
from models_registry.lineage import layout
from models_registry.lineage.graph import Lineage, Link, Node

KINDS = ("DATASET", "WEIGHTS", "PROMPT_TEMPLATE")


def node(place: int, kind: str = "DATASET", name: str = "") -> Node:
    return Node(f"a{place}", place, 1, kind, name or f"artifact-{place}", "v1", licence="MIT", artifact=place)


def lineage(pairs, size: int, kinds=("DATASET",)) -> Lineage:
    root = Node("v1", 1, 0, "", "Claims triage", "v3", slug="claims-triage", number=3, stage="PRODUCTION")
    nodes = [node(place, kinds[place % len(kinds)]) for place in range(size)]
    links = [Link("v1", f"a{place}", "TRAINED_ON", 1000 + place) for place in range(size)]
    links += [Link(f"a{made}", f"a{used}", "DERIVED_FROM", number) for number, (made, used) in enumerate(pairs)]
    return Lineage(root, (root, *nodes), tuple(links))


def drawn(found: Lineage, **more):
    return layout.drawn(found, address=lambda one: f"/{one.key}/", opens=lambda kind: f"?open={kind.lower()}", **more)


ordered = (
    st.tuples(st.integers(0, 29), st.integers(0, 29)).filter(lambda p: p[0] != p[1]).map(lambda p: (max(p), min(p)))
)


@given(st.sets(ordered, max_size=40))
def test_every_link_leads_rightwards_and_no_box_lies_on_another(pairs):
    found = drawn(lineage(pairs, 30, KINDS))

    assert all(wire.x2 > wire.x1 for wire in found.wires)
    places = [(box.x, box.y) for box in found.boxes]
    assert len(set(places)) == len(places)
    for box in found.boxes:
        assert 0 <= box.x <= found.width - layout.WIDTH
        assert 0 <= box.y <= found.height - layout.HEIGHT
    assert len(found.boxes) == 31


def test_boxes_stand_in_reading_order_column_by_column():
    found = drawn(lineage({(1, 0), (2, 1)}, 6))

    assert [(box.x, box.y) for box in found.boxes] == sorted((box.x, box.y) for box in found.boxes)
    assert found.boxes[-1].title == "Claims triage"


def test_two_hundred_nodes_are_drawn_by_kind_and_can_be_opened():
    big = lineage(set(), 200, KINDS)

    folded, opened = drawn(big), drawn(big, opened={"DATASET"})

    assert len(folded.boxes) == 4
    assert folded.folded == 200
    assert {box.title for box in folded.boxes if box.count > 1} == {"67 datasets", "67 weights", "66 prompts"}
    assert [box.url for box in folded.boxes if box.title == "67 datasets"] == ["?open=dataset"]
    assert len(opened.boxes) == 67 + 3
    assert folded.height < 400


def test_few_of_a_kind_are_drawn_one_by_one():
    assert not drawn(lineage(set(), 20, KINDS)).is_folded


def test_a_long_lineage_is_laid_out_without_recursion():
    pairs = {(place + 1, place) for place in range(1999)}

    columns = layout.columns_of(lineage(pairs, 2000))

    assert columns["a0"] == -2000


def test_roles_stand_beside_what_they_lead_from():
    found = drawn(lineage({(1, 0)}, 2))

    assert {word.text for word in found.words} == {"derived from +1", "trained on"}


def test_the_drawing_is_escaped_markup_of_links():
    root = Node("v1", 1, 0, "", "A <b> & co", "v1", slug="a", number=1)
    evil = node(1, name='"><script>alert(1)</script>')
    found = drawn(Lineage(root, (root, evil), (Link("v1", "a1", "TRAINED_ON", 1),)))

    text = lineage_graph(found)

    assert "<script>" not in text
    assert text.count("<a href=") == 2
    assert 'aria-label="Lineage of A &lt;b&gt; &amp; co v1"' in text
    assert "style=" not in text
