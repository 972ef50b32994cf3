"""Dropping history by the database itself: months proven to be in their windows, with the owner's rights."""

from typing import Final

COMPACT_FUNCTION: Final = """
CREATE FUNCTION telemetry_compact_month(month date, keep bigint[])
RETURNS TABLE (gone_model bigint, gone_count bigint, gone_total numeric, gone_digest text, freed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
    part text := 'telemetry_measurement_' || to_char(month, 'YYYY_MM');
    going bigint[];
    unproven text;
    counted bigint := 0;
    again bigint;
    size bigint;
    stays boolean;
BEGIN
    IF until > now() - interval '180 days' THEN
        RAISE EXCEPTION 'measurements of the last 180 days are not dropped' USING errcode = 'check_violation';
    END IF;
    IF to_regclass('public.' || part) IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT coalesce(array_agg(DISTINCT model_id), ''{}'') FROM public.%I', part) INTO going;
    going := ARRAY(SELECT one FROM unnest(going) AS one WHERE one <> ALL (keep) ORDER BY one);
    IF going = '{}' THEN
        RETURN;
    END IF;

    FOR gone_model, gone_count, gone_total, gone_digest IN EXECUTE format($gone$
        WITH series AS (
            SELECT model_id, metric, environment, segment, count(*) AS n, sum(value::text::numeric) AS total,
                   sha256(convert_to(string_agg(
                       concat_ws('|', event_id, ordinal, value::text, extract(epoch FROM observed_at)), E'\\n'
                       ORDER BY observed_at, event_id, ordinal), 'UTF8')) AS digest
            FROM public.%I WHERE model_id = ANY ($1) GROUP BY 1, 2, 3, 4
        )
        SELECT model_id, sum(n)::bigint, sum(total),
               encode(sha256(string_agg(
                   convert_to(concat_ws('|', metric, environment, segment, ''), 'UTF8') || digest, ''::bytea
                   ORDER BY metric COLLATE "C", environment COLLATE "C", segment COLLATE "C")), 'hex')
        FROM series GROUP BY model_id ORDER BY model_id
    $gone$, part) USING going
    LOOP
        counted := counted + gone_count;
        RETURN NEXT;
    END LOOP;

    EXECUTE format($proof$
        WITH raw AS (
            SELECT model_id, metric, environment, segment, count(*) AS n, sum(value::text::numeric) AS total,
                   min(value) AS low, max(value) AS high
            FROM public.%1$I WHERE model_id = ANY ($1) GROUP BY 1, 2, 3, 4
        ), fresh AS (
            SELECT one FROM unnest($1) AS one
            WHERE NOT EXISTS (SELECT FROM public.telemetry_drop_part AS gone
                               WHERE gone.model_id = one AND gone.width_s = 0 AND gone.month = $2::date)
        ), windows AS (
            SELECT model_id, metric, environment, segment, width_s, sum(count) AS n, sum(sum) AS total,
                   min(min) AS low, max(max) AS high
            FROM public.telemetry_rollup
            WHERE model_id = ANY ($1) AND width_s IN (300, 3600, 86400) AND starts_at >= $3 AND starts_at < $4
            GROUP BY 1, 2, 3, 4, 5
        ), wrong AS (
            SELECT raw.model_id
            FROM raw JOIN fresh ON fresh.one = raw.model_id
            CROSS JOIN unnest(ARRAY[300, 3600, 86400]) AS width
            LEFT JOIN windows AS w ON (w.model_id, w.metric, w.environment, w.segment, w.width_s)
                = (raw.model_id, raw.metric, raw.environment, raw.segment, width)
            WHERE (w.n, w.total, w.low, w.high) IS DISTINCT FROM (raw.n, raw.total, raw.low, raw.high)
            UNION ALL
            SELECT whole.model_id
            FROM (SELECT model_id, sum(n) AS n, sum(total) AS total FROM raw GROUP BY 1) AS whole
            CROSS JOIN unnest(ARRAY[300, 3600, 86400]) AS width
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(readings), 0) AS n, coalesce(sum(gone.total), 0) AS total
                FROM public.telemetry_drop_part AS gone
                WHERE gone.model_id = whole.model_id AND gone.width_s = 0 AND gone.month = $2::date
            ) AS before
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(readings), 0) AS n, coalesce(sum(gone.total), 0) AS total
                FROM public.telemetry_drop_part AS gone
                WHERE gone.model_id = whole.model_id AND gone.width_s = width AND gone.month = $2::date
            ) AS thinned
            LEFT JOIN LATERAL (
                SELECT sum(w.n) AS n, sum(w.total) AS total FROM windows AS w
                WHERE w.model_id = whole.model_id AND w.width_s = width
            ) AS held ON true
            WHERE (coalesce(held.n, 0) + thinned.n, coalesce(held.total, 0) + thinned.total)
                IS DISTINCT FROM (whole.n + before.n, whole.total + before.total)
        )
        SELECT string_agg(DISTINCT model_id::text, ', ') FROM wrong
    $proof$, part) INTO unproven USING going, date_trunc('month', month::timestamp), since, until;
    IF unproven IS NOT NULL THEN
        RAISE EXCEPTION 'the windows of % do not hold every measurement of the models %',
            to_char(month, 'YYYY-MM'), unproven USING errcode = 'check_violation';
    END IF;

    EXECUTE format('LOCK TABLE public.%I IN SHARE MODE', part);  -- late rows of this month wait, readers go on
    EXECUTE format('SELECT count(*) FROM public.%I WHERE model_id = ANY ($1)', part) INTO again USING going;
    IF again <> counted THEN
        RAISE EXCEPTION 'measurements of % arrived while it was proven', to_char(month, 'YYYY-MM')
            USING errcode = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(4976208);  -- a hold that is being placed comes first
    IF EXISTS (SELECT FROM public.telemetry_legal_hold AS held
                WHERE held.lifted_at IS NULL AND held.since <= date_trunc('month', month::timestamp)
                  AND (held.until IS NULL OR held.until >= date_trunc('month', month::timestamp))
                  AND EXISTS (SELECT FROM unnest(going) AS one
                               WHERE held.model_id IS NULL OR held.model_id = one)) THEN
        RAISE EXCEPTION 'a legal hold stands on %', to_char(month, 'YYYY-MM') USING errcode = 'check_violation';
    END IF;
    size := pg_total_relation_size(to_regclass('public.' || part));
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE model_id <> ALL ($1))', part) INTO stays USING going;
    IF stays THEN
        EXECUTE format('CREATE TABLE public.%I (LIKE public.telemetry_measurement
                        INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part || '_kept');
        EXECUTE format('INSERT INTO public.%I SELECT * FROM public.%I WHERE model_id <> ALL ($1)',
                       part || '_kept', part) USING going;
        EXECUTE format('DROP TABLE public.%I', part);
        EXECUTE format('ALTER TABLE public.%I RENAME TO %I', part || '_kept', part);
        EXECUTE format('ALTER TABLE public.telemetry_measurement ATTACH PARTITION public.%I
                        FOR VALUES FROM (%L) TO (%L)', part, since, until);
        size := size - pg_total_relation_size(to_regclass('public.' || part));
    ELSE
        EXECUTE format('DROP TABLE public.%I', part);
    END IF;
    RETURN QUERY SELECT NULL::bigint, NULL::bigint, NULL::numeric, NULL::text, greatest(size, 0);
END $$;
"""
"""Drops the measurements of one month, but for those of the models in ``keep``, with the owner's rights.

First it takes the digest and proves that the windows of all three widths hold them: count, sum, least and greatest
of every series; where some of the month went before, count and sum of the model with what the record of drops says.
Rows are only ever added, so an equal count under the lock, which lets readers go on, says that nothing arrived since.
Returns a row per model with count, sum and digest, and a last one with the bytes freed. The month is dropped whole, or
made again with what is kept. Raises check_violation when it is too young, held by law, not proven, or added to. The
transaction gets its number only when the proof is over, so that followers of tables do not wait.
"""

