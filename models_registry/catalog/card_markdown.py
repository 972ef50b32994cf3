"""Markdown that people write, as markup that can do nothing: rendered strictly, then cleaned against a list.

CommonMark with tables and strikethrough. Markup in the text stays text, pictures become links, and headings step
down below those of the page. What the parser lets through is cleaned once more by another library, because each
of the two may have a hole. Pages forbid scripts and styles of their own besides (Content-Security-Policy).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"

MOST_CELLS = 5_000
"""A table's missing cells are filled in, so a few lines could grow into many; a larger one is shown as text."""

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
_PARSER.enable(["table", "strikethrough"]).disable("image")
_WITHOUT_TABLES = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
_WITHOUT_TABLES.enable("strikethrough").disable("image")

_LAX = MarkdownIt("commonmark", {"html": True, "maxNesting": 20})
"""Reads as the readers do that a card's file may reach."""
_OPENING = re.compile(r"<(?=[a-zA-Z/!?])")

_RULE = re.compile(r"(?:[\s|:-]*+>)*+[\s:-]*+\|[\s|:-]*+")

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+|~])")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a text without its markup. ``kind`` is paragraph, heading, item, quote, code or row."""

    kind: str
    text: str
    depth: int = 0


@lru_cache(maxsize=512)
def rendered(text: str) -> SafeString:
    """Return the text as markup that is safe to put in a page."""
    tokens = _parsed(text)
    _step_down(tokens)
    markup = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL, strip_comments=True)
    return mark_safe(clean)  # noqa: S308 - cleaned against the list above


def blocks(text: str) -> list[Block]:
    """Return the text in pieces without markup, for media that have none. Addresses follow their words."""
    return list(_blocks(_parsed(text)))


def escaped(text: str) -> str:
    """Return a plain text so that Markdown reads it as just that, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def without_markup(text: str) -> str:
    """Return the text as Markdown for readers who let markup through: where it holds any, no tag opens in it."""
    tokens = _LAX.parse(text)
    every = [*tokens, *(child for token in tokens for child in token.children or ())]
    return _OPENING.sub("&lt;", text) if any(one.type in ("html_block", "html_inline") for one in every) else text


def _parsed(text: str) -> list[Token]:
    lines = text.splitlines()
    widest = max((line.count("|") + 1 for line in lines if _RULE.fullmatch(line)), default=0)
    return (_WITHOUT_TABLES if widest * len(lines) > MOST_CELLS else _PARSER).parse(text)


def _step_down(tokens: Sequence[Token]) -> None:
    """Let the highest heading of the text be the third of the page, the next below it the fourth, and so on."""
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    names = {level: f"h{min(3 + place, 6)}" for place, level in enumerate(levels)}
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = names[token.tag]


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    kinds: list[str] = []
    row: list[str] = []
    for token in tokens:
        name = token.type
        if name in ("heading_open", "blockquote_open", "list_item_open", "th_open", "td_open"):
            kinds.append(name.removesuffix("_open"))
        elif name in ("heading_close", "blockquote_close", "list_item_close", "th_close", "td_close"):
            kinds.pop()
        elif name in ("fence", "code_block"):
            yield Block("code", token.content.rstrip("\n"))
        elif name == "tr_close":
            yield Block("row", "  |  ".join(row))
            row = []
        elif name == "inline":
            if kinds and kinds[-1] in ("th", "td"):
                row.append(_words(token))
            else:
                yield _block(kinds, _words(token))


def _block(kinds: Sequence[str], text: str) -> Block:
    depth = kinds.count("list_item")
    if kinds and kinds[-1] == "heading":
        return Block("heading", text)
    if depth:
        return Block("item", text, depth)
    return Block("quote" if "blockquote" in kinds else "paragraph", text)


def _words(token: Token) -> str:
    """Return the words of a line; where a link opens its address is kept for its end."""
    found: list[str] = []
    addresses: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            found.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            found.append(" ")
        elif child.type == "link_open":
            addresses.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close" and (address := addresses.pop()) and address not in "".join(found):
            found.append(f" ({address})")
    return "".join(found)
