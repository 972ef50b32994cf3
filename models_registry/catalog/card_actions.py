"""What is done to model cards: writing a section, issuing the card."""

import datetime as dt
from collections.abc import Mapping
from hashlib import sha256

from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.canonical import canonical, digest
from models_registry.catalog.actions import NothingToChange
from models_registry.catalog.card_models import CardText, IssuedCard
from models_registry.catalog.card_sections import TOPICS, SectionUnfit, SectionUnknown, tidied
from models_registry.catalog.models import RegisteredModel

LONGEST_NOTE = 300


class SectionChanged(Exception):
    """Somebody else changed this section while it was being written. Read theirs, then save again."""

    http_status = 409

    def __init__(self, standing: CardText) -> None:
        super().__init__(
            f"{standing.written_by} changed this section while you were writing: version {standing.number} stands."
        )
        self.standing = standing


class ArchivedModel(Exception):
    """This model is archived; its card stays as it was."""

    http_status = 409


@transaction.atomic
def write_section(
    *, by: Account, at: dt.datetime, model: RegisteredModel, section: str, text: str, judged: str
) -> CardText:
    """Put the next version of a section on record. ``judged`` is the digest of the version it was written from.

    It is empty where there was none. Raises AccessDenied, SectionUnknown, SectionUnfit, ArchivedModel,
    SectionChanged when another version stands, and NothingToChange.
    """
    require(by, Permission.MODEL_EDIT, on=model)
    if section not in TOPICS:
        raise SectionUnknown(section)
    kept = tidied(text)
    _in_line(model)
    standing = (
        CardText.objects.filter(model=model, section=section).select_related("written_by").order_by("-number").first()
    )
    if (standing.digest if standing else "") != judged:
        if standing is None:
            raise SectionUnfit("Nobody has written this section yet: it is written from no version.")
        raise SectionChanged(standing)
    if kept == (standing.text if standing else ""):
        raise NothingToChange("The section says exactly this already.")
    number = standing.number + 1 if standing else 1
    facts = {"model": model.slug, "section": section, "number": number, "text": kept}
    written = CardText.objects.create(
        model=model,
        section=section,
        number=number,
        text=kept,
        digest=f"sha256:{digest(facts)}",
        written_by=by,
        written_at=at,
    )
    body = {
        "at": at,
        "section": TOPICS[section].title,
        "number": number,
        "digest": written.digest,
        "from_digest": judged,
        "characters": len(kept),
    }
    record(by=by, action="card.section_written", on=written, body=body, model_id=model.pk)
    return written


@transaction.atomic
def issue(
    *, by: Account, at: dt.datetime, model: RegisteredModel, document: Mapping[str, object], note: str = ""
) -> IssuedCard:
    """Freeze the card as it was assembled for this moment. Raises AccessDenied and ArchivedModel."""
    require(by, Permission.MODEL_EDIT, on=model)
    _in_line(model)
    newest = IssuedCard.objects.filter(model=model).order_by("-number").first()
    written = canonical(document)
    card = IssuedCard.objects.create(
        model=model,
        number=newest.number + 1 if newest else 1,
        document=written.decode("utf-8"),
        digest=f"sha256:{sha256(written).hexdigest()}",
        note=note[:LONGEST_NOTE],
        issued_by=by,
        issued_at=at,
    )
    body = {"at": at, "number": card.number, "digest": card.digest, "note": card.note}
    record(by=by, action="card.issued", on=card, body=body, model_id=model.pk)
    return card


def _in_line(model: RegisteredModel) -> None:
    """Let one writer of a model's card in at a time. Raises ArchivedModel."""
    held = RegisteredModel.registry.select_for_update(no_key=True).only("pk", "archived_at").get(pk=model.pk)
    if held.archived_at is not None:
        raise ArchivedModel(ArchivedModel.__doc__)
