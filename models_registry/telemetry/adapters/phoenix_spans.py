"""Calls to models as a sweep keeps them from Arize Phoenix: measured as the spans of a trace's export are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import otlp_facts, otlp_spans
from models_registry.telemetry.adapters.fields import as_items, as_object
from models_registry.telemetry.adapters.otlp_spans import ModelSpan
from models_registry.telemetry.notices import Findings, Notice, merged
from models_registry.telemetry.readings import Unreadable

LIMIT: Final = 1_000


def read(document: Mapping[str, Any], *, received_at: datetime) -> Findings:
    """Return what a page of calls measures, per model. Raises Unreadable with the first thing that is wrong."""
    spans, strangers = [], []
    for index, one in enumerate(as_items(document.get("spans"), "/spans", limit=LIMIT)):
        path = f"/spans/{index}"
        span = _span(as_object(one, path), document, path, received_at)
        if span is None:
            strangers.append(Notice("N_NO_MODEL", ""))
        else:
            spans.append(span)
    return Findings(otlp_spans.measured(spans), merged(strangers), lenient=True)


def _span(one: Mapping[str, Any], whole: Mapping[str, Any], path: str, received_at: datetime) -> ModelSpan | None:
    own = dict(as_object(one.get("attributes"), f"{path}/attributes"))
    resource = {otlp_facts.SERVICE: whole["project"]} if isinstance(whole.get("project"), str) else {}
    if isinstance(whole.get("model"), str) and whole["model"] and otlp_facts.OURS not in own:
        own[otlp_facts.OURS] = whole["model"]
    subject = otlp_facts.subject(own, resource, path=path)
    if subject is None:
        return None
    started, ended = (
        readings.moment(one.get(name), path=f"{path}/{name}", received_at=received_at)
        for name in ("start_time", "end_time")
    )
    if ended < started:
        raise Unreadable.because("E_TIME", f"{path}/end_time", "the span ends before it starts")
    return otlp_spans.model_span(
        own,
        subject=subject,
        trace_id=str(one.get("trace_id", "")),
        span_id=str(one.get("span_id", "")),
        started_at=started,
        ended_at=ended,
        failed=one.get("status_code") == "ERROR" or bool(own.get("error.type")),
    )
