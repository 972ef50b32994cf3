"""The reference pages say what the code does: every setting, role, event type, endpoint and state."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.risks import lifecycle
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
NOT_OURS = {"PATH", "DJANGO_SETTINGS_MODULE"}

EVENT = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
NOT_EVENTS = {"secret.current", "secret.next", "list.html"}
"""Strings of the same shape that name something else."""

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
    assert sorted(actions_recorded() - set(SENTENCES)) == []


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
    missing = sorted(name for name in actions_recorded() if f"`{name}`" not in page("event-types.md"))

    assert not missing, f"Add to docs/reference/event-types.md: {', '.join(missing)}"


def test_the_diagram_of_a_raised_risk_is_current():
    assert f"```mermaid\n{lifecycle.diagram()}```" in (DOCS / "explanation" / "risk-method.md").read_text()


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
    names = [re.split(r"[\[<>=]", line)[0] for line in lines if line and not line.startswith("#")]
    missing = [name for name in names if f"`{name}`" not in text]

    assert names
    assert not missing, f"Say in docs/decisions why these are used: {', '.join(missing)}"


def test_every_link_between_pages_leads_somewhere():
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    broken = [
        f"{path.relative_to(ROOT)} -> {target}"
        for path in pages
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text())
        if "://" not in target and not (path.parent / target).exists()
    ]

    assert not broken, "\n".join(broken)


def test_every_setting_of_production_is_in_the_example_for_deployment():
    example = (ROOT / "deploy" / "example.env").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    elsewhere = {"REDLINE_PGBIN", "REDLINE_POSTGRES_USER", "REDLINE_TOKEN"}  # of the demo, and of the command for CI
    missing = sorted(name for name in settings_read() - elsewhere if name not in named and f"{name}_FILE" not in named)

    assert not missing, f"Add to deploy/example.env: {', '.join(missing)}"
    assert {name.removesuffix("_FILE") for name in named} <= settings_read()


def test_the_units_and_the_compose_file_start_what_the_launcher_starts():
    """Each process of `make serve` has a unit and a service with the same program and arguments."""
    source = (CONFIG / "launcher.py").read_text()
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
