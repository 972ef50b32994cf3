"""A rule as frozen values: what `parsing` returns and everything else reads.

Only well-formed rules come out of `parsing`; these classes hold the meaning and
check nothing. Every field is hashable, so a definition can be a cache key.
"""

from dataclasses import dataclass, field

from governance.vocabulary import Materiality, Restriction, RiskCategory, RiskLevel, Tier, Word


class Aggregate(Word):
    """How the readings of one window become one number."""

    LAST = "LAST"
    AVG = "AVG"
    MIN = "MIN"
    MAX = "MAX"
    SUM = "SUM"
    COUNT = "COUNT"
    P50 = "P50"
    P90 = "P90"
    P95 = "P95"
    P99 = "P99"
    CHANGE = "CHANGE"


class Width(Word):
    """How long one window is. Windows are aligned to UTC multiples of it."""

    FIVE_MINUTES = "5M"
    HOUR = "1H"
    DAY = "1D"

    @property
    def seconds(self) -> int:
        """Return the length in seconds."""
        return {Width.FIVE_MINUTES: 300, Width.HOUR: 3600, Width.DAY: 86400}[self]


class Side(Word):
    """Which side of the threshold is the bad one; the threshold itself is good."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"


class Per(Word):
    """Whether each segment is judged alone or the model as a whole."""

    SEGMENT = "SEGMENT"
    MODEL = "MODEL"


class Gaps(Word):
    """What a window without readings means."""

    BREAK = "BREAK"
    HOLD = "HOLD"
    BREACH = "BREACH"


class Requirement(Word):
    """What a raised risk demands of people before it may end."""

    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    MITIGATION = "MITIGATION"
    REAPPROVAL = "REAPPROVAL"
    INCIDENT = "INCIDENT"


class Clearing(Word):
    """Who ends it once the readings are good again."""

    AUTO = "AUTO"
    PROPOSE = "PROPOSE"
    NEVER = "NEVER"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit in the metric's unit, by the model's materiality."""

    low: float
    medium: float
    high: float

    @classmethod
    def uniform(cls, value: float) -> "Threshold":
        """Return the same limit for every materiality."""
        return cls(value, value, value)

    @property
    def is_uniform(self) -> bool:
        """Tell whether materiality makes no difference."""
        return self.low == self.medium == self.high

    def at(self, materiality: Materiality) -> float:
        """Return the limit for a model of this materiality."""
        return {
            Materiality.LOW: self.low,
            Materiality.MEDIUM: self.medium,
            Materiality.HIGH: self.high,
        }[materiality]


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison: `windows` consecutive windows on the bad side of a threshold."""

    __test__ = False  # pytest collects classes by this name

    metric: str
    side: Side
    threshold: Threshold
    over: Width
    aggregate: Aggregate = Aggregate.AVG
    windows: int = 1
    per: Per = Per.MODEL
    gaps: Gaps = Gaps.BREAK


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold."""

    parts: "tuple[Condition, ...]"


type Condition = Test | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Floor:
    """Raise the risk at least to the entry of this level's band."""

    level: RiskLevel


@dataclass(frozen=True, slots=True)
class Points:
    """Contribute a fixed number of points, 0–100."""

    points: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Contribute points that grow with the value; steps ascend by value."""

    steps: tuple[tuple[float, float], ...]


type Effect = Floor | Points | Scale


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows while the rule fires."""

    risk: RiskCategory
    effect: Effect
    tier: Tier | None = None
    require: tuple[Requirement, ...] = ()
    restrict: Restriction = Restriction.NONE
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clear:
    """When a firing rule stops: `windows` completed windows on the good side.

    `threshold` None means the threshold of the test itself (no hysteresis band).
    """

    threshold: Threshold | None = None
    windows: int = 1
    then: Clearing = Clearing.PROPOSE


@dataclass(frozen=True, slots=True)
class Scope:
    """Which models a rule is for: every named fact must match one of its values."""

    kind: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    materiality: tuple[Materiality, ...] = ()
    regulatory_class: tuple[str, ...] = ()
    business_unit: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One rule, whole. `rule` is its slug and never changes between versions."""

    rule: str
    title: str
    why: str
    when: Condition
    then: Consequence
    clear: Clear = field(default_factory=Clear)
    applies_to: Scope = field(default_factory=Scope)
    controls: tuple[str, ...] = ()
    runbook: str | None = None


def comparisons(condition: Condition) -> tuple[Test, ...]:
    """Return the comparisons of a condition, in the order they are written."""
    if isinstance(condition, Test):
        return (condition,)
    return tuple(test for part in condition.parts for test in comparisons(part))
