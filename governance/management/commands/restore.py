"""`manage.py restore PATH`: a backup into an empty database, proved."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.config.backup import KEYS_FILE, BackupRefused, fingerprint
from governance.config.restore import restore_backup
from governance.management.commands.backup import key_texts
from models_registry.vault.keys import FILE, KeysUnreadable


class Command(BaseCommand):
    """Load, prove every table by count and digest, then check the books."""

    help = (
        "Puts the backup in PATH into an empty database (after manage.py setup_database), in one transaction, "
        "proves every table by its count and digest, and checks the books."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, or say in one line why not."""
        folder = options["path"].absolute()
        try:
            manifest = restore_backup(url=settings.DATABASE_OWNER_URL, folder=folder)
            self.stdout.write(
                f"Restored {sum(kept['rows'] for kept in manifest['tables'].values())} rows of "
                f"{len(manifest['tables'])} tables as of {manifest['made_at']}; counts and digests agree."
            )
            self._keys(folder, manifest["vault"])
        except (BackupRefused, KeysUnreadable) as error:
            raise CommandError(str(error)) from None
        call_command("check_books", stdout=self.stdout)

    def _keys(self, folder: Path, vault: dict[str, Any]) -> None:
        """Put the keys back where there are none, and say which are still missing."""
        kept = Path(settings.REDLINE_VAR) / FILE
        if vault["included"] and not settings.REDLINE_KEYS and not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text((folder / KEYS_FILE).read_text())
            self.stdout.write(f"The vault's keys are in {kept}.")
        here = {name: fingerprint(key) for name, key in key_texts().items()}
        missing = [
            name
            for name, one in vault["needed"].items()
            if name not in here or one["fingerprint"] not in ("", here[name])
        ]
        if missing:
            self.stdout.write(
                f"The vault's keys {', '.join(missing)} are not here: "
                f"put them into REDLINE_KEYS or {kept}, or no source's secret can be opened."
            )
