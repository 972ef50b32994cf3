"""What is laid in an empty database is what the migrations make of it, to the last letter."""

from collections.abc import Callable, Iterator
from difflib import unified_diff

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from models_registry.audit import foundation
from models_registry.audit.roles import DatabaseRole, close_to_strangers, connected_as, create_database
from tests.conftest import PASSWORD, SERVER
from tools.schema import dump

MOST_BEHIND = 12
"""So many migrations more cost a new instance about as much as the foundation saves it."""
REMEDY = "Run: make schema"
MEANING = (
    "New instances get other tables than the migrations make. Either a text that an old migration reads was changed "
    "without a new migration that brings it to databases there are: write one. Or a migration that foundation.sql "
    f"stands for was changed and is in no database yet. {REMEDY}"
)

OwnerOf = Callable[[str], "psycopg.Connection[tuple[object, ...]]"]


@pytest.fixture
def owner_of(database_admin_url: str) -> OwnerOf:
    return lambda name: psycopg.connect(
        database_admin_url, dbname=name, user=DatabaseRole.OWNER, password=PASSWORD, autocommit=True
    )


@pytest.fixture
def empty(database_admin_url: str, django_db_setup: None, worker_id: str) -> Iterator[list[str]]:
    """Names of four databases without tables."""
    names = [f"redline_foundation_{number}_{worker_id}" for number in range(4)]
    with psycopg.connect(database_admin_url, autocommit=True) as admin:
        for name in names:
            create_database(admin, name=name)
            with psycopg.connect(database_admin_url, dbname=name, autocommit=True) as inside:
                close_to_strangers(inside)
        yield names
        for name in names:
            admin.execute(psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))
    ContentType.objects.clear_cache()


def migrate(name: str) -> None:
    with connected_as(connection, {"NAME": name, "USER": str(DatabaseRole.OWNER)}):
        call_command("migrate", interactive=False, verbosity=0)


def test_the_foundation_and_later_migrations_make_what_all_migrations_make(
    empty, owner_of, database_admin_url, request, django_db_blocker
):
    migrated, laid, *again = empty

    with django_db_blocker.unblock():
        migrate(migrated)
        with owner_of(laid) as owner:
            assert foundation.lay(owner), f"foundation.sql is of other migrations, or of another server. {REMEDY}"
        migrate(laid)

    def told(name: str) -> str:
        return dump(database_admin_url, name=name, binaries=request.config.stash[SERVER].binaries)

    def told_twice(name: str, spare: str) -> list[str]:
        """Laid once more, because the server spells a condition anew when it reads its own spelling of it."""
        with owner_of(spare) as owner:
            assert foundation.lay(owner, text=told(name))
        return told(spare).splitlines()

    expected, made = told_twice(migrated, again[0]), told_twice(laid, again[1])
    differences = [line for line in unified_diff(expected, made, "migrations", "foundation", n=0) if line[1:].strip()]
    assert sorted(made) == sorted(expected), f"{MEANING}\n{'\n'.join(differences[:40])}"


def test_the_foundation_is_not_far_behind():
    every = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    behind = every - foundation.migrations(foundation.FILE.read_text())

    assert len(behind) <= MOST_BEHIND, f"New instances apply {len(behind)} migrations one by one. {REMEDY}"


def test_nothing_is_laid_where_there_are_tables_already(empty, owner_of):
    with owner_of(empty[0]) as owner:
        owner.execute("CREATE TABLE theirs (id int)")

        assert foundation.lay(owner) is False
        assert owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == [("theirs",)]


@pytest.mark.parametrize(
    ("written", "elsewhere"),
    [
        (" on PostgreSQL 18 ", " on PostgreSQL 1 "),
        ("('contenttypes', '0001_initial', now())", "('contenttypes', '0001_another', now())"),
        (" of digest ", " of digest 0"),
    ],
    ids=["a server of another release", "a migration that is not there", "a migration that was changed since"],
)
def test_a_foundation_that_does_not_fit_is_left_to_the_migrations(empty, owner_of, written, elsewhere):
    text = foundation.FILE.read_text()
    assert written in text

    with owner_of(empty[0]) as owner:
        assert foundation.lay(owner, text=text.replace(written, elsewhere)) is False
        assert owner.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_functions_are_written_as_they_are():
    body = "begin\n\n\n  -- a remark\n  SET x = 1;\nend "
    dumped = (
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET lock_timeout = 0;\n\n"
        "--\n-- Name: f(); Type: FUNCTION; Schema: public; Owner: -\n--\n\n"
        f"CREATE FUNCTION public.f() AS $${body}$$;\n\n\n"
        "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n"
    )

    written = foundation.written(dumped, release=18)

    assert written.endswith(f"CREATE FUNCTION public.f() AS $${body}$$;\n")
    assert "restrict" not in written
    assert "lock_timeout" not in written
