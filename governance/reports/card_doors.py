"""What the doors of model cards share: which card is asked for, and what its reader may see of it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from governance.reports.assembling import assembled
from governance.reports.cards import Card, CardUnreadable, from_document, seen_with
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog import card_queries
from models_registry.catalog.card_models import IssuedCard
from models_registry.catalog.models import RegisteredModel


@dataclass(frozen=True)
class Shown:
    """A card as its reader may see it; ``issued`` is the frozen one it was read from."""

    model: RegisteredModel
    card: Card
    issued: IssuedCard | None = None

    @property
    def name(self) -> str:
        """What files of it are called."""
        which = f"-issued-{self.issued.number}" if self.issued else ""
        return f"{self.model.slug}-model-card{which}"


def model_of(actor: Account, slug: str) -> RegisteredModel:
    """Return the model of an address. Raises Http404 when it is not there for this reader."""
    models = RegisteredModel.objects.select_related("owner", "deputy", "team", "unit")
    found: RegisteredModel = find(actor, Permission.MODEL_READ, models, slug=slug)
    return found


def shown(*, actor: Account, model: RegisteredModel, now: datetime, as_of: datetime | None = None) -> Shown:
    """Return the card as it stands, or stood. Raises Http404 for a moment before the model was on record."""
    if as_of is not None and as_of < model.created_at:
        raise Http404("Not on record then.")
    return Shown(model, _for(actor, model, assembled(model=model, now=now, as_of=as_of)))


def issued(*, actor: Account, model: RegisteredModel, number: int, at: datetime | None = None) -> Shown:
    """Return an issued card. Raises Http404 for one that is absent, or was not issued yet at ``at``."""
    rows = IssuedCard.objects.filter(model=model, number=number).select_related("issued_by")
    found = (rows if at is None else rows.filter(issued_at__lte=at)).first()
    if found is None:
        raise Http404("Not found.")
    try:
        card = from_document(card_queries.document_of(card=found))
    except CardUnreadable as wrong:
        raise Http404(str(wrong)) from None
    return Shown(model, _for(actor, model, card), found)


def _for(actor: Account, model: RegisteredModel, card: Card) -> Card:
    return seen_with(card, may=lambda permission: bool(can(actor, Permission(permission), on=model)))
