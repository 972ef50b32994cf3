"""What people write in Markdown becomes markup that can do nothing, whatever they write, and in little time."""

import re
import time
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from models_registry.catalog.card_markdown import ATTRIBUTES, TAGS, blocks, escaped, rendered, without_markup
from models_registry.catalog.card_sections import LONGEST

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "<style>body{display:none}</style>",
    "<svg onload=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<!-- <script> --><script>alert(1)</script>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\nscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    "![pixel](https://evil.example/track.png)",
    "<javascript:alert(1)>",
    '[a](https://x.example "onclick=alert(1)")',
    '[a](https://x.example/"onmouseover="alert(1))',
    "[x][y]\n\n[y]: javascript:alert(1)",
    "```html onload=alert(1)\n<script>alert(1)</script>\n```",
    "| a |\n|:-:|\n| <script>alert(1)</script> |",
    "<div style='position:fixed'>x</div>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


class Marks(HTMLParser):
    """Collects every tag and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment came through")


def marks(text: str) -> Marks:
    found = Marks()
    found.feed(rendered(text))
    return found


def harmless(found: Marks) -> None:
    assert found.tags <= TAGS
    assert set(found.attributes) <= {"rel", *(name for names in ATTRIBUTES.values() for name in names)}
    for address in found.attributes.get("href", []):
        scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", address, re.I)
        assert scheme is None or scheme.group(1).lower() in {"http", "https", "mailto"}, address


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_becomes_markup(text: str) -> None:
    harmless(marks(text))


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_#|-:=/\\& \n\tajvscriptdonlxm\x0b\u202e"), max_size=300))
def test_whatever_is_written_stays_within_the_list(text: str) -> None:
    harmless(marks(text))


def test_what_is_meant_is_drawn() -> None:
    text = (
        "# Who\n\nCase *handlers* and **only** they, [here](https://x.example).\n\n- one\n- two\n\n"
        "> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. first\n\n~~gone~~ `code`\n"
    )

    found = marks(text)

    assert {"h3", "em", "strong", "a", "ul", "ol", "li", "blockquote", "table", "td", "s", "code"} <= found.tags
    assert found.attributes["rel"] == ["noopener noreferrer nofollow"]


def test_headings_step_down_below_those_of_the_page_without_gaps() -> None:
    assert re.findall(r"<(h\d)>", rendered("# One\n\n#### Deep\n\n# Two")) == ["h3", "h4", "h3"]


def test_a_picture_becomes_a_link_that_nobody_loads() -> None:
    assert "img" not in marks("![plan](https://x.example/plan.png)").tags
    assert 'href="https://x.example/plan.png"' in rendered("![plan](https://x.example/plan.png)")


@pytest.mark.parametrize(
    "text",
    [
        "[" * LONGEST,
        "*a " * (LONGEST // 3),
        "> " * (LONGEST // 2),
        "\n".join(" " * depth + "- a" for depth in range(180)),
        "`" * LONGEST,
        "<" * LONGEST,
        "([" * (LONGEST // 2),
        "[a](" * (LONGEST // 4),
        "_a" * (LONGEST // 2),
        "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + "|\n" * 7000,
        "".join(f"[a{number}]: x\n" for number in range(1800)),
        "&" * LONGEST,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_a_text_of_full_length_neither_takes_long_nor_grows_without_measure(text: str) -> None:
    rendered.cache_clear()
    began = time.process_time()

    markup = rendered(text[:LONGEST])

    assert time.process_time() - began < 5
    assert len(markup) < 12 * LONGEST
    assert blocks(text[:LONGEST]) is not None


def test_pieces_keep_the_words_and_the_addresses_of_links() -> None:
    found = blocks("# Who\n\nSee [the page](https://x.example).\n\n- one\n  - two\n\n| a | b |\n|---|---|\n| 1 | 2 |")

    assert [(one.kind, one.text, one.depth) for one in found] == [
        ("heading", "Who", 0),
        ("paragraph", "See the page (https://x.example).", 0),
        ("item", "one", 1),
        ("item", "two", 2),
        ("row", "a  |  b", 0),
        ("row", "1  |  2", 0),
    ]


@given(st.text(max_size=80))
def test_an_escaped_text_reads_as_itself(text: str) -> None:
    said = escaped(text)

    assert "\n" not in said
    assert "<a " not in rendered(said) and "<em>" not in rendered(said) and "<strong>" not in rendered(said)


LAX = MarkdownIt("gfm-like", {"html": True, "linkify": False})


@pytest.mark.parametrize("text", ["a < b and `x<y`", "```\n<script>\n```", "See <https://maps.example/plan>."])
def test_a_text_without_markup_goes_out_as_it_was_written(text: str) -> None:
    assert without_markup(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_reader_of_the_file_finds_markup(text: str) -> None:
    assert not _markup(LAX.parse(without_markup(text)))


@given(st.text(alphabet=st.sampled_from("<>!?/`~\\& \n\tab=\"'[]()|-*"), max_size=200))
def test_whatever_is_written_goes_out_without_markup(text: str) -> None:
    assert not _markup(LAX.parse(without_markup(text)))


def _markup(tokens: Sequence[Token]) -> list[str]:
    found = [one.content for one in tokens if one.type in ("html_block", "html_inline")]
    return found + [each for one in tokens for each in _markup(one.children or ())]
