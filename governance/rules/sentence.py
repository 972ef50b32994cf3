"""A rule as one English sentence, for lists, reviews and the form that shows it."""

from collections.abc import Sequence

from governance.rules.definition import (
    Aggregate,
    AllOf,
    Clear,
    Clearing,
    Condition,
    Consequence,
    Definition,
    Floor,
    Gaps,
    Per,
    Points,
    Requirement,
    Scope,
    Side,
    Test,
    Threshold,
    Width,
)
from governance.vocabulary import Materiality, Restriction
from models_registry.telemetry.metrics import label, measured

_AGGREGATES = {
    Aggregate.LAST: "the last {metric}",
    Aggregate.AVG: "average {metric}",
    Aggregate.MIN: "the lowest {metric}",
    Aggregate.MAX: "the highest {metric}",
    Aggregate.SUM: "the sum of {metric}",
    Aggregate.COUNT: "the number of {metric} readings",
    Aggregate.P50: "the median {metric}",
    Aggregate.P90: "the 90th percentile of {metric}",
    Aggregate.P95: "the 95th percentile of {metric}",
    Aggregate.P99: "the 99th percentile of {metric}",
    Aggregate.CHANGE: "the change in {metric}",
}
_WIDTHS = {Width.FIVE_MINUTES: "5 minutes", Width.HOUR: "hour", Width.DAY: "day"}
_RUNS = {Width.FIVE_MINUTES: "windows of 5 minutes", Width.HOUR: "hours", Width.DAY: "days"}
_GAPS = {
    Gaps.BREAK: "",
    Gaps.HOLD: " (windows without data are passed over)",
    Gaps.BREACH: " (a window without data counts as bad)",
}
_REQUIREMENTS = {
    Requirement.ACKNOWLEDGEMENT: "an acknowledgement",
    Requirement.MITIGATION: "a mitigation plan",
    Requirement.REAPPROVAL: "a new approval",
    Requirement.INCIDENT: "an incident report",
}
_RESTRICTIONS = {
    Restriction.SANDBOX: "limit runtime access to the sandbox",
    Restriction.SUSPEND: "suspend runtime access",
}
_CLEARINGS = {
    Clearing.AUTO: "Ends by itself when {good}.",
    Clearing.PROPOSE: "When {good}, ends once a person confirms.",
    Clearing.NEVER: "Ends only when a person closes it.",
}


def sentence(definition: Definition) -> str:
    """Return the rule in words: when, for which models, what follows, how it ends."""
    where = _scope(definition.applies_to)
    return f"When {_condition(definition.when)}{where}, {_consequence(definition.then)}. {_clear(definition)}"


def _condition(condition: Condition, *, nested: bool = False) -> str:
    if isinstance(condition, Test):
        return _test(condition)
    glue = " and " if isinstance(condition, AllOf) else " or "
    whole = glue.join(_condition(part, nested=True) for part in condition.parts)
    return f"({whole})" if nested and len(condition.parts) > 1 else whole


def _test(test: Test) -> str:
    subject = _AGGREGATES[test.aggregate].format(metric=label(test.metric))
    limit = f"{test.side.word} {_threshold(test.threshold, test)}"
    segment = " in any one segment" if test.per is Per.SEGMENT else ""
    return f"{subject} is {limit} {_run(test.over, test.windows)}{segment}{_GAPS[test.gaps]}"


def _run(over: Width, windows: int) -> str:
    if windows == 1:
        return f"in {_article(over)} {_WIDTHS[over]}"
    return f"for {windows} consecutive {_RUNS[over]}"


def _article(over: Width) -> str:
    return {Width.FIVE_MINUTES: "any", Width.HOUR: "an", Width.DAY: "a"}[over]


def _threshold(threshold: Threshold, of: Test) -> str:
    """Return the limits with their unit; a count of readings has none, whatever was read."""
    metric = "" if of.aggregate is Aggregate.COUNT else of.metric
    if threshold.is_uniform:
        return measured(_number(threshold.low), metric)
    grades = [f"{measured(_number(threshold.at(g)), metric)} ({g.word} materiality)" for g in Materiality]
    return _joined(grades, "or")


def scope(of: Scope) -> str:
    """Return which models a scope names, in words."""
    return f"Models with {_facts(of)}" if of != Scope() else "Every model"


def _scope(scope: Scope) -> str:
    return f" on a model with {_facts(scope)}" if scope != Scope() else ""


def _facts(scope: Scope) -> str:
    said = [
        f"{name.replace('_', ' ')} {_joined([_plain(value) for value in values], 'or')}"
        for name in Scope.__dataclass_fields__
        if (values := getattr(scope, name))
    ]
    return _joined(said, "and")


def _plain(value: str) -> str:
    return value.word if isinstance(value, Materiality) else value


def _consequence(then: Consequence) -> str:
    risk = then.risk.label
    match then.effect:
        case Floor(level):
            said = [f"raise {risk} to at least {level.label}"]
        case Points(points):
            said = [f"add {_number(points)} points to {risk}"]
        case scale:
            steps = [f"{_number(p)} points at {_number(v)}" for v, p in scale.steps]
            said = [f"add to {risk} {_joined(steps, 'and')}"]
    if then.tier is not None:
        said.append(f"alert at tier {then.tier.value}")
    if then.require:
        said.append(f"require {_joined([_REQUIREMENTS[item] for item in then.require], 'and')}")
    if then.restrict is not Restriction.NONE:
        said.append(_RESTRICTIONS[then.restrict])
    if then.actions:
        said.append(f"start {_joined(then.actions, 'and')}")
    return _joined(said, "and")


def _clear(definition: Definition) -> str:
    clear = definition.clear
    return _CLEARINGS[clear.then].format(good=_good(definition.when, clear))


def _good(when: Condition, clear: Clear) -> str:
    if not isinstance(when, Test):
        return f"it no longer holds for {_windows(clear.windows)}"
    side = Side.BELOW if when.side is Side.ABOVE else Side.ABOVE
    limit = f"{side.word} {_threshold(clear.threshold or when.threshold, when)}"
    return f"it is at or {limit} {_run(when.over, clear.windows)}"


def _windows(count: int) -> str:
    return "one completed window" if count == 1 else f"{count} completed windows"


def _number(value: float) -> str:
    return f"{value:.15g}"


def _joined(words: Sequence[str], glue: str) -> str:
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {glue} {words[-1]}"
