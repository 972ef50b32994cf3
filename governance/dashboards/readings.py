"""Any metric of a model over time: its readings, the limits of the rules in force, and the spans in which they held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils.safestring import SafeString

from governance.dashboards.timechart import Point, Threshold, time_chart
from governance.rules.applies import applies
from governance.rules.definition import Test, comparisons
from governance.rules.judging import definition_of, facts_of
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.vocabulary import Materiality
from models_registry.catalog.models import RegisteredModel
from models_registry.telemetry.metrics import canonical_unit, label
from models_registry.telemetry.models import Rollup
from models_registry.telemetry.queries import series

ENVIRONMENT = "production"
HOUR_S, DAY_S = 3600, 86_400
HOURLY_UP_TO = timedelta(days=7)
KNOWN_FOR = timedelta(days=90)
HEADER = ("metric", "segment", "from", "mean", "readings", "unit")


@dataclass(frozen=True)
class Choice:
    """Which series a reader looks at, of those that there are. ``width_s`` is the length of one window."""

    names: Sequence[str]
    segments: Sequence[str]
    metric: str
    segment: str
    since: datetime
    until: datetime

    @property
    def width_s(self) -> int:
        """An hour, or a day where the chart is longer than a week."""
        return HOUR_S if self.until - self.since <= HOURLY_UP_TO else DAY_S

    @property
    def per(self) -> str:
        """The length of a window in words."""
        return "hour" if self.width_s == HOUR_S else "day"


def chosen(
    *, model: RegisteredModel, metric: str, segment: str, since: datetime, until: datetime, usual: str = ""
) -> Choice:
    """Return the asked series; ``usual``, else the first, where that one was not measured in 90 days. One query."""
    rows = Rollup.objects.filter(
        model=model, environment=ENVIRONMENT, width_s=DAY_S, starts_at__lte=until, starts_at__gt=until - KNOWN_FOR
    )
    known = sorted(set(rows.order_by().values_list("metric", "segment").distinct()))
    names = sorted({name for name, _ in known})
    metric = next((name for name in (metric, usual, *names) if name in names), "")
    segments = [part for name, part in known if name == metric]
    segment = segment if segment in segments else next(iter(segments), "")
    return Choice(names, segments, metric, segment, since, until)


def chart(*, model: RegisteredModel, choice: Choice) -> SafeString | str:
    """Draw the chosen series; three queries."""
    if not choice.metric:
        return ""
    tests = _tests(model, choice.metric, choice.until)
    said = label(choice.metric)
    named = f"{said}, {choice.segment}" if choice.segment else said
    return time_chart(
        key="metric",
        name=named,
        points=[Point(start, mean) for start, mean, _ in _windows(model, choice)],
        thresholds=[_threshold(version, test, model) for version, test in tests],
        breaches=_breaches(model, choice, [version.pk for version, _ in tests]),
        unit=canonical_unit(choice.metric),
    )


def csv_rows(*, model: RegisteredModel, choice: Choice) -> Iterator[Sequence[object]]:
    """Return the windows of the chart as cells in the order of `HEADER`; times are UTC."""
    unit = canonical_unit(choice.metric)
    for start, mean, count in _windows(model, choice):
        yield choice.metric, choice.segment, start.astimezone(UTC).isoformat(), mean, count, unit


def _windows(model: RegisteredModel, choice: Choice) -> list[tuple[datetime, float, int]]:
    rows = series(
        model_id=model.pk,
        metric=choice.metric,
        environment=ENVIRONMENT,
        segment=choice.segment,
        width_s=choice.width_s,
        since=choice.since,
        until=choice.until,
    )
    return [(row.start, row.mean, row.count) for row in rows]


def _tests(model: RegisteredModel, metric: str, at: datetime) -> list[tuple[RuleVersion, Test]]:
    """Return the comparisons on this metric of the rules that were enforced at ``at`` and apply to the model."""
    enforced = RuleVersion.objects.filter(enforced_at__lte=at).exclude(state=VersionState.SHADOW)
    enforced = enforced.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at)).select_related("rule")
    facts = facts_of(model, environment=ENVIRONMENT)
    return [
        (version, test)
        for version in enforced.filter(text__contains=metric).order_by("rule__slug")
        if applies(definition_of(version.text), facts)
        for test in comparisons(definition_of(version.text).when)
        if test.metric == metric
    ]


def _threshold(version: RuleVersion, test: Test, model: RegisteredModel) -> Threshold:
    limit = test.threshold.at(Materiality(model.materiality))
    return Threshold(limit, f"{version.rule.slug} v{version.number}: {test.side.word} {limit:g}")


def _breaches(model: RegisteredModel, choice: Choice, versions: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """Return when rules held over this series: of its segment, or of the whole model."""
    since, at = choice.since, choice.until
    rows = Episode.objects.filter(model=model, rule_version__in=versions, environment=ENVIRONMENT, began_at__lte=at)
    rows = rows.filter(Q(cleared_at__isnull=True) | Q(cleared_at__gt=since), segment__in=["", choice.segment])
    return [
        (max(began, since).astimezone(UTC), min(cleared or at, at).astimezone(UTC))
        for began, cleared in rows.order_by("began_at").values_list("began_at", "cleared_at")
    ]
