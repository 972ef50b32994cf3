"""Searches of models and versions: a filter becomes one statement over what the caller may read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from governance.mlflow import grammar
from governance.mlflow.entities import MODEL_FACTS, NAME, VERSION_FACTS, many_versions, model_shape
from governance.mlflow.grammar import Clause, Order
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, visible
from models_registry.catalog.models import RegisteredModel
from models_registry.catalog.registry_actions import PROMPT_TAG

COLUMNS: Final[Mapping[str, str]] = {
    "name": NAME,
    "run_id": "version.run_id",
    "source_path": "version.source_uri",
    "version_number": "version.number",
}
MODEL_ORDERS: Final[Mapping[str, str]] = {
    "name": f'{NAME} COLLATE "C"',
    "creation_timestamp": "model.created_at",
    "last_updated_timestamp": "coalesce(model.changed_at, model.created_at)",
}
VERSION_ORDERS: Final[Mapping[str, str]] = {
    "name": f'{NAME} COLLATE "C"',
    "version_number": "version.number",
    "creation_timestamp": "version.created_at",
    "last_updated_timestamp": "coalesce(version.changed_at, version.created_at)",
}
NATURAL_MODELS: Final = (Order("name"),)
NATURAL_VERSIONS: Final = (
    Order("last_updated_timestamp", ascending=False),
    Order("name"),
    Order("version_number", ascending=False),
)

MODELS = "SELECT ({facts})::text FROM catalog_model AS model WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s"
VERSIONS = """
SELECT {name}, ({facts})::text
FROM catalog_version AS version JOIN catalog_model AS model ON model.id = version.model_id
WHERE version.withdrawn_at IS NULL AND {where} ORDER BY {order} LIMIT %s OFFSET %s
"""


class Page(NamedTuple):
    """One page of answers, and the token of the next one."""

    shown: list[dict[str, object]]
    next_token: str | None


class _Where(NamedTuple):
    """A part of a condition with its parameters."""

    text: str
    values: tuple[Any, ...] = ()


def models(*, by: Account, text: str, order_by: Sequence[str], limit: int, token: str | None) -> Page:
    """Return a page of models. Raises Refused."""
    clauses = grammar.clauses(text, of=grammar.MODELS)
    orders = _ending(grammar.orders(order_by, of=grammar.MODELS), NATURAL_MODELS)
    where = _where(by, clauses, "model.registry_tags")
    rows, following = _rows(MODELS, where, _order(orders, MODEL_ORDERS), limit, token, facts=MODEL_FACTS)
    return Page([model_shape(facts) for (facts,) in rows], following)


def versions(*, by: Account, text: str, order_by: Sequence[str], limit: int, token: str | None) -> Page:
    """Return a page of versions, the last changed first. Raises Refused."""
    clauses = grammar.clauses(text, of=grammar.VERSIONS)
    orders = _ending(grammar.orders(order_by, of=grammar.VERSIONS), NATURAL_VERSIONS)
    where = _where(by, clauses, "version.registry_tags")
    order = _order([one for one in orders if one.key not in _settled(clauses)], VERSION_ORDERS)
    rows, following = _rows(VERSIONS, where, order, limit, token, name=NAME, facts=VERSION_FACTS)
    return Page(many_versions(rows), following)


def _rows(
    statement: str, where: _Where, order: str, limit: int, token: str | None, **parts: str
) -> tuple[list[Any], str | None]:
    """Return the rows of a page, read with one more than it shows, and the token of the next page."""
    start = grammar.offset_of(token)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(where=where.text, order=order, **parts), [*where.values, limit + 1, start])
        rows = cursor.fetchall()
    return rows[:limit], grammar.token_of(start + limit) if len(rows) > limit else None


def _where(by: Account, clauses: Sequence[Clause], tags: str) -> _Where:
    parts = [_Where("model.archived_at IS NULL"), *_seen(by)]
    parts += [_tag(one, tags) if one.tag else _attribute(one) for one in clauses]
    if not any(one.tag and one.key == PROMPT_TAG for one in clauses):
        parts.append(_Where("NOT model.is_prompt"))
    return _Where(" AND ".join(part.text for part in parts), tuple(value for part in parts for value in part.values))


def _seen(by: Account) -> list[_Where]:
    """Return the condition that keeps what the caller may read; none for who may read everything."""
    if everywhere(by, Permission.MODEL_READ):
        return []
    seen = visible(by, Permission.MODEL_READ, RegisteredModel.registry.all()).values("pk").query
    if seen.is_empty():
        return [_Where("false")]
    text, values = seen.sql_with_params()
    return [_Where(f"model.id IN ({text})", tuple(values))]


def _attribute(clause: Clause) -> _Where:
    column = COLUMNS[clause.key]
    if isinstance(clause.value, tuple):
        verb = "= ANY" if clause.comparator == "IN" else "<> ALL"
        return _Where(f"{column} {verb}(%s)", (list(clause.value),))
    return _Where(f"{column} {clause.comparator} %s", (_sought(clause),))


def _tag(clause: Clause, tags: str) -> _Where:
    """Compare a label; a missing one never holds, but whether something is a prompt is known of everything."""
    if clause.key == PROMPT_TAG:
        is_prompt = "CASE WHEN model.is_prompt THEN 'true' ELSE 'false' END"
        return _Where(f"{is_prompt} {clause.comparator} %s", (_sought(clause),))
    return _Where(f"({tags} ->> %s) {clause.comparator} %s", (clause.key, _sought(clause)))


def _sought(clause: Clause) -> object:
    """Return what a clause compares with; a last backslash of a pattern, half an escape to PostgreSQL, is doubled."""
    value = clause.value
    if clause.comparator not in ("LIKE", "ILIKE") or not isinstance(value, str):
        return value
    backslashes = len(value) - len(value.rstrip("\\"))
    return value + "\\" * (backslashes % 2)


def _settled(clauses: Sequence[Clause]) -> set[str]:
    """Return what has one value in all rows, so that an index gives them in order without their being sorted."""
    return {"name"} if any(one.key == "name" and one.comparator == "=" and not one.tag for one in clauses) else set()


def _ending(orders: Sequence[Order], natural: Sequence[Order]) -> tuple[Order, ...]:
    """Return the orders asked for, then what makes the order total."""
    asked = {order.key for order in orders}
    rest = natural if not orders else [one for one in natural if one.key in ("name", "version_number")]
    return (*orders, *(one for one in rest if one.key not in asked))


def _order(orders: Sequence[Order], columns: Mapping[str, str]) -> str:
    return ", ".join(f"{columns[order.key]} {'ASC' if order.ascending else 'DESC'}" for order in orders)
