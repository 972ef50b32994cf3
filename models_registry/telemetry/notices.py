"""What an event says beside its readings: what a sender cut off, and what nothing here measures.

A notice is no problem of the event, which is read all the same; it is counted at its source and shown there,
so that nothing is left out in silence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from models_registry.telemetry.readings import Reading, printable

MAX_SUBJECT: Final = 120

WORDS: Final[Mapping[str, str]] = {
    "N_TRUNCATED": "Alerts that the sender cut off before it sent them",
    "N_NO_MODEL": "Told of no model",
    "N_UNKNOWN_MODEL": "Told of a model that is not registered",
    "N_UNMAPPED": "Series that no mapping reads",
    "N_SERIES_LIMIT": "Series past the limit of one body",
    "N_STALE": "Series that ended",
    "N_NOT_A_NUMBER": "Values that are no finite number",
    "N_TIME": "Samples from before 2000 or later than their receipt",
    "N_NOT_READ": "Histograms and exemplars, which are not read",
    "N_NO_NUMBER": "Judgements without a number",
    "N_SKIPPED": "Tests that the sender skipped",
    "N_NOT_KEPT": "Runs with values that do not fit the record",
    "N_NO_DIGEST": "Weights that cannot be compared: no digest on record",
}
"""Every code with what it counts, in words for people."""


@dataclass(frozen=True, slots=True)
class Notice:
    """So many things of one sort. `subject` says which: a metric, a model, an alert; empty where there is only one."""

    code: str
    subject: str = ""
    count: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", printable(self.subject)[:MAX_SUBJECT])

    @property
    def in_words(self) -> str:
        """The sort, as people read it."""
        return WORDS.get(self.code, self.code)


class Findings(list[Reading]):
    """The readings of a body that also gives notices.

    With `lenient`, a reading whose model is not registered is counted instead of holding the whole body: right
    for streams that tell of everything, wrong for a message about one model.
    """

    def __init__(
        self, readings: Iterable[Reading] = (), notices: Iterable[Notice] = (), *, lenient: bool = False
    ) -> None:
        super().__init__(readings)
        self.notices = tuple(notices)
        self.lenient = lenient


def merged(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Return the notices with equal ones added up, in a fixed order."""
    counts: dict[tuple[str, str], int] = {}
    for each in notices:
        counts[each.code, each.subject] = counts.get((each.code, each.subject), 0) + each.count
    return tuple(Notice(code, subject, count) for (code, subject), count in sorted(counts.items()))


def no_model(counted: Mapping[str, int]) -> list[Notice]:
    """Return what named no model: how often, by what it is called."""
    return [Notice("N_NO_MODEL", name, count) for name, count in sorted(counted.items())]
