"""What every template promises: nothing inline, nothing from elsewhere, no hollow words."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMMENT = re.compile(r"{#.*?#}|{% comment.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)

REFUSED = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an htmx handler": re.compile(r"\shx-on[:-]", re.IGNORECASE),
    "a style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "a file of another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)=[\"'](?:https?:)?//", re.IGNORECASE
    ),
    "the word successfully": re.compile(r"\bsuccessfully\b", re.IGNORECASE),
}


def as_written(path: Path) -> str:
    """Return the HTML of a template, without comments and tags but with every line in its place."""
    text = path.read_text()
    for gone in (COMMENT, TAG):
        text = gone.sub(lambda found: "\n" * found.group(0).count("\n"), text)
    return text


def test_there_are_templates():
    assert TEMPLATES


@pytest.mark.parametrize("name", REFUSED)
def test_no_template_holds(name):
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group(0)[:80]}"
        for path in TEMPLATES
        for text in [as_written(path)]
        for hit in REFUSED[name].finditer(text)
    ]

    assert not found, f"{name}:\n" + "\n".join(found)


def test_every_included_template_is_there():
    wanted = re.compile(r"{% *(?:include|extends) +\"([^\"#{]+)(?:#[^\"]*)?\"")
    missing = [
        f"{path.relative_to(ROOT)} wants {name}"
        for path in TEMPLATES
        for name in wanted.findall(COMMENT.sub("", path.read_text()))
        if not (ROOT / "templates" / name).is_file() and not name.startswith(("allauth/", "account/", "mfa/"))
    ]

    assert not missing, "\n".join(missing)
