"""Edit many models at once: the chosen facts become an import of one row for each model, previewed like a file."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from models_registry.access.models import Account
from models_registry.catalog.models import RegisteredModel
from models_registry.intake.actions import propose
from models_registry.intake.fields import CLEAR
from models_registry.intake.models import Intake
from models_registry.tabular.cells import LIST_SIGN

MOST: Final = 5_000
DIRECT: Final = (
    "owner", "deputy", "unit", "team", "materiality", "regulatory_class", "data_sensitivity", "customer_facing",
    "vendor", "provider",
)  # fmt: skip


class EditUnfit(ValueError):
    """Say what is to change, and of which models."""

    http_status = 400


def propose_edit(
    *,
    by: Account,
    at: dt.datetime,
    models: Sequence[RegisteredModel],
    facts: Mapping[str, str],
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
) -> Intake:
    """Preview an edit of these models; nothing is written to them. ``facts`` are cells, `fields.CLEAR` empties.

    Raises AccessDenied and EditUnfit.
    """
    if not models:
        raise EditUnfit("Select at least one model.")
    if len(models) > MOST:
        raise EditUnfit(f"At most {MOST:,} models can be edited at once, not {len(models):,}.")
    if unknown := [name for name in facts if name not in DIRECT]:
        raise EditUnfit(f"{unknown[0]} cannot be edited in bulk.")
    said = {name: text for name, text in facts.items() if text}
    if not said and not add_tags and not remove_tags:
        raise EditUnfit("Say what is to change.")
    asked = [{"slug": one.slug, **said, **_tags(one, add_tags, remove_tags)} for one in models]
    name = f"Edit of {models[0].name}" if len(models) == 1 else f"Edit of {len(models):,} models"
    return propose(by=by, at=at, name=name, asked=asked)


def _tags(model: RegisteredModel, add: Sequence[str], remove: Sequence[str]) -> dict[str, str]:
    if not add and not remove:
        return {}
    kept = [tag for tag in dict.fromkeys([*model.tags, *add]) if tag not in remove]
    return {"tags": LIST_SIGN.join(kept) or CLEAR}
