"""A model card as a PDF: the same words as the page, in a file that stands alone."""

from datetime import UTC, datetime

from governance.dashboards.sheet import INK, LINE_MM, QUIET, Sheet
from governance.reports.cards import Card, Part, Statement
from models_registry.catalog.card_markdown import Block, blocks
from models_registry.catalog.card_models import IssuedCard

INDENT = "    "


def document(card: Card, *, by: str, at: datetime, address: str, issued: IssuedCard | None = None) -> bytes:
    """Return the card as a PDF; times are UTC. ``by`` made the file, ``address`` is where the page is."""
    sheet = Sheet(foot=f"Redline · {address} · made {_moment(at)} by {by}")
    sheet.set_title(f"Model card of {card.name}")
    sheet.set_creator("Redline")
    sheet.set_creation_date(at)
    sheet.add_page()
    version = f"Version {card.facts.version}, as" if card.facts.version else "As"
    sheet.title_of(f"Model card of {card.name}", f"{version} of {_moment(card.at)}")
    if issued is not None:
        sheet.pairs([("Issued", f"card {issued.number}, {_moment(issued.issued_at)}, by {issued.issued_by}")])
        sheet.pairs([("Digest", issued.digest), *([("For", issued.note)] if issued.note else [])])
    for part in card.told:
        _part(sheet, part)
    if card.withheld:
        sheet.ln(3)
        sheet.note(f"Left out, because whoever made this file may not see it: {', '.join(card.withheld)}.")
    return bytes(sheet.output())


def _part(sheet: Sheet, part: Part) -> None:
    sheet.section(part.title)
    if part.written:
        for block in blocks(part.written.text):
            _block(sheet, block)
        sheet.note(f"Version {part.written.number}, written by {part.written.by}, {_moment(part.written.at)}.")
    sheet.pairs((one.term, _told(one)) for one in part.statements)
    if part.missing:
        sheet.note(part.missing)


def _told(one: Statement) -> str:
    words = [one.level.capitalize(), one.verdict, one.text]
    since = f" ({one.at.astimezone(UTC):%d %b %Y})" if one.at else ""
    return ". ".join(word.rstrip(".") for word in words if word) + since


def _block(sheet: Sheet, block: Block) -> None:
    sheet.set_text_color(*(QUIET if block.kind == "quote" else INK))
    if block.kind == "code":
        sheet.record(block.text)
    elif block.kind == "heading":
        sheet.set_font("sans", "B", 10)
        sheet.write_line(block.text)
    else:
        sheet.set_font("sans", size=9.5)
        mark = f"{INDENT * (block.depth - 1)}– " if block.kind == "item" else ""
        sheet.write_line(f"{mark}{block.text}")
    sheet.ln(LINE_MM / 5)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M UTC")
