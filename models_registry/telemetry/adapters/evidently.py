"""Evidently reports (0.7): `Report(...).run(...).json()`, posted by a job with the model, version and time beside it.

The report has no time and names no model, so the body is
`{"model": …, "version": …, "observed_at": …, "environment": …, "evidently": <the report>}`. A metric gives a
reading where its value is a number or a count with its share; a test gives `alert_firing`. For tests of
significance a smaller p-value is more drift, so they are a metric of their own and never a distance.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from models_registry.telemetry import readings
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
from models_registry.telemetry.readings import Problem, Reading, Unreadable, pointer
from models_registry.telemetry.strict_json import loads

KIND: Final = "evidently"
LIMIT: Final = 10_000
STATES: Final = {"SUCCESS": 0.0, "FAIL": 1.0, "WARNING": 1.0, "ERROR": 1.0}
_SHARES: Final = {
    "DriftedColumnsCount": "drifted_feature_share",
    "MissingValueCount": "null_rate",
    "DatasetMissingValueCount": "null_rate",
    "DuplicatedRowCount": "duplicate_rate",
}
_METHODS: Final = {
    "psi": "psi",
    "jensen-shannon": "js_divergence",
    "jensenshannon": "js_divergence",
    "kullback-leibler": "kl_divergence",
    "kl_div": "kl_divergence",
    "wasserstein": "wasserstein_distance",
}


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> list[Reading]:
    """Return the readings of one report."""
    document = loads(body)
    fields = Fields(as_object(document, ""), "", received_at=received_at)
    if "evidently" not in fields.source:
        raise Unreadable.because("E_SHAPE", "/evidently", "the report belongs under evidently; see the how-to")
    report = object_of(fields, "evidently")
    told = fields.finish(
        Reading(
            model=fields.required("model", "model", "model_id"),
            version=fields.optional("version", "version", "model_version") or None,
            metric="",
            value=0.0,
            unit="",
            environment=environment(fields.optional("environment", "environment")),
            segment="",
            observed_at=fields.moment("observed_at", "timestamp"),
        )
    )
    reader = _Report(told, received_at)
    metrics = as_items(report.source.get("metrics"), "/evidently/metrics", limit=LIMIT)
    found = each_readable(metrics, "/evidently/metrics", reader.metric)
    if report.source.get("tests"):
        tests = as_items(report.source["tests"], "/evidently/tests", limit=LIMIT)
        found += each_readable(tests, "/evidently/tests", reader.test)
    return Findings(found, merged(reader.left_out))


class _Report:
    """Reads the parts of one report about one model."""

    def __init__(self, told: Reading, received_at: datetime) -> None:
        self.told = told
        self.received_at = received_at
        self.left_out: list[Notice] = []

    def metric(self, item: Any, path: str) -> list[Reading]:
        """Return the reading of one metric, or none after counting that it is no number."""
        fields = Fields(as_object(item, path), path, received_at=self.received_at)
        config = object_of(fields, "config")
        kind = config.required("metric", "type").rpartition(":")[2]
        column, method = config.optional("metric", "column"), config.optional("metric", "method")
        value_path, value = fields.first("value")
        if fields.problems:
            raise Unreadable(fields.problems)
        if value is None:
            raise Unreadable.because("E_MISSING", value_path, "the value is missing")
        if isinstance(value, dict) and kind in _SHARES:
            name, number = _SHARES[kind], readings.number(value.get("share"), path=value_path + "/share")
        elif isinstance(value, dict | list):
            self.left_out.append(Notice("N_NO_NUMBER", kind))
            return []
        else:
            name, number = self._named(kind, method), readings.number(value, path=value_path)
        metric, unit = metric_and_unit(name, "", kind=KIND)
        segment = readings.segment({"column": column} if column else {}, path=path + "/config/column")
        return [self.told._replace(metric=metric, value=number, unit=unit, segment=segment)]

    def test(self, item: Any, path: str) -> list[Reading]:
        """Return whether one test fails."""
        fields = Fields(as_object(item, path), path, received_at=self.received_at)
        name, status = fields.required("metric", "name"), fields.required("metric", "status")
        if status == "SKIPPED":
            self.left_out.append(Notice("N_SKIPPED", name))
            return []
        if status and status not in STATES:
            fields.problems.append(
                Problem("E_CHOICE", path + pointer("status"), "a state that Evidently does not tell")
            )
        segment = fields.attempt(lambda: readings.segment({"test": name}, path=path + "/name"), "")
        description = fields.source.get("description")
        facts = {"description": description[:1000]} if isinstance(description, str) else {}
        return [
            fields.finish(
                self.told._replace(
                    metric="alert_firing", value=STATES.get(status, 1.0), unit="flag", segment=segment, attributes=facts
                )
            )
        ]

    @staticmethod
    def _named(kind: str, method: str) -> str:
        """Return what a metric is called: drift by its method, everything else by its own name in small letters."""
        if kind != "ValueDrift":
            return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
        plain = method.lower()
        if "p_value" in plain:
            return "feature_drift_p_value"
        return next((name for start, name in _METHODS.items() if plain.startswith(start)), "feature_drift")
