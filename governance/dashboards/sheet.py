"""A sheet of paper as PDF: the house's typeface and margins, and who made it when at the foot of each page.

Drawn with fpdf2. A character that the typeface lacks is written as its code point, so that nothing is left out in
silence.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

FONTS: Final = Path(__file__).parent / "fonts"
MARGIN_MM, LINE_MM, TERM_MM = 18, 5.2, 42
INK, QUIET, RULE, RED = (24, 24, 27), (92, 92, 100), (205, 205, 210), (176, 28, 36)


class Sheet(FPDF):
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
        plain = text.replace("\r\n", "\n").replace("\t", "    ").replace("\u202f", "\u00a0")
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
