"""What programs send and get of experiment runs and sweeps."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.catalog.run_models import Goal, Run, RunSource, RunStatus, Sweep
from models_registry.catalog.run_statement import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_NAMES,
    MOST_POINTS,
    MOST_RUNS,
    RunUnreadable,
    StatedMetric,
    StatedRun,
    StatedRuns,
    StatedSweep,
    from_mlflow,
    from_wandb,
)
from models_registry.catalog.validation_wire import FiniteNumber

ADAPTERS = {RunSource.MLFLOW: from_mlflow, RunSource.WANDB: from_wandb}


@extend_schema_field(
    {"oneOf": [{"type": "string", "maxLength": LONGEST_VALUE}, {"type": "number"}, {"type": "boolean"}]}
)
class ParameterField(serializers.Field):
    """A parameter: a text, a number or a truth."""

    def to_internal_value(self, data: Any) -> str | float | bool:
        """Return the value as it came."""
        if isinstance(data, bool) or (isinstance(data, str) and len(data) <= LONGEST_VALUE and "\x00" not in data):
            return data
        if isinstance(data, int | float):
            return FiniteNumber().to_internal_value(data)
        raise serializers.ValidationError(f"A text of at most {LONGEST_VALUE} characters, a number, true or false.")

    def to_representation(self, value: Any) -> Any:
        """Return the value."""
        return value


class PointInput(serializers.ListField):
    """A step and the value at it."""

    child = FiniteNumber()

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=2, max_length=2, **options)


class MetricInput(Strict):
    """A metric on its way."""

    last = FiniteNumber()
    best = FiniteNumber(required=False, help_text="The best of the history when left out and one way is better.")
    history = serializers.ListField(
        child=PointInput(), required=False, max_length=MOST_POINTS, help_text="Pairs of step and value."
    )


@extend_schema_field(
    {
        "oneOf": [
            {"type": "number"},
            {
                "type": "object",
                "required": ["last"],
                "additionalProperties": False,
                "properties": {
                    "last": {"type": "number"},
                    "best": {"type": "number"},
                    "history": {
                        "type": "array",
                        "maxItems": MOST_POINTS,
                        "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
                    },
                },
            },
        ]
    }
)
class MetricField(serializers.Field):
    """A metric: its last value, or an object with its last, its best and its history."""

    def to_internal_value(self, data: Any) -> StatedMetric:
        """Return the metric."""
        if not isinstance(data, Mapping):
            return StatedMetric(FiniteNumber().to_internal_value(data))
        given = MetricInput(data=data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        history = tuple((step, value) for step, value in facts.get("history", ()))
        return StatedMetric(facts["last"], facts.get("best"), history)

    def to_representation(self, value: Any) -> Any:
        """Return the metric."""
        return value


class OutcomeInput(Strict):
    """Something a run left behind."""

    name = serializers.CharField(max_length=200)
    uri = serializers.CharField(required=False, allow_blank=True, max_length=500)
    digest = serializers.CharField(required=False, allow_blank=True, max_length=140)


class OwnRun(Strict):
    """A run of one's own pipeline."""

    id = serializers.CharField(max_length=256)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    status = serializers.ChoiceField(choices=RunStatus.choices, default=RunStatus.FINISHED.value)
    author = serializers.CharField(required=False, allow_blank=True, max_length=120)
    url = serializers.URLField(required=False, allow_blank=True, max_length=500)
    sweep = serializers.CharField(required=False, allow_blank=True, max_length=256)
    parameters = serializers.DictField(child=ParameterField(), required=False)
    metrics = serializers.DictField(child=MetricField(), required=False)
    artifacts = OutcomeInput(many=True, required=False, max_length=100)  # type: ignore[call-arg]
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    ended_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse more names than are kept, and ends before beginnings."""
        for name in ("parameters", "metrics"):
            told = attrs.get(name, {})
            if len(told) > MOST_NAMES or any(len(key) > LONGEST_NAME or "\x00" in key for key in told):
                raise serializers.ValidationError(
                    {name: [f"At most {MOST_NAMES} names of at most {LONGEST_NAME} characters."]}
                )
        began, ended = attrs.get("started_at"), attrs.get("ended_at")
        if began and ended and ended < began:
            raise serializers.ValidationError({"ended_at": ["A run does not end before it began."]})
        return attrs


class SweepInput(Strict):
    """A search over parameters."""

    id = serializers.CharField(max_length=256)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    method = serializers.CharField(required=False, allow_blank=True, max_length=40, help_text="grid, random, bayes …")
    space = serializers.DictField(required=False, help_text="Parameter → what it was drawn from, kept as given.")
    objective = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="A metric of its runs."
    )
    goal = serializers.ChoiceField(choices=Goal.choices, required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A sweep of one's own",
            {
                "source": "OWN",
                "sweep": {"id": "sweep-4", "method": "random", "objective": "auc", "goal": "MAXIMIZE",
                          "space": {"depth": {"min": 2, "max": 9}}},
                "runs": [
                    {"id": "run-1", "status": "FINISHED", "parameters": {"depth": 4, "rate": 0.1},
                     "metrics": {"auc": {"last": 0.91, "history": [[1, 0.85], [2, 0.91]]}, "log_loss": 0.31}},
                ],
            },
            request_only=True,
        )
    ]
)  # fmt: skip
class ImportInput(Strict):
    """Runs of one platform. With `MLFLOW` or `WANDB` each run is that platform's own JSON."""

    source = serializers.ChoiceField(choices=RunSource.choices)  # type: ignore[assignment]
    sweep = SweepInput(required=False)
    runs = serializers.ListField(
        child=serializers.DictField(),
        max_length=MOST_RUNS,
        help_text=(
            "`OWN`: objects of id, name, status, author, url, sweep, parameters, metrics, artifacts, started_at and "
            "ended_at. `MLFLOW`: members of `runs` as `runs/search` gives them. `WANDB`: nodes of `project.runs`."
        ),
    )


