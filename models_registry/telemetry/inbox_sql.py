"""The inbox's own statements: keep an event once, and claim waiting ones fairly."""

from typing import Final

KEEP: Final = """
INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail,
                             conflict, duplicate_count)
VALUES (%(source)s, %(event_id)s, %(at)s, %(raw)s, %(headers)s, 'NEW', 0, '', '', %(conflict)s, 0)
ON CONFLICT (source_id, event_id) DO NOTHING
RETURNING id
"""

ADMIT: Final = """
WITH door AS (
    SELECT id FROM telemetry_source WHERE id = %(source)s AND revision = %(revision)s AND disabled_at IS NULL
), kept AS (
    INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail,
                                 conflict, duplicate_count)
    SELECT id, %(event_id)s, %(at)s, %(raw)s, %(headers)s, 'NEW', 0, '', '', false, 0 FROM door
    ON CONFLICT (source_id, event_id) DO NOTHING
    RETURNING id
)
SELECT EXISTS (SELECT FROM door), (SELECT id FROM kept)
"""
"""Keep the event, but only through a door that is as it was remembered; says whether it was, and the new key."""

KEEP_ALL: Final = """
INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail,
                             conflict, duplicate_count)
SELECT %(source)s, told.event_id, %(at)s, told.raw, told.headers::jsonb, 'NEW', 0, '', '', false, 0
FROM unnest(%(ids)s::text[], %(bodies)s::bytea[], %(headers)s::text[]) WITH ORDINALITY
     AS told (event_id, raw, headers, place)
ORDER BY told.place
ON CONFLICT (source_id, event_id) DO NOTHING
RETURNING event_id, id
"""
"""Keep what is new of many events of one source, in their order; what is known stays as it was and is not counted."""

COLUMNS: Final = ("source", "revision", "event_id", "at", "raw", "headers")
ADMIT_GROUP: Final = """
WITH sent AS (
    SELECT * FROM unnest(%(source)s::bigint[], %(revision)s::bigint[], %(event_id)s::text[], %(at)s::timestamptz[],
                         %(raw)s::bytea[], %(headers)s::jsonb[])
        WITH ORDINALITY AS sent (source, revision, event_id, at, raw, headers, turn)
), door AS (
    SELECT sent.turn FROM sent JOIN telemetry_source AS source
        ON source.id = sent.source AND source.revision = sent.revision AND source.disabled_at IS NULL
), kept AS (
    INSERT INTO telemetry_event (source_id, event_id, received_at, raw, headers, state, attempts, reason, detail,
                                 conflict, duplicate_count)
    SELECT source, event_id, at, raw, headers, 'NEW', 0, '', '', false, 0 FROM sent JOIN door USING (turn)
    ORDER BY source, event_id
    ON CONFLICT (source_id, event_id) DO NOTHING
    RETURNING id, source_id, event_id
)
SELECT sent.turn, door.turn IS NOT NULL, kept.id
FROM sent LEFT JOIN door USING (turn)
LEFT JOIN kept ON (kept.source_id, kept.event_id) = (sent.source, sent.event_id)
"""
"""`ADMIT` for many at once, no two of one id. In the order of their ids, so that two groups do not wait in a circle."""

COUNT_DUPLICATE: Final = """
WITH again AS (
    UPDATE telemetry_event SET duplicate_count = duplicate_count + 1
    WHERE source_id = %(source)s AND event_id = %(event_id)s
      AND (%(by_content)s OR coalesce(body_digest, sha256(raw)) = %(digest)s)
    RETURNING id, conflict
), counted AS (
    INSERT INTO telemetry_tally (source_id, duplicate, day)
    SELECT %(source)s, 1, (%(at)s::timestamptz AT TIME ZONE 'UTC')::date FROM again
)
SELECT id, conflict FROM again
"""

THROW_AWAY_TEXTS: Final = "UPDATE telemetry_event SET headers = headers - %s WHERE id = ANY(%s)"

CLAIM_RETRIED: Final = """
SELECT id, attempts FROM telemetry_event
WHERE state = 'NEW' AND attempts >= 1 AND not_before <= %(at)s
ORDER BY not_before, id LIMIT 1
FOR UPDATE SKIP LOCKED
"""

CLAIM_FRESH: Final = """
WITH picked AS (
    SELECT waiting.id
    FROM telemetry_source AS source
    CROSS JOIN LATERAL (
        SELECT count(*) > %(burst)s AS behind FROM (
            SELECT FROM telemetry_event WHERE source_id = source.id AND state = 'NEW' AND attempts = 0
            LIMIT %(burst)s + 1
        ) AS queue
    ) AS lane
    CROSS JOIN LATERAL (
        SELECT event.id, row_number() OVER (ORDER BY event.id) AS turn
        FROM (
            SELECT id FROM telemetry_event
            WHERE source_id = source.id AND state = 'NEW' AND attempts = 0
              AND (not_before IS NULL OR not_before <= %(at)s)
            ORDER BY id LIMIT %(limit)s
        ) AS event
    ) AS waiting
    WHERE (source.kind = 'backfill') = %(history)s
    ORDER BY lane.behind, waiting.turn, source.id
    LIMIT %(limit)s
), locked AS (
    SELECT id FROM telemetry_event
    WHERE id IN (SELECT id FROM picked) AND state = 'NEW' AND attempts = 0
    FOR UPDATE SKIP LOCKED
)
UPDATE telemetry_event AS event SET attempts = 1, not_before = %(lease)s
FROM locked WHERE event.id = locked.id
RETURNING event.id
"""
"""The oldest of every source in turn. A source with more than a burst waiting is behind: first come all the others."""
