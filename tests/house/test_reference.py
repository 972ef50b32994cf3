"""The reference is complete and its examples are sound: codes, keys, commands, diagrams, metrics, licences."""

import argparse
import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from governance.gates.promotion import Code
from governance.gates.queries import WAYS_OUT
from governance.health import formula
from governance.rules import parsing
from governance.rules.definition import Aggregate, Clearing, Gaps, Per, Requirement, Width
from governance.vocabulary import Restriction, RiskCategory, Tier
from models_registry.telemetry.adapters import generic_json
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.reasons import HELD, in_words
from redline_cli import command
from tools import reference, third_party

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
APPS = ("models_registry", "governance", "alerts")
RULE_KEYS = (
    *parsing.KEYS,
    *parsing.SCOPE_KEYS,
    *parsing.TEST_KEYS,
    *parsing.GROUP_KEYS,
    *parsing.THEN_KEYS,
    *parsing.EFFECT_KEYS,
    *parsing.CLEAR_KEYS,
)
RULE_WORDS = (Aggregate, Width, Per, Gaps, Requirement, Clearing, Restriction, RiskCategory)


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def fenced(name: str, language: str) -> list[str]:
    """Return the fenced blocks of a language on a reference page."""
    return re.findall(rf"```{language}\n(.*?)```", page(name), re.DOTALL)


def sources() -> str:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    return "\n".join(path.read_text() for path in files)


# ---- what is written from the code ----


@pytest.mark.parametrize("path", reference.blocks(), ids=lambda path: path.name)
def test_what_a_page_takes_from_the_code_is_current(path):
    assert path.read_text() == reference.written(path), "Run: make diagrams"


@pytest.mark.parametrize("name", reference.steps())
def test_each_step_of_a_diagram_is_taken_by_the_function_that_it_names(name):
    untrue = [f"{one.of} -> {one.to}: {one.taken_by.__name__}" for one in reference.steps()[name] if not one.is_true]

    assert untrue == []


@pytest.mark.parametrize("name", reference.steps())
def test_a_diagram_has_every_state_and_no_other(name):
    drawn = {state for step in reference.steps()[name] for state in (step.of, step.to)} - {reference.BEGIN}

    assert drawn == {state.value for state in reference.states()[name]}


# ---- codes ----


def test_every_code_of_telemetry_is_explained_and_none_that_is_gone():
    used = set(re.findall(r'"(E_[A-Z0-9]+(?:_[A-Z0-9]+)*)"', sources()))

    assert set(re.findall(r"^\| `(E_[A-Z0-9_]+)`", page("errors.md"), re.MULTILINE)) == used


def test_every_reason_to_hold_an_event_is_told_in_words_and_no_other():
    told = page("errors.md").partition("## Held with a reason")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| `(E_[A-Z0-9_]+)`", told, re.MULTILINE)) == set(HELD)
    assert in_words("E_MISSING:/data/drift") == "Something required is missing, at /data/drift"
    assert in_words("E_NEW") == "E_NEW"


def test_every_reason_of_the_gate_is_explained_and_has_a_way_out():
    told = page("errors.md").partition("## Reasons of the gate")[2]

    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+|UNAVAILABLE)`", told)) == {code.value for code in Code}
    assert set(WAYS_OUT) == {code.value for code in Code}


def test_every_status_that_a_refusal_names_is_explained():
    used = set(re.findall(r"(?:http_status|status_code) = (\d{3})", sources()))

    assert sorted(used - set(re.findall(r"^\| (\d{3}) \|", page("errors.md"), re.MULTILINE))) == []


# ---- files ----


@pytest.mark.parametrize("text", fenced("rules.md", "yaml"), ids=lambda text: text.split()[-1])
def test_every_example_of_a_rule_is_sound(text):
    assert parsing.lint(text) == []


def test_every_key_of_a_rule_is_explained_and_shown():
    examples = "\n".join(fenced("rules.md", "yaml"))
    unexplained = [
        key for key in RULE_KEYS if f"`{key}`" not in page("rules.md") and f"`{key}:" not in page("rules.md")
    ]
    never_shown = [key for key in {*RULE_KEYS} - {"regulatory_class", "materiality", "business_unit", "tags", "actions"}
                   if not re.search(rf"\b{key}:", examples)]  # fmt: skip

    assert (unexplained, sorted(never_shown)) == ([], [])


@pytest.mark.parametrize("words", RULE_WORDS, ids=lambda words: words.__name__)
def test_every_word_of_a_rule_is_named(words):
    assert [one.word for one in words if f"`{one.word}`" not in page("rules.md")] == []


def test_the_tiers_of_a_rule_are_named():
    row = next(line for line in page("rules.md").splitlines() if line.startswith("| `alert`"))

    assert [str(tier.value) for tier in Tier if str(tier.value) not in row] == []


