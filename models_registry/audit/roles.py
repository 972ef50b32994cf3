"""The four database roles, and what each may do.

`redline_owner` owns every table and runs migrations; `redline_app` is the web and the workers;
`redline_sealer` signs the trail; `redline_ro` reads. REVOKE does not bind an owner, and an owner can
switch triggers off: therefore the application must not own its tables. Temporary tables and new
tables in `public` are refused to it, or it could shadow the trail with a table of the same name.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from models_registry.audit.grants import AppendOnly


class DatabaseRole(StrEnum):
    """Who connects to the database."""

    OWNER = "redline_owner"
    APP = "redline_app"
    SEALER = "redline_sealer"
    READER = "redline_ro"


TIMEOUTS = {"idle_in_transaction_session_timeout": "30s", "transaction_timeout": "60s", "lock_timeout": "10s"}
"""Limits of the application's sessions: a forgotten transaction would hold back every follower's horizon."""


def create_roles(
    connection: psycopg.Connection[Any], *, passwords: Mapping[DatabaseRole, str], timeouts: bool = True
) -> None:
    """Create the four roles, or renew their passwords, as a superuser or a holder of CREATEROLE.

    A role without a password in `passwords` keeps the one it has, and is created unable to sign in.
    """
    for role in DatabaseRole:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = sql.SQL("ALTER ROLE" if known else "CREATE ROLE")
        connection.execute(
            sql.SQL("{} {} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS").format(
                verb, sql.Identifier(role)
            )
        )
        if role in passwords:
            connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), passwords[role]))
        connection.execute(sql.SQL("ALTER ROLE {} SET search_path = public, pg_temp").format(sql.Identifier(role)))
    if timeouts:
        for name, limit in TIMEOUTS.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(DatabaseRole.APP), sql.Identifier(name), limit
                )
            )


def create_database(connection: psycopg.Connection[Any], *, name: str) -> None:
    """Create the database, owned by `redline_owner`, unless it exists. Needs an autocommit connection."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
            sql.Identifier(name), sql.Identifier(DatabaseRole.OWNER)
        )
    )


def close_to_strangers(connection: psycopg.Connection[Any]) -> None:
    """Leave in this database only what the four roles need; called inside it, before migrating."""
    name = sql.Identifier(connection.info.dbname)
    owner = sql.Identifier(DatabaseRole.OWNER)
    others = sql.SQL(", ").join(
        sql.Identifier(role) for role in (DatabaseRole.APP, DatabaseRole.SEALER, DatabaseRole.READER)
    )
    for statement in (
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        "REVOKE TEMPORARY ON DATABASE {name} FROM {others}",
        "GRANT CONNECT ON DATABASE {name} TO {owner}, {others}",
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {others}",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public",
        "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public",
    ):
        connection.execute(sql.SQL(statement).format(name=name, owner=owner, others=others))


def grant(connection: psycopg.Connection[Any], *, append_only: Iterable[AppendOnly]) -> None:
    """Grant each role its powers over the tables there are; called as the owner, after migrating.

    Tables that a later migration makes get the ordinary powers by default privileges, and their
    narrower ones when this runs again.
    """
    roles = {role.name.lower(): sql.Identifier(role) for role in DatabaseRole}
    for statement in (
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}, {sealer}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {sealer}, {reader}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {sealer}, {reader}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}, {sealer}",
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON django_migrations FROM {app}",
    ):
        connection.execute(sql.SQL(statement).format(**roles))
    for table in append_only:
        _allow_only_adding(connection, table)


def _allow_only_adding(connection: psycopg.Connection[Any], table: AppendOnly) -> None:
    parts = {
        "table": sql.Identifier(table.table),
        "columns": sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        "app": sql.Identifier(DatabaseRole.APP),
    }
    connection.execute(sql.SQL("REVOKE ALL ON {table} FROM {app}").format(**parts))
    connection.execute(sql.SQL("GRANT SELECT ON {table} TO {app}").format(**parts))
    if table.columns:
        connection.execute(sql.SQL("GRANT INSERT ({columns}) ON {table} TO {app}").format(**parts))


@contextmanager
def connected_as(connection: BaseDatabaseWrapper, settings: Mapping[str, Any]) -> Iterator[None]:
    """Let Django's connection be another role's for a while, to migrate or to clean up after a test.

    Only for commands and tests that own the whole process: other threads share the settings.
    """
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(settings)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
