"""The small lines beside many models: thirty days of health, one value a day.

A day's value is what held at its end, found by one probe of an index. So a line costs the same whether a
model is scored once a day or once a second.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.utils.safestring import SafeString

from governance.dashboards.spark import spark

SPARK_DAYS = 30


type Days = Sequence[float | None]


def sparks(model_ids: Sequence[int], *, until: datetime) -> dict[int, SafeString]:
    """Return the last 30 days of health of these models as small lines, by the model's key; one query."""
    return {key: spark(scores, line, "Health, 30 days") for key, scores, line in daily(model_ids, until=until)}


def daily(model_ids: Sequence[int], *, until: datetime) -> list[tuple[int, Days, float]]:
    """Return each model's key, its score at the end of each day, and its latest redline.

    A score holds until the next one; before the first there is none. A model without any score is left out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DAILY, [list(model_ids), until - timedelta(days=SPARK_DAYS), until, SPARK_DAYS])
        found: list[tuple[int, Days, float]] = cursor.fetchall()
    return found


_DAILY = """
WITH asked AS (SELECT unnest(%s::bigint[]) AS model_id, %s::timestamptz AS since, %s::timestamptz AS until)
SELECT asked.model_id, array_agg(held.score ORDER BY back DESC), (array_agg(held.redline ORDER BY back))[1]
FROM asked CROSS JOIN generate_series(0, %s - 1) AS back LEFT JOIN LATERAL (
    SELECT score, redline FROM health_score AS health
    WHERE health.model_id = asked.model_id AND health.scored_at > asked.since
      AND health.scored_at <= asked.until - back * interval '1 day'
    ORDER BY health.scored_at DESC, health.id DESC LIMIT 1
) AS held ON true
GROUP BY asked.model_id HAVING count(held.redline) > 0
"""
