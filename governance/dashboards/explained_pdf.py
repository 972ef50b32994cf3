"""The explanation of one prediction as a PDF: the same words as the page, in a file that stands alone.

Drawn with fpdf2 in the house's own typeface; a character that the typeface lacks is written as its code point, so
that nothing is left out in silence.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

from governance.dashboards.explaining import Explanation, Origin, WayIn

FONTS: Final = Path(__file__).parent / "fonts"
MARGIN_MM, LINE_MM, TERM_MM = 18, 5.2, 42
INK, QUIET, RULE, RED = (24, 24, 27), (92, 92, 100), (205, 205, 210), (176, 28, 36)
LONGEST_PROMPT: Final = 6_000
"""Characters of a prompt that the file shows; the page shows all of it."""


class _Sheet(FPDF):
    """An A4 page with the house's margins, and who made it when at the foot of each."""

    def __init__(self, *, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        for style, name in (("", "sans-regular"), ("B", "sans-bold")):
            self.add_font("sans", style, FONTS / f"redline-{name}.ttf")
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(auto=True, margin=MARGIN_MM + 4)

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-MARGIN_MM)
        self.set_font("sans", size=8)
        self.set_text_color(*QUIET)
        self.cell(0, 5, self.safe(f"{self.foot} · page {self.page_no()}"))

    def safe(self, text: str) -> str:
        """Return the text with every character that the current typeface can draw, and the others as code points."""
        face = self.current_font
        known = face.cmap if isinstance(face, TTFFont) else {}
        plain = text.replace("\r\n", "\n").replace("\t", "    ")
        return "".join(one if one == "\n" or ord(one) in known else f"[U+{ord(one):04X}]" for one in plain)

    def title_of(self, text: str, under: str) -> None:
        self.set_text_color(*INK)
        self.set_font("sans", "B", 17)
        self.write_line(text, height=8)
        self.set_font("sans", size=10)
        self.set_text_color(*QUIET)
        self.write_line(under)
        self.ln(2)

    def section(self, text: str) -> None:
        self.ln(3)
        self.set_draw_color(*RULE)
        self.line(MARGIN_MM, self.get_y(), self.w - MARGIN_MM, self.get_y())
        self.ln(2)
        self.set_text_color(*INK)
        self.set_font("sans", "B", 11.5)
        self.write_line(text, height=6)
        self.ln(0.5)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        for term, value in pairs:
            self.set_font("sans", size=9.5)
            self.set_text_color(*QUIET)
            self.cell(TERM_MM, LINE_MM, self.safe(term))
            self.set_text_color(*INK)
            self.multi_cell(0, LINE_MM, self.safe(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def note(self, text: str, *, red: bool = False) -> None:
        self.set_font("sans", size=9.5)
        self.set_text_color(*(RED if red else QUIET))
        self.write_line(text)

    def record(self, text: str) -> None:
        self.set_font("sans", size=8.5)
        self.set_text_color(*INK)
        self.write_line(text, height=4.4)

    def write_line(self, text: str, *, height: float = LINE_MM) -> None:
        self.multi_cell(0, height, self.safe(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def document(found: Explanation, *, facts: Sequence[tuple[str, str]], by: str, at: datetime, address: str) -> bytes:
    """Return the explanation as a PDF; times are UTC. ``by`` made the file, ``address`` is where the page is."""
    one = found.prediction
    sheet = _Sheet(foot=f"Redline · {address} · made {_moment(at)} by {by}")
    sheet.set_title(f"Prediction {one.prediction_id}")
    sheet.set_creator("Redline")
    sheet.set_creation_date(at)
    sheet.add_page()
    version = f" v{one.version.number}" if one.version else ""
    sheet.title_of(f"Prediction {one.prediction_id}", f"{one.model or one.model_name}{version}, {_moment(found.at)}")
    if found.orphan:
        sheet.note(f"Its version is not on record: {found.orphan}", red=True)
    sheet.pairs(facts)
    _prompt(sheet, found)
    _origins(sheet, "Data", found.data)
    _origins(sheet, "Code", found.code)
    _origins(sheet, "Other parts", found.parts)
    _way_in(sheet, found.way_in)
    _standing(sheet, found)
    return bytes(sheet.output())


def _prompt(sheet: _Sheet, found: Explanation) -> None:
    one = found.prediction
    sheet.section("Prompt and documents")
    if found.prompt is not None:
        held = found.prompt
        sheet.pairs([("Prompt", str(held)), ("Digest", held.digest)])
        text = held.content or ""
        sheet.record(text[:LONGEST_PROMPT])
        if len(text) > LONGEST_PROMPT:
            sheet.note(f"{len(text) - LONGEST_PROMPT:,} more characters are on the page.")
    elif one.prompt_name or one.prompt_digest:
        sheet.pairs([("Prompt", f"{one.prompt_name} {one.prompt_label} {one.prompt_digest}".strip())])
        sheet.note("Its text is not on record.")
    else:
        sheet.note("The sender named no prompt.")
    sheet.pairs([("Retrieved", ", ".join(one.documents) or "nothing named")])


def _origins(sheet: _Sheet, title: str, origins: Sequence[Origin]) -> None:
    sheet.section(title)
    sheet.pairs((one.kind, f"{one.name} {one.label}{f', {one.digest}' if one.digest else ''}") for one in origins)
    if not origins:
        sheet.note("Nothing is recorded.")


def _way_in(sheet: _Sheet, way: WayIn | None) -> None:
    sheet.section("How the version came in")
    if way is None:
        sheet.note("No move into production is recorded before this prediction.")
        return
    moved = f"into {way.target} on {_moment(way.moved_at)}, by {way.moved_by}"
    decision = f"{way.decision.verdict}, {_moment(way.decision.decided_at)}, {way.decision.pk}" if way.decision else ""
    sheet.pairs(pair for pair in (("Moved", moved), ("Gate", decision or "no decision is recorded")) if pair[1])
    for vote in way.votes:
        word = "approved" if vote.approves else "rejected"
        role = vote.as_role.replace("_", " ")
        sheet.pairs([("Vote", f"{vote.voter} {word} as {role}, {_moment(vote.voted_at)}")])


def _standing(sheet: _Sheet, found: Explanation) -> None:
    sheet.section("How the model stood then")
    stood = found.standing
    if stood is not None and (stood.level or stood.room is not None):
        if stood.in_the_red:
            sheet.note("The model was in the red.", red=True)
        known = [
            ("Stage", found.stage),
            ("Risk level", stood.level.capitalize()),
            ("Room", "" if stood.room is None else f"{stood.room:+.1f} points"),
            ("Health", "" if stood.health is None else f"{stood.health:.0f} of 100"),
            ("Risk score", "" if stood.risk_score is None else f"{stood.risk_score:.1f} of 100"),
            ("Telemetry", "quiet" if stood.quiet else f"{stood.coverage:.0%} measured freshly"),
        ]
        sheet.pairs((term, value) for term, value in known if value)
    else:
        sheet.note("Nothing was known of it.")
    for risk in found.risks or ():
        told = f"{risk.category.label}, {risk.level.label.lower()}, {risk.state.lower()}. {risk.explanation}"
        sheet.pairs([(risk.reference, told)])
    for alert in found.alerts or ():
        sheet.pairs([(alert.tier, f"{alert.title}, open since {_moment(alert.opened_at)}")])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d %b %Y %H:%M:%S UTC")
