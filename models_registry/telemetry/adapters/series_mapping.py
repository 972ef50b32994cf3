"""How labelled series become readings: which labels name what, and which series are measured.

A source's mapping for series is a document of its own form:

    {"mapping": 1,
     "series": {"model": ["model_id", "model"],                   # the first label that is there
                "version": ["model_version"],
                "environment": {"const": "production"},
                "segment": ["region", "cohort"],                  # together: region=eu,cohort=new
                "metrics": {"rag_drift": "embedding_cosine_drift",
                            "http_p95_seconds": {"metric": "p95_latency_ms", "factor": 1000}}}}

What is left out has its usual place: `model_id`, `model` or `model_name`; `model_version` or `version`;
`environment` or `env`; `segment`. Names of the catalogue are measured without being listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from models_registry.telemetry import readings
from models_registry.telemetry.adapters.fields import environment, metric_and_unit
from models_registry.telemetry.adapters.generic_json import FORMAT, MappingCheck, MappingInvalid, parse_mapping
from models_registry.telemetry.metrics import canonical
from models_registry.telemetry.readings import Unreadable, pointer

KIND: Final = "prometheus"
MAX_METRICS: Final = 500
MODEL_LABELS: Final = ("model_id", "model", "model_name")
VERSION_LABELS: Final = ("model_version", "version")
ENVIRONMENT_LABELS: Final = ("environment", "env")
SEGMENT_LABELS: Final = ("segment",)
_PARTS: Final = frozenset({"model", "version", "environment", "segment", "metrics"})
_METRIC: Final = frozenset({"metric", "factor", "unit"})


class Place(NamedTuple):
    """Where the samples of one series belong."""

    model: str
    version: str | None
    metric: str
    unit: str
    environment: str
    segment: str
    factor: float


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that may hold a name, in order, or one name that holds for every series."""

    names: tuple[str, ...]
    const: str = ""

    def of(self, labels: Mapping[str, str]) -> str:
        """Return the name that a series bears, or nothing."""
        return self.const or next((labels[name] for name in self.names if labels.get(name)), "")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one name of a series stands for."""

    metric: str
    factor: float = 1.0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SeriesMapping:
    """A checked mapping of series."""

    model: Labels = Labels(MODEL_LABELS)
    version: Labels = Labels(VERSION_LABELS)
    environment: Labels = Labels(ENVIRONMENT_LABELS)
    segment: Labels = Labels(SEGMENT_LABELS)
    metrics: Mapping[str, Measured] = field(default_factory=dict)

    def place(self, name: str, labels: Mapping[str, str]) -> Place | None:
        """Return where a series belongs; None when it names no model or nothing reads it. Raises Unreadable."""
        listed = self.metrics.get(name)
        if listed is None and canonical(name, KIND) is None:
            return None
        model = self.model.of(labels)
        if not model:
            return None
        measured = listed or Measured(name)
        metric, unit = metric_and_unit(measured.metric, measured.unit, kind=KIND)
        return Place(
            readings.name(model, field_name="model", path="/model"),
            readings.optional_name(self.version.of(labels), field_name="version", path="/version") or None,
            metric,
            unit,
            environment(readings.optional_name(self.environment.of(labels), field_name="environment", path="/env")),
            self._segment(labels),
            measured.factor,
        )

    def _segment(self, labels: Mapping[str, str]) -> str:
        if self.segment.names == SEGMENT_LABELS or self.segment.const:
            return readings.segment(self.segment.of(labels), path="/segment")
        return readings.segment(
            {name: labels[name] for name in self.segment.names if labels.get(name)}, path="/segment"
        )


def is_of_series(document: object) -> bool:
    """Say whether a mapping is one of series."""
    return isinstance(document, Mapping) and "series" in document


def check_mapping(document: Mapping[str, Any]) -> None:
    """Check a mapping of either form. Raises MappingInvalid with every error."""
    if is_of_series(document):
        parse_series_mapping(document)
    else:
        parse_mapping(document)


def parse_series_mapping(document: Mapping[str, Any] | None) -> SeriesMapping:
    """Return the checked mapping; the usual places for none. Raises MappingInvalid with every error."""
    if document is None or not is_of_series(document):
        return SeriesMapping()
    check = _Check()
    if document.get("mapping") != FORMAT or isinstance(document.get("mapping"), bool):
        check.error("/mapping", f"the format must be {FORMAT}")
    check.known(document, frozenset({"mapping", "series"}), "")
    parts = document["series"]
    if not isinstance(parts, Mapping):
        raise MappingInvalid([*check.errors, ("/series", "an object is required")])
    check.known(parts, _PARTS, "/series")
    checked = SeriesMapping(
        model=check.labels(parts.get("model"), "/series/model", MODEL_LABELS),
        version=check.labels(parts.get("version"), "/series/version", VERSION_LABELS),
        environment=check.labels(parts.get("environment"), "/series/environment", ENVIRONMENT_LABELS),
        segment=check.labels(parts.get("segment"), "/series/segment", SEGMENT_LABELS),
        metrics=check.metrics(parts.get("metrics", {})),
    )
    if check.errors:
        raise MappingInvalid(check.errors)
    return checked


class _Check(MappingCheck):
    """The checks of a mapping of series."""

    def labels(self, value: Any, where: str, otherwise: tuple[str, ...]) -> Labels:
        if value is None:
            return Labels(otherwise)
        if isinstance(value, Mapping):
            self.known(value, frozenset({"const"}), where)
            return Labels((), self.text(value.get("const"), where + "/const"))
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not 1 <= len(listed) <= 10:
            self.error(where, 'a label, a list of 1 to 10 labels, or {"const": …} is required')
            return Labels(otherwise)
        return Labels(tuple(self.text(each, f"{where}/{index}") for index, each in enumerate(listed)))

    def metrics(self, value: Any) -> dict[str, Measured]:
        if not isinstance(value, Mapping) or len(value) > MAX_METRICS:
            self.error("/series/metrics", f"an object of at most {MAX_METRICS} names is required")
            return {}
        return {name: self.metric(each, "/series/metrics" + pointer(name)) for name, each in value.items()}

    def metric(self, value: Any, where: str) -> Measured:
        spec = {"metric": value} if isinstance(value, str) else value
        if not isinstance(spec, Mapping):
            self.error(where, "a metric or an object is required")
            return Measured("")
        self.known(spec, _METRIC, where)
        return Measured(
            self.limited(spec.get("metric"), where + "/metric", "metric"),
            self.number(spec.get("factor", 1.0), where + "/factor"),
            self.limited(spec["unit"], where + "/unit", "unit") if "unit" in spec else "",
        )

    def text(self, value: Any, where: str) -> str:
        return self.limited(value, where, "model")

    def limited(self, value: Any, where: str, field_name: str) -> str:
        try:
            return readings.name(value, field_name=field_name, path=where)
        except Unreadable as error:
            self.error(where, error.problems[0].message)
            return ""

    def number(self, value: Any, where: str) -> float:
        try:
            return readings.number(value, path=where)
        except Unreadable:
            self.error(where, "a finite number is required")
            return 1.0
