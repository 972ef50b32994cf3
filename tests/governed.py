"""Switch the completeness check of governed tables, as their owner.

Factories insert single rows without an entry of the trail; tests of whole
actions and journeys switch the check on.
"""

from typing import Any

import psycopg

from models_registry.audit.sql import GOVERNED_TABLES


def switch(owner: psycopg.Connection[Any], *, on: bool) -> None:
    """Enable or disable the deferred triggers of every governed table that has them."""
    rows = owner.execute(
        "select tgrelid::regclass::text, tgname from pg_trigger"
        " where not tgisinternal and tgname ~ '_audit_(inserted|removed|changed)$'"
        " and tgrelid::regclass::text = any(%s)",
        [list(GOVERNED_TABLES)],
    ).fetchall()
    verb = psycopg.sql.SQL("enable" if on else "disable")
    for table, trigger in rows:
        owner.execute(
            psycopg.sql.SQL("alter table {} {} trigger {}").format(
                psycopg.sql.Identifier(table), verb, psycopg.sql.Identifier(trigger)
            )
        )
