"""The ring of key-encryption keys: from the settings, or kept in one file of this instance."""

import base64
import os
import secrets
from pathlib import Path

from django.conf import settings

from models_registry.vault.envelope import KeyRing

FILE = "vault-keys"


class KeysUnreadable(Exception):
    """REDLINE_KEYS is not `id:base64 of 32 bytes`, several separated by commas, the current key first."""


def ring() -> KeyRing:
    """Return the ring. Production names its keys in `REDLINE_KEYS`; an instance without makes one, once.

    Raises KeysUnreadable.
    """
    return parse(getattr(settings, "REDLINE_KEYS", "") or _kept(Path(settings.REDLINE_VAR) / FILE))


def parse(text: str) -> KeyRing:
    """Return the ring that `id:base64,id:base64` writes; the first key seals, all of them open."""
    pairs = [pair.strip().partition(":") for pair in text.replace("\n", ",").split(",") if pair.strip()]
    try:
        keys = {name: base64.b64decode(key, validate=True) for name, _, key in pairs}
        return KeyRing(current=pairs[0][0], keys=keys)
    except (ValueError, IndexError):
        raise KeysUnreadable(KeysUnreadable.__doc__) from None


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"local:{key}\n")
        try:
            os.link(draft, path)  # fails when another process was first: its key is then the one
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
