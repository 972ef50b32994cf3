"""What predictions used and cost by day, as the house's costs read it (`settings.USAGE_FEEDS`)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db import connection

from models_registry.telemetry.usage import DailyUsage

BY_DAY: Final = """
SELECT (p.observed_at AT TIME ZONE 'UTC')::date, p.model_id, p.version_id, m.provider, p.currency,
       sum(coalesce(p.input_tokens, 0)), sum(coalesce(p.output_tokens, 0)), sum(p.cost_micros)
FROM lineage_prediction p JOIN catalog_model m ON m.id = p.model_id
WHERE p.observed_at >= %(since)s AND p.observed_at < %(until)s
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 5
"""


def daily_use(since: date, until: date) -> Iterator[DailyUsage]:
    """Yield what each version of a known model used on each UTC day from ``since`` to ``until``, both included.

    Predictions that say what they cost stand apart from those that only count tokens, and apart by currency.
    """
    span = {
        "since": datetime.combine(since, time.min, UTC),
        "until": datetime.combine(until + timedelta(days=1), time.min, UTC),
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, span)
        for day, model_id, version_id, provider, currency, read, written, cost in cursor.fetchall():
            told = None if cost is None else int(cost)
            yield DailyUsage(day, model_id, version_id, provider, "", int(read), int(written), told, currency or "USD")
