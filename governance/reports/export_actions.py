"""Taking everything out is on record: who took which tables, when, in which form."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from models_registry.access.models import Account
from models_registry.audit.actions import record
from models_registry.tabular.writing import Export


@transaction.atomic
def note_export(*, by: Account, at: dt.datetime, tables: Sequence[Export], form: str) -> None:
    """Note in the trail that the account takes these tables out."""
    names = ", ".join(one.name.replace("_", " ") for one in tables)
    record(by=by, action="inventory.exported", on=("inventory", form), body={"at": at, "tables": names, "format": form})
