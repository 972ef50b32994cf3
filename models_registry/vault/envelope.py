"""Envelope encryption: AES-256-GCM with one data key per secret, wrapped by a ring of key-encryption keys.

The authenticated data of the text is `table|pk|field`, of its wrapped key `table|pk|field|kek_id`: a
ciphertext moved to another row or relabelled with another key does not open, and rewrapping leaves the text alone.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT: Final = b"\x01"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_WRAPPED_BYTES: Final = _NONCE_BYTES + _KEY_BYTES + 16


class KeyUnknown(Exception):
    """The secret is sealed under a key-encryption key that is not in the ring."""


class EnvelopeRefused(Exception):
    """The envelope is damaged, or does not belong to this owner and key."""


class Secret:
    """A secret in memory. Its text appears only through `reveal()`: never in logs, traces or pages."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the secret's text."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return secrets.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> str:
        raise TypeError("a secret is not serialised")


@dataclass(frozen=True, slots=True)
class Owner:
    """Where a secret belongs."""

    table: str
    pk: str
    field: str

    def __post_init__(self) -> None:
        if any("|" in part or not part for part in (self.table, self.pk, self.field)):
            raise ValueError("the parts of an owner are not empty and have no |")

    def __str__(self) -> str:
        return f"{self.table}|{self.pk}|{self.field}"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The key-encryption keys by id; `current` seals, all open. Raises ValueError on a wrong key or id."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError(f"the current key {self.current!r} is not in the ring")
        for kek_id, key in self.keys.items():
            if not kek_id or "|" in kek_id or len(key) != _KEY_BYTES:
                raise ValueError(f"key {kek_id!r}: an id without | and {_KEY_BYTES} bytes are required")

    def cipher(self, kek_id: str) -> AESGCM:
        """Return the cipher of one key. Raises KeyUnknown."""
        if kek_id not in self.keys:
            raise KeyUnknown(kek_id)
        return AESGCM(self.keys[kek_id])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed secret: the id of its key-encryption key, and the envelope's bytes."""

    kek_id: str
    envelope: bytes = field(repr=False)


def seal(secret: Secret, *, owner: Owner, ring: KeyRing) -> Sealed:
    """Return the secret sealed under a fresh data key and the ring's current key."""
    data_key = AESGCM.generate_key(bit_length=256)
    wrapped = _encrypt(ring.cipher(ring.current), data_key, _wrapping(owner, ring.current))
    text = _encrypt(AESGCM(data_key), secret.reveal().encode(), str(owner).encode())
    return Sealed(ring.current, FORMAT + wrapped + text)


def open_(sealed: Sealed, *, owner: Owner, ring: KeyRing) -> Secret:
    """Return the secret. Raises KeyUnknown, or EnvelopeRefused for another owner, another key or changed bytes."""
    data_key, text = _unwrap(sealed, owner, ring)
    return Secret(_decrypt(AESGCM(data_key), text, str(owner).encode()).decode())


def rewrap(sealed: Sealed, *, owner: Owner, ring: KeyRing) -> Sealed:
    """Return the same secret under the ring's current key, by wrapping its data key anew; the text stays sealed."""
    data_key, text = _unwrap(sealed, owner, ring)
    wrapped = _encrypt(ring.cipher(ring.current), data_key, _wrapping(owner, ring.current))
    return Sealed(ring.current, FORMAT + wrapped + text)


def _wrapping(owner: Owner, kek_id: str) -> bytes:
    return f"{owner}|{kek_id}".encode()


def _unwrap(sealed: Sealed, owner: Owner, ring: KeyRing) -> tuple[bytes, bytes]:
    cipher = ring.cipher(sealed.kek_id)
    if not sealed.envelope.startswith(FORMAT):
        raise EnvelopeRefused("unknown format")
    wrapped, text = sealed.envelope[1 : 1 + _WRAPPED_BYTES], sealed.envelope[1 + _WRAPPED_BYTES :]
    return _decrypt(cipher, wrapped, _wrapping(owner, sealed.kek_id)), text


def _encrypt(cipher: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plain, bound_to)


def _decrypt(cipher: AESGCM, data: bytes, bound_to: bytes) -> bytes:
    try:
        return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise EnvelopeRefused("damaged, or sealed for another owner or key") from None