DROP_COMPACT_FUNCTION: Final = "DROP FUNCTION IF EXISTS telemetry_compact_month(date, bigint[]);"

COMPACT: Final = "SELECT gone_model, gone_count, gone_total, gone_digest, freed FROM telemetry_compact_month(%s, %s)"

EMPTY_BODIES: Final = """
WITH due AS (
    SELECT event.id FROM telemetry_event AS event
    WHERE event.received_at >= %(since)s AND event.received_at < %(until)s
      AND event.id > %(after)s AND event.id <= %(upto)s
      AND event.state = ANY (%(states)s) AND event.body_digest IS NULL
      AND NOT EXISTS (
          SELECT FROM telemetry_measurement AS m
          JOIN unnest(%(models)s::bigint[], %(from)s::timestamptz[], %(to)s::timestamptz[]) AS need(model, since, until)
            ON need.model = m.model_id AND m.observed_at >= need.since AND m.observed_at < need.until
          WHERE m.event_id = event.id)
      AND (NOT %(measured_only)s OR EXISTS (SELECT FROM telemetry_measurement AS m WHERE m.event_id = event.id))
    ORDER BY event.id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE telemetry_event AS event
    SET raw = '', body_digest = sha256(event.raw), body_size = octet_length(event.raw)
    FROM due WHERE event.id = due.id
    RETURNING event.id, event.body_digest AS digest, event.body_size AS size
)
SELECT count(*), coalesce(sum(size), 0)::bigint, min(id), max(id),
       encode(sha256(string_agg(convert_to(id::text || '|', 'UTF8') || digest, ''::bytea ORDER BY id)), 'hex')
FROM emptied
"""
"""Empties bodies of a span of time, keeps the SHA-256 and the length of each, and says how many went."""

THIN: Final = """
WITH series AS (
    SELECT DISTINCT metric, environment, segment FROM telemetry_rollup
    WHERE model_id = %(model)s AND width_s = %(width)s AND starts_at >= %(since)s AND starts_at < %(until)s
), limits AS (
    SELECT series.*, (
        SELECT starts_at FROM telemetry_rollup AS newer
        WHERE newer.model_id = %(model)s AND newer.width_s = %(width)s AND newer.metric = series.metric
          AND newer.environment = series.environment AND newer.segment = series.segment
        ORDER BY starts_at DESC OFFSET %(newest)s - 1 LIMIT 1
    ) AS oldest_kept FROM series
), gone AS (
    DELETE FROM telemetry_rollup AS held USING limits
    WHERE held.model_id = %(model)s AND held.width_s = %(width)s AND held.metric = limits.metric
      AND held.environment = limits.environment AND held.segment = limits.segment
      AND held.starts_at >= %(since)s AND held.starts_at < %(until)s AND held.starts_at < limits.oldest_kept
    RETURNING held.*
)
SELECT count(*), coalesce(sum(count), 0)::bigint, coalesce(sum(sum), 0),
       coalesce(sum(pg_column_size(gone.*)), 0)::bigint,
       encode(sha256(convert_to(coalesce(string_agg(
           concat_ws('|', metric, environment, segment, extract(epoch FROM starts_at), count, sum, min, max),
           E'\\n' ORDER BY metric COLLATE "C", environment COLLATE "C", segment COLLATE "C", starts_at), ''),
           'UTF8')), 'hex')
FROM gone
"""
"""Deletes the windows of one model, width and month, but for the newest of every series: rules look over gaps."""
