"""A backup put back: into an empty database of the same schema, in one transaction, and proved."""

import gzip
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from governance.config import backup
from governance.config.backup import BackupRefused, Table
from models_registry.telemetry.sql import ENSURE_PARTITION

PREPARED = ("auth_permission", "django_content_type")
"""Tables that migrating fills; their rows are replaced by the backup's."""

CHUNK = 1 << 20


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest after proving every file against it. Raises BackupRefused."""
    try:
        manifest: dict[str, Any] = json.loads((folder / backup.MANIFEST).read_text())
    except OSError as error:
        raise BackupRefused(f"{folder} holds no backup: {error.strerror}.") from None
    except ValueError:
        raise BackupRefused(f"{folder / backup.MANIFEST} is not a manifest.") from None
    if manifest.get("format") != backup.FORMAT:
        raise BackupRefused(f"The backup has format {manifest.get('format')}, and this release reads {backup.FORMAT}.")
    for name, kept in manifest["tables"].items():
        file = folder / kept["file"]
        if not file.is_file():
            raise BackupRefused(f"The file of {name} is missing: {file}.")
        if backup.file_digest(file) != kept["file_sha256"]:
            raise BackupRefused(f"The file of {name} was changed: its SHA-256 is not the manifest's.")
    return manifest


def restore_backup(*, url: str, folder: Path) -> dict[str, Any]:
    """Put every row back and return the manifest; nothing is kept unless all of it is proved. Raises BackupRefused."""
    manifest = read_manifest(folder)
    try:
        with backup.connect(url) as connection:
            _load(connection, folder, manifest)
    except psycopg.Error as error:
        raise BackupRefused(f"The database refuses: {str(error).strip().partition(chr(10))[0]}") from None
    return manifest


def _load(connection: psycopg.Connection[Any], folder: Path, manifest: dict[str, Any]) -> None:
    backup.spell_out(connection)
    found = {table.name: table for table in backup.tables(connection)}
    _refuse_other_schema(connection, found, manifest)
    _refuse_rows(connection, found)
    for month in manifest["months"]:
        connection.execute(ENSURE_PARTITION, [month])
    _triggers(connection, found, on=False)
    connection.execute("SET CONSTRAINTS ALL DEFERRED")
    for name in PREPARED:
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    for name, kept in manifest["tables"].items():
        _copy(connection, name, kept["columns"], folder / kept["file"])
    for name, last in manifest["sequences"].items():
        connection.execute("SELECT setval(%s::regclass, %s)", [f'public."{name}"', last])
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    _triggers(connection, found, on=True)
    _prove(connection, found, manifest)


def _refuse_other_schema(
    connection: psycopg.Connection[Any], found: dict[str, Table], manifest: dict[str, Any]
) -> None:
    """Migrations decide; the columns are compared too, lest a name hides a difference."""
    here, then = set(backup.migrations(connection)), set(manifest["migrations"])
    if here != then:
        lacking, more = sorted(then - here), sorted(here - then)
        told = f"lacks {lacking[0]}" if lacking else f"has {more[0]} as well"
        raise BackupRefused(
            f"The backup is of another release: this database {told}. Restore with that release, then upgrade."
        )
    for name, kept in manifest["tables"].items():
        if name not in found or list(found[name].columns) != kept["columns"]:
            raise BackupRefused(f"The table {name} has other columns here than in the backup.")


def _refuse_rows(connection: psycopg.Connection[Any], found: dict[str, Table]) -> None:
    for name in found:
        if name in PREPARED:
            continue
        if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone() is not None:
            raise BackupRefused(
                f"The database is not empty: {name} has rows. Restore into a new one, after manage.py setup_database."
            )


def _triggers(connection: psycopg.Connection[Any], found: dict[str, Table], *, on: bool) -> None:
    """Switch our own triggers: they would stamp entries with today and refuse what was decided then.

    The foreign keys stay on, and are checked before the triggers are switched on again.
    """
    verb = sql.SQL("ENABLE" if on else "DISABLE")
    for name in found:
        connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(name), verb))


def _copy(connection: psycopg.Connection[Any], name: str, columns: list[str], file: Path) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with gzip.open(file, "rb") as rows, connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := rows.read(CHUNK):
            copy.write(block)


def _prove(connection: psycopg.Connection[Any], found: dict[str, Table], manifest: dict[str, Any]) -> None:
    """Read every table back: its rows and their digest must be the manifest's, and so must the trail's head."""
    for name, kept in manifest["tables"].items():
        rows, digest = backup.read_table(connection, found[name])
        if (rows, digest) != (kept["rows"], kept["sha256"]):
            raise BackupRefused(
                f"The table {name} came out different: {rows} rows of {kept['rows']}. Nothing was kept."
            )
    if backup.trail_head(connection) != manifest["trail"]:
        raise BackupRefused("The head of the trail is not the backup's. Nothing was kept.")
