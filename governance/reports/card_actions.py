"""What is done with whole cards: issuing one, as the record stands."""

import datetime as dt

from django.db import transaction

from governance.reports.assembling import assembled
from governance.reports.cards import as_document
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.catalog import card_actions
from models_registry.catalog.card_models import IssuedCard
from models_registry.catalog.models import RegisteredModel


@transaction.atomic
def issue_card(*, by: Account, at: dt.datetime, model: RegisteredModel, note: str = "") -> IssuedCard:
    """Freeze the card of a model as it stands at ``at``. Raises AccessDenied and ArchivedModel.

    The document holds every part; readers see the parts that their permissions cover.
    """
    require(by, Permission.MODEL_EDIT, on=model)
    card = assembled(model=model, now=at)
    return card_actions.issue(by=by, at=at, model=model, document=as_document(card), note=note)
