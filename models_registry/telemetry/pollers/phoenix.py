"""Arize Phoenix: the judgements of a project's spans, and its calls to models.

Source: Arize-ai/phoenix `schemas/openapi.json`, `GET /v1/projects/{project}/spans` and `…/span_annotations`: pages of
`{data, next_cursor}`. Judgements are written after their spans, so spans are looked at again for as long as the
settings say; a judgement is one event for each time that it was written. What people and models wrote is left there:
of a span only its names, times and counts are kept, of a judgement neither explanation nor free metadata.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from models_registry.telemetry.adapters.judged_texts import KEPT_OF_METADATA
from models_registry.telemetry.pollers.reading import (
    keep_place,
    list_in,
    moment_told,
    object_in,
    short_digest,
    text_in,
    written,
)
from models_registry.telemetry.pollers.shapes import Ask, Asker, Field, Found, Page, Poller, Recall, Scheme

CALLS_A_PAGE: Final = 200
SPANS_A_PAGE: Final = 50
"""Their identifiers stand in the address of the question for their judgements."""
JUDGEMENTS_A_PAGE: Final = 1_000
SETTLES: Final = dt.timedelta(minutes=2)
"""How old a call is before it is read: exporters send in batches."""
LOOK_BACK_HOURS: Final = 6
KEPT_OF_CALLS: Final = frozenset(
    {
        "redline.model", "redline.model.version", "redline.environment", "redline.segment", "model.id", "model_id",
        "model.name", "model_name", "model.version", "model_version", "deployment.environment.name",
        "deployment.environment", "llm.model_name", "llm.request.model_name", "llm.response.model_name",
        "gen_ai.request.model", "gen_ai.response.model", "llm.provider", "gen_ai.provider.name",
        "gen_ai.operation.name", "openinference.span.kind", "error.type", "llm.token_count.prompt",
        "llm.token_count.completion", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
    }
)  # fmt: skip


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read the calls since the last sweep, then the judgements of the spans of the last hours."""
    place = dict(cursor)
    path = f"v1/projects/{config['project']}/"
    whole = {name: config[name] for name in ("project", "model") if config.get(name)}
    yield from _calls(ask, path, whole, place, at)
    back = dt.timedelta(hours=int(config.get("look_back", "") or LOOK_BACK_HOURS))
    yield from _judgements(ask, path, whole, place, at, back)


def check(config: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is wrong with the fields."""
    faults = {}
    if "/" in config["project"] or "?" in config["project"]:
        faults["project"] = "The name of a project has neither a slash nor a question mark."
    hours = config.get("look_back", "") or str(LOOK_BACK_HOURS)
    if not (hours.isascii() and hours.isdecimal() and 1 <= int(hours) <= 168):
        faults["look_back"] = "A whole number of hours from 1 to 168."
    return faults


def _calls(ask: Asker, path: str, whole: Mapping[str, str], place: dict[str, Any], at: dt.datetime) -> Iterator[Page]:
    since = place.setdefault("calls_since", place["begun_at"])
    until = place.setdefault("calls_until", (at - SETTLES).isoformat())
    while dt.datetime.fromisoformat(since) < dt.datetime.fromisoformat(until):
        query = {"start_time": since, "end_time": until, "span_kind": ["LLM", "EMBEDDING"], "limit": CALLS_A_PAGE}
        calls = [_call(one) for one in list_in(_page(ask, path + "spans", query, place, "calls_cursor"), "data")]
        key = short_digest(",".join(sorted(call["span_id"] for call in calls)))
        found = [Found(f"spans:{since}:{key}", written({"spans": calls, **whole}))] if calls else []
        if place.get("calls_cursor"):
            yield Page(found, dict(place))
            continue
        place["calls_since"] = place.pop("calls_until")
        yield Page(found, dict(place))
        return
    place.pop("calls_until")


def _judgements(
    ask: Asker, path: str, whole: Mapping[str, str], place: dict[str, Any], at: dt.datetime, back: dt.timedelta
) -> Iterator[Page]:
    begun = dt.datetime.fromisoformat(place["begun_at"])
    window = place.setdefault("judged_window", [(at - back).isoformat(), at.isoformat()])
    while True:
        query = {"start_time": window[0], "end_time": window[1], "limit": SPANS_A_PAGE}
        data = _page(ask, path + "spans", query, place, "judged_cursor")
        spans = sorted({text_in(object_in(one.get("context"), "context"), "span_id") for one in list_in(data, "data")})
        found = [
            _judgement(one, whole)
            for one in (_annotations(ask, path, spans) if spans else ())
            if moment_told(one.get("updated_at"), "updated_at") >= begun
        ]
        if not place.get("judged_cursor"):
            place.pop("judged_window")
            yield Page(found, dict(place))
            return
        yield Page(found, dict(place))


def _annotations(ask: Asker, path: str, spans: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    place: dict[str, Any] = {}
    while True:
        query = {"span_ids": list(spans), "limit": JUDGEMENTS_A_PAGE}
        yield from list_in(_page(ask, path + "span_annotations", query, place, "cursor"), "data")
        if not place.get("cursor"):
            return


def _page(ask: Asker, path: str, query: Mapping[str, Any], place: dict[str, Any], name: str) -> Mapping[str, Any]:
    """Ask for the page that the cursor of this name stands at, and move the cursor."""
    token = {"cursor": place[name]} if place.get(name) else {}
    data = object_in(ask(Ask(path, query={**query, **token})).data, "object")
    keep_place(place, name, text_in(data, "next_cursor"))
    return data


def _call(one: Mapping[str, Any]) -> dict[str, Any]:
    context, attributes = object_in(one.get("context"), "context"), one.get("attributes") or {}
    kept = {key: value for key, value in object_in(attributes, "attributes").items() if key in KEPT_OF_CALLS}
    plain = {key: value for key, value in kept.items() if isinstance(value, str | int | float | bool)}
    names = ("span_kind", "start_time", "end_time", "status_code")
    identity = {"trace_id": text_in(context, "trace_id"), "span_id": text_in(context, "span_id")}
    return {**identity, **{name: text_in(one, name) for name in names}, "attributes": plain}


def _judgement(one: Mapping[str, Any], whole: Mapping[str, str]) -> Found:
    names = ("id", "name", "annotator_kind", "identifier", "span_id", "created_at", "updated_at")
    result = object_in(one.get("result") or {}, "result")
    metadata = object_in(one.get("metadata") or {}, "metadata")
    told = {name: one[name] for name in names if one.get(name) is not None} | {
        "result": {name: result.get(name) for name in ("label", "score")},
        "metadata": {name: metadata[name] for name in KEPT_OF_METADATA if name in metadata},
    }
    key = f"annotation:{text_in(one, 'id')}@{text_in(one, 'updated_at')}"
    return Found(key, written({"data": [told], **whole}))


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field("project", "Project", "Its name or identifier in Phoenix."),
        Field(
            "model",
            "Model",
            "The model that is meant where a call or a judgement names none; the project's name when left out.",
            required=False,
        ),
        Field(
            "look_back",
            "Hours to look back",
            "For how long after a call its judgements may still come.",
            required=False,
            initial=str(LOOK_BACK_HOURS),
        ),
    ),
    schemes=(Scheme.BEARER, Scheme.NONE),
    address="https://app.phoenix.arize.com",
    min_interval_s=60,
    check=check,
)
