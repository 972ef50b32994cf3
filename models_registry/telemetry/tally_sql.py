"""The statements of the books: fold tallies in, read them with what is not folded yet, count the rows again."""

from typing import Final

FOLD: Final = """
WITH picked AS (
    SELECT id FROM telemetry_tally ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM telemetry_tally AS tally USING picked WHERE tally.id = picked.id RETURNING tally.*
), newest AS (
    SELECT source_id, max(day) AS day FROM gone GROUP BY source_id
)
INSERT INTO telemetry_books AS held (source_id, done, quarantined, dead, duplicate, day, today)
SELECT source_id, sum(gone.done), sum(gone.quarantined), sum(gone.dead), sum(gone.duplicate), newest.day,
       sum(CASE WHEN gone.day = newest.day THEN gone.today ELSE 0 END)
FROM gone JOIN newest USING (source_id)
GROUP BY source_id, newest.day ORDER BY source_id
ON CONFLICT (source_id) DO UPDATE SET
    done = held.done + excluded.done,
    quarantined = held.quarantined + excluded.quarantined,
    dead = held.dead + excluded.dead,
    duplicate = held.duplicate + excluded.duplicate,
    today = CASE WHEN excluded.day > held.day THEN excluded.today
                 WHEN excluded.day = held.day THEN held.today + excluded.today ELSE held.today END,
    day = greatest(held.day, excluded.day)
"""

BOOKS: Final = """
SELECT source_id, sum(done + duplicate + quarantined + dead + waiting)::bigint,
       sum(done)::bigint, sum(duplicate)::bigint, sum(quarantined)::bigint, sum(dead)::bigint,
       sum(waiting)::bigint, sum(CASE WHEN day = %(day)s THEN today ELSE 0 END)::bigint
FROM (
    SELECT source_id, done, duplicate, quarantined, dead, 0 AS waiting, day, today FROM telemetry_books
    UNION ALL
    SELECT source_id, done, duplicate, quarantined, dead, 0, day, today FROM telemetry_tally
    UNION ALL
    SELECT source_id, 0, 0, 0, 0, count(*), %(day)s, count(*) FILTER (WHERE received_at >= %(midnight)s)
    FROM telemetry_event WHERE state = 'NEW' GROUP BY source_id
) AS parts
GROUP BY source_id
"""
"""Cost: one row per source, the tallies of about a second, and the events that wait. Never the history."""

RECOUNT: Final = """
SELECT source_id, (count(*) + sum(duplicate_count))::bigint,
       count(*) FILTER (WHERE state = 'DONE'), sum(duplicate_count)::bigint,
       count(*) FILTER (WHERE state = 'QUARANTINED'), count(*) FILTER (WHERE state = 'DEAD'),
       count(*) FILTER (WHERE state = 'NEW'), count(*) FILTER (WHERE received_at >= %(midnight)s)
FROM telemetry_event GROUP BY source_id
"""
"""The same columns from every event there is: for `check_books` alone."""
