"""Arize Phoenix: span annotations, as its REST API lists them (`GET /v1/projects/{project}/span_annotations`).

Source: Arize-ai/phoenix `schemas/openapi.json`. Each annotation with a score gives one reading under the name of
its evaluation. The model is the one that the annotation's metadata names, else the body's `model`, else its
`project`, which whoever posts the page puts beside `data`. A judgement counts from when it was last written. Calls
to models come as a sweep keeps them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry.adapters import phoenix_spans
from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import (
    Fields,
    as_items,
    as_object,
    each_readable,
    environment,
    metric_and_unit,
)
from models_registry.telemetry.notices import Findings, Notice, merged
from models_registry.telemetry.readings import Problem, Reading
from models_registry.telemetry.strict_json import loads

KIND: Final = "phoenix"
LIMIT: Final = 10_000
KINDS: Final = frozenset({"LLM", "CODE", "HUMAN"})
_MODEL: Final = ("model_id", "model", "model_name", "project", "project_name")


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return one reading for each annotation with a score."""
    document = loads(body)
    page = as_object(document, "")
    if "spans" in page:
        return phoenix_spans.read(page, received_at=received_at)
    items = as_items(page.get("data"), "/data", limit=LIMIT)
    whole = {name: page[name] for name in (*_MODEL, "environment", "model_version") if page.get(name) is not None}
    labelled: list[Notice] = []

    def one(item: Any, path: str) -> list[Reading]:
        return _reading(Fields(as_object(item, path), path, received_at=received_at), whole, labelled)

    found = each_readable(items, "/data", one)
    return Findings(found, merged(labelled))


def _reading(fields: Fields, whole: Mapping[str, Any], labelled: list[Notice]) -> list[Reading]:
    name = fields.required("metric", "name")
    annotator = fields.optional("metric", "annotator_kind")
    if annotator and annotator not in KINDS:
        fields.problems.append(Problem("E_CHOICE", f"{fields.path}/annotator_kind", "must be LLM, CODE or HUMAN"))
    result, metadata = object_of(fields, "result"), object_of(fields, "metadata")
    given = Fields({**whole, **metadata.source}, metadata.path, received_at=fields.received_at)
    given.problems = fields.problems
    told = result.source.get("score") is not None
    metric, unit = metric_and_unit(name, "", kind=KIND)
    found = fields.finish(
        Reading(
            model=given.required("model", *_MODEL),
            version=given.optional("version", "model_version") or None,
            metric=metric,
            value=result.number("score") if told else 0.0,
            unit=unit,
            environment=environment(given.optional("environment", "environment")),
            segment=given.segment("segment"),
            observed_at=fields.moment_or_received("updated_at", "created_at"),
            attributes=_facts(fields, result),
        )
    )
    if not told:
        labelled.append(Notice("N_NO_NUMBER", metric))
        return []
    return [found]


def _facts(fields: Fields, result: Fields) -> dict[str, str]:
    found = {name: fields.source.get(name) for name in ("span_id", "identifier", "annotator_kind", "id")}
    found["label"] = result.source.get("label")
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
