"""The windows worked out again from the measurements, by the database and not by the code that merged them."""

from dataclasses import dataclass

from django.db import connection

from models_registry.telemetry.folding import WIDTHS_S
from models_registry.telemetry.history_queries import compacted_months

TOLD = 50
"""Differing windows of one model that are told; the rest are of the same cause."""

_DERIVED = """
select model_id, metric, environment, segment, width_s,
       date_bin(make_interval(secs => width_s), observed_at, timestamptz 'epoch') as starts_at,
       count(*) as count, sum(value::text::numeric) as sum, min(value) as min, max(value) as max,
       (array_agg(value order by observed_at, value))[1] as first, min(observed_at) as first_at,
       (array_agg(value order by observed_at desc, value desc))[1] as last, max(observed_at) as last_at
  from telemetry_measurement cross join unnest(%s::integer[]) as width_s
 where model_id = %s and date_trunc('month', observed_at at time zone 'UTC')::date <> all (%s::date[])
 group by model_id, metric, environment, segment, width_s, starts_at
"""
"""A float's text is its shortest exact form; its cast to numeric keeps only 15 digits."""

_FIELDS = (
    "model_id, metric, environment, segment, width_s, starts_at, count, sum, min, max, first, first_at, last, last_at"
)

_PROVABLE = "date_trunc('month', starts_at at time zone 'UTC')::date <> all (%s::date[])"
"""Of a month that went by its term only the windows are left; they were proven when it went."""

_DIFFERING = f"""
with derived as ({_DERIVED}),
     stored as (select {_FIELDS} from telemetry_rollup where model_id = %s and {_PROVABLE}),
     wrong as ((select 'd' as side, * from (select {_FIELDS} from derived except select {_FIELDS} from stored) a)
     union all (select 's', * from (select {_FIELDS} from stored except select {_FIELDS} from derived) b))
select metric, environment, segment, width_s, starts_at,
       max(concat_ws(' ', count, sum, min, max, first, last)) filter (where side = 's'),
       max(concat_ws(' ', count, sum, min, max, first, last)) filter (where side = 'd')
  from wrong group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 limit {TOLD}
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class WrongWindow:
    """A window that differs from its measurements; its numbers are count, sum, min, max, first and last."""

    name: str
    stored: str
    derived: str


def differing_windows(*, model_id: int) -> list[WrongWindow]:
    """Return the windows of a model that its measurements do not give, and those that are missing.

    Months whose measurements were dropped by their term are left out: nothing is left to derive them from.
    """
    gone = compacted_months(model_id=model_id)
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING, [list(WIDTHS_S), model_id, gone, model_id, gone])
        return [
            WrongWindow(
                f"{metric} in {environment}{'/' if segment else ''}{segment}, {width_s} s from {starts_at.isoformat()}",
                stored or "",
                derived or "",
            )
            for metric, environment, segment, width_s, starts_at, stored, derived in cursor.fetchall()
        ]


def rebuild_windows(*, model_id: int) -> None:
    """Replace the model's windows by those that its measurements give, in the caller's transaction.

    Windows of months whose measurements were dropped by their term stay as they are.
    """
    gone = compacted_months(model_id=model_id)
    with connection.cursor() as cursor:
        cursor.execute(f"delete from telemetry_rollup where model_id = %s and {_PROVABLE}", [model_id, gone])  # noqa: S608
        cursor.execute(
            f"insert into telemetry_rollup ({_FIELDS}) select {_FIELDS} from ({_DERIVED}) derived",  # noqa: S608
            [list(WIDTHS_S), model_id, gone],
        )
