"""Write down what a batch of judgements found: states, episodes and evaluations, each kind with one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from django.db import connection, transaction

from governance.rules.definition import Definition
from governance.rules.episodes import Firing, Judgement, Step
from governance.rules.evidence import Place, Standing
from governance.rules.models import Episode, RuleVersion, VersionState
from governance.rules.windows import Window
from governance.vocabulary import Mode, RiskCategory

SERIES = ["rule_version", "model", "environment", "segment"]
EPISODE_FIELDS = ["category", "points", "steps", "cleared_at"]

_STATES = """
insert into rules_series_state (rule_version_id, model_id, environment, segment, holds, firing, firing_since,
                                cleared_at, value, explanation, evaluated_at)
select * from json_to_recordset(%s::json) as found (
    rule_version_id bigint, model_id bigint, environment text, segment text, holds boolean, firing boolean,
    firing_since timestamptz, cleared_at timestamptz, value float8, explanation text, evaluated_at timestamptz)
on conflict (rule_version_id, model_id, environment, segment) do update set
    holds = excluded.holds, firing = excluded.firing, firing_since = excluded.firing_since,
    cleared_at = excluded.cleared_at, value = excluded.value, explanation = excluded.explanation,
    evaluated_at = excluded.evaluated_at
"""

_EVALUATIONS = """
insert into rules_evaluation (rule_version_id, model_id, environment, segment, mode, holds, firing, value, threshold,
                              points, readings, explanation, event_id, judged_at)
select * from json_to_recordset(%s::json) as found (
    rule_version_id bigint, model_id bigint, environment text, segment text, mode text, holds boolean, firing boolean,
    value float8, threshold float8, points float8, readings jsonb, explanation text, event_id bigint,
    judged_at timestamptz)
"""


@dataclass(frozen=True)
class Finding:
    """A version's answer on one segment, beside what was known: its last state, and the episodes since then."""

    version: RuleVersion
    definition: Definition
    place: Place
    segment: str
    judgement: Judgement
    before: Standing | None
    stored: Mapping[datetime, Episode]
    event_id: int | None

    @property
    def model_id(self) -> int:
        """The model it speaks about."""
        return self.place.model_id

    @property
    def category(self) -> RiskCategory:
        """The risk it speaks about."""
        return self.definition.then.risk

    @property
    def begins(self) -> bool:
        """True when there is an episode that nobody knew of."""
        return any(firing.began_at not in self.stored for firing in self.judgement.episodes)

    @cached_property
    def moved(self) -> bool:
        """True when an episode began, grew, ended, or turned out never to have been."""
        derived = self.judgement.episodes
        return len(derived) != len(self.stored) or any(_differs(self.stored.get(one.began_at), one) for one in derived)

    @property
    def changed(self) -> bool:
        """True when the answer is another one than before."""
        return self.moved or self.before is None or self.before.holds != self.judgement.outcome.holds

    @cached_property
    def explanation(self) -> str:
        """What was found, in words."""
        return self.judgement.outcome.explanation


@transaction.atomic(savepoint=False)
def keep(findings: Sequence[Finding], *, at: datetime, held: Collection[int] = ()) -> None:
    """Write the findings. Episodes that begin under the versions in ``held`` weigh nothing yet.

    The caller holds the lock of every model concerned.
    """
    _replace_episodes([finding for finding in findings if finding.moved], at, held)
    _write(_EVALUATIONS, [_evaluation(finding, at, held) for finding in findings if finding.changed])
    _write(_STATES, [_state(finding, at) for finding in findings])


def earlier(rows: Iterable[Episode], since: datetime) -> dict[str, Firing]:
    """Return, per segment, the episode that was open at ``since``, cut to what was known by then."""
    found: dict[str, Firing] = {}
    for row in rows:
        if row.began_at < since and (row.cleared_at is None or row.cleared_at > since):
            steps = tuple(step for step in map(_step, row.steps) if step.at < since)
            found[row.segment] = Firing(steps)
    return found


def _replace_episodes(findings: Iterable[Finding], at: datetime, held: Collection[int]) -> None:
    """Make the stored episodes of each finding equal to the derived ones."""
    written: list[Episode] = []
    gone: list[int] = []
    for finding in findings:
        derived = {firing.began_at: firing for firing in finding.judgement.episodes}
        gone += [row.pk for began_at, row in finding.stored.items() if began_at not in derived]
        written += [
            _episode(finding, firing, at, held)
            for began_at, firing in derived.items()
            if _differs(finding.stored.get(began_at), firing)
        ]
    if gone:
        Episode.objects.filter(pk__in=gone).delete()
    Episode.objects.bulk_create(
        written, update_conflicts=True, unique_fields=[*SERIES, "began_at"], update_fields=EPISODE_FIELDS
    )


def _differs(row: Episode | None, firing: Firing) -> bool:
    return row is None or row.cleared_at != firing.cleared_at or row.steps != _steps(firing)


def _episode(finding: Finding, firing: Firing, at: datetime, held: Collection[int]) -> Episode:
    return Episode(
        **_series(finding),
        began_at=firing.began_at,
        cleared_at=firing.cleared_at,
        category=finding.category.value,
        points=firing.points,
        steps=_steps(firing),
        found_at=at,
        held=finding.version.pk in held,
    )


def _write(statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows with one statement. They travel as JSON: a thousand model instances cost more than the table."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [msgspec.json.encode(rows).decode()])


def _state(finding: Finding, at: datetime) -> dict[str, Any]:
    answer, before = finding.judgement, finding.before
    current = answer.open
    last_end = answer.episodes[-1].cleared_at if answer.episodes else None
    return {
        **_series(finding),
        "holds": answer.outcome.holds,
        "firing": current is not None,
        "firing_since": current.began_at if current else None,
        "cleared_at": None if current else last_end or (before.cleared_at if before else None),
        "value": answer.outcome.value,
        "explanation": finding.explanation,
        "evaluated_at": at,
    }


def _evaluation(finding: Finding, at: datetime, held: Collection[int]) -> dict[str, Any]:
    outcome, current = finding.judgement.outcome, finding.judgement.open
    enforced = finding.version.state == VersionState.ENFORCED and finding.version.pk not in held
    return {
        **_series(finding),
        "mode": Mode.ENFORCED.value if enforced else Mode.SHADOW.value,
        "holds": outcome.holds,
        "firing": current is not None,
        "value": outcome.value,
        "threshold": outcome.threshold,
        "points": current.points if current else 0,
        "readings": [_reading(window) for window in outcome.windows],
        "explanation": finding.explanation,
        "event_id": finding.event_id,
        "judged_at": at,
    }


def _series(finding: Finding) -> dict[str, Any]:
    return {
        "rule_version_id": finding.place.version_id,
        "model_id": finding.place.model_id,
        "environment": finding.place.environment,
        "segment": finding.segment,
    }


def _steps(firing: Firing) -> list[dict[str, object]]:
    return [
        {"at": step.at.isoformat(), "points": step.points, "value": step.value, "text": step.text}
        for step in firing.steps
    ]


def _step(stored: Mapping[str, object]) -> Step:
    return Step(
        at=datetime.fromisoformat(str(stored["at"])),
        points=float(str(stored["points"])),
        value=None if stored["value"] is None else float(str(stored["value"])),
        text=str(stored["text"]),
    )


def _reading(window: Window) -> dict[str, object]:
    return {
        "start": window.start.isoformat(),
        "count": window.count,
        "sum": window.sum,
        "min": window.min,
        "max": window.max,
        "last": window.last,
    }
