"""The words every room of governance shares: levels, categories, verdicts.

Plain enumerations without a framework: ideas import them freely, models use
`X.choices()`. Values are upper-case and never reused.
"""

from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from typing import Self


class Word(StrEnum):
    """A closed set of upper-case words that can serve as a field's choices."""

    __hash__ = str.__hash__  # equal to a str means hashing like it; and several times faster

    @property
    def label(self) -> str:
        """Return the word as people read it: `DATA_INTEGRITY` → `Data integrity`."""
        return self.value.replace("_", " ").capitalize()

    @property
    def word(self) -> str:
        """Return the word as rule and formula files write it: lower-case."""
        return self.value.lower()

    @classmethod
    def from_word(cls, word: str) -> Self:
        """Return the member a file's lower-case word names; raises ValueError."""
        if word != word.lower():
            raise ValueError(f"{word!r} is not a lower-case word")
        return cls(word.upper())

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (value, label) pairs, for `choices=` of a field or a form."""
        return [(member.value, member.label) for member in cls]


class RiskLevel(Word):
    """How grave a risk is. `<` and `max` compare by gravity, not by spelling."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def order(self) -> int:
        """Return 0 for LOW up to 3 for CRITICAL."""
        return _LEVEL_ORDER[self]

    @property
    def entry_points(self) -> int:
        """Return the score, 0–100, at which this level's band begins."""
        return _ENTRY_POINTS[self]

    @classmethod
    def of_points(cls, points: float) -> "RiskLevel":
        """Return the level whose band holds `points` (0–100)."""
        return max((level for level in cls if points >= level.entry_points), default=cls.LOW)

    def __lt__(self, other: object) -> bool:
        return self.order < other.order if isinstance(other, RiskLevel) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.order <= other.order if isinstance(other, RiskLevel) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.order > other.order if isinstance(other, RiskLevel) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.order >= other.order if isinstance(other, RiskLevel) else NotImplemented


_LEVEL_ORDER = {level: place for place, level in enumerate(RiskLevel)}
_ENTRY_POINTS = dict(zip(RiskLevel, (0, 20, 40, 75), strict=True))


class RiskCategory(Word):
    """What kind of harm a risk is about: a risk is one model × one category."""

    PERFORMANCE = "PERFORMANCE"
    DATA_INTEGRITY = "DATA_INTEGRITY"
    OPERATIONAL = "OPERATIONAL"
    SECURITY = "SECURITY"
    RELIABILITY = "RELIABILITY"
    FAIRNESS = "FAIRNESS"
    COST = "COST"
    PRIVACY = "PRIVACY"
    SAFETY = "SAFETY"
    COMPLIANCE = "COMPLIANCE"


class Materiality(Word):
    """How much hangs on a model: its exposure times its purpose."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Verdict(Word):
    """A gate's answer."""

    APPROVE = "APPROVE"
    REVIEW_REQUIRED = "REVIEW_REQUIRED"
    BLOCK = "BLOCK"


class Mode(Word):
    """Whether a rule version only records what it would do, or does it."""

    SHADOW = "SHADOW"
    ENFORCED = "ENFORCED"


class Restriction(Word):
    """What a rule takes away from a model's runtime access, mildest first."""

    NONE = "NONE"
    SANDBOX = "SANDBOX"
    SUSPEND = "SUSPEND"

    @property
    def order(self) -> int:
        """Return 0 for NONE up to 2 for SUSPEND."""
        return list(Restriction).index(self)


class Tier(IntEnum):
    """How loudly an alert is told: 1 pages, 2 posts to a channel, 3 joins a digest."""

    PAGE = 1
    POST = 2
    DIGEST = 3

    @property
    def label(self) -> str:
        """Return the tier as people read it."""
        return f"Tier {self.value}"

    @classmethod
    def choices(cls) -> list[tuple[int, str]]:
        """Return (value, label) pairs, for `choices=` of a field or a form."""
        return [(member.value, member.label) for member in cls]


def rounded(points: float) -> float:
    """Return the points rounded half up to one decimal, as shown and as banded."""
    steady = Decimal(repr(round(points, 9)))
    return float(steady.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
