"""The tables of an empty database in one step: what the migrations up to a point make, kept as SQL.

`foundation.sql` is a shortcut and never a second truth. It names the migrations that it stands for, in
`django_migrations`; `migrate` applies every later one as ever, so a foundation that is behind is only slower.
`make schema` writes it anew, and a house test compares what it makes with what the migrations make.

It is laid in an empty database alone, on a server of the release that it was written by, and while the files of
the migrations that it names are the ones that it was written from; otherwise the migrations run from the first one.
"""

import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from django.db.migrations.loader import MigrationLoader

FILE = Path(__file__).with_name("foundation.sql")
HEAD = "-- Written by `make schema` on PostgreSQL {release} from migrations of digest {digest}. Do not edit."
MADE_BY_SIGNALS = ("django_content_type", "auth_permission")
"""Their rows are made after every migrate; the foundation has none."""

EMPTY = """
select not exists (
  select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')
    and not exists (
      select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
    )
)
"""


def lay(connection: psycopg.Connection[Any], *, text: str | None = None) -> bool:
    """Make the tables in one transaction, as their owner, and return whether this was the place for it."""
    text = FILE.read_text() if text is None else text
    if text.partition("\n")[0] != _head(text, release=connection.info.server_version // 10000):
        return False
    with connection.transaction():
        if connection.execute(EMPTY).fetchone() != (True,):
            return False
        connection.execute(text.encode())
        return True


def migrations(text: str) -> set[tuple[str, str]]:
    """Return the migrations that a foundation stands for, as app and name."""
    return set(
        re.findall(r"^INSERT INTO public\.django_migrations .* VALUES \('(\w+)', '(\w+)', now\(\)\);$", text, re.M)
    )


def _head(text: str, *, release: int) -> str:
    """Return the first line of a foundation that is good here and now."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    files = sha256()
    for name in sorted(migrations(text)):
        file = sys.modules[known[name].__module__].__file__ if name in known else None
        files.update(Path(file).read_bytes() if file else b"gone")
    return HEAD.format(release=release, digest=files.hexdigest())


def written(dump: str, *, release: int) -> str:
    """Return the foundation that `pg_dump --inserts --no-owner --no-privileges` of a migrated database amounts to.

    What a session sets for itself goes, and so do times and numbers that differ from one run to the next.
    """
    dump = _OBJECT.sub("\n\n", _COMMENT.sub("", dump))
    lines = [*SESSION, *(_settled(line) for line in dump.splitlines())]
    text = "\n".join(line for line in lines if line is not None).rstrip() + "\n"
    return f"{_head(text, release=release)}\n{text}"


SESSION = (
    "SET LOCAL search_path = '';",
    "SET LOCAL check_function_bodies = off;",
    "SET LOCAL client_min_messages = warning;",
)

_COMMENT = re.compile(
    r"\A.*?(?=^--\n-- Name: )|^--\n-- PostgreSQL database dump complete\n--\n.*\Z", re.MULTILINE | re.DOTALL
)
_OBJECT = re.compile(r"\n*^--\n-- (?:Data for )?Name: [^\n]*; Schema: [^\n]*\n--\n+", re.MULTILINE)
_SESSION = re.compile(r"SET default_(?:tablespace|table_access_method) = .*;|-- \*not\* creating schema, .*")
_MIGRATION = re.compile(r"INSERT INTO public\.django_migrations VALUES \(\d+, ('\w+', '\w+'), '[^']*'\);")
_COUNTER = re.compile(r"SELECT pg_catalog\.setval\('public\.(\w+)_id_seq', \d+, (true|false)\);")


def _settled(line: str) -> str | None:
    if _SESSION.fullmatch(line):
        return None
    if migration := _MIGRATION.fullmatch(line):
        return f"INSERT INTO public.django_migrations (app, name, applied) VALUES ({migration[1]}, now());"  # noqa: S608
    counter = _COUNTER.fullmatch(line)
    if counter and (counter[2] == "false" or counter[1] in {*MADE_BY_SIGNALS, "django_migrations"}):
        return None
    return line
