"""A Definition as canonical YAML: `parse(write(definition)) == definition`.

What equals its default is left out, keys come in the order of the format, so
that two equal rules have equal text and a diff shows meaning only.
"""

import re
from collections.abc import Iterable, Iterator

from governance.rules.definition import (
    Aggregate,
    AllOf,
    Clear,
    Condition,
    Consequence,
    Definition,
    Effect,
    Floor,
    Gaps,
    Per,
    Points,
    Scope,
    Side,
    Test,
    Threshold,
)
from governance.vocabulary import Restriction, Word

_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./()%-]+)*[.]?")
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def write(definition: Definition) -> str:
    """Return the rule's canonical text, ending in a newline."""
    return "\n".join(_lines(definition)) + "\n"


def _lines(definition: Definition) -> Iterator[str]:
    yield f"rule: {text(definition.rule)}"
    yield f"title: {text(definition.title)}"
    yield f"why: {text(definition.why)}"
    if definition.controls:
        yield f"controls: {_list(definition.controls)}"
    if definition.runbook:
        yield f"runbook: {text(definition.runbook)}"
    if definition.applies_to != Scope():
        yield "applies_to:"
        yield from _indented(_scope(definition.applies_to))
    yield "when:"
    yield from _indented(_condition(definition.when))
    yield "then:"
    yield from _indented(_consequence(definition.then))
    if definition.clear != Clear():
        yield "clear:"
        yield from _indented(_clear(definition))


def _scope(scope: Scope) -> Iterator[str]:
    for name in Scope.__dataclass_fields__:
        if values := getattr(scope, name):
            yield f"{name}: {_list(values)}"


def _condition(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Test):
        yield from _test(condition)
        return
    yield "all:" if isinstance(condition, AllOf) else "any:"
    for part in condition.parts:
        first, *rest = _condition(part)
        yield f"  - {first}"
        yield from (f"    {line}" for line in rest)


def _test(test: Test) -> Iterator[str]:
    yield f"metric: {text(test.metric)}"
    if test.aggregate is not Aggregate.AVG:
        yield f"aggregate: {test.aggregate.word}"
    yield f"over: {test.over.word}"
    yield f"{test.side.word}: {_threshold(test.threshold)}"
    if test.windows != 1:
        yield f"for: {test.windows}"
    if test.per is not Per.MODEL:
        yield f"per: {test.per.word}"
    if test.gaps is not Gaps.BREAK:
        yield f"gaps: {test.gaps.word}"


def _consequence(then: Consequence) -> Iterator[str]:
    yield f"risk: {then.risk.word}"
    yield f"effect: {{{_effect(then.effect)}}}"
    if then.tier is not None:
        yield f"alert: {{tier: {then.tier.value}}}"
    if then.require:
        yield f"require: {_list(then.require)}"
    if then.restrict is not Restriction.NONE:
        yield f"restrict: {then.restrict.word}"
    if then.actions:
        yield f"actions: {_list(then.actions)}"


def _effect(effect: Effect) -> str:
    if isinstance(effect, Floor):
        return f"floor: {effect.level.word}"
    if isinstance(effect, Points):
        return f"points: {number(effect.points)}"
    steps = ", ".join(f"{number(value)}: {number(points)}" for value, points in effect.steps)
    return f"scale: {{{steps}}}"


def _clear(definition: Definition) -> Iterator[str]:
    clear = definition.clear
    if clear.threshold and isinstance(definition.when, Test):
        side = Side.BELOW if definition.when.side is Side.ABOVE else Side.ABOVE
        yield f"{side.word}: {_threshold(clear.threshold)}"
    if clear.windows != 1:
        yield f"for: {clear.windows}"
    yield f"then: {clear.then.word}"


def _threshold(threshold: Threshold) -> str:
    if threshold.is_uniform:
        return number(threshold.low)
    low, medium, high = map(number, (threshold.low, threshold.medium, threshold.high))
    return f"{{low: {low}, medium: {medium}, high: {high}}}"


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(v.word if isinstance(v, Word) else text(v) for v in values)}]"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def number(value: float) -> str:
    """Return the shortest text that reads back as the same number."""
    return str(int(value)) if value.is_integer() else repr(value)


def text(words: str) -> str:
    """Return a YAML scalar that reads back as exactly these words."""
    if _BARE.fullmatch(words) and words.lower() not in _RESERVED:
        return words
    return '"' + "".join(map(_escaped, words)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    return f"\\U{ord(character):08X}"
