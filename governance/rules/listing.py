"""A text with its line numbers and errors under their places, and a sentence with what changed marked in it."""

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.rules.yamltree import RuleError


def numbered(text: str, errors: Iterable[RuleError] = (), *, label: str = "Text") -> SafeString:
    """Return the text as a listing; each error stands under its line with a caret at its column."""
    lines = text.splitlines() or [""]
    at_line: dict[int, list[RuleError]] = defaultdict(list)
    for error in errors:
        at_line[min(max(error.line, 1), len(lines))].append(error)
    width = len(str(len(lines)))
    rows = (
        row
        for number, line in enumerate(lines, start=1)
        for row in (_line(number, line, width), *(_under(one, width) for one in at_line[number]))
    )
    body = format_html_join("", "{}", ((row,) for row in rows))
    return format_html('<pre class="code" tabindex="0" role="region" aria-label="{}">{}</pre>', label, body)


def _line(number: int, line: str, width: int) -> SafeString:
    return format_html('<span class="muted" id="line-{}">{}  </span>{}\n', number, str(number).rjust(width), line)


def _under(error: RuleError, width: int) -> SafeString:
    indent = " " * (width + 2 + max(error.column, 1) - 1)
    return format_html('<strong class="late">{}^ column {}: {}</strong>\n', indent, error.column, error.message)


def reworded(old: str, new: str) -> SafeString:
    """Return a sentence with the words that are gone struck out and those that came marked."""
    before, after = old.split(), new.split()
    parts = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(format_html("{} ", " ".join(after[c:d])))
            continue
        if a < b:
            parts.append(format_html("<del>{}</del> ", " ".join(before[a:b])))
        if c < d:
            parts.append(format_html("<ins>{}</ins> ", " ".join(after[c:d])))
    return format_html('<p class="reworded">{}</p>', format_html_join("", "{}", ((part,) for part in parts)))
