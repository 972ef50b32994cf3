"""Ninety days of what stood: the rows that `as_of`, the small lines, the change lists and rules read."""

from datetime import datetime
from typing import Any

import psycopg

DAYS = 90
MOVES_OF_A_RISK = 10
"""Of its model's posture for one of its own. The demo company's doors gave one posture's move and one health score
per hundred measurements, and one risk's move per two thousand; here it is one per 333."""
POSTURES = """
insert into scoring_posture_change (model_id, changed_at, risk_score, level, tolerance, appetite, health,
                                    health_redline, coverage, room, in_the_red, quiet, accepted, why, way_out)
select id, moment, 59 - room, (array['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])[1 + least(3, greatest(0, (39 - room) / 17))],
       59, 39, 80, 60, 1, room, room < 0, nth %% 17 = 0 and room >= 0, false,
       'Performance: accuracy was below its floor for three hours.', 'Performance at 58 or less leads out.'
from (select model.id, nth, {moment} as moment, 39 - ((model.id + nth * 7) %% 70)::int as room
      from catalog_model as model, generate_series({held} + 1, %(wanted)s) as nth) as stood
order by moment
"""
RISKS = """
insert into risks_change (risk_id, from_level, to_level, from_score, to_score, state, cause, explanation, contributions,
                          changed_at)
select id, 'LOW', level, 20, score, case level when 'LOW' then 'CLOSED' else 'OPEN' end, 'rule:bench-0',
       'Performance: accuracy was below its floor for three hours.', '[]', moment
from (select risk.id, {moment} as moment, (risk.id * 7 + nth * 11) %% 90 as score,
             (array['LOW', 'MEDIUM', 'HIGH'])[1 + (risk.id + nth) %% 3] as level
      from risks_risk as risk, generate_series({held} + 1, greatest(1, %(wanted)s / {every})) as nth) as moved
order by moment
"""
SCORES = """
insert into health_score (model_id, formula_version_id, score, redline, coverage, components, segments, scored_at)
select model.id, %(formula)s, 55 + (model.id + nth * 3) %% 40, 60, 1, '[]', '[]', {moment} as moment
from catalog_model as model, generate_series({held} + 1, %(wanted)s) as nth
order by moment
"""
WINDOWS = """
insert into telemetry_rollup (model_id, metric, environment, segment, width_s, starts_at, count, sum, min, max,
                              first, first_at, last, last_at)
select model.id, metric, 'production', '', 3600, starts_at, 1, 0.5, 0.5, 0.5, 0.5, starts_at, 0.5, starts_at
from catalog_model as model, unnest(array['accuracy', 'embedding_cosine_drift']) as metric,
     generate_series(1, 5 * %(wanted)s) as nth,
     lateral (select date_trunc('hour', %(at)s::timestamptz) - (8 + 4 * nth) * interval '1 hour' as starts_at) as at
on conflict do nothing
"""
SPREAD = "%(at)s - (0.001 + nth * 0.6180339887 %% 1) * {days} * interval '1 day'"
"""Multiples of the golden ratio fall evenly between those that are there already, however many follow."""


def fill(admin: psycopg.Connection[Any], *, at: datetime, formula: int, moves: int) -> None:
    """Give every model so many moves and as many health scores over the last 90 days, and ten times as many windows.

    Every risk gets a tenth of the moves, one at least.
    """
    facts = {"at": at, "formula": formula, "wanted": moves}
    moment = SPREAD.format(days=DAYS)
    for statement, held in (
        (POSTURES, _each(admin, "scoring_posture_change", "catalog_model")),
        (RISKS, _each(admin, "risks_change", "risks_risk")),
        (SCORES, _each(admin, "health_score", "catalog_model")),
        (WINDOWS, 0),
    ):
        admin.execute(statement.format(moment=moment, held=held, every=MOVES_OF_A_RISK), facts)


def _each(admin: psycopg.Connection[Any], rows: str, of: str) -> int:
    """Return how many rows there are of each."""
    found = admin.execute(f"select (select count(*) from {rows}) / greatest(count(*), 1) from {of}").fetchone()
    return int(found[0]) if found else 0
