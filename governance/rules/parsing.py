"""The strict reading of a rule: YAML text → Definition, or every error with its place.

Nothing is guessed: an unknown key, a number in quotes, `yes` for true, NaN or a
bound that contradicts another is an error. All errors are collected, so that
an author mends a file in one go.
"""

from collections.abc import Callable

from governance.rules import yamltree
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
    comparisons,
)
from governance.rules.reading import Reader, Unreadable, join
from governance.rules.yamltree import Mapping, Node, RuleError, RuleInvalid, Scalar, Sequence
from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier

MAX_TESTS = 16
MAX_NESTING = 4

SLUG = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
METRIC = r"^[a-z][a-z0-9_.:/-]{0,99}$"
CONTROL = r"^[a-z0-9-]+:[A-Za-z0-9][A-Za-z0-9 .()/:_-]*$"
ADDRESS = r"^https://[^\s/]+(/\S*)?$"

KEYS = ("rule", "title", "why", "controls", "runbook", "applies_to", "when", "then", "clear")
SCOPE_KEYS = ("kind", "environment", "materiality", "regulatory_class", "business_unit", "tags")
TEST_KEYS = ("metric", "aggregate", "over", "above", "below", "for", "per", "gaps")
GROUP_KEYS = ("all", "any")
THEN_KEYS = ("risk", "effect", "alert", "require", "restrict", "actions")
EFFECT_KEYS = ("floor", "points", "scale")
CLEAR_KEYS = ("below", "above", "for", "then")
REGULATORY_CLASSES = ("prohibited", "high-risk", "limited", "minimal", "general-purpose")


def parse(text: str) -> Definition:
    """Return the rule this text defines; raises RuleInvalid with every error found."""
    root, errors = yamltree.read_tree(text)
    reader = _Reader(errors)
    definition = reader.attempt(reader.definition, root, "")
    if reader.errors or definition is None:
        raise RuleInvalid(sorted(reader.errors, key=lambda e: (e.line, e.column, e.path)))
    return definition


def lint(text: str) -> list[RuleError]:
    """Return everything wrong with a rule's text, in reading order; empty when sound."""
    try:
        parse(text)
    except RuleInvalid as invalid:
        return invalid.errors
    return []


