"""What every page loads stays small: the budgets of styles and scripts, measured as browsers get them."""

import gzip
from pathlib import Path

import pytest

from governance.config.statics import OWN, spare

STATIC = Path(__file__).parents[2] / "static"
KB = 1000
BUDGETS = {"css/redline.css": 12 * KB, "js/redline.js": 6 * KB, "js/backfill.js": 2 * KB}
"""Compressed bytes; `theme.js` comes on top of the script."""


def served(name: str) -> str:
    return spare((STATIC / name).read_text(), kind=name.rpartition(".")[2])


@pytest.mark.parametrize("name", BUDGETS)
def test_the_own_file_is_within_its_budget_with_room_to_spare(name: str) -> None:
    weight = len(gzip.compress(served(name).encode(), 9))

    assert weight < BUDGETS[name] * 0.95


def test_every_own_file_has_a_budget() -> None:
    own = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*.*") if path.suffix in {".css", ".js"}}

    assert own == {*BUDGETS, "js/theme.js"}
    assert all(OWN.match(name) for name in own)


def test_remarks_and_white_space_go_and_strings_and_patterns_stay() -> None:
    script = '/* why */\n  const a = "b , /* c */", d = `e = ${ a }`;\n\n  if (/^[,=] ; $/.test(a) && d) run(1 / 2);\n'
    sheet = '/* why */\na, b:hover > c { content: ", "; width: calc(1px + 2px); }\n@media (max-width: 9px) { d { e: f; } }\n'

    assert spare(script, kind="js") == 'const a="b , /* c */",d=`e = ${ a }`;\nif(/^[,=] ; $/.test(a)&&d)run(1 / 2);\n'
    assert "calc(1px + 2px)" in spare(sheet, kind="css")
    assert spare(sheet, kind="css").endswith("@media (max-width:9px){d{e:f}}")


def test_a_script_has_no_string_over_several_lines_and_no_remark_behind_code() -> None:
    for name in ("js/redline.js", "js/theme.js"):
        lines = served(name).splitlines()
        assert not [line for line in lines if line.count("`") % 2 or "*/" in line]
