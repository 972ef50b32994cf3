"""Write models_registry/audit/foundation.sql: what the migrations make of an empty database. `make schema` runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NAME, PASSWORD = "redline_schema", "only-for-this-minute"


def main() -> None:
    """Start a server, migrate from the first migration, write down what stands, and remove the server."""
    from governance.config.embedded import FORGETFUL, EmbeddedPostgres, remove

    place = Path(tempfile.mkdtemp(prefix="redline-schema-"))
    place.chmod(0o711)  # under root the server's user passes through
    server = EmbeddedPostgres(place / "pg", settings=FORGETFUL)
    try:
        server.start()
        text = migrated(server.admin_url(), binaries=server.binaries)
    finally:
        server.stop()
        remove(server.directory)
        shutil.rmtree(place, ignore_errors=True)
    from models_registry.audit.foundation import FILE, migrations

    FILE.write_text(text)
    sys.stdout.write(f"{FILE.relative_to(ROOT)} stands for {len(migrations(text))} migrations.\n")


def migrated(admin: str, *, binaries: Path) -> str:
    """Return the foundation of a database that is made on this server for it."""
    os.environ.update(REDLINE_MODE="test", DJANGO_SETTINGS_MODULE="governance.config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from models_registry.audit.roles import (
        DatabaseRole,
        close_to_strangers,
        connected_as,
        create_database,
        create_roles,
    )

    with psycopg.connect(admin, autocommit=True) as server:
        create_roles(server, passwords={DatabaseRole.OWNER: PASSWORD})
        create_database(server, name=NAME)
    with psycopg.connect(admin, dbname=NAME, autocommit=True) as inside:
        close_to_strangers(inside)
    owner = {"NAME": NAME, "USER": str(DatabaseRole.OWNER), "PASSWORD": PASSWORD}
    with connected_as(connection, {**owner, "HOST": psycopg.conninfo.conninfo_to_dict(admin)["host"]}):
        call_command("migrate", interactive=False, verbosity=0)
    return dump(admin, name=NAME, binaries=binaries)


def dump(admin: str, *, name: str, binaries: Path) -> str:
    """Return the foundation that the tables of this database amount to."""
    from models_registry.audit import foundation

    address = psycopg.conninfo.make_conninfo(admin, dbname=name)
    command = [
        str(binaries / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", "--exclude-extension=*",
        *(f"--exclude-table-data={table}" for table in foundation.MADE_BY_SIGNALS), address,
    ]  # fmt: skip
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with psycopg.connect(address) as asked:
        return foundation.written(dumped, release=asked.info.server_version // 10000)


if __name__ == "__main__":
    main()
