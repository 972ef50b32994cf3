"""What a version's page shows of its validation: suites, groups as bars, and what serves beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.utils.safestring import SafeString

from models_registry.catalog import metric_names, segment_bars, validation_queries
from models_registry.catalog.models import ModelVersion
from models_registry.catalog.validation_models import Validation, ValidationResult, VerdictWord
from models_registry.catalog.weighing import Change, Weighed, summary

GROUPS_SHOWN = 40
LINES_SHOWN = 40
SYMBOLS = {
    Change.BETTER: "▲",
    Change.WORSE: "▼",
    Change.UNCLEAR: "◦",
    Change.UNTESTED: "–",
    Change.SAME: "=",
}  # fmt: skip
SAID = {
    Change.BETTER: "better",
    Change.WORSE: "worse",
    Change.UNCLEAR: "unclear",
    Change.UNTESTED: "not sampled",
    Change.SAME: "the same",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One result as shown."""

    result: ValidationResult
    bar: SafeString


@dataclass(frozen=True)
class Group:
    """The results of one metric: one for all data, or one for each segment; ``gap`` is between the farthest apart."""

    label: str
    way: str
    threshold: float | None
    rows: Sequence[Row]
    gap: float | None

    @property
    def is_split(self) -> bool:
        """Say whether the metric is told by segment."""
        return len(self.rows) > 1 or bool(self.rows[0].result.segment)


@dataclass(frozen=True)
class Suite:
    """A suite with its results by metric."""

    validation: Validation
    groups: Sequence[Group]
    failed_count: int


@dataclass(frozen=True)
class Line:
    """One line of the comparison, in words and with a mark that needs no colour."""

    weighed: Weighed
    label: str
    mark: str
    word: str


@dataclass(frozen=True)
class Panel:
    """Everything that the panel shows."""

    suites: Sequence[Suite]
    other: ModelVersion | None
    lines: Sequence[Line]
    counts: Sequence[tuple[str, str, int]]
    tested_count: int = 0
    only_new: int = 0
    only_old: int = 0
    failed: Sequence[str] = field(default=())


def panel(*, version: ModelVersion, at: datetime | None = None) -> Panel:
    """Return what is known at ``at``, or now."""
    newest = validation_queries.newest_of(version=version, at=at)
    found = validation_queries.against_production(version=version, own=newest, at=at)
    counted = summary(found.lines)
    return Panel(
        suites=[_suite(one) for one in newest],
        other=found.other,
        lines=[_line(one) for one in sorted(found.lines, key=_urgency)[:LINES_SHOWN]],
        counts=[(SYMBOLS[change], SAID[change], count) for change, count in counted.items() if count],
        tested_count=sum(1 for one in found.lines if one.tested is not None),
        only_new=found.only_new,
        only_old=found.only_old,
        failed=[one.suite for one in newest if one.verdict == VerdictWord.FAIL],
    )


def _suite(validation: Validation) -> Suite:
    results = list(validation.results.all())
    order = {one.metric: place for place, one in reversed([*enumerate(results)])}
    rows = sorted(results, key=lambda one: (order[one.metric], one.position))
    groups = [_group(name, list(each)) for name, each in groupby(rows, key=lambda one: one.metric)]
    failed = sum(1 for one in results if one.verdict == VerdictWord.FAIL)
    return Suite(validation, groups, failed)


def _group(metric: str, results: Sequence[ValidationResult]) -> Group:
    end = segment_bars.scale_of(results)
    thresholds = {one.threshold for one in results}
    values = [one.value for one in results if one.segment]
    label = metric_names.said(metric)
    return Group(
        label=label[:1].upper() + label[1:],
        way=results[0].get_way_display(),
        threshold=thresholds.pop() if len(thresholds) == 1 else None,
        rows=[Row(one, segment_bars.bar(one, end)) for one in results[:GROUPS_SHOWN]],
        gap=max(values) - min(values) if len(values) > 1 else None,
    )


def _line(weighed: Weighed) -> Line:
    label = metric_names.said(weighed.new.metric)
    return Line(weighed, label[:1].upper() + label[1:], SYMBOLS[weighed.change], SAID[weighed.change])


def _urgency(weighed: Weighed) -> int:
    return [Change.WORSE, Change.BETTER, Change.UNCLEAR, Change.UNTESTED, Change.SAME].index(weighed.change)
