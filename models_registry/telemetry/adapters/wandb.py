"""Webhooks of W&B automations: the template that Redline gives, rendered.

Source: wandb/docs, "Create a webhook automation"; `wandb/automations/events.py`. An automation tells of a change
of an artifact: one `registry_change_count`, in the segment that says which. Numbers come where the template
lists them under `metrics`, from the artifact's metadata; W&B renders everything as text, so numbers in text are
read there and nowhere else.

A sweep tells in ALIASES_OBSERVED, which W&B does not send, where the aliases of one collection stood at a moment:
`{"event_type", "entity_name", "project_name", "artifact_collection_name", "at", "aliases": [{"alias", "version",
"digest", "artifact_version_string"}]}`; an alias that stands nowhere has the version null.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from models_registry.catalog.run_statement import StatedRun
from models_registry.telemetry import readings
from models_registry.telemetry.adapters import wandb_runs
from models_registry.telemetry.adapters.alerts import object_of
from models_registry.telemetry.adapters.fields import Fields, as_object, environment, metric_and_unit
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.placed import Mark, Placed, digest_in
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "wandb"
OBSERVED: Final = "ALIASES_OBSERVED"
EXPERIMENT: Final = "experiment"
"""The environment of what runs measured."""
ALIAS_EVENTS: Final = frozenset({"ADD_ARTIFACT_ALIAS", "UPDATE_ARTIFACT_ALIAS"})
EVENTS: Final = frozenset(
    {
        "CREATE_ARTIFACT",
        "LINK_ARTIFACT",
        "LINK_MODEL",
        "UNLINK_ARTIFACT",
        "ADD_ARTIFACT_ALIAS",
        "UPDATE_ARTIFACT_ALIAS",
        "ADD_ARTIFACT_TAG",
        "REMOVE_ARTIFACT_TAG",
        "ADD_COLLECTION_TAG",
        "REMOVE_COLLECTION_TAG",
        "RUN_METRIC",
        "RUN_METRIC_CHANGE",
        "RUN_METRIC_ZSCORE",
        "RUN_STATE",
        "WEAVE_METRIC_THRESHOLD",
    }
)
SAME_EVENT: Final = {"LINK_MODEL": "LINK_ARTIFACT"}
"""Two spellings of one event: the client's enumeration and the documentation."""
_VERSION: Final = re.compile(r":v(\d{1,9})$", re.ASCII)


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one delivery."""
    document = loads(body)
    run = wandb_runs.stated(document)
    if run is not None:
        return _of_a_run(document, run, received_at)
    fields = Fields(as_object(document, ""), "", received_at=received_at)
    event = fields.required("metric", "event_type")
    if event == OBSERVED:
        return _observed(fields)
    if event and event not in EVENTS:
        fields.problems.append(Problem("E_CHOICE", "/event_type", "an event that W&B does not send"))
    numbers = object_of(fields, "metrics")
    if fields.problems:
        raise Unreadable(fields.problems)
    if not any(fields.source.get(name) for name in ("model", "artifact_collection_name")):
        return Findings(notices=[Notice("N_NO_MODEL", event)])
    told = _change(fields, SAME_EVENT.get(event, event))
    return Findings([told, *_numbers(numbers, told)], lenient=not numbers.source)


def placements(document: Any, *, received_at: datetime) -> list[Placed]:
    """Return what a delivery says of aliases; nothing for a body that `read` refuses."""
    if not isinstance(document, dict):
        return []
    event = document.get("event_type")
    if event in ALIAS_EVENTS:
        return list(_placed(document, [document], received_at))
    if event == OBSERVED and isinstance(document.get("aliases"), list):
        return list(_placed(document, document["aliases"], received_at))
    return []


def _placed(delivery: Mapping[str, Any], items: list[Any], received_at: datetime) -> Iterator[Placed]:
    model = _plain(delivery, "model") or _plain(delivery, "artifact_collection_name")
    place = "/".join(filter(None, (_plain(delivery, "entity_name"), _plain(delivery, "project_name"))))
    at = Fields(delivery, "", received_at=received_at).moment_or_received("at")
    for item in items:
        alias = _plain(item, "alias") if isinstance(item, dict) else ""
        if not model or not alias:
            continue
        link = _plain(item, "artifact_version_string")
        number = _VERSION.search(link)
        observed = delivery is not item
        version = _plain(item, "version") if observed else (f"v{number[1]}" if number else "")
        yield Placed(
            model=model[:200],
            place=place[:400],
            mark=Mark.ALIAS,
            name=alias[:255],
            on=not observed or bool(version),
            version=version[:100],
            observed_at=min(at, received_at),
            digest=digest_in(item) or digest_in(item.get("metadata")) or digest_in(item.get("metrics")),
            link=link[:500],
            by=_plain(delivery, "event_author")[:200],
        )


def _plain(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return readings.printable(value.strip(), limit=500) if isinstance(value, str) else ""


def _observed(fields: Fields) -> Findings:
    """Check the form of what a sweep saw; it holds no number of its own."""
    fields.required("model", "model", "artifact_collection_name")
    path, aliases = fields.first("aliases")
    if not isinstance(aliases, list):
        fields.problems.append(Problem("E_TYPE", path, "an array is required"))
    if fields.problems:
        raise Unreadable(fields.problems)
    return Findings(lenient=True)


def _of_a_run(document: Mapping[str, Any], told: wandb_runs.Told, received_at: datetime) -> Findings:
    """Return the metrics of a finished run that are wanted as measurements; experiments are no production."""
    run, names, _ = told
    wanted = document.get("measure")
    if not names or run.status != "FINISHED" or not isinstance(wanted, dict):
        return Findings()
    at = min(run.ended_at or received_at, received_at)
    pairs = [(theirs, ours) for theirs, ours in wanted.items() if isinstance(ours, str) and theirs in run.metrics]
    return Findings((_measured_run(run, names, theirs, ours, at) for theirs, ours in sorted(pairs)), lenient=True)


def _measured_run(run: StatedRun, names: Sequence[str], theirs: str, ours: str, at: datetime) -> Reading:
    metric, unit = metric_and_unit(readings.name(ours, field_name="metric", path="/measure"), "", kind=KIND)
    return Reading(
        model=names[0],
        version=None,
        metric=metric,
        value=run.metrics[theirs].last,
        unit=unit,
        environment=EXPERIMENT,
        segment="",
        observed_at=at,
        attributes={"run": run.external_id, "name": run.name},
        also=tuple(names[1:]),
    )


def _change(fields: Fields, event: str) -> Reading:
    names = {name: value for name, value in fields.source.items() if value != ""}  # W&B renders absent ones as blank
    given = Fields(names, "", received_at=fields.received_at)
    version = given.optional("model", "artifact_version_string")
    number = _VERSION.search(version)
    return given.finish(
        Reading(
            model=given.required("model", "model", "artifact_collection_name"),
            version=number[1] if number else None,
            metric="registry_change_count",
            value=1.0,
            unit="count",
            environment=environment(given.optional("environment", "environment")),
            segment=f"change={event}",
            observed_at=given.moment_or_received("at"),
            attributes=_facts(names),
        )
    )


def _numbers(numbers: Fields, told: Reading) -> list[Reading]:
    found = []
    for name, value in numbers.source.items():
        try:
            found.append(_measured(name, value, numbers.path + pointer(name), told))
        except Unreadable as error:
            numbers.problems.extend(error.problems)
    if numbers.problems:
        raise Unreadable(numbers.problems, [told])
    return found


def _measured(name: str, value: Any, path: str, told: Reading) -> Reading:
    metric, unit = metric_and_unit(readings.name(name, field_name="metric", path=path), "", kind=KIND)
    return told._replace(metric=metric, value=_number(value, path), unit=unit, segment="")


def _number(value: Any, path: str) -> float:
    return readings.number_in_text(value, path=path) if isinstance(value, str) else readings.number(value, path=path)


def _facts(source: Mapping[str, Any]) -> dict[str, str]:
    names = (
        "event_author",
        "entity_name",
        "project_name",
        "alias",
        "tag",
        "artifact_version",
        "artifact_version_string",
    )
    found = {name: source.get(name) for name in names}
    return {name: text[:1000] for name, text in found.items() if isinstance(text, str) and text}