@pytest.mark.parametrize("text", fenced("formulas.md", "yaml"))
def test_every_example_of_a_formula_is_sound(text):
    assert formula.parse(text).components


def test_every_key_of_a_formula_is_explained():
    keys = (*formula.TOP_KEYS, *formula.COMPONENT_KEYS, *(one.word for one in formula.Missing))

    assert [key for key in keys if f"`{key}`" not in page("formulas.md")] == []


@pytest.mark.parametrize("text", fenced("mappings.md", "json"))
def test_every_example_of_a_mapping_is_sound(text):
    assert generic_json.parse_mapping(json.loads(text)).values


def test_every_key_of_a_mapping_is_explained():
    keys = generic_json._TOP | generic_json._FIELDS | generic_json._VALUE | generic_json._PLACE

    assert sorted(key for key in keys if f"`{key}`" not in page("mappings.md")) == []


# ---- commands ----


def own_options(parser: argparse.ArgumentParser, shared: frozenset[str] = frozenset()) -> set[str]:
    """Return the long options of a parser that are its own."""
    options = {text for action in parser._actions for text in action.option_strings if text.startswith("--")}
    return options - shared - {"--help"}


def told_options(line_start: str) -> set[str]:
    """Return the options that the rows of a command list in their second column."""
    rows = [line for line in page("commands.md").splitlines() if re.match(rf"\| `{line_start}[ `]", line)]
    return {option for row in rows for option in re.findall(r"`(--[a-z-]+)`", row.split("|")[2])}


@pytest.mark.parametrize(
    ("app", "name"),
    [(app, path.stem) for app in APPS for path in sorted((ROOT / app / "management/commands").glob("[a-z]*.py"))],
)
def test_a_command_has_the_options_that_the_page_tells(app, name):
    every = BaseCommand().create_parser("manage.py", "any")
    parser = load_command_class(app, name).create_parser("manage.py", name)

    assert own_options(parser, frozenset(own_options(every))) == told_options(name)


def test_redline_has_the_options_that_the_page_tells():
    [words] = [action for action in command._parser()._actions if isinstance(action, argparse._SubParsersAction)]

    assert set(words.choices) == {"gate", "rules"}
    assert own_options(words.choices["gate"]) == told_options("redline gate")


def test_every_target_of_make_is_told():
    shown = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert [name for name in shown if name != "help" and f"`make {name}`" not in page("commands.md")] == []


def test_every_kind_of_source_is_told():
    assert [kind for kind in SourceKind.values if f"`{kind}`" not in page("commands.md")] == []


# ---- licences ----


def noticed(heading: str) -> list[str]:
    """The rows of the packages under one heading of the notices."""
    section = (ROOT / "THIRD_PARTY.md").read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| package ")]


IN_NOTICES = {
    "At run time": "base.txt",
    "For tests and checks only": "dev.txt",
    **{title: pins for pins, title in third_party.APART.values()},
}


@pytest.mark.parametrize("heading", IN_NOTICES)
def test_the_notices_name_every_package_in_the_version_that_is_pinned(heading):
    told = dict(line.split(" | ")[:2] for line in noticed(heading))
    pins = re.findall(
        r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)",
        (ROOT / "requirements" / IN_NOTICES[heading]).read_text(),
        re.MULTILINE,
    )
    above = third_party.pinned("base.txt") if IN_NOTICES[heading] == "dev.txt" else []
    wanted = [(name, pin) for name, pin in pins if name not in above]
    stale = [name for name, pin in wanted if told.get(f"| {name}") not in (pin, "not on this platform")]

    assert wanted
    assert stale == [], "Run: make third-party"


def test_the_notices_state_what_is_compiled_into_the_packages_of_the_run_time():
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in noticed("Compiled into packages of the run time")}

    assert {"cryptography", "granian", "nh3"} <= set(rows)
    assert all("MIT" in line for line in rows.values())


def test_the_notices_state_the_licence_that_a_package_states():
    rows = {line.split("|")[1].strip(): line for line in noticed("At run time")}
    installed = [name for name in rows if name in third_party.pinned("base.txt") and _installed_as_told(rows[name])]

    assert installed
    assert [third_party.row(name) for name in installed] == [rows[name] for name in installed], "Run: make third-party"


def _installed_as_told(row: str) -> bool:
    _, name, told, *_ = (part.strip() for part in row.split("|"))
    try:
        return version(name) == told
    except PackageNotFoundError:
        return False


def test_the_licence_is_stated_where_it_is_looked_for():
    assert "Apache License" in (ROOT / "LICENSE").read_text().split("\n", 2)[1] + (ROOT / "LICENSE").read_text()[:200]
    assert "Version 2.0" in (ROOT / "NOTICE").read_text()
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()
    assert "Apache-2.0" in (ROOT / "README.md").read_text()
    assert "Apache-2.0" in (ROOT / "THIRD_PARTY.md").read_text()
