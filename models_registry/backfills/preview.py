"""What starting a backfill would do: its first rows read under a plan, before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models_registry.backfills import columns, tables
from models_registry.backfills.columns import Plan, PlanUnfit
from models_registry.backfills.models import Backfill
from models_registry.backfills.pieces import PieceStream
from models_registry.backfills.rows import Judge, Rejected, Sound
from models_registry.backfills.working import probe


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, the likeliest plan, and what they would give under the plan that was asked about."""

    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    guessed: Plan
    needs_zone: bool
    plan: Plan
    unfit: str
    sound: Sequence[Sound]
    rejected: Sequence[Rejected]


def preview(*, backfill: Backfill, at: datetime, plan: Plan | None = None) -> Preview:
    """Return what the first rows would give under the plan, or under the guessed one. Writes nothing."""
    shape = tables.Shape(**{name: backfill.shape[name] for name in ("form", "packed", "encoding", "delimiter")})
    table = tables.open_table(PieceStream(backfill), shape, size=backfill.size)
    rows = tables.sample(table)
    guessed, needs_zone = columns.guess(table.header, rows)
    asked = plan or guessed
    sound: list[Sound] = []
    rejected: list[Rejected] = []
    unfit = ""
    try:
        columns.check(asked, table.header)
        judge = Judge(asked, table.header, environment=backfill.source.environment, now=at)
        for row, cells in enumerate(rows, start=2):
            for verdict in judge.judge(row, cells):
                if isinstance(verdict, Sound):
                    sound.append(verdict)
                elif isinstance(verdict, Rejected):
                    rejected.append(verdict)
        sound, refused = probe(source=backfill.source, sound=sound, taken=set(), at=at)
        rejected = sorted([*rejected, *refused], key=lambda each: each.row)
    except PlanUnfit as error:
        unfit = str(error)
    return Preview(table.header, rows, guessed, needs_zone, asked, unfit, sound, rejected)
