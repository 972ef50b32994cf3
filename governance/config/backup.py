"""A backup: one folder with a file of rows for each table, read in one snapshot, and a manifest.

`pg_dump` is not used: it must be as new as the server, and what it writes can be loaded into tables that
only grow, whose triggers fill columns in, by a superuser alone. PostgreSQL's own COPY text is as exact, needs
no program beside Redline, and gives every table a digest that two databases can be compared by.

Left out are sessions and the cache, so that a stolen backup signs nobody in, and the list of migrations,
which a restore compares instead.
"""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

FORMAT = 1
MANIFEST = "manifest.json"
KEYS_FILE = "vault-keys"
LEFT_OUT = frozenset({"django_migrations", "django_session", "usersessions_usersession", "redline_cache"})

SPELLING = ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "intervalstyle = 'postgres'", "bytea_output = 'hex'")
"""Session settings under which equal values have equal texts on every server."""


class BackupRefused(Exception):
    """The backup cannot be made or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that are written, and those that put its rows in one order."""

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    texts: frozenset[str]

    def query(self) -> sql.Composed:
        """Return the statement that reads its rows in the order of the key, texts by their bytes."""
        return sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
            sql.SQL(", ").join(map(sql.Identifier, self.columns)),
            sql.Identifier(self.name),
            sql.SQL(", ").join(map(self._sorting, self.order)),
        )

    def _sorting(self, column: str) -> sql.Composed:
        collation = ' COLLATE "C"' if column in self.texts else ""
        return sql.SQL("{}" + collation).format(sql.Identifier(column))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the manifest says of one table: rows, the digest of their text, and the file that holds it."""

    columns: tuple[str, ...]
    rows: int
    sha256: str
    file: str = ""
    file_sha256: str = ""


def connect(url: str) -> psycopg.Connection[Any]:
    """Return a connection as the owner. Raises BackupRefused where the address, the server or the role is wrong."""
    if not url:
        raise BackupRefused("DATABASE_OWNER_URL is not set. Set it to the address with the role redline_owner.")
    try:
        connection = psycopg.connect(url)
    except psycopg.Error as error:
        raise BackupRefused(f"The database does not answer: {_first_line(error)}") from None
    try:
        _refuse_strangers(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_strangers(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(
        "SELECT current_user, (SELECT tableowner FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename = 'django_migrations')"
    ).fetchone()
    connection.rollback()
    user, owner = row or ("", None)
    if owner is None:
        raise BackupRefused("There are no tables here. Run manage.py setup_database first.")
    if user != owner:
        raise BackupRefused(f"DATABASE_OWNER_URL signs in as {user}, and the tables belong to {owner}.")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def write_backup(*, url: str, path: Path, keys: Mapping[str, str], with_keys: bool, at: datetime) -> dict[str, Any]:
    """Write a backup into a new folder and return its manifest. Raises BackupRefused.

    ``keys`` are the vault's, id → text; the manifest holds only their fingerprints, unless ``with_keys``.
    """
    if path.exists():
        raise BackupRefused(f"{path} exists already. Name a folder that does not.")
    draft = path.with_name(f".{path.name}.draft")
    with _folder(draft), connect(url) as connection:
        manifest = _write(connection, draft, at=at)
        manifest["vault"] = _keys_needed(connection, keys) | {"included": with_keys}
        if with_keys:
            _private(draft / KEYS_FILE, ",".join(f"{name}:{key}" for name, key in keys.items()) + "\n")
        _private(draft / MANIFEST, json.dumps(manifest, indent=1) + "\n")
        draft.rename(path)
    return manifest


@contextmanager
def _folder(draft: Path) -> Iterator[None]:
    """Make the folder that the backup grows in, and leave nothing half-made behind."""
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        yield
    except OSError as error:
        raise BackupRefused(f"{draft.parent} cannot be written: {error.strerror}.") from None
    except psycopg.Error as error:
        raise BackupRefused(f"The database refuses: {_first_line(error)}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _write(connection: psycopg.Connection[Any], folder: Path, *, at: datetime) -> dict[str, Any]:
    begin_reading(connection)
    (folder / "tables").mkdir(mode=0o700)
    kept = {table.name: _write_table(connection, table, folder) for table in tables(connection)}
    return {
        "format": FORMAT,
        "made_at": at.astimezone(UTC).isoformat(),
        "server": connection.info.server_version,
        "migrations": migrations(connection),
        "trail": trail_head(connection),
        "months": months(connection),
        "sequences": sequences(connection),
        "left_out": sorted(LEFT_OUT),
        "tables": {name: asdict(one) for name, one in kept.items()},
    }


def begin_reading(connection: psycopg.Connection[Any]) -> None:
    """Begin one snapshot in which every value is spelt in one way."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    spell_out(connection)


