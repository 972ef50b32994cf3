"""OTLP traces: spans of calls to models as plain facts, and the measurements that a batch of them gives.

Spans of the GenAI conventions (semantic-conventions-genai, gen-ai-spans) and of OpenInference are read, and any
span that names its model by `redline.model`. Spans of agents, tools and chains hold calls and are none themselves.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from models_registry.telemetry.adapters import otlp_facts
from models_registry.telemetry.adapters.otlp_facts import OURS, Attributes, Subject
from models_registry.telemetry.adapters.otlp_wire import Signal, attributes, decode
from models_registry.telemetry.notices import Findings, no_model
from models_registry.telemetry.readings import Problem, Reading, Unreadable

CALLS: Final = frozenset({"chat", "text_completion", "generate_content", "embeddings"})
"""Values of `gen_ai.operation.name` that are one call to one model."""
OPENINFERENCE_CALLS: Final = frozenset({"LLM", "EMBEDDING"})
_OPERATION: Final = ("gen_ai.operation.name", "openinference.span.kind")
_ERROR: Final = 2  # opentelemetry.proto.trace.v1.Status.StatusCode
_INPUT: Final = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_OUTPUT: Final = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")


@dataclass(frozen=True, slots=True)
class ModelSpan:
    """One call to a model as a trace tells it. Identifiers are hex; ``attributes`` holds all of the span's own.

    ``input_tokens`` and ``output_tokens`` are None where the span does not say them; ``error`` is empty for a
    call that did not fail, else its `error.type` or the status message.
    """

    subject: Subject
    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    operation: str
    provider: str
    request_model: str
    response_model: str
    response_id: str
    conversation_id: str
    started_at: datetime
    ended_at: datetime
    duration_ms: float
    error: str
    input_tokens: int | None
    output_tokens: int | None
    attributes: Mapping[str, Any]


def model_spans(body: bytes, *, headers: Mapping[str, str], received_at: datetime) -> list[ModelSpan]:
    """Return the calls to models in one kept export of traces, in its order. Raises Unreadable with every problem.

    ``headers`` are those kept with the body. An export of metrics or logs has none.
    """
    signal, message = decode(body, headers=headers)
    return spans_of(message, received_at=received_at) if signal is Signal.TRACES else []


def spans_of(message: Any, *, received_at: datetime) -> list[ModelSpan]:
    """Return the calls to models in a decoded export of traces. Raises Unreadable with every problem."""
    return _calls(message, received_at)[0]


def _calls(message: Any, received_at: datetime) -> tuple[list[ModelSpan], Counter[str]]:
    """Return the calls to models, and by their operation how many say neither a model nor a service."""
    found: list[ModelSpan] = []
    strangers: Counter[str] = Counter()
    problems: list[Problem] = []
    for path, resource, span in _spans(message):
        own = attributes(span.attributes)
        try:
            if not _is_call(own):
                continue
            if (one := _span(span, own, resource, path, received_at)) is None:
                strangers[_text(own, *_OPERATION)] += 1
            else:
                found.append(one)
        except Unreadable as error:
            problems.extend(error.problems)
    if problems:
        raise Unreadable(problems)
    return found, strangers


def read(message: Any, *, received_at: datetime) -> list[Reading]:
    """Return what a batch of spans measures, per subject: latency, failures, tokens. Raises Unreadable."""
    found, strangers = _calls(message, received_at)
    return Findings(measured(found), no_model(strangers)) if strangers else measured(found)


def measured(spans: Iterable[ModelSpan]) -> list[Reading]:
    """Return what these calls measure, per subject."""
    groups: dict[Subject, list[ModelSpan]] = {}
    for span in spans:
        groups.setdefault(span.subject, []).append(span)
    return [reading for subject, own in groups.items() for reading in _measured(subject, own)]


def model_span(
    own: Attributes,
    *,
    subject: Subject,
    trace_id: str,
    span_id: str,
    started_at: datetime,
    ended_at: datetime,
    failed: bool,
) -> ModelSpan:
    """Return a call that was told in another form than an export's, with what its attributes say."""
    return ModelSpan(
        subject=subject,
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id="",
        name="",
        operation=_text(own, *_OPERATION),
        provider=_text(own, "gen_ai.provider.name", "gen_ai.system", "llm.provider"),
        request_model=_text(own, "gen_ai.request.model", "llm.request.model_name", "llm.model_name"),
        response_model=_text(own, "gen_ai.response.model", "llm.response.model_name"),
        response_id="",
        conversation_id="",
        started_at=started_at,
        ended_at=ended_at,
        duration_ms=(ended_at - started_at) / timedelta(milliseconds=1),
        error=(_text(own, "error.type") or "error") if failed else "",
        input_tokens=_count(own, _INPUT),
        output_tokens=_count(own, _OUTPUT),
        attributes=own,
    )


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the ordered values does not pass."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _measured(subject: Subject, spans: Sequence[ModelSpan]) -> Iterator[Reading]:
    """Yield percentiles and the share of failures of the batch's calls, and their counts as traced ones.

    A sampler may have dropped calls, so counts of traces are kept apart from the counts of all requests.
    """
    durations = sorted(span.duration_ms for span in spans)
    numbers: list[tuple[str, str, float]] = [
        ("p50_latency_ms", "ms", nearest_rank(durations, 0.50)),
        ("p95_latency_ms", "ms", nearest_rank(durations, 0.95)),
        ("p99_latency_ms", "ms", nearest_rank(durations, 0.99)),
        ("error_rate", "ratio", sum(bool(span.error) for span in spans) / len(spans)),
        ("traced_request_count", "count", float(len(spans))),
    ]
    for name, told in (
        ("traced_input_token_count", [span.input_tokens for span in spans]),
        ("traced_output_token_count", [span.output_tokens for span in spans]),
    ):
        counted = [each for each in told if each is not None]
        if counted:
            numbers.append((name, "count", float(sum(counted))))
    at = max(span.ended_at for span in spans)
    for metric, unit, value in numbers:
        yield Reading(
            subject.model,
            subject.version,
            metric,
            value,
            unit,
            subject.environment,
            subject.segment,
            at,
            {"spans": str(len(spans))},
            also=subject.also,
        )


