"""A card as Markdown whose head is the metadata that Hugging Face reads from a README.

Keys and their shapes are those of hub-docs `modelcard.md` and of `huggingface_hub`'s `repocard_data.py`. What is
not on record is left out: a guess would be read as a fact.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import yaml

from governance.reports.cards import Card, Part, Result, Statement
from models_registry.catalog.card_markdown import escaped, without_markup
from models_registry.catalog.models import Kind

PIPELINE_TAGS: Mapping[str, str] = {
    Kind.LLM_APPLICATION: "text-generation",
    Kind.RAG_APPLICATION: "text-generation",
    Kind.FINE_TUNED_ADAPTER: "text-generation",
    Kind.FORECASTER: "time-series-forecasting",
    Kind.EMBEDDING_MODEL: "feature-extraction",
}
"""The task of a kind, where the kind leaves no other."""
LICENCES = frozenset({
    "apache-2.0", "mit", "openrail", "bigscience-openrail-m", "creativeml-openrail-m", "bsd", "bsd-2-clause",
    "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0",
    "cc-by-nc-nd-4.0", "gpl", "gpl-2.0", "gpl-3.0", "agpl-3.0", "lgpl-3.0", "mpl-2.0", "isc", "afl-3.0",
    "llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "gemma", "odbl", "pddl", "unlicense", "wtfpl", "zlib",
})  # fmt: skip
"""Licences that the Hub names; another one is `other` with its name."""
NOT_STATED = "Not stated"


def document(card: Card, *, base: str) -> str:
    """Return the card as a README. ``base`` is the address under which people reach Redline."""
    head = yaml.safe_dump(metadata(card), sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    return f"---\n{head}---\n\n{_body(card, base.rstrip('/'))}"


def metadata(card: Card) -> dict[str, Any]:
    """Return the front matter, without keys that nothing is known of."""
    facts = card.facts
    found = {
        **_licence(facts.licence),
        "pipeline_tag": PIPELINE_TAGS.get(facts.kind),
        "tags": list(facts.tags),
        "datasets": list(facts.trained_on),
        "metrics": list(dict.fromkeys(one.metric for one in facts.results)),
        "base_model": facts.base_models[0] if len(facts.base_models) == 1 else list(facts.base_models),
        "model_name": card.name,
        "model-index": _index(card),
    }
    return {key: value for key, value in found.items() if value}


def _licence(name: str) -> dict[str, str]:
    known = name.lower().removesuffix("-only").removesuffix("-or-later")
    if known in LICENCES:
        return {"license": known}
    return {"license": "other", "license_name": name} if name else {}


def _index(card: Card) -> list[dict[str, Any]]:
    rows = sorted(card.facts.results, key=lambda one: (one.dataset, one.dataset_digest, one.suite))
    found = [
        _result(card.facts.kind, list(group))
        for _, group in groupby(rows, key=lambda one: (one.dataset, one.dataset_digest, one.suite))
    ]
    return [{"name": card.slug, "results": found}] if found else []


def _result(kind: str, group: list[Result]) -> dict[str, Any]:
    first = group[0]
    data = {"type": first.dataset or "not-stated", "name": first.dataset or NOT_STATED}
    if first.dataset_digest:
        data["revision"] = first.dataset_digest
    return {
        "task": {"type": PIPELINE_TAGS.get(kind, "other"), "name": first.suite},
        "dataset": data,
        "metrics": [_metric(one) for one in group],
    }


def _metric(one: Result) -> dict[str, Any]:
    name = f"{one.metric}, {one.segment}" if one.segment else one.metric
    found: dict[str, Any] = {"type": one.metric, "value": one.value, "name": name}
    if one.segment:
        found["args"] = {"segment": one.segment}
    return found


def _body(card: Card, base: str) -> str:
    version = f", version {card.facts.version}" if card.facts.version else ""
    lines = [f"# {escaped(card.name)}", "", f"Model card{version}, as of {_moment(card.at)}.", ""]
    for part in card.parts:
        lines += _part(part, base)
    if card.withheld:
        lines += [f"Left out, because its reader may not see them: {', '.join(map(escaped, card.withheld))}.", ""]
    return "\n".join(lines)


def _part(part: Part, base: str) -> Iterator[str]:
    yield f"## {escaped(part.title)}"
    yield ""
    if part.written:
        yield without_markup(part.written.text)
        yield ""
        yield f"*Written by {escaped(part.written.by)} on {part.written.at:%Y-%m-%d}, version {part.written.number}.*"
        yield ""
    for one in part.statements:
        yield f"- {_statement(one, base)}"
    if part.statements:
        yield ""
    if part.missing:
        yield f"*{escaped(part.missing)}*"
        yield ""


def _statement(one: Statement, base: str) -> str:
    told = [one.level.capitalize(), one.verdict, one.text]
    words = escaped(". ".join(word.rstrip(".") for word in told if word))
    since = f", {one.at:%Y-%m-%d}" if one.at else ""
    source = f" ([source](<{base}{one.url}>){since})" if one.url else ""
    return f"**{escaped(one.term)}**: {words}{source}"


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
