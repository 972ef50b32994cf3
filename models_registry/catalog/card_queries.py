"""Reads of model cards: the texts that stand, their versions, and the cards that were issued."""

import datetime as dt
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db.models import QuerySet

from models_registry.access.loose import newest_of_each
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.models import RegisteredModel


def texts_of(*, model: RegisteredModel, at: dt.datetime | None = None) -> Mapping[str, CardText]:
    """Return the text that stands, or stood at ``at``, in each section that somebody wrote, the emptied included."""
    newest = newest_of_each(
        CardText, of="model_id", owner=model.pk, by="section", newest="number", known="written_at", at=at
    )
    return {row.section: row for row in CardText.objects.filter(pk__in=newest).select_related("written_by")}


def versions_of(*, model: RegisteredModel, section: str, at: dt.datetime | None = None) -> QuerySet[CardText]:
    """Return every version of a section, newest first."""
    rows = CardText.objects.filter(model=model, section=section).select_related("written_by")
    return _known(rows, at).order_by("-number")


def issued_of(*, model: RegisteredModel, at: dt.datetime | None = None) -> QuerySet[IssuedCard]:
    """Return the issued cards of a model, newest first; ``at`` leaves out those issued later."""
    rows = IssuedCard.objects.filter(model=model).select_related("issued_by").defer("document")
    rows = rows if at is None else rows.filter(issued_at__lte=at)
    return rows.order_by("-number")


def document_of(*, card: IssuedCard) -> dict[str, Any]:
    """Return what was frozen."""
    found: dict[str, Any] = json.loads(card.document)
    return found


def is_intact(*, card: IssuedCard) -> bool:
    """Say whether the document still has its digest."""
    return card.digest == f"sha256:{sha256(card.document.encode('utf-8')).hexdigest()}"


def _known(rows: QuerySet[CardText], at: dt.datetime | None) -> QuerySet[CardText]:
    return rows if at is None else rows.filter(written_at__lte=at)
