"""Write many items back with one statement: the values of each in its place, however many there are."""

import json
from collections.abc import Collection
from typing import Final

from django.db import connection

from models_registry.intake.models import IntakeItem

COLUMNS: Final = ("id", "slug", "name", "model_id", "outcome", "changes", "problems", "state", "note")
WRITE: Final = """
UPDATE intake_item AS item SET slug = told.slug, name = told.name, model_id = told.model_id, outcome = told.outcome,
    changes = told.changes, problems = told.problems, state = told.state, note = told.note
FROM jsonb_to_recordset(%s::jsonb) AS told (
    id bigint, slug text, name text, model_id bigint, outcome text, changes jsonb, problems jsonb, state text, note text
) WHERE item.id = told.id
"""


def write_back(items: Collection[IntakeItem]) -> None:
    """Keep what planning, applying or undoing made of these items."""
    if items:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [json.dumps([{name: getattr(one, name) for name in COLUMNS} for one in items])])