def spell_out(connection: psycopg.Connection[Any]) -> None:
    """Make this transaction write equal values as equal texts, whatever the server's defaults are."""
    for setting in SPELLING:
        connection.execute(sql.SQL("SET LOCAL " + setting))
    connection.execute("SET LOCAL extra_float_digits = 1")
    connection.execute("SET LOCAL transaction_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Return every table that a backup holds; a partitioned one once, as a whole."""
    rows = connection.execute(
        """
        SELECT t.relname, array_agg(a.attname ORDER BY a.attname),
               (SELECT array_agg(k.attname ORDER BY array_position(i.indkey::int2[], k.attnum))
                  FROM pg_index i JOIN pg_attribute k ON k.attrelid = t.oid AND k.attnum = ANY(i.indkey)
                 WHERE i.indrelid = t.oid AND i.indisprimary),
               array_agg(a.attname) FILTER (WHERE a.attcollation <> 0)
          FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p') AND NOT t.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND t.relname <> ALL(%s)
         GROUP BY t.oid, t.relname ORDER BY t.relname COLLATE "C"
        """,
        [sorted(LEFT_OUT)],
    ).fetchall()
    return [
        Table(name, tuple(columns), tuple(key or columns), frozenset(texts or ())) for name, columns, key, texts in rows
    ]


def read_table(connection: psycopg.Connection[Any], table: Table, sinks: Iterable[Any] = ()) -> tuple[int, str]:
    """Return how many rows a table has and the SHA-256 of their text, which is also written to the sinks."""
    seen = hashlib.sha256()
    with connection.cursor() as cursor:
        with cursor.copy(sql.SQL("COPY ({}) TO STDOUT").format(table.query())) as rows:
            for block in rows:
                seen.update(block)
                for sink in sinks:
                    sink.write(block)
        return cursor.rowcount, seen.hexdigest()


def _write_table(connection: psycopg.Connection[Any], table: Table, folder: Path) -> Kept:
    name = f"tables/{table.name}.copy.gz"
    with (folder / name).open("xb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        rows, digest = read_table(connection, table, [packed])
    (folder / name).chmod(0o600)
    return Kept(table.columns, rows, digest, name, file_digest(folder / name))


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def migrations(connection: psycopg.Connection[Any]) -> list[str]:
    """Return what has been migrated, as `app.name`: the version of the schema."""
    rows = connection.execute("SELECT DISTINCT app || '.' || name FROM django_migrations").fetchall()
    return sorted(name for (name,) in rows)


def trail_head(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Return how long the trail is, and its newest entry with the hash of its leaf."""
    row = connection.execute(
        "SELECT id, encode(leaf, 'hex'), (SELECT count(*) FROM audit_entry) FROM audit_entry ORDER BY id DESC LIMIT 1"
    ).fetchone()
    identifier, leaf, entries = row or (None, None, 0)
    return {"entries": entries, "newest_id": identifier, "newest_leaf": leaf}


def months(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the first day of each month that measurements have a partition for."""
    rows = connection.execute(
        "SELECT DISTINCT replace(right(c.relname, 7), '_', '-') || '-01' FROM pg_inherits i JOIN pg_class c"
        " ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'telemetry_measurement'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'"
    ).fetchall()
    return sorted(name for (name,) in rows)


def sequences(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return the last number of each sequence that has given one."""
    rows = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    ).fetchall()
    return dict(sorted(rows))


def fingerprint(key: str) -> str:
    """Return what tells a key from another and does not give it away: it is 256 random bits."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _keys_needed(connection: psycopg.Connection[Any], keys: Mapping[str, str]) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT kek_id, count(*) FROM vault_sealed_secret GROUP BY kek_id ORDER BY kek_id"
    ).fetchall()
    needed = {
        name: {"secrets": count, "fingerprint": fingerprint(keys[name]) if name in keys else ""} for name, count in rows
    }
    return {"needed": needed}
