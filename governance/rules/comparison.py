"""What a version in shadow would have done beside what the version in force did, episode by episode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """One episode: a series was past a version's limit from ``began_at`` until ``cleared_at`` (None: still).

    ``points`` is the most it contributed, 0–100.
    """

    model_id: int
    environment: str
    segment: str
    began_at: datetime
    cleared_at: datetime | None
    points: float
    text: str = ""

    @property
    def series(self) -> tuple[int, str, str]:
        """What was watched."""
        return self.model_id, self.environment, self.segment

    def overlaps(self, other: "Stretch") -> bool:
        """Tell whether both went on at one moment on the same series."""
        if self.series != other.series:
            return False
        starts_in_time = other.cleared_at is None or self.began_at < other.cleared_at
        return starts_in_time and (self.cleared_at is None or other.began_at < self.cleared_at)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``more``: the candidate alone fires; ``fewer``: the version in force alone; ``both``: the candidate's, shared."""

    more: tuple[Stretch, ...]
    fewer: tuple[Stretch, ...]
    both: tuple[Stretch, ...]

    @property
    def would(self) -> int:
        """How often the candidate would have fired."""
        return len(self.more) + len(self.both)


def compare(*, candidate: Iterable[Stretch], enforced: Iterable[Stretch], since: datetime) -> Comparison:
    """Return where two versions differ from ``since`` on; what ended before does not count."""
    theirs = _recent(candidate, since)
    ours = _recent(enforced, since)
    return Comparison(
        more=tuple(one for one in theirs if not _shared(one, ours)),
        fewer=tuple(one for one in ours if not _shared(one, theirs)),
        both=tuple(one for one in theirs if _shared(one, ours)),
    )


def _recent(stretches: Iterable[Stretch], since: datetime) -> list[Stretch]:
    found = [one for one in stretches if one.cleared_at is None or one.cleared_at > since]
    return sorted(found, key=lambda one: (one.began_at, one.series), reverse=True)


def _shared(one: Stretch, others: list[Stretch]) -> bool:
    return any(one.overlaps(other) for other in others)