class LinkInput(Strict):
    """The run that became this version."""

    run = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Identifier of the run.")


class SweepOutput(serializers.Serializer[Sweep]):
    """A search over parameters."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    name = serializers.CharField()
    method = serializers.CharField(allow_blank=True)
    space = serializers.DictField()
    objective = serializers.CharField(allow_blank=True)
    goal = serializers.CharField()
    run_count = serializers.IntegerField()
    best = serializers.FloatField(allow_null=True)


class RunOutput(serializers.Serializer[Run]):
    """A run as last told; `version` is the version that it became."""

    id = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    external_id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()
    author = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    sweep = serializers.IntegerField(source="sweep_id", allow_null=True)
    objective = serializers.FloatField(allow_null=True)
    version = serializers.IntegerField(source="version.number", default=None, allow_null=True)
    parameters = serializers.DictField()
    metrics = serializers.DictField()
    artifacts = serializers.ListField(child=serializers.DictField())
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ImportedOutput(serializers.Serializer[Any]):
    """What an import came to."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    runs = serializers.DictField(child=serializers.IntegerField(), help_text="Identifiers by the platform's own.")


def stated(facts: dict[str, Any]) -> StatedRuns:
    """Return what an import tells, each run read as its platform writes it. Raises RunUnreadable with its place."""
    found, adapter = [], ADAPTERS.get(RunSource(facts["source"]))
    for place, told in enumerate(facts["runs"], 1):
        try:
            found.append(adapter(told) if adapter else _own(told))
        except RunUnreadable as wrong:
            raise RunUnreadable(f"Run {place}: {wrong}") from None
    return StatedRuns(facts["source"], found, _sweep(facts.get("sweep")))


def _sweep(told: dict[str, Any] | None) -> StatedSweep | None:
    if told is None:
        return None
    rest = {name: value for name, value in told.items() if name != "id"}
    return StatedSweep(told["id"], **rest)


def _own(told: dict[str, Any]) -> StatedRun:
    given = OwnRun(data=told)
    if not given.is_valid():
        raise serializers.ValidationError({"runs": {str(told.get("id", "?"))[:80]: given.errors}})
    facts = dict(given.validated_data)
    key = facts.pop("id")
    return StatedRun(external_id=key, **{**facts, "name": facts.get("name") or key[:200]})
