"""The colours of the style sheet keep the contrast that they promise, in light and in dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SHEET = Path(settings.BASE_DIR) / "static" / "css" / "redline.css"
PAIR = re.compile(r"--([\w-]+):\s*(?:light-dark\(\s*(#[0-9a-f]{6})\s*,\s*(#[0-9a-f]{6})\s*\)|(#[0-9a-f]{6}))\s*;", re.I)
TEXT, CONTROL = 4.5, 3.0
"""What WCAG 2.2 asks of text (1.4.3) and of the edges of controls (1.4.11)."""

type Colours = dict[str, tuple[str, str]]


def tokens(sheet: str) -> Colours:
    """Return each colour token with its value in light and in dark."""
    return {name: (light or both, dark or both) for name, light, dark, both in PAIR.findall(sheet)}


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` by WCAG 2.2, 0 for black to 1 for white."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


COLOURS = tokens(SHEET.read_text())
INKS = ("ink", "ink-2", "ink-3", "accent", "red", "low", "medium", "high", "critical")
GROUNDS = ("surface", "canvas", "hover")
PAIRS = [
    *((ink, ground, TEXT) for ink in INKS for ground in GROUNDS),
    *((ink, "sunken", TEXT) for ink in ("ink", "ink-2", "ink-3")),
    *((level, f"{level}-soft", TEXT) for level in ("low", "medium", "high", "critical", "accent")),
    *(("ink", f"{level}-soft", TEXT) for level in ("low", "medium", "high", "critical", "accent")),
    *(("ink", ramp, TEXT) for ramp in ("m1", "m2", "m3", "m4")),
    ("on-accent", "accent-solid", TEXT),
    ("on-critical", "critical-solid", TEXT),
    ("line-strong", "surface", CONTROL),
    ("line-strong", "canvas", CONTROL),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("upon", "ground", "least"), PAIRS, ids=lambda value: str(value))
def test_a_pair_keeps_its_contrast(upon: str, ground: str, least: float, scheme: int) -> None:
    assert contrast(COLOURS[upon][scheme], COLOURS[ground][scheme]) >= least


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_lightness_of_the_ramp_alone_carries_its_order(scheme: int) -> None:
    found = [luminance(COLOURS[name][scheme]) for name in ("m1", "m2", "m3", "m4")]

    assert found == sorted(found, reverse=scheme == 0)


def test_the_formula_is_that_of_the_recommendation() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#ffffff") == 1
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
