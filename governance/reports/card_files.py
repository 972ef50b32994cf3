"""The forms in which a card leaves the house: Markdown, PDF, JSON and CycloneDX."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.urls import reverse

from governance.reports import card_bom, huggingface
from governance.reports.card_doors import Shown
from governance.reports.cards import as_document
from models_registry.access.listing import query_of
from models_registry.catalog.models import ModelVersion


@dataclass(frozen=True)
class Asked:
    """Who asks for a file, when, for which moment, and under which address Redline is reached."""

    base: str
    by: str
    now: datetime
    as_of: datetime | None = None


def document_of(shown: Shown) -> str:
    """Return the document; an issued one byte by byte as it was frozen, so that its digest can be checked."""
    if shown.issued is not None and not shown.card.withheld:
        return shown.issued.document
    return json.dumps(as_document(shown.card), indent=2, ensure_ascii=False)


def _markdown(shown: Shown, asked: Asked) -> str:
    return huggingface.document(shown.card, base=asked.base)


def _pdf(shown: Shown, asked: Asked) -> bytes:
    from governance.reports import card_pdf  # a third of a second at each start, for a file now and then

    address = asked.base.rstrip("/") + address_of(shown)
    return card_pdf.document(shown.card, by=asked.by, at=asked.now, address=address, issued=shown.issued)


def _cyclonedx(shown: Shown, asked: Asked) -> str:
    """Return the bill of materials with the card in it; it tells of the present, and of one version."""
    if shown.issued is not None or asked.as_of is not None:
        raise Http404("The bill of materials is of the present.")
    version = version_of(shown)
    if version is None:
        raise Http404("No version is registered.")
    bill = card_bom.document(card=shown.card, version=version, at=asked.now, base=asked.base)
    return json.dumps(bill, indent=2, ensure_ascii=False)


def version_of(shown: Shown) -> ModelVersion | None:
    """Return the version that a card is about."""
    rows = ModelVersion.objects.filter(model=shown.model, number=shown.card.facts.version or 0)
    return rows.select_related("model").first()


FILES: Mapping[str, tuple[str, str, Callable[[Shown, Asked], str | bytes]]] = {
    "markdown": ("text/markdown; charset=utf-8", "md", _markdown),
    "pdf": ("application/pdf", "pdf", _pdf),
    "json": ("application/json", "json", lambda shown, _: document_of(shown)),
    "cyclonedx": ("application/vnd.cyclonedx+json; version=1.6", "cdx.json", _cyclonedx),
}
"""Each form of the file: its type, how its name ends, and who writes it."""
WORDS = {"markdown": "Markdown", "pdf": "PDF", "json": "JSON", "cyclonedx": "CycloneDX"}


def files_of(shown: Shown, at: datetime | None) -> list[tuple[str, str]]:
    """Return the forms in which this card can be had, with their addresses."""
    of_the_past = shown.issued is not None or at is not None
    forms = [form for form in WORDS if form != "cyclonedx" or (shown.card.facts.version and not of_the_past)]
    number = str(shown.issued.number) if shown.issued else ""
    moment = at.isoformat() if at else ""
    return [
        (
            WORDS[form],
            query_of(reverse("reports:card_file", args=[shown.model.slug, form]), issued=number, as_of=moment),
        )
        for form in forms
    ]


def address_of(shown: Shown) -> str:
    """Return the address of the card's page."""
    if shown.issued is not None:
        return reverse("reports:issued", args=[shown.model.slug, shown.issued.number])
    return reverse("reports:card", args=[shown.model.slug])