class _Reader(Reader):
    """Reads the tree of a rule."""

    # ---- the rule

    def definition(self, node: Node, path: str) -> Definition | None:
        body = self.mapping(node, path, KEYS)
        slug = self.required(body, path, "rule", self.shaped(SLUG, "a name such as drift-high"))
        title = self.required(body, path, "title", self.line(120))
        why = self.required(body, path, "why", self.prose)
        when = self.required(body, path, "when", self.when)
        then = self.required(body, path, "then", self.then)
        clear = self.optional(body, path, "clear", self.clear_after(when), Clear())
        scope = self.optional(body, path, "applies_to", self.scope, Scope())
        controls = self.many_of(body, path, "controls", self.control)
        runbook = self.optional(body, path, "runbook", self.address, None)
        if not (slug and title and why and when and then):
            return None
        self.effect_fits(body, when, then.effect)
        return Definition(slug, title, why, when, then, clear, scope, controls, runbook)

    def control(self, node: Node, path: str) -> str:
        return self.shaped(CONTROL, "a control such as eu-ai-act:15")(node, path)

    def address(self, node: Node, path: str) -> str | None:
        return self.shaped(ADDRESS, "an https:// address")(node, path)

    def scope(self, node: Node, path: str) -> Scope:
        body = self.mapping(node, path, SCOPE_KEYS)
        slug = self.shaped(SLUG, "a lower-case name")
        return Scope(
            kind=self.many_of(body, path, "kind", slug),
            environment=self.many_of(body, path, "environment", slug),
            materiality=self.many_of(body, path, "materiality", self.member(Materiality)),
            regulatory_class=self.many_of(body, path, "regulatory_class", self.regulatory_class),
            business_unit=self.many_of(body, path, "business_unit", self.line(80)),
            tags=self.many_of(body, path, "tags", slug),
        )

    def regulatory_class(self, node: Node, path: str) -> str:
        return self.word(node, path, REGULATORY_CLASSES)

    # ---- when

    def when(self, node: Node, path: str) -> Condition:
        condition = self.condition(node, path, depth=1)
        if len(comparisons(condition)) > MAX_TESTS:
            self.refuse(node, path, f"holds more than {MAX_TESTS} comparisons")
        return condition

    def condition(self, node: Node, path: str, *, depth: int) -> Condition:
        if isinstance(node, Mapping) and not node.entries.keys().isdisjoint(GROUP_KEYS):
            return self.group(node, path, depth)
        return self.test(node, path)

    def group(self, node: Mapping, path: str, depth: int) -> Condition:
        body = self.mapping(node, path, GROUP_KEYS)
        key = self.one_key(body, path, GROUP_KEYS)
        if depth > MAX_NESTING:
            self.refuse(node, path, f"conditions nest at most {MAX_NESTING} deep")
        inside, at = body.entries[key], join(path, key)
        if not isinstance(inside, Sequence) or not inside.items:
            self.refuse(inside, at, "must be a list of conditions")
        found = [
            self.attempt(lambda n, p: self.condition(n, p, depth=depth + 1), item, f"{at}[{i}]")
            for i, item in enumerate(inside.items)
        ]
        parts = tuple(part for part in found if part is not None)
        if len(parts) < len(found):
            raise Unreadable
        return AllOf(parts) if key == "all" else AnyOf(parts)

    def test(self, node: Node, path: str) -> Test:
        body = self.mapping(node, path, TEST_KEYS)
        metric = self.required(body, path, "metric", self.shaped(METRIC, "a metric's name"))
        over = self.required(body, path, "over", self.member(Width))
        side = self.one_key(body, path, ("above", "below"))
        threshold = self.required(body, path, side, self.threshold)
        aggregate = self.optional(body, path, "aggregate", self.aggregate, Aggregate.AVG)
        windows = self.optional(body, path, "for", self.count, 1)
        per = self.optional(body, path, "per", self.member(Per), Per.MODEL)
        gaps = self.optional(body, path, "gaps", self.member(Gaps), Gaps.BREAK)
        if metric is None or over is None or threshold is None:
            raise Unreadable
        where = Side.from_word(side)
        return Test(metric, where, threshold, over, aggregate, windows, per, gaps)

    def aggregate(self, node: Node, path: str) -> Aggregate:
        return self.member(Aggregate)(node, path)

    def threshold(self, node: Node, path: str) -> Threshold:
        if not isinstance(node, Mapping):
            return Threshold.uniform(self.number(node, path))
        grades = ("low", "medium", "high")
        body = self.mapping(node, path, grades)
        values = [self.required(body, path, grade, self.number) for grade in grades]
        if any(value is None for value in values):
            raise Unreadable
        return Threshold(*(value for value in values if value is not None))

    # ---- then

    def then(self, node: Node, path: str) -> Consequence:
        body = self.mapping(node, path, THEN_KEYS)
        risk = self.required(body, path, "risk", self.member(RiskCategory))
        effect = self.required(body, path, "effect", self.effect)
        tier = self.optional(body, path, "alert", self.alert, None)
        require = self.many_of(body, path, "require", self.member(Requirement))
        restrict = self.optional(body, path, "restrict", self.member(Restriction), Restriction.NONE)
        name = self.shaped(SLUG, "the name of an action, such as pause-deployment")
        actions = self.many_of(body, path, "actions", name)
        if risk is None or effect is None:
            raise Unreadable
        return Consequence(risk, effect, tier, require, restrict, actions)

    def alert(self, node: Node, path: str) -> Tier | None:
        body = self.mapping(node, path, ("tier",))
        tier = self.required(body, path, "tier", self.number)
        if tier is None:
            raise Unreadable
        if tier not in (1, 2, 3):
            self.refuse(body.entries["tier"], join(path, "tier"), "must be 1, 2 or 3")
        return Tier(int(tier))

    def effect(self, node: Node, path: str) -> Effect:
        body = self.mapping(node, path, EFFECT_KEYS)
        key = self.one_key(body, path, EFFECT_KEYS)
        inside, at = body.entries[key], join(path, key)
        match key:
            case "floor":
                return Floor(self.member(RiskLevel)(inside, at))
            case "points":
                return Points(self.points(inside, at))
            case _:
                return self.scale(inside, at)

    def scale(self, node: Node, path: str) -> Scale:
        if not isinstance(node, Mapping) or len(node.entries) < 2:
            self.refuse(node, path, "must be at least two steps {value: points}")
        steps: list[tuple[float, float]] = []
        for key, value in node.entries.items():
            at = join(path, key[:40])
            limit = self.number(Scalar(key, True, node.key_places[key]), at)
            if steps and limit <= steps[-1][0]:
                self.refuse(value, at, "the steps must be in ascending order of value")
            steps.append((limit, self.points(value, at)))
        return Scale(tuple(steps))

    def effect_fits(self, body: Mapping, when: Condition, effect: Effect) -> None:
        """A scale needs one metric, and points that grow towards the bad side."""
        if not isinstance(effect, Scale):
            return
        node, path = body.entries["then"], "then.effect.scale"
        if not isinstance(when, Test):
            self.note(node, path, "a scale needs a single comparison in `when`")
            return
        points = [step[1] for step in effect.steps]
        wanted = sorted(points, reverse=when.side is Side.BELOW)
        if points != wanted:
            grow = "rise" if when.side is Side.ABOVE else "fall"
            self.note(node, path, f"with `{when.side.word}`, points must {grow} with the value")

    # ---- clear

    def clear_after(self, when: Condition | None) -> Callable[[Node, str], Clear]:
        return lambda node, path: self.clear(node, path, when)

    def clear(self, node: Node, path: str, when: Condition | None) -> Clear:
        body = self.mapping(node, path, CLEAR_KEYS)
        windows = self.optional(body, path, "for", self.count, 1)
        then = self.optional(body, path, "then", self.member(Clearing), Clearing.PROPOSE)
        sides = [key for key in ("below", "above") if key in body.entries]
        if not sides:
            return Clear(None, windows, then)
        side = self.one_key(body, path, sides)
        threshold = self.required(body, path, side, self.threshold)
        if threshold is None:
            raise Unreadable
        if when is not None:
            self.clear_fits(body, path, side, threshold, when)
        return Clear(threshold, windows, then)

    def clear_fits(self, body: Mapping, path: str, side: str, threshold: Threshold, when: Condition) -> None:
        """Clearing lies on the good side of the test, never on the bad one."""
        node, at = body.entries[side], join(path, side)
        if not isinstance(when, Test):
            self.refuse(node, at, "needs a single comparison in `when`; use `for` alone")
        wanted = "below" if when.side is Side.ABOVE else "above"
        if side != wanted:
            self.refuse(node, at, f"a rule that holds {when.side.word} clears {wanted}")
        pairs = [(threshold.at(grade), when.threshold.at(grade)) for grade in Materiality]
        bad = [(clear > hold) if side == "below" else (clear < hold) for clear, hold in pairs]
        if any(bad):
            self.refuse(node, at, "the rule would clear while it still holds")
