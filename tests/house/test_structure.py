"""The shape of the house: rooms, tasks, actions, states and append-only tables."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from governance.risks.lifecycle import State
from governance.risks.models import RiskState
from models_registry.audit.grants import APPEND_ONLY_TABLES

ROOT = Path(__file__).resolve().parents[2]
APPS = ("models_registry", "governance", "alerts")
NOT_ROOMS = {"migrations", "management", "templatetags", "config", "__pycache__"}
MAY_HOLD_FOLDERS = {
    ("models_registry", "telemetry"): {"adapters", "pollers"},
    ("models_registry", "costs"): {"prices"},
    ("governance", "rules"): {"shipped"},
    ("governance", "health"): {"shipped"},
    ("governance", "dashboards"): {"fonts"},
    ("alerts", "delivery"): {"channels"},
}
"""Folders inside a room: kinds of one thing, or data. Nothing else is deeper than a room."""

ROOMS = sorted(
    path
    for app in APPS
    for path in (ROOT / app).iterdir()
    if path.is_dir() and path.name not in NOT_ROOMS and any(path.glob("*.py"))
)


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).parts)


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_room_says_what_it_is_for(room):
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text()))


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_a_room_has_no_rooms_inside(room):
    inside = {path.name for path in room.iterdir() if path.is_dir()} - {"__pycache__"}

    assert inside <= MAY_HOLD_FOLDERS.get((room.parent.name, room.name), set())


def test_the_names_of_rooms_are_unique():
    names = [room.name for room in ROOMS]

    assert len(names) == len(set(names))


def test_the_rooms_with_tasks_are_the_ones_that_celery_is_told_of():
    assert set(settings.ROOMS_WITH_TASKS) == {named(room) for room in ROOMS if (room / "tasks.py").exists()}


def functions_that_leave_a_trail() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Return every public function in an `actions.py` that writes an entry itself."""
    for path in sorted(file for room in ROOMS for file in room.glob("*actions.py")):
        if named(path.parent) == "models_registry.audit":
            continue  # the trail itself: its moment is the database's
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _calls_record(node):
                yield f"{named(path.parent)}.{path.stem}.{node.name}", node


def _calls_record(function: ast.FunctionDef) -> bool:
    return any(_is_record(node) for node in ast.walk(function))


def _is_record(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"


def acts_as_a_station(function: ast.FunctionDef) -> bool:
    """Return whether every entry is signed with a constant, such as TELEMETRY: the system's own doing."""
    signed = [
        word.value
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and _is_record(node)
        for word in node.keywords
        if word.arg == "by"
    ]
    return bool(signed) and all(isinstance(one, ast.Name) and one.id.isupper() for one in signed)


TRAILED = dict(functions_that_leave_a_trail())


def test_there_are_actions():
    assert TRAILED


@pytest.mark.parametrize("name", TRAILED)
def test_an_action_is_told_who_and_when_by_keyword(name):
    arguments = TRAILED[name].args
    needed = {"at"} if acts_as_a_station(TRAILED[name]) else {"by", "at"}

    assert needed <= {one.arg for one in arguments.kwonlyargs}
    assert not arguments.args


def test_the_states_of_a_stored_risk_are_those_of_its_road():
    assert set(RiskState.values) == {str(state) for state in State}


@pytest.mark.django_db
@pytest.mark.parametrize("table", [one.table for one in APPEND_ONLY_TABLES])
def test_an_append_only_table_refuses_changes_by_a_trigger(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal",
            [table],
        )
        functions = {name for (name,) in cursor.fetchall()}

    assert "audit_refuse_change" in functions


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY_TABLES, ids=lambda one: one.table)
def test_the_columns_granted_for_an_append_only_table_exist(table):
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, table.table)}

    assert set(table.columns) <= columns
