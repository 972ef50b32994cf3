"""How a bearer token and a one-time link are made and recognised. No database here.

A token is ``rdl_`` followed by 256 random bits and a checksum, so that secret
scanners find it and a mistyped one is refused without a look-up (the layout
follows GitHub's token format of 2021). Only its SHA-256 is ever stored.
"""

import hashlib
import secrets
import zlib
from datetime import timedelta

PREFIX = "rdl_"
CHECKSUM_LENGTH = 8
LONGEST_LIFE = timedelta(days=90)


def mint() -> str:
    """Return a new token; it is shown once and cannot be read again."""
    body = secrets.token_urlsafe(32)
    return f"{PREFIX}{body}{_checksum(body)}"


def well_formed(raw: str) -> bool:
    """Answer whether the text has a token's shape and checksum."""
    body, checksum = raw[len(PREFIX) : -CHECKSUM_LENGTH], raw[-CHECKSUM_LENGTH:]
    return raw.startswith(PREFIX) and raw.isascii() and bool(body) and checksum == _checksum(body)


def digest_of(raw: str) -> bytes:
    """Return what is stored instead of the secret: its SHA-256."""
    return hashlib.sha256(raw.encode()).digest()


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
