"""What was backed up comes back, byte for byte, or nothing does and the reason is one line."""

import gzip
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from governance.config import backup
from governance.config.backup import BackupRefused, write_backup
from governance.config.restore import restore_backup
from models_registry.telemetry.partitions import ensure_partitions
from tests.conftest import PASSWORD
from tests.journeys.builders import NOON, a_model_past_its_line, an_enforced_formula, hourly, send

pytestmark = pytest.mark.django_db(transaction=True)

KEYS = {"local": "c2VjcmV0"}


def address(name: str, *, role: str = "redline_owner") -> str:
    host = connection.settings_dict["HOST"]
    return f"postgresql://{role}:{PASSWORD}@/{name}?host={host}"


@pytest.fixture
def here() -> str:
    """The owner's address of the database that the test fills."""
    return address(str(connection.settings_dict["NAME"]))


@pytest.fixture
def empty(transactional_db: None, database_admin_url: str, worker_id: str) -> Iterator[str]:
    """The owner's address of an empty database of the same schema."""
    name = f"redline_restored_{worker_id}"
    connection.close()
    with psycopg.connect(database_admin_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        held = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        admin.execute(held, [connection.settings_dict["NAME"]])  # a thread of an earlier test may not have let go
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {connection.settings_dict['NAME']} OWNER redline_owner")
        yield address(name)
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def folder(empty: str, here: str, tmp_path: Path) -> Path:
    """A backup of a model past its line, made after `empty` was."""
    ensure_partitions(NOON)
    an_enforced_formula()
    a_model_past_its_line()
    send(hourly([0.1, 1 / 3, 2e-7], metric="latency", segment="Zürich"))
    write_backup(url=here, path=tmp_path / "kept", keys=KEYS, with_keys=False, at=NOON)
    return tmp_path / "kept"


def digests(url: str) -> dict[str, tuple[int, str]]:
    with backup.connect(url) as opened:
        backup.begin_reading(opened)
        return {table.name: backup.read_table(opened, table) for table in backup.tables(opened)}


def asked(url: str, statement: str) -> Any:
    with psycopg.connect(url) as opened:
        row = opened.execute(statement).fetchone()
        return row[0] if row else None


def rewrite(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))


def test_every_table_comes_back_byte_for_byte(folder, here, empty):
    manifest = restore_backup(url=empty, folder=folder)

    found = digests(empty)
    assert found == digests(here)
    assert found["audit_entry"][0] == manifest["trail"]["entries"] > 0
    assert found["telemetry_measurement"][0] == 7
    assert asked(empty, "SELECT count(*) FROM telemetry_measurement_default") == 0


def test_what_is_written_next_gets_a_number_of_its_own(folder, here, empty):
    restore_backup(url=empty, folder=folder)

    last = "SELECT last_value FROM pg_sequences WHERE sequencename = 'telemetry_event_id_seq'"
    assert asked(empty, last) == asked(here, last) == 2


def test_the_triggers_guard_the_trail_again(folder, empty):
    restore_backup(url=empty, folder=folder)

    with pytest.raises(psycopg.Error, match="append-only"), psycopg.connect(empty) as owner:
        owner.execute("DELETE FROM audit_entry")
    assert asked(empty, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'") == 0


def test_a_backup_is_for_its_owner_alone_and_holds_neither_keys_nor_sessions(folder):
    text = (folder / "manifest.json").read_text()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.*")} == {0o600}
    assert "c2VjcmV0" not in text
    assert not (folder / "vault-keys").exists()
    assert not list(folder.glob("tables/django_session*"))
    assert json.loads(text)["vault"]["included"] is False


def test_the_keys_go_along_only_when_asked_for(here, tmp_path):
    write_backup(url=here, path=tmp_path / "kept", keys=KEYS, with_keys=True, at=NOON)

    assert (tmp_path / "kept" / "vault-keys").read_text() == "local:c2VjcmV0\n"


def test_a_file_that_was_changed_is_not_loaded(folder, empty):
    file = folder / "tables" / "audit_entry.copy.gz"
    file.write_bytes(
        gzip.compress(gzip.decompress(file.read_bytes()).replace(b"risk.level_raised", b"risk.level_lowered"))
    )

    with pytest.raises(BackupRefused, match="audit_entry was changed"):
        restore_backup(url=empty, folder=folder)


def test_a_table_that_comes_out_different_leaves_the_database_empty(folder, empty):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["tables"]["risks_risk"]["rows"] += 1
    rewrite(folder, tables=manifest["tables"])

    with pytest.raises(BackupRefused, match="risks_risk came out different"):
        restore_backup(url=empty, folder=folder)

    assert asked(empty, "SELECT count(*) FROM audit_entry") == 0


def test_only_an_empty_database_takes_a_backup(folder, here, empty):
    with pytest.raises(BackupRefused, match="not empty: access_account has rows"):
        restore_backup(url=here, folder=folder)


def test_a_backup_of_another_release_is_refused(folder, empty):
    manifest = json.loads((folder / "manifest.json").read_text())
    rewrite(folder, migrations=[*manifest["migrations"], "governance.9999_next"])

    with pytest.raises(BackupRefused, match=r"another release: this database lacks governance\.9999_next"):
        restore_backup(url=empty, folder=folder)


def test_two_backups_of_one_state_have_equal_files(folder, here, tmp_path):
    write_backup(url=here, path=tmp_path / "again", keys=KEYS, with_keys=False, at=NOON)

    assert (folder / "manifest.json").read_text() == (tmp_path / "again" / "manifest.json").read_text()


def test_the_commands_say_what_they_did(here, empty, tmp_path, settings):
    out = io.StringIO()
    settings.DATABASE_OWNER_URL = here
    call_command("backup", str(tmp_path / "kept"), stdout=out)
    settings.DATABASE_OWNER_URL = empty
    call_command("restore", str(tmp_path / "kept"), stdout=out)

    assert "which are not in it" in out.getvalue()
    assert "counts and digests agree" in out.getvalue()
    assert "of decisions and of notifications balance" in out.getvalue()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "DATABASE_OWNER_URL is not set"),
        ("postgresql://redline_owner@/nowhere?host=/nowhere", "does not answer"),
        ("app", "signs in as redline_app, and the tables belong to redline_owner"),
    ],
)
def test_a_wrong_address_or_role_is_one_line(url, message, settings, tmp_path):
    settings.DATABASE_OWNER_URL = (
        address(str(connection.settings_dict["NAME"]), role="redline_app") if url == "app" else url
    )

    with pytest.raises(CommandError, match=message) as refused:
        call_command("backup", str(tmp_path / "kept"))

    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_or_holds_nothing_is_refused(tmp_path, here, settings):
    settings.DATABASE_OWNER_URL = here

    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(tmp_path))
    with pytest.raises(CommandError, match="holds no backup"):
        call_command("restore", str(tmp_path))
