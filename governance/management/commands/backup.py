"""`manage.py backup PATH`: everything that is kept, in one folder, read at one moment."""

import base64
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.config.backup import BackupRefused, write_backup
from models_registry.vault.keys import KeysUnreadable, ring


class Command(BaseCommand):
    """Write a backup as DATABASE_OWNER_URL and say which keys it needs."""

    help = (
        "Writes all tables of one snapshot, with a manifest of counts and digests, into the new folder PATH. "
        "The vault's keys are not in it unless --with-keys asks for them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and whether the keys go with it."""
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--with-keys", action="store_true", help="Put the vault's keys beside the data: whoever has it has all."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, or say in one line why not."""
        try:
            manifest = write_backup(
                url=settings.DATABASE_OWNER_URL,
                path=options["path"].absolute(),
                keys=key_texts(),
                with_keys=options["with_keys"],
                at=timezone.now(),
            )
        except (BackupRefused, KeysUnreadable) as error:
            raise CommandError(str(error)) from None
        rows = sum(kept["rows"] for kept in manifest["tables"].values())
        trail = manifest["trail"]
        self.stdout.write(
            f"{options['path']}: {rows} rows of {len(manifest['tables'])} tables, "
            f"{trail['entries']} entries of the trail up to number {trail['newest_id']}."
        )
        self.stdout.write(f"{_keys_told(manifest)} Keep SECRET_KEY as well.")


def key_texts() -> dict[str, str]:
    """Return the vault's keys as text, by id."""
    return {name: base64.b64encode(key).decode() for name, key in ring().keys.items()}


def _keys_told(manifest: dict[str, Any]) -> str:
    needed = ", ".join(manifest["vault"]["needed"]) or "none yet"
    where = "REDLINE_KEYS" if settings.REDLINE_KEYS else str(Path(settings.REDLINE_VAR) / "vault-keys")
    if manifest["vault"]["included"]:
        return f"The vault's keys ({needed}) are in it: guard it like them."
    return f"Its secrets open only with the vault's keys ({needed}), which are not in it: keep {where} apart."
