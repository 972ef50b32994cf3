"""Bring the database to what this release needs: roles, tables, grants."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from models_registry.audit import foundation
from models_registry.audit.grants import APPEND_ONLY_TABLES
from models_registry.audit.roles import (
    DatabaseRole,
    close_to_strangers,
    connected_as,
    create_database,
    create_roles,
    grant,
)
from models_registry.lineage.prediction_writing import ensure_months_ahead
from models_registry.telemetry.partitions import ensure_partitions


class Command(BaseCommand):
    """Create the roles and the database where `DATABASE_ADMIN_URL` allows it, migrate as the owner, grant."""

    help = (
        "Creates the four database roles and the database (as DATABASE_ADMIN_URL, when it is set), "
        "migrates as DATABASE_OWNER_URL and grants each role its powers. "
        "Safe to run again; run it at each upgrade."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to leave the roles as they are."""
        parser.add_argument("--no-roles", action="store_true", help="Roles and database exist already.")
        parser.add_argument("--wait", type=int, default=0, help="Wait so many seconds for a server that is starting.")
        parser.add_argument("--static", action="store_true", help="Collect the static files meanwhile.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the three steps; a refusal of the database is one clear line."""
        owner = settings.DATABASE_OWNER_URL
        if not owner:
            raise CommandError("DATABASE_OWNER_URL is not set. Set it to the address with the role redline_owner.")
        with ThreadPoolExecutor(1) as beside:
            collected = beside.submit(self._collect_static) if options["static"] else None
            self._set_up(owner, **options)
            if collected:
                collected.result()
        self.stdout.write("The database is ready.")

    def _set_up(self, owner: str, **options: Any) -> None:
        _wait_for_server(owner, seconds=options["wait"])
        try:
            if settings.DATABASE_ADMIN_URL and not options["no_roles"]:
                self._prepare(admin=settings.DATABASE_ADMIN_URL)
            with psycopg.connect(owner) as as_owner:
                foundation.lay(as_owner)
            self._migrate(verbosity=options["verbosity"])
            with psycopg.connect(owner) as as_owner:
                grant(as_owner, append_only=APPEND_ONLY_TABLES)
        except psycopg.Error as error:
            unreachable = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
            trouble = "does not answer" if unreachable else "refuses"
            raise CommandError(f"The database {trouble}: {str(error).strip().partition('\n')[0]}") from error

    def _collect_static(self) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)

    def _prepare(self, *, admin: str) -> None:
        name = connection.settings_dict["NAME"]
        with psycopg.connect(admin, autocommit=True) as as_admin:
            create_roles(as_admin, passwords=_passwords())
            create_database(as_admin, name=name)
        with psycopg.connect(admin, dbname=name, autocommit=True) as inside:
            close_to_strangers(inside)

    def _migrate(self, *, verbosity: int) -> None:
        with connected_as(connection, settings.DATABASE_OWNER):
            gc.disable()  # looking for dead models took a sixth of the time
            call_command("migrate", interactive=False, verbosity=verbosity)
            gc.enable()
            call_command("createcachetable", verbosity=verbosity)
            now = datetime.now(UTC)
            ensure_partitions(now)
            ensure_months_ahead(now)


def _wait_for_server(address: str, *, seconds: int) -> None:
    """Return when the server takes connections, or when the time is over and connecting will say what is wrong."""
    deadline = time.monotonic() + seconds
    while psycopg.pq.PGconn.ping(address.encode()) != psycopg.pq.Ping.OK and time.monotonic() < deadline:
        time.sleep(0.02)


def _passwords() -> dict[DatabaseRole, str]:
    """Return the passwords that the configured addresses carry; other roles keep what they have."""
    known = {role["USER"]: role["PASSWORD"] for role in (settings.DATABASES["default"], settings.DATABASE_OWNER)}
    return {role: known[role] for role in DatabaseRole if known.get(role)}
