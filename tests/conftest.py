"""A real PostgreSQL for the tests that ask for one, with the roles of production, and no network.

Each process, so each xdist worker, starts its own server at the first test that needs it.
Migrations run as `redline_owner`; tests connect as `redline_app`, so that a test may do what the
application may do and nothing else.
"""

import ipaddress
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from governance.config.embedded import FORGETFUL, EmbeddedPostgres, remove
from tests import governed, leftovers

PASSWORD = "only-for-tests"


SERVER = pytest.StashKey[EmbeddedPostgres | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Note that this process has started no server yet, and remove what runs left that were killed."""
    config.stash[SERVER] = None
    if not hasattr(config, "workerinput"):
        leftovers.remove_old(Path(tempfile.gettempdir()), now=time.time())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started and remove its data."""
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
        remove(server.directory)
        shutil.rmtree(server.directory.parent)


def _server(config: pytest.Config) -> str:
    """Return the superuser's address of this process's server, started at the first call.

    Each xdist worker has its own: transaction identifiers belong to a whole server, so a test's long
    transaction would hold back the horizon behind which another worker's test reads the trail.
    """
    server = config.stash[SERVER]
    if server is None:
        place = Path(tempfile.mkdtemp(prefix="redline-test-"))
        place.chmod(0o711)  # under root the server's user passes through
        server = config.stash[SERVER] = EmbeddedPostgres(place / "pg", settings=FORGETFUL)
        server.start()
    return server.admin_url()


@pytest.fixture(scope="session")
def database_admin_url(request: pytest.FixtureRequest) -> str:
    """Address of the test server's superuser, for tests about the database itself."""
    return _server(request.config)


@pytest.fixture(scope="session")
def django_db_setup(database_admin_url: str, worker_id: str, django_db_blocker: Any) -> None:
    """Make this worker's database: created and migrated by its owner, used by the application's role."""
    name = f"redline_test_{worker_id}"
    with django_db_blocker.unblock():
        _prepare(database_admin_url, name)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name of this xdist worker, or `main` without xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


def _prepare(admin_url: str, name: str) -> None:
    from django.core.management import call_command
    from django.db import connection

    from models_registry.audit import foundation, roles
    from models_registry.audit.grants import APPEND_ONLY_TABLES

    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(1)")  # roles belong to the whole server
        roles.create_roles(admin, passwords=dict.fromkeys(roles.DatabaseRole, PASSWORD), timeouts=False)
        roles.create_database(admin, name=name)
        admin.execute("SELECT pg_advisory_unlock(1)")
    with psycopg.connect(admin_url, dbname=name, autocommit=True) as inside:
        roles.close_to_strangers(inside)
    settings = {
        "NAME": name,
        "USER": str(roles.DatabaseRole.APP),
        "PASSWORD": PASSWORD,
        "HOST": psycopg.conninfo.conninfo_to_dict(admin_url)["host"],
        "CONN_MAX_AGE": 0,
    }
    connection.close()
    connection.settings_dict.update(settings)
    with psycopg.connect(admin_url, dbname=name, user=roles.DatabaseRole.OWNER, password=PASSWORD) as owner:
        foundation.lay(owner)
    with roles.connected_as(connection, {"USER": str(roles.DatabaseRole.OWNER)}):
        call_command("migrate", interactive=False, verbosity=0)
    with psycopg.connect(admin_url, dbname=name, user=roles.DatabaseRole.OWNER, password=PASSWORD) as owner:
        roles.grant(owner, append_only=APPEND_ONLY_TABLES)
        governed.switch(owner, on=False)


@pytest.fixture
def governed_tables(transactional_db: None, database_admin_url: str, worker_id: str) -> Iterator[None]:
    """Ask for an entry of the trail beside every governed change, as production does."""
    name = f"redline_test_{worker_id}"
    with psycopg.connect(database_admin_url, dbname=name, autocommit=True) as owner:
        governed.switch(owner, on=True)
        yield
        governed.switch(owner, on=False)


KEPT_TABLES = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def clean_up_as_superuser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Empty the tables after a transactional test as the superuser: the application may not.

    Append-only tables refuse TRUNCATE by a trigger; `session_replication_role` passes by it.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    def empty_tables(_: TransactionTestCase) -> None:
        connection.close()
        url = _server(request.config)
        with psycopg.connect(url, dbname=connection.settings_dict["NAME"]) as admin:
            admin.execute("SET session_replication_role = replica")
            rows = admin.execute(
                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                " AND relnamespace = 'public'::regnamespace"
            )
            names = sorted({name for (name,) in rows} - KEPT_TABLES)
            tables = psycopg.sql.SQL(", ").join(map(psycopg.sql.Identifier, names))
            admin.execute(psycopg.sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
    yield
    patch.undo()


class NetworkRefused(Exception):
    """A test tried to leave the machine; tests talk to loopback and to sockets in files alone."""


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every connection and every name that is not this machine's."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            raise NetworkRefused(f"connection to {address[0]}")
        connect(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if host and not _is_here(host):
            raise NetworkRefused(f"looking up {host}")
        return resolve(host, *arguments, **options)

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket, "getaddrinfo", guarded_resolve)
    yield
    patch.undo()


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback or name in {"0.0.0.0", "::"}
    except ValueError:
        return False
