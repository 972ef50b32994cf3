"""Calls to models that OpenTelemetry traces tell of, as predictions: spans of GenAI and of OpenInference.

The line hands over the events that it has measured (`settings.EVENT_FOLLOWERS`), in the same transaction. A span is
a prediction of its source once, by trace and span id. What a span does not say is left out, never guessed.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_models import Outcome
from models_registry.lineage.prediction_reading import LONGEST_TEXT, MOST_DOCUMENTS, Trace, version_text
from models_registry.lineage.resolution import known_models
from models_registry.telemetry import withholding
from models_registry.telemetry.adapters.otlp_spans import ModelSpan, model_spans
from models_registry.telemetry.adapters.otlp_texts import ANSWERED, ASKED, PERSON
from models_registry.telemetry.models import Source, SourceKind, TelemetryEvent

PROMPT: Final = ("redline.prompt.name", "gen_ai.prompt.name")
PROMPT_VERSION: Final = ("redline.prompt.version", "llm.prompt_template.version")
COST: Final = "llm.cost.total"
"""US dollars, in OpenInference."""

_DOCUMENT: Final = re.compile(r"retrieval\.documents\.(\d{1,4})\.document\.id", re.ASCII)
_NO_CODE: Final = re.compile(r"[^A-Za-z0-9_.:/-]+", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def take_in(*, events: Sequence[TelemetryEvent], at: datetime) -> None:
    """Keep the calls that these measured events tell of as predictions, in the caller's transaction."""
    since = prediction_actions.oldest(at)
    found: dict[int, tuple[Source, list[ModelSpan]]] = {}
    for event in events:
        if event.source.kind != SourceKind.OPENTELEMETRY:
            continue
        body = bytes(event.raw)
        spans = model_spans(body, headers=event.headers, received_at=event.received_at)
        texts = withholding.opened(body=body, headers=event.headers)
        found.setdefault(event.source_id, (event.source, []))[1].extend(
            replace(one, attributes=withholding.restored(one.attributes, texts))
            for one in spans
            if one.ended_at >= since
        )
    for _, (source, spans) in sorted(found.items()):
        names = {name for one in spans for name in (one.subject.model, *one.subject.also)}
        known = known_models(names, system=source.kind)
        if spans:
            prediction_actions.keep(source=source, traces=[trace_of(one, known=known) for one in spans], at=at)


def trace_of(span: ModelSpan, *, known: Iterable[str]) -> Trace:
    """Return a call as a prediction. Of the names that a span gives its model, the first on record is meant."""
    own, subject = span.attributes, span.subject
    registered = frozenset(known)
    names = (subject.model, *subject.also)
    cost = own.get(COST)
    has_cost = isinstance(cost, int | float) and not isinstance(cost, bool) and 0 <= cost < 10**9
    outcome, code = _ending(span)
    prompt, version = _first(own, PROMPT, 200), _first(own, PROMPT_VERSION, 100)
    return Trace(
        prediction_id=f"{span.trace_id}:{span.span_id}",
        trace_id=span.trace_id,
        model=next((name for name in names if name in registered), names[0]),
        version=version_text(subject.version or ""),
        observed_at=span.ended_at,
        environment=subject.environment,
        segment=subject.segment,
        prompt_name=prompt if version else "",
        prompt_label=version if prompt else "",
        documents=_documents(own),
        input_tokens=span.input_tokens,
        output_tokens=span.output_tokens,
        latency_ms=span.duration_ms,
        cost_micros=round(cost * 1_000_000) if has_cost else None,  # type: ignore[operator]
        currency="USD" if has_cost else "",
        outcome=outcome,
        outcome_code=code,
        subject=_first(own, PERSON, 300) or None,
        input=_text(own, ASKED),
        output=_text(own, ANSWERED),
    )


def _ending(span: ModelSpan) -> tuple[str, str]:
    reasons = span.attributes.get("gen_ai.response.finish_reasons")
    if isinstance(reasons, list | tuple) and "content_filter" in reasons:
        return Outcome.BLOCKED.value, "content_filter"
    if not span.error:
        return Outcome.OK.value, ""
    told = span.attributes.get("error.type")  # the status message is free text, which may quote a person
    code = _NO_CODE.sub("_", told)[:64] if isinstance(told, str) else ""
    return (Outcome.TIMEOUT if "timeout" in code.lower() else Outcome.ERROR).value, code


def _documents(own: Mapping[str, Any]) -> tuple[str, ...]:
    found = {int(match[1]): str(own[key]) for key in own if (match := _DOCUMENT.fullmatch(key))}
    named = [found[place].strip()[:200] for place in sorted(found)[:MOST_DOCUMENTS]]
    return tuple(one for one in named if one and not _CONTROL.search(one))


def _first(own: Mapping[str, Any], keys: Sequence[str], most: int) -> str:
    values = (own[key].strip() for key in keys if isinstance(own.get(key), str))
    return next((one for one in values if one and len(one) <= most and not _CONTROL.search(one)), "")


def _text(own: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    """Return what was said as text; structures as JSON with sorted keys, so that equal ones have equal hashes."""
    told = next((own[key] for key in keys if own.get(key) is not None), None)
    if told is None:
        return None
    text = told if isinstance(told, str) else json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
    return text[:LONGEST_TEXT]
