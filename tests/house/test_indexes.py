"""An index costs every write; one that begins another answers nothing the other does not."""

import pytest
from django.db import connection

NOT_OURS = "^(auth|account|guardian|django|socialaccount)_"
MADE_BY_DJANGO = ("access_account_groups", "access_account_user_permissions", "catalog_alias_mover", "catalog_model_grant",
                  "routing_route_channel")  # fmt: skip
"""Tables between many and many, whose columns Django or guardian declares."""
BEGINNINGS = """
SELECT short.indexrelid::regclass::text, long.indexrelid::regclass::text
FROM pg_index AS short
JOIN pg_index AS long ON long.indrelid = short.indrelid AND long.indexrelid <> short.indexrelid
JOIN pg_class AS tables ON tables.oid = short.indrelid AND NOT tables.relispartition
JOIN pg_namespace AS place ON place.oid = tables.relnamespace AND place.nspname = 'public'
JOIN pg_class AS shape ON shape.oid = short.indexrelid
JOIN pg_class AS other ON other.oid = long.indexrelid AND other.relam = shape.relam
WHERE NOT short.indisunique AND short.indpred IS NULL AND long.indpred IS NULL
  AND short.indexprs IS NULL AND long.indexprs IS NULL AND short.indnkeyatts < long.indnkeyatts
  AND short.indkey[0:short.indnkeyatts - 1] = long.indkey[0:short.indnkeyatts - 1]
  AND short.indoption[0:short.indnkeyatts - 1] = long.indoption[0:short.indnkeyatts - 1]
  AND tables.relname !~ %s AND NOT tables.relname = ANY(%s)
ORDER BY 1
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another():
    with connection.cursor() as cursor:
        cursor.execute(BEGINNINGS, [NOT_OURS, list(MADE_BY_DJANGO)])
        found = cursor.fetchall()

    assert found == []
