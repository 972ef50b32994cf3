"""Random rules and windows, well-formed by construction."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from governance.rules.definition import (
    Aggregate,
    AllOf,
    AnyOf,
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
from governance.rules.parsing import REGULATORY_CLASSES
from governance.rules.reading import MAX_NUMBER
from governance.rules.windows import Window
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier

slugs = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
numbers = st.floats(-MAX_NUMBER, MAX_NUMBER).map(lambda value: value + 0.0)
thresholds = st.one_of(numbers.map(Threshold.uniform), st.builds(Threshold, numbers, numbers, numbers))
lines = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60).map(str.strip).filter(bool)
tests = st.builds(
    Test,
    metric=st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True),
    side=st.sampled_from(Side),
    threshold=thresholds,
    over=st.sampled_from(Width),
    aggregate=st.sampled_from(Aggregate),
    windows=st.integers(1, 366),
    per=st.sampled_from(Per),
    gaps=st.sampled_from(Gaps),
)


def several[T](items: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """Return short tuples without repeats."""
    return st.lists(items, max_size=3, unique=True).map(tuple)


def groups(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """Return `all` and `any` over one or two conditions."""
    inside = st.lists(parts, min_size=1, max_size=2).map(tuple)
    return st.one_of(inside.map(AllOf), inside.map(AnyOf))


conditions = st.one_of(tests, groups(tests), groups(st.one_of(tests, groups(tests))))
scopes = st.builds(
    Scope,
    kind=several(slugs),
    environment=several(slugs),
    materiality=several(st.sampled_from(Materiality)),
    regulatory_class=several(st.sampled_from(REGULATORY_CLASSES)),
    business_unit=several(lines),
    tags=several(slugs),
)


@st.composite
def effects(draw: st.DrawFn, when: Condition) -> Effect:
    """Return an effect that fits the condition."""
    kinds = [st.sampled_from(RiskLevel).map(Floor), st.floats(0, 100).map(Points)]
    if isinstance(when, Test):
        values = sorted(draw(st.lists(numbers, min_size=2, max_size=4, unique=True)))
        points = [draw(st.floats(0, 100)) for _ in values]
        points.sort(reverse=when.side is Side.BELOW)
        kinds.append(st.just(Scale(tuple(zip(values, points, strict=True)))))
    return draw(st.one_of(kinds))


@st.composite
def clears(draw: st.DrawFn, when: Condition) -> Clear:
    """Return a clearing on the good side of the condition."""
    threshold = None
    if isinstance(when, Test) and draw(st.booleans()):
        margin = draw(st.floats(0, 1000)) * (-1 if when.side is Side.ABOVE else 1)
        shifted = [when.threshold.at(grade) + margin for grade in Materiality]
        threshold = Threshold(*(max(-MAX_NUMBER, min(MAX_NUMBER, value)) for value in shifted))
    return Clear(threshold, draw(st.integers(1, 366)), draw(st.sampled_from(Clearing)))


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Return any well-formed rule."""
    when = draw(conditions)
    then = Consequence(
        risk=draw(st.sampled_from(RiskCategory)),
        effect=draw(effects(when)),
        tier=draw(st.none() | st.sampled_from(Tier)),
        require=draw(several(st.sampled_from(Requirement))),
        restrict=draw(st.sampled_from(Restriction)),
        actions=draw(several(slugs)),
    )
    return Definition(
        rule=draw(slugs),
        title=draw(lines),
        why=draw(lines),
        when=when,
        then=then,
        clear=draw(clears(when)),
        applies_to=draw(scopes),
        controls=draw(several(slugs.map(lambda slug: f"nist-ai-rmf:{slug.upper()} 2.4"))),
        runbook=draw(st.none() | slugs.map(lambda slug: f"https://wiki.example/{slug}")),
    )


def window(index: int, *values: float, width: Width = Width.DAY) -> Window:
    """Return the window that holds these readings in order of observation."""
    return Window(
        index=index,
        start=datetime.fromtimestamp(index * width.seconds, UTC),
        count=len(values),
        sum=sum(values),
        min=min(values),
        max=max(values),
        first=values[0],
        last=values[-1],
        values=values,
    )
