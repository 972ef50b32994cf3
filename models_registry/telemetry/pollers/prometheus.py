"""A Prometheus: queries that an administrator names, as range queries from sweep to sweep, and the alerts that fire.

Source: prometheus `web/api/v1/api.go`, "HTTP API" of its documentation: `GET /api/v1/query_range` answers
`{"status", "data": {"resultType": "matrix", "result": [{"metric": {…}, "values": [[seconds, "value"], …]}]}}`. A series
counts as one of remote write does: by its name, which is the query's, and by the labels of the source's mapping.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from models_registry.telemetry.adapters.remote_write import SERIES_LIMIT
from models_registry.telemetry.pollers import prometheus_alerts
from models_registry.telemetry.pollers.reading import list_in, object_in, short_digest, written
from models_registry.telemetry.pollers.shapes import (
    Ask,
    Asker,
    Field,
    Found,
    Page,
    Poller,
    Recall,
    Refused,
    Scheme,
    Stopped,
    Unread,
)

PATH: Final = "api/v1/query_range"
MOST_QUERIES: Final = 50
MOST_STEPS: Final = 240
"""Steps that one question covers; Prometheus itself refuses more than 11,000 points a series."""
SETTLES_S: Final = 30
"""How old a moment is before it is asked for: a scrape may take as long as its timeout."""
STEPS: Final = (15, 3_600)
_QUERY: Final = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]{0,79}+)\s*+(?:\{([^{}]*+)\}\s*+)?+=\s*+(\S.*)", re.ASCII)
_LABEL: Final = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\]{1,200})"\s*', re.ASCII)


@dataclass(frozen=True, slots=True)
class Query:
    """One line of the settings: ``name{label="value"} = expression``."""

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this query from a later one of the same name."""
        return f"{self.name}:{short_digest(repr((sorted(self.labels.items()), self.expression)))}"


def parse(text: str) -> list[Query]:
    """Return the queries, one a line. Raises ValueError with what is wrong with a line."""
    found: list[Query] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        matched = _QUERY.fullmatch(line.strip())
        if matched is None:
            raise ValueError(f"Line {number}: write it as metric = expression.")
        name, labels, expression = matched.groups()
        told = {}
        for part in filter(str.strip, (labels or "").split(",")):
            label = _LABEL.fullmatch(part)
            if label is None:
                raise ValueError(f'Line {number}: write labels as name="value".')
            told[label[1]] = label[2]
        found.append(Query(name, expression, told))
    if len({query.key for query in found}) != len(found):
        raise ValueError("A query is there twice.")
    if len(found) > MOST_QUERIES:
        raise ValueError(f"At most {MOST_QUERIES} queries.")
    return found


def check(config: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is wrong with the queries, the alerts and the step."""
    faults = {}
    alerts = config.get("alerts", "")
    if alerts not in ("", prometheus_alerts.NO_ALERTS):
        faults["alerts"] = "A dash, or nothing."
    elif alerts and not config["queries"].strip():
        faults["queries"] = "Name a query, or let alerts be read."
    try:
        parse(config["queries"])
    except ValueError as error:
        faults["queries"] = str(error)
    step = config.get("step", "") or "60"
    if not (step.isascii() and step.isdecimal() and STEPS[0] <= int(step) <= STEPS[1]):
        faults["step"] = f"A whole number of seconds from {STEPS[0]} to {STEPS[1]:,}."
    return faults


def pages(
    ask: Asker, *, config: Mapping[str, str], cursor: Mapping[str, Any], at: dt.datetime, recall: Recall
) -> Iterator[Page]:
    """Read each query from where it was read to last, then what fires. A refused query does not hold up the others."""
    place = dict(cursor)
    step = int(config.get("step", "") or "60")
    begun = dt.datetime.fromisoformat(cursor["begun_at"]).timestamp()
    end = int((at.timestamp() - SETTLES_S) // step * step)
    queries = parse(config["queries"])
    read_to = {query.key: cursor.get("read_to", {}).get(query.key) for query in queries}
    refused: Stopped | None = None
    for query in queries:
        start = (read_to[query.key] or int(begun // step * step) - step) + step
        try:
            while start <= end:
                last = min(end, start + (MOST_STEPS - 1) * step)
                found = _ask(ask, query, start, last, step)
                read_to[query.key] = last
                place["read_to"] = dict(read_to)
                yield Page(found, dict(place))
                start = last + step
        except Refused as error:
            refused = refused or Refused(error.status, f"The query {query.name} is refused ({error.status}).")
            if error.status in (401, 403, 404):
                raise
    if config.get("alerts", prometheus_alerts.NO_ALERTS) != prometheus_alerts.NO_ALERTS:
        yield from prometheus_alerts.pages(ask, place, at, recall)
    if refused is not None:
        raise refused


def _ask(ask: Asker, query: Query, start: int, last: int, step: int) -> list[Found]:
    asked = {"query": query.expression, "start": start, "end": last, "step": step}
    data = object_in(object_in(ask(Ask(PATH, query=asked)).data, "object").get("data"), "data")
    if data.get("resultType") != "matrix":
        raise Unread(f"The query {query.name} gives no series over time.")
    series = [_series(query, one) for one in list_in(data, "result")]
    if len(series) > SERIES_LIMIT:
        raise Unread(f"The query {query.name} gives more than {SERIES_LIMIT:,} series; sum them up by model.")
    if not series:
        return []
    body = {"polled": "query_range", "query": query.name, "series": series}
    return [Found(f"query:{query.key}:{start}-{last}:{step}", written(body))]


def _series(query: Query, one: Mapping[str, Any]) -> dict[str, Any]:
    labels = object_in(one.get("metric"), "labels")
    values = one.get("values")
    if not isinstance(values, list) or not all(isinstance(name, str) for name in labels.values()):
        raise Unread(f"The answer to {query.name} is not as Prometheus writes it.")
    return {"labels": {**labels, **query.labels, "__name__": query.name}, "values": values}


POLLER: Final = Poller(
    pages=pages,
    fields=(
        Field(
            "queries",
            "Queries",
            'One a line: metric = expression, or metric{model_id="claims"} = expression. The metric is one of the '
            "catalogue or of the source's mapping; labels added here win over those of the result.",
            required=False,
            lines=True,
        ),
        Field("step", "Step", "Seconds between two values.", required=False, initial="60"),
        Field(
            "alerts",
            "Alerts",
            "Left empty, the alerts that fire and name a model are read too, so that one that was never posted is "
            "found. A dash for none.",
            required=False,
        ),
    ),
    schemes=(Scheme.NONE, Scheme.BEARER, Scheme.BASIC),
    min_interval_s=30,
    change=prometheus_alerts.change,
    pieces=prometheus_alerts.pieces,
    check=check,
)
