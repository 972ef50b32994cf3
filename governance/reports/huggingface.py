"""A card as Markdown whose head is the metadata that Hugging Face reads from a README.

Keys and their shapes are those of hub-docs `modelcard.md` and of `huggingface_hub`'s `repocard_data.py`. What is
not on record is left out: a guess would be read as a fact.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
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
    "cc-by-nc-nd-4.0", "gpl", "gpl-2.0", "gpl-3.0", "agpl-3.0", "lgpl-2.1", "lgpl-3.0", "mpl-2.0", "isc", "afl-3.0",
    "llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "gemma", "odbl", "odc-by", "pddl", "unlicense",
    "wtfpl", "zlib", "cdla-permissive-2.0", "cdla-sharing-1.0", "eupl-1.2", "epl-2.0",
})  # fmt: skip
"""Licences that the Hub names; another one is `other` with its name."""
SPDX: Mapping[str, str] = {"odbl-1.0": "odbl", "odc-by-1.0": "odc-by", "pddl-1.0": "pddl"}
"""Identifiers of SPDX whose licence goes by another name there."""
MOST_OF_AN_ID = 96
_ID = re.compile(r"([\w.-]+/)?[\w.-]+", re.ASCII)
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9.]+")
NOT_STATED = "Not stated"


def document(card: Card, *, base: str) -> str:
    """Return the card as a README. ``base`` is the address under which people reach Redline."""
    found = metadata(card, base=base)
    head = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False)
    return f"---\n{head}---\n\n{_body(card, base.rstrip('/'))}"


def metadata(card: Card, *, base: str) -> dict[str, Any]:
    """Return the front matter, without keys that nothing is known of and without names that are no ids of the Hub."""
    facts = card.facts
    origins = _ids(facts.base_models, facts.hub_ids)
    found = {
        **_licence(facts.licence),
        "pipeline_tag": PIPELINE_TAGS.get(facts.kind),
        "tags": list(facts.tags),
        "datasets": _ids(facts.trained_on, facts.hub_ids),
        "metrics": list(dict.fromkeys(one.metric for one in facts.results)),
        "base_model": origins[0] if len(origins) == 1 else origins,
        "base_model_relation": facts.base_relation if origins else None,
        "model_name": card.name,
        "model-index": _index(card, base.rstrip("/")),
    }
    return {key: value for key, value in found.items() if value}


def _ids(names: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """Return the ids, or the names that can be one: the Hub refuses the whole file for one that cannot."""
    return [
        one
        for one in (known.get(name, name) for name in names)
        if len(one) <= MOST_OF_AN_ID and _ID.fullmatch(one) and _is_fit(one)
    ]


def _is_fit(name: str) -> bool:
    ends = [part[at] for part in name.split("/") for at in (0, -1)]
    return not {"-", "."} & set(ends) and "--" not in name and ".." not in name and not name.endswith(".git")


def _licence(name: str) -> dict[str, str]:
    known = name.lower().removesuffix("-only").removesuffix("-or-later")
    known = SPDX.get(known, known)
    if known in LICENCES:
        return {"license": known}
    return {"license": "other", "license_name": _slug(name) or "not-named"} if name else {}


def _slug(name: str) -> str:
    return _NOT_IN_A_NAME.sub("-", name.lower()).strip("-")


def _index(card: Card, base: str) -> list[dict[str, Any]]:
    """Return the results by data set, as the Hub's library groups them: of two suites on one it would drop a name."""
    rows = sorted(card.facts.results, key=lambda one: (one.dataset, one.dataset_digest, one.suite))
    source = {"name": "Redline", "url": f"{base}/models/{card.slug}/versions/{card.facts.version}/"}
    found = [
        _result(card.facts.kind, list(group)) | ({"source": source} if card.facts.version else {})
        for _, group in groupby(rows, key=lambda one: (one.dataset, one.dataset_digest))
    ]
    return [{"name": card.slug, "results": found}] if found else []


def _result(kind: str, group: list[Result]) -> dict[str, Any]:
    first = group[0]
    data = {"type": first.dataset or "not-stated", "name": first.dataset or NOT_STATED}
    if first.dataset_digest:
        data["revision"] = first.dataset_digest
    return {
        "task": {"type": PIPELINE_TAGS.get(kind, "other")},
        "dataset": data,
        "metrics": [_metric(one) for one in group],
    }


def _metric(one: Result) -> dict[str, Any]:
    of = f", {one.segment}" if one.segment else ""
    args: dict[str, Any] = {"suite": one.suite}
    if one.segment:
        args["segment"] = one.segment
    if one.low is not None and one.high is not None:
        args["confidence_interval_95"] = [one.low, one.high]
    return {"type": one.metric, "value": one.value, "name": f"{one.suite}: {one.metric}{of}", "args": args}


def _body(card: Card, base: str) -> str:
    version = f", version {card.facts.version}" if card.facts.version else ""
    lines = [f"# {escaped(card.name)}", "", f"Model card{version}, as of {_moment(card.at)}.", ""]
    for part in card.told:
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
