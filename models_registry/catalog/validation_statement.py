"""What somebody states of a suite that was run, before it is judged."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from models_registry.catalog.verdicts import NOTHING, Evidence

MOST_RESULTS = 500


@dataclass(frozen=True, slots=True)
class StatedResult:
    """One metric of a suite, for all data or one segment. An empty ``way`` is the catalogue's."""

    metric: str
    value: float
    segment: str = ""
    way: str = ""
    threshold: float | None = None
    baseline: float | None = None
    evidence: Evidence = NOTHING


@dataclass(frozen=True, slots=True)
class StatedSuite:
    """A suite that was run, with its results."""

    suite: str
    kind: str
    ran_at: dt.datetime
    results: Sequence[StatedResult]
    ran_by: str = ""
    dataset: str = ""
    dataset_digest: str = ""
    report_uri: str = ""
    note: str = field(default="")
