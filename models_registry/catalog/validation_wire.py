"""What programs send and get of validation suites, results and comparisons."""

import math
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.catalog.validation_models import MOST_SAMPLES, MetricWay, SuiteKind, Validation, ValidationResult
from models_registry.catalog.validation_queries import Comparison
from models_registry.catalog.validation_statement import MOST_RESULTS, StatedResult, StatedSuite
from models_registry.catalog.verdicts import Evidence
from models_registry.catalog.weighing import Weighed, summary

LARGEST_COUNT = 2**53 - 1


@extend_schema_field({"type": "number"})
class FiniteNumber(serializers.Field):
    """A finite number, and no text that looks like one."""

    def to_internal_value(self, data: Any) -> float:
        """Return the number."""
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("A number is expected.")
        try:
            number = float(data)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise serializers.ValidationError("A finite number is expected.")
        return number

    def to_representation(self, value: Any) -> Any:
        """Return the number."""
        return value


class ResultInput(Strict):
    """One metric of a suite. Samples, or successes of count, or count and variance, let its doubt be told."""

    metric = serializers.CharField(max_length=120, help_text="A name of the catalogue, an alias of one, or your own.")
    value = FiniteNumber()
    segment = serializers.CharField(
        required=False, allow_blank=True, max_length=120, help_text="A group, such as `age 18–25`; empty is all data."
    )
    direction = serializers.ChoiceField(
        choices=MetricWay.choices, required=False, help_text="Which way is better; the catalogue's when left out."
    )
    threshold = FiniteNumber(required=False, allow_null=True, help_text="The last value that still passes.")
    baseline = FiniteNumber(required=False, allow_null=True, help_text="What the value is shown beside.")
    count = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_COUNT)
    successes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=LARGEST_COUNT)
    variance = FiniteNumber(
        required=False, allow_null=True, help_text="The samples' variance, with count − 1 below; `value` is their mean."
    )
    samples = serializers.ListField(
        child=FiniteNumber(),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=MOST_SAMPLES,
        help_text=f"At most {MOST_SAMPLES}; `value` is their mean. Send count and variance of more.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Fairness by age",
            {
                "suite": "fairness-by-age",
                "kind": "FAIRNESS",
                "ran_at": "2026-03-02T09:30:00Z",
                "ran_by": "validation pipeline 118",
                "dataset": "claims-held-out v3",
                "results": [
                    {"metric": "recall", "segment": "age 18–25", "value": 0.9, "threshold": 0.85, "successes": 450,
                     "count": 500},
                    {"metric": "recall", "segment": "age 65+", "value": 0.78, "threshold": 0.85, "successes": 390,
                     "count": 500},
                ],
            },
            request_only=True,
        )
    ]
)  # fmt: skip
class ValidationInput(Strict):
    """A suite that was run on a version. The same statement twice is one record."""

    suite = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=SuiteKind.choices)
    ran_at = serializers.DateTimeField()
    ran_by = serializers.CharField(required=False, allow_blank=True, max_length=120, help_text="Who or what ran it.")
    dataset = serializers.CharField(required=False, allow_blank=True, max_length=200)
    dataset_digest = serializers.CharField(required=False, allow_blank=True, max_length=140)
    report_uri = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Kept as given and never opened."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    results = ResultInput(many=True, min_length=1, max_length=MOST_RESULTS)  # type: ignore[call-arg]


class ResultOutput(serializers.Serializer[ValidationResult]):
    """A result with its verdict; `low` and `high` are the 95 % interval of the value."""

    metric = serializers.CharField()
    segment = serializers.CharField(allow_blank=True)
    value = serializers.FloatField()
    direction = serializers.CharField(source="way")
    threshold = serializers.FloatField(allow_null=True)
    baseline = serializers.FloatField(allow_null=True)
    verdict = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    successes = serializers.IntegerField(allow_null=True)
    variance = serializers.FloatField(allow_null=True)
    sample_count = serializers.SerializerMethodField()

    def get_sample_count(self, one: ValidationResult) -> int:
        """Return how many samples are kept."""
        return len(one.samples or ())


class ValidationOutput(serializers.Serializer[Validation]):
    """A suite that was run on a version."""

    id = serializers.IntegerField()
    suite = serializers.CharField()
    kind = serializers.CharField()
    verdict = serializers.CharField()
    ran_at = serializers.DateTimeField()
    ran_by = serializers.CharField(allow_blank=True)
    dataset = serializers.CharField(allow_blank=True)
    dataset_digest = serializers.CharField(allow_blank=True)
    report_uri = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()
    recorded_by = serializers.CharField(source="recorded_by.username")
    recorded_at = serializers.DateTimeField()
    results = ResultOutput(source="results.all", many=True)


class LineOutput(serializers.Serializer[Weighed]):
    """One result beside the other version's. `p_adjusted` is corrected after Holm over the whole comparison."""

    suite = serializers.CharField(source="new.suite")
    metric = serializers.CharField(source="new.metric")
    segment = serializers.CharField(source="new.segment", allow_blank=True)
    value = serializers.FloatField(source="new.value")
    other_value = serializers.FloatField(source="old.value")
    difference = serializers.FloatField()
    change = serializers.CharField()
    words = serializers.CharField()
    method = serializers.CharField(source="tested.method", default=None, allow_null=True)
    p_value = serializers.FloatField(source="tested.p_value", default=None, allow_null=True)
    p_adjusted = serializers.FloatField(source="adjusted", allow_null=True)
    low = serializers.FloatField(source="tested.interval.low", default=None, allow_null=True)
    high = serializers.FloatField(source="tested.interval.high", default=None, allow_null=True)


class ComparisonOutput(serializers.Serializer[Any]):
    """A version beside the one in production; `other` is null where there is no other."""

    version = serializers.IntegerField()
    other = serializers.IntegerField(allow_null=True)
    correction = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    lines = LineOutput(many=True)
    only_here = serializers.IntegerField(help_text="Results that the other version has not.")
    only_there = serializers.IntegerField(help_text="Results that this version has not.")


def stated(facts: dict[str, Any]) -> StatedSuite:
    """Return the suite of checked input."""
    results = [
        StatedResult(
            metric=one["metric"],
            value=one["value"],
            segment=one.get("segment", ""),
            way=one.get("direction", ""),
            threshold=one.get("threshold"),
            baseline=one.get("baseline"),
            evidence=Evidence(one.get("count"), one.get("successes"), one.get("variance"), one.get("samples")),
        )
        for one in facts["results"]
    ]
    return StatedSuite(**{**facts, "results": results})


def compared(number: int, found: Comparison) -> dict[str, Any]:
    """Return a comparison as the API tells it."""
    return {
        "version": number,
        "other": found.other.number if found.other else None,
        "correction": "Holm",
        "counts": {str(change): count for change, count in summary(found.lines).items()},
        "lines": found.lines,
        "only_here": found.only_new,
        "only_there": found.only_old,
    }
