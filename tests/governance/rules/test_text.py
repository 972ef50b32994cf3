"""Text ↔ definition: the round trip, the errors with their places, hostile text."""

import json
import time
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

import governance.rules
from governance.rules.definition import Definition, Gaps, Side, Test, Threshold, comparisons
from governance.rules.parsing import lint, parse
from governance.rules.schema import rule_schema, rule_schema_text
from governance.rules.sentence import sentence
from governance.rules.writing import write
from governance.rules.yamltree import RuleInvalid
from governance.vocabulary import RiskCategory
from models_registry.telemetry.metrics import CATALOGUE
from tests.governance.rules.strategies import definitions

ROOM = Path(governance.rules.__file__).parent
SHIPPED = sorted((ROOM / "shipped").glob("*.yaml"))

SOUND = """\
rule: drift-high
title: Drift
why: Because.
when:
  metric: psi
  over: 1d
  above: 0.2
  for: 3
then:
  risk: data_integrity
  effect: {floor: medium}
  alert: {tier: 2}
clear:
  below: 0.1
  for: 2
"""


@given(definitions())
@settings(max_examples=200, deadline=None)
def test_writing_and_parsing_return_the_same_rule(definition: Definition) -> None:
    text = write(definition)

    assert parse(text) == definition
    assert write(parse(text)) == text
    assert sentence(definition).endswith(".")


@given(definitions())
@settings(max_examples=100, deadline=None)
def test_the_schema_accepts_what_the_parser_accepts(definition: Definition) -> None:
    body = yaml.load(write(definition), Loader=yaml.BaseLoader)
    assert set(body) <= set(rule_schema()["properties"])  # type: ignore[call-overload]


def test_the_published_schema_is_current() -> None:
    assert (ROOM / "rule.schema.json").read_text() == rule_schema_text()
    jsonschema.Draft202012Validator.check_schema(json.loads(rule_schema_text()))


def test_at_least_22_rules_are_shipped_and_cover_every_category() -> None:
    rules = [parse(path.read_text()) for path in SHIPPED]

    assert len(rules) >= 22
    assert {rule.then.risk for rule in rules} == set(RiskCategory)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_rule_is_sound_canonical_and_about_known_metrics(path: Path) -> None:
    text = path.read_text()
    rule = parse(text)

    assert rule.rule == path.stem
    assert text.split("\n", 1)[1] == write(rule)
    assert {test.metric for test in comparisons(rule.when)} <= CATALOGUE.keys()
    assert rule.controls
    assert "None" not in sentence(rule)
    as_json = json.loads(json.dumps(yaml.safe_load(text)))
    jsonschema.Draft202012Validator(rule_schema()).validate(as_json)


def test_thresholds_by_materiality_are_read() -> None:
    rule = parse(SOUND.replace("above: 0.2", "above: {low: 0.4, medium: 0.3, high: 0.2}"))

    assert rule.when == Test(
        "psi",
        Side.ABOVE,
        Threshold(0.4, 0.3, 0.2),
        rule.when.over,  # type: ignore[union-attr]
        windows=3,
        gaps=Gaps.BREAK,
    )


def test_a_rule_reads_as_one_sentence_and_its_ending() -> None:
    assert sentence(parse(SOUND)) == (
        "When average PSI is above 0.2 for 3 consecutive days, raise Data integrity to at least"
        " Medium and alert at tier 2. When it is at or below 0.1 for 2 consecutive days, ends"
        " once a person confirms."
    )