def _spans(message: Any) -> Iterator[tuple[str, Attributes, Any]]:
    for block_at, block in enumerate(message.resource_spans):
        resource = attributes(block.resource.attributes)
        for scope_at, scope in enumerate(block.scope_spans):
            for index, span in enumerate(scope.spans):
                yield f"/resourceSpans/{block_at}/scopeSpans/{scope_at}/spans/{index}", resource, span


def _is_call(own: Attributes) -> bool:
    operation = own.get("gen_ai.operation.name")
    if isinstance(operation, str):
        return operation in CALLS
    return own.get("openinference.span.kind") in OPENINFERENCE_CALLS or bool(own.get(OURS))


def _span(span: Any, own: Attributes, resource: Attributes, path: str, received_at: datetime) -> ModelSpan | None:
    subject = otlp_facts.subject(own, resource, path=path)
    if subject is None:
        return None
    started = otlp_facts.moment(span.start_time_unix_nano, path=path + "/startTimeUnixNano", received_at=received_at)
    ended = otlp_facts.moment(span.end_time_unix_nano, path=path + "/endTimeUnixNano", received_at=received_at)
    lasted = span.end_time_unix_nano - span.start_time_unix_nano
    if lasted < 0:
        raise Unreadable.because("E_TIME", path + "/endTimeUnixNano", "the span ends before it starts")
    failed = span.status.code == _ERROR or bool(own.get("error.type"))
    return ModelSpan(
        subject=subject,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_span_id=span.parent_span_id.hex(),
        name=span.name,
        operation=_text(own, *_OPERATION),
        provider=_text(own, "gen_ai.provider.name", "gen_ai.system", "llm.provider"),
        request_model=_text(own, "gen_ai.request.model", "llm.request.model_name", "llm.model_name"),
        response_model=_text(own, "gen_ai.response.model", "llm.response.model_name"),
        response_id=_text(own, "gen_ai.response.id"),
        conversation_id=_text(own, "gen_ai.conversation.id", "session.id"),
        started_at=started,
        ended_at=ended,
        duration_ms=lasted / 1e6,
        error=(_text(own, "error.type") or span.status.message or "error") if failed else "",
        input_tokens=_count(own, _INPUT),
        output_tokens=_count(own, _OUTPUT),
        attributes=own,
    )


def _text(own: Attributes, *names: str) -> str:
    return next((own[name] for name in names if isinstance(own.get(name), str) and own[name]), "")


def _count(own: Attributes, names: Sequence[str]) -> int | None:
    """Return the first whole, not negative number; instrumentations have been seen to send it as a float."""
    for name in names:
        value = own.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
            return int(value)
    return None
