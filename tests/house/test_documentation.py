"""The reference pages say what the code does: every setting, role, event type, endpoint and state."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps

from governance.risks import accepting, lifecycle
from models_registry.access.permissions import Permission
from models_registry.access.roles import ROLES
from models_registry.audit.telling import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
CONFIG = ROOT / "governance" / "config"
APPS = ("models_registry", "governance", "alerts")

READ = re.compile(
    r"(?:\benv|\benvironment)\.(?:text|flag|number|one_of|words)\(\s*\"([A-Z_]+)\""
    r"|os\.environ(?:\.get\(|\[)\s*\"([A-Z_]+)\""
)
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE", "REDLINE_SILENT_WHILE"}
"""Nobody sets them for Redline; the last is what the launcher says to its own child."""

EVENT = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
NOT_EVENTS = {"secret.current", "secret.next", "list.html"}
"""Strings of the same shape that name something else."""

IN_TABLES = {action for _, action in accepting.ENDS.values()}
"""Entries whose names stand in a table of the code."""

WALKERS = {"rules/walking.py": ("rule", "formula"), "rules/actions.py": ("rule",), "health/actions.py": ("formula",)}
"""Files that walk versions down a road: `step="approved"` there is the entry `rule.approved`."""


def settings_read() -> set[str]:
    files = [*CONFIG.glob("*.py"), *(ROOT / "redline_cli").glob("*.py")]
    found = {name for path in files for pair in READ.findall(path.read_text()) for name in pair if name}
    return found - NOT_OURS


def actions_recorded() -> set[str]:
    """Return each `action="noun.verb"` in the code, and each string of that shape where `record` is called."""
    return {name for path in _sources() for name in _named_in(path)}


def _sources() -> Iterator[Path]:
    for app in APPS:
        yield from (path for path in sorted((ROOT / app).glob("*/*.py")) if path.parent.name != "migrations")


def _named_in(path: Path) -> Iterator[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    records = any(isinstance(node, ast.Call) and _name(node.func) == "record" for node in nodes)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value):
            if records and node.value not in set(Permission) | NOT_EVENTS:
                yield node.value
        elif isinstance(node, ast.keyword) and node.arg == "action" and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str) and EVENT.fullmatch(node.value.value):
                yield node.value.value
        elif isinstance(node, ast.Call):
            walkers = WALKERS.get(f"{path.parent.name}/{path.name}", ())
            yield from (f"{walker}.{step}" for step in _step(node) for walker in walkers)


def _strings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _step(call: ast.Call) -> Iterator[str]:
    """Return the step of a version's walk, which becomes `rule.<step>` or `formula.<step>`."""
    for word in call.keywords:
        if word.arg == "step" and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str):
            yield word.value.value


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def test_every_recorded_action_is_told_in_a_sentence_of_its_own():
    assert sorted((actions_recorded() | IN_TABLES) - set(SENTENCES)) == []


def test_no_sentence_tells_of_an_action_that_is_never_recorded():
    named = {text for path in _sources() if path.name != "telling.py" for text in _strings(path)}
    assert sorted(action for action in set(SENTENCES) - actions_recorded() if action not in named) == []


def test_every_setting_is_documented():
    missing = sorted(name for name in settings_read() if f"`{name}`" not in page("settings.md"))

    assert not missing, f"Add to docs/reference/settings.md: {', '.join(missing)}"


def test_every_documented_setting_is_read():
    rows = re.findall(r"^\| `([A-Z_]+)` \|", page("settings.md"), re.MULTILINE)
    gone = sorted(set(rows) - settings_read())

    assert not gone, f"docs/reference/settings.md names what nothing reads: {', '.join(gone)}"


def test_every_role_is_documented():
    missing = sorted(name for name in ROLES if f"`{name}`" not in page("roles.md"))

    assert not missing, f"Add to docs/reference/roles.md: {', '.join(missing)}"


@pytest.mark.parametrize("role", ROLES.values(), ids=lambda role: role.name)
def test_the_permissions_of_a_role_are_documented(role):
    section = page("roles.md").partition(f"## `{role.name}`")[2].partition("\n## ")[0]
    held = {str(one) for permissions in role.holds.values() for one in permissions}

    assert held == set(re.findall(r"`([a-z]+\.[a-z]+)`", section))


def test_every_event_type_is_documented():
    missing = sorted(
        name for name in actions_recorded() | set(SENTENCES) | IN_TABLES if f"`{name}`" not in page("event-types.md")
    )

    assert not missing, f"Add to docs/reference/event-types.md: {', '.join(missing)}"