WRONG = {
    "unknown key": ("title:", "titel:", 2, 1, "did you mean `title`?"),
    "unknown nested key": ("  over:", "  ovre:", 6, 3, "did you mean `over`?"),
    "key far from any": ("  over:", "  qqqqq:", 6, 3, "known: `metric`"),
    "number in quotes": ("above: 0.2", "above: '0.2'", 7, 10, "without quotes"),
    "boolean": ("above: 0.2", "above: true", 7, 10, "plain decimal number"),
    "NaN": ("above: 0.2", "above: .nan", 7, 10, "plain decimal number"),
    "infinity": ("above: 0.2", "above: -.inf", 7, 10, "plain decimal number"),
    "overflow": ("above: 0.2", "above: 1e999", 7, 10, "finite number"),
    "huge integer": ("above: 0.2", f"above: {'9' * 40_000}", 7, 10, "plain decimal number"),
    "sexagesimal": ("above: 0.2", "above: 1:30", 7, 10, "plain decimal number"),
    "underscore": ("above: 0.2", "above: 1_000", 7, 10, "plain decimal number"),
    "null": ("above: 0.2", "above:", 7, 9, "plain decimal number"),
    "both sides": ("above: 0.2", "above: 0.2\n  below: 0.1", 5, 3, "only one of"),
    "no side": ("  above: 0.2\n", "", 5, 3, "give one of"),
    "width": ("over: 1d", "over: 2d", 6, 9, "must be one of `5m`"),
    "capital word": ("risk: data_integrity", "risk: COST", 10, 9, "must be one of"),
    "half a window": ("for: 3", "for: 2.5", 8, 8, "whole number"),
    "no window": ("for: 3", "for: 0", 8, 8, "whole number from 1"),
    "tier": ("tier: 2", "tier: 4", 12, 17, "1, 2 or 3"),
    "points": ("floor: medium", "points: 101", 11, 20, "from 0 to 100"),
    "two effects": ("floor: medium", "floor: medium, points: 3", 11, 11, "only one of"),
    "scale order": ("floor: medium", "scale: {0.5: 1, 0.2: 2}", 11, 33, "ascending"),
    "scale direction": ("floor: medium", "scale: {0.2: 9, 0.5: 1}", 10, 3, "must rise"),
    "title is a number": ("title: Drift", "title: 42", 2, 8, "must be text"),
    "title is a list": ("title: Drift", "title: [a]", 2, 8, "must be text"),
    "rule name": ("rule: drift-high", "rule: Drift High", 1, 7, "a name such as"),
    "missing": ("why: Because.\n", "", 1, 1, "`why` is missing"),
    "duplicate": ("why: Because.", "why: Because.\nwhy: Again.", 4, 1, "already given on line 3"),
    "clears while holding": ("below: 0.1", "below: 0.3", 14, 10, "still holds"),
    "clears on the wrong side": ("below: 0.1", "above: 0.1", 14, 10, "clears below"),
    "listed twice": ("alert:", "require: [incident, incident]\n  alert:", 12, 23, "twice"),
    "anchor": ("title: Drift", "title: &a Drift", 2, 8, "anchor `&a`"),
    "alias": ("title: Drift", "title: *a", 2, 8, "alias `*a`"),
    "tag": ("title: Drift", "title: !!python/name:os.system x", 2, 8, "tag"),
    "merge key": ("title: Drift", "<<: {title: x}", 2, 1, "unknown key"),
    "second document": ("why: Because.", "why: Because.\n---\nrule: x", 4, 1, "second document"),
    "bad indentation": ("  over: 1d", " over: 1d", 6, 2, "not valid YAML"),
    "tab": ("  over: 1d", "\tover: 1d", 6, 1, "not valid YAML"),
    "NUL": ("title: Drift", "title: Dr\0ift", 2, 10, "U+0000"),
    "surrogate": ("title: Drift", "title: Dr\ud800ift", 2, 10, "U+D800"),
    "escaped control": ("title: Drift", 'title: "a\\x07b"', 2, 8, "control characters"),
    "escaped surrogate": ("title: Drift", 'title: "a\\ud800b"', 2, 8, "control characters"),
}


@pytest.mark.parametrize(("old", "new", "line", "column", "message"), WRONG.values(), ids=WRONG)
def test_an_error_names_its_line_and_column(old: str, new: str, line: int, column: int, message: str) -> None:
    assert old in SOUND

    errors = lint(SOUND.replace(old, new, 1))

    found = [error for error in errors if (error.line, error.column) == (line, column)]
    assert any(message in error.message for error in found), list(map(str, errors))


def test_all_errors_are_told_at_once_in_reading_order() -> None:
    text = SOUND.replace("title: Drift", "title: 1").replace("tier: 2", "tier: 9")
    text = text.replace("1d", "1w")

    assert [error.path for error in lint(text)] == ["title", "when.over", "then.alert.tier"]


def test_a_sound_rule_has_no_errors() -> None:
    assert lint(SOUND) == []


def test_a_group_refuses_a_clearing_threshold_and_a_scale() -> None:
    group = "when:\n  all:\n    - {metric: psi, over: 1d, above: 1}\nthen:"
    text = SOUND[: SOUND.index("when:")] + group + SOUND.split("then:", 1)[1]
    text = text.replace("floor: medium", "scale: {1: 1, 2: 2}")

    messages = [error.message for error in lint(text)]

    assert any("a scale needs a single comparison" in message for message in messages)
    assert any("needs a single comparison in `when`" in message for message in messages)


def laughs() -> str:
    rows = ["a0: &a0 [lol, lol]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(rows)


HOSTILE = {
    "empty": "",
    "comment only": "# nothing\n",
    "scalar": "42",
    "list": "- a\n- b",
    "billion laughs": laughs(),
    "deep flow": "[" * 30_000,
    "deep closed flow": "[" * 5_000 + "]" * 5_000,
    "deep braces": "{a: " * 10_000,
    "deep block": "\n".join(" " * n + "a:" for n in range(300)),
    "deep groups": SOUND.replace("metric: psi", "all: [" + "{all: [" * 6 + "]}" * 6 + "]"),
    "wide": "a: [" + "1," * 30_000 + "1]",
    "long": "a" * 1_100_000,
    "key is a map": "{a: 1}: 2",
    "key is a list": "? [a, b]\n: c",
    "unclosed": 'rule: "',
    "BOM inside": "rule: a\ufeffb\n\x00",
    "directive": "%YAML 9.9\n---\nrule: x",
    "python object": "!!python/object/apply:os.system [ls]",
    "binary": "rule: !!binary aGVsbG8=",
    "document end only": "...",
    "bare dashes": "---",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_clearly_and_quickly(text: str) -> None:
    began = time.process_time()

    with pytest.raises(RuleInvalid) as caught:
        parse(text)

    assert time.process_time() - began < 1
    assert all(error.line >= 1 and error.column >= 1 for error in caught.value.errors)
    assert all(error.message for error in caught.value.errors)
