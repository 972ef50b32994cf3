"""A rule as the values of a form's fields, and back: both directions say the same rule.

Not every rule fits: one that combines several comparisons is written as text.
"""

from collections.abc import Mapping
from typing import Any

from governance.rules.definition import (
    Aggregate,
    Clear,
    Clearing,
    Condition,
    Consequence,
    Definition,
    Effect,
    Floor,
    Gaps,
    Per,
    Points,
    Requirement,
    Scale,
    Scope,
    Side,
    Test,
    Threshold,
    Width,
)
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier

FIELDS: Mapping[str, str] = {
    "when.above": "low",
    "when.below": "low",
    "when.for": "windows",
    "then.risk": "category",
    "then.effect.points": "points",
    "then.effect.floor": "level",
    "then.alert": "tier",
    "then.effect.scale": "scale",
    "clear.below": "clear_low",
    "clear.above": "clear_low",
    "clear.for": "clear_windows",
    "clear.then": "clearing",
}
"""Which field says what stands at a path of the text, where the last word of the path is not its name."""


class CannotSay(ValueError):
    """The fields cannot say this rule; its text can."""


def definition_of(given: Mapping[str, Any]) -> Definition:
    """Return the rule that cleaned fields say; the parser judges afterwards whether it is one."""
    side = Side(given["side"])
    test = Test(
        metric=given["metric"],
        side=side,
        threshold=_threshold(given["low"], given["medium"], given["high"]),
        over=Width(given["over"]),
        aggregate=Aggregate(given["aggregate"]),
        windows=given["windows"],
        per=Per(given["per"]),
        gaps=Gaps(given["gaps"]),
    )
    then = Consequence(
        risk=RiskCategory(given["category"]),
        effect=_effect_of(given),
        tier=Tier(given["tier"]) if given["tier"] else None,
        require=tuple(Requirement(one) for one in given["require"]),
        restrict=Restriction(given["restrict"]),
        actions=tuple(given["actions"]),
    )
    clear_at = given["clear_low"]
    return Definition(
        rule=given["rule"],
        title=given["title"],
        why=" ".join(given["why"].split()),
        when=test,
        then=then,
        clear=Clear(
            threshold=None if clear_at is None else _threshold(clear_at, given["clear_medium"], given["clear_high"]),
            windows=given["clear_windows"],
            then=Clearing(given["clearing"]),
        ),
        applies_to=_scope(given),
        controls=tuple(given["controls"]),
        runbook=given["runbook"] or None,
    )


def values_of(definition: Definition) -> dict[str, Any]:
    """Return the fields that say this rule. Raises CannotSay, naming what they have no words for."""
    test, then, clear = _test(definition.when), definition.then, definition.clear
    return {
        "rule": definition.rule,
        "title": definition.title,
        "why": definition.why,
        "metric": test.metric,
        "aggregate": test.aggregate.value,
        "over": test.over.value,
        "side": test.side.value,
        **_limits("", test.threshold),
        "windows": test.windows,
        "per": test.per.value,
        "gaps": test.gaps.value,
        "category": then.risk.value,
        **_effect(then.effect),
        "tier": then.tier.value if then.tier else None,
        "require": [one.value for one in then.require],
        "restrict": then.restrict.value,
        "actions": then.actions,
        **_limits("clear_", clear.threshold),
        "clear_windows": clear.windows,
        "clearing": clear.then.value,
        "kind": list(definition.applies_to.kind),
        "materiality": [grade.value for grade in definition.applies_to.materiality],
        "regulatory_class": list(definition.applies_to.regulatory_class),
        "environment": definition.applies_to.environment,
        "business_unit": definition.applies_to.business_unit,
        "tags": definition.applies_to.tags,
        "controls": definition.controls,
        "runbook": definition.runbook or "",
    }


def field_at(path: str) -> str | None:
    """Return the field that says what stands at a path of the text; None when no single field does."""
    bare = path.partition("[")[0]
    for known, field in FIELDS.items():
        if bare == known or bare.startswith(f"{known}."):
            return field
    last = bare.rpartition(".")[2]
    return last if last in _NAMED else None


_NAMED = frozenset(
    "rule title why metric aggregate over per gaps require restrict actions kind materiality regulatory_class"
    " environment business_unit tags controls runbook".split()
)


def _test(condition: Condition) -> Test:
    if not isinstance(condition, Test):
        raise CannotSay("It combines several comparisons, which only its text can say.")
    return condition


def _effect_of(given: Mapping[str, Any]) -> Effect:
    match given["effect"]:
        case "FLOOR":
            return Floor(RiskLevel(given["level"]))
        case "POINTS":
            return Points(given["points"])
        case _:
            return Scale(given["scale"])


def _effect(effect: Effect) -> dict[str, Any]:
    said: dict[str, Any] = {"level": "", "points": None, "scale": ()}
    match effect:
        case Floor(level):
            return said | {"effect": "FLOOR", "level": level.value}
        case Points(points):
            return said | {"effect": "POINTS", "points": _short(points)}
        case Scale(steps):
            return said | {"effect": "SCALE", "scale": steps}


def _limits(prefix: str, limits: Threshold | None) -> dict[str, float | None]:
    if limits is None:
        return dict.fromkeys((f"{prefix}low", f"{prefix}medium", f"{prefix}high"))
    graded = not limits.is_uniform
    return {
        f"{prefix}low": _short(limits.low),
        f"{prefix}medium": _short(limits.medium) if graded else None,
        f"{prefix}high": _short(limits.high) if graded else None,
    }


def _short(value: float) -> float:
    """Return a whole number without its decimals, as people type it."""
    return int(value) if value.is_integer() else value


def _threshold(low: float, medium: float | None, high: float | None) -> Threshold:
    return Threshold(low, low if medium is None else medium, low if high is None else high)


def _scope(given: Mapping[str, Any]) -> Scope:
    return Scope(
        kind=tuple(given["kind"]),
        environment=tuple(given["environment"]),
        materiality=tuple(Materiality(one) for one in given["materiality"]),
        regulatory_class=tuple(given["regulatory_class"]),
        business_unit=tuple(given["business_unit"]),
        tags=tuple(given["tags"]),
    )