@pytest.mark.parametrize(
    ("row", "times"),
    [
        ("acknowledge within", lifecycle.ACKNOWLEDGE_WITHIN),
        ("answer, verify within", lifecycle.ANSWER_WITHIN),
        ("answer, verify within", lifecycle.VERIFY_WITHIN),
        ("accept for at most", lifecycle.ACCEPTANCE_LIMIT),
    ],
)
def test_the_times_in_which_an_answer_is_owed_are_told(row, times):
    told = (DOCS / "explanation" / "risk-method.md").read_text()
    cells = re.findall(r"(\d+) ([hd])", re.search(rf"^\| {row} \|(.*)", told, re.MULTILINE)[1])
    hours = [int(number) * (24 if unit == "d" else 1) for number, unit in cells]

    assert hours == [times[level] // timedelta(hours=1) for level in sorted(times, reverse=True)]


def test_every_operation_of_the_api_is_documented():
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    methods = ("get", "post", "put", "patch", "delete")
    told = [f"`{method.upper()} {path}`" for path, item in paths.items() for method in methods if method in item]
    missing = sorted(one for one in told if one not in page("api.md"))

    assert not missing, f"Add to docs/reference/api.md: {', '.join(missing)}"


def test_every_library_is_explained():
    text = "".join(path.read_text() for path in (DOCS / "decisions").glob("*libraries*.md"))
    lines = (ROOT / "requirements" / "base.in").read_text().splitlines()
    names = [re.split(r"[\[<>=;]", line)[0] for line in lines if line and not line.startswith("#")]
    missing = [name for name in names if f"`{name}`" not in text]

    assert names
    assert not missing, f"Say in docs/decisions why these are used: {', '.join(missing)}"


LINK = re.compile(r"\]\(([^)\s]+)\)")


def links(path: Path) -> list[tuple[Path, str]]:
    """Return the files that a page links to inside the house, each with the heading it names or nothing."""
    found = [target.partition("#") for target in LINK.findall(path.read_text()) if "://" not in target]
    return [((path.parent / file).resolve() if file else path, heading) for file, _, heading in found]


def headings(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as renderers make them."""
    titles = re.findall(r"^#+ (.*)", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_between_pages_leads_somewhere():
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("bench/*.md")]
    broken = [
        f"{path.relative_to(ROOT)} -> {target.name}#{heading}"
        for path in pages
        for target, heading in links(path)
        if not target.exists() or (heading and heading not in headings(target))
    ]

    assert not broken, "\n".join(broken)


def test_every_page_is_reached_from_the_index_and_from_the_readme():
    for start in (DOCS / "README.md", ROOT / "README.md"):
        reached, waiting = set(), [start]
        while waiting:
            path = waiting.pop()
            if path not in reached and path.suffix == ".md" and path.exists():
                reached.add(path)
                waiting += [target for target, _ in links(path)]

        assert sorted(str(page.relative_to(ROOT)) for page in set(DOCS.rglob("*.md")) - reached) == []
    direct = {target for target, _ in links(DOCS / "README.md")}
    assert sorted(str(page.relative_to(DOCS)) for page in set(DOCS.rglob("*.md")) - direct) == ["README.md"]


def test_every_promise_names_tests_that_exist():
    promises = (DOCS / "explanation" / "reliability.md").read_text()
    rows = [line for line in promises.splitlines() if line.startswith("| **")]
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    known = set(re.findall(r"def (test_\w+)", source))

    assert rows
    assert [row for row in rows if "`test_" not in row] == []
    assert sorted(set(re.findall(r"`(test_\w+)`", promises)) - known) == []


def test_every_table_and_function_of_the_architecture_is_there():
    text = (DOCS / "explanation" / "architecture.md").read_text()
    tables = {model._meta.db_table for model in apps.get_models()}
    rooms = {path.name for app in APPS for path in (ROOT / app).iterdir()}
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) - {"redline_owner", "redline_app", "redline_ro",
                                                           "redline_sealer", "models_registry", "run_line",
                                                           "pg_snapshot_xmin"}  # fmt: skip
    functions = re.findall(r"`([a-z]+)\.([a-z_]+)\.([a-z_]+)`", text)
    gone = [".".join(one) for one in functions if one[0] in rooms and not _is_defined(*one)]

    assert sorted(named - tables) == []
    assert functions
    assert gone == []


def _is_defined(room: str, file: str, name: str) -> bool:
    paths = [ROOT / app / room / f"{file}.py" for app in APPS]
    return any(f"def {name}(" in path.read_text() for path in paths if path.exists())


def test_every_setting_of_production_is_in_the_example_for_deployment():
    example = (ROOT / "deploy" / "example.env").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    elsewhere = {"REDLINE_PGBIN", "REDLINE_POSTGRES_USER", "REDLINE_TOKEN"}  # of the demo, and of the command for CI
    missing = sorted(name for name in settings_read() - elsewhere if name not in named and f"{name}_FILE" not in named)

    assert not missing, f"Add to deploy/example.env: {', '.join(missing)}"
    assert {name.removesuffix("_FILE") for name in named} <= settings_read()


def test_the_units_and_the_compose_file_start_what_the_launcher_starts():
    """Each process of `make serve` has a unit and a service with the same program and arguments."""
    source = (CONFIG / "processes.py").read_text()
    deployed = sorted((ROOT / "deploy" / "systemd").glob("redline-*.service"))
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    started = set(re.findall(r"processes\.start\(\s*\"([a-z]+)\"", source))

    assert {path.stem.removeprefix("redline-") for path in deployed} == started
    for name in started:
        assert f"\n  {name}:\n" in compose
    assert "governance.config.asgi:application" in (ROOT / "deploy/systemd/redline-live.service").read_text()


def test_every_command_is_documented():
    commands = {path.stem for app in APPS for path in (ROOT / app / "management" / "commands").glob("[a-z]*.py")}
    missing = sorted(name for name in commands if not re.search(rf"`{name}[ `]", page("commands.md")))

    assert not missing, f"Add to docs/reference/commands.md: {', '.join(missing)}"
