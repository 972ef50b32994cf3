"""What stands for a person: keyed pseudonyms, keyed hashes and sealed texts, all of which can be made worthless.

Keys come in generations, one a calendar month (UTC) in which predictions are received. The key of a generation
lies in the vault; from it follow three keys that never meet: for pseudonyms of references, for wrapping the keys of
subjects, and for texts about nobody in particular. A subject's own key is random and stands, wrapped, in its row:
erase the row's two fields and every hash and sealed text of that person is noise. When a generation's predictions
have all been dropped its key goes too, and with it what was left of its pseudonyms. A plain hash would not do: the
texts and references that people send are guessable (NIST SP 800-188, 3.2; GDPR article 4(5)).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from models_registry.vault.actions import NoSuchSecret, forget, keep, open_secret
from models_registry.vault.envelope import Owner, Secret

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MAKE_ONCE: Final = "SELECT pg_advisory_xact_lock(hashtext('lineage pseudonyms'))"


class GenerationGone(Exception):
    """The key of this month was destroyed with its predictions; nothing of it can be told any more."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one generation, in memory."""

    generation: date
    lookup: bytes = field(repr=False)
    wrapping: bytes = field(repr=False)
    texts: bytes = field(repr=False)

    def pseudonym(self, *, source_id: int, reference: str) -> bytes:
        """Return what stands for a source's reference to somebody in this generation."""
        return _hmac(self.lookup, f"{source_id}\x00".encode() + _bytes(reference))

    def wrap(self, key: bytes, *, pseudonym: bytes) -> bytes:
        """Return a subject's key, wrapped and bound to its pseudonym."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.wrapping).encrypt(nonce, key, pseudonym)

    def unwrap(self, wrapped: bytes, *, pseudonym: bytes) -> bytes:
        """Return a subject's key. Raises GenerationGone when it was not wrapped by this generation."""
        return _open(self.wrapping, wrapped, pseudonym)


def fresh_key() -> bytes:
    """Return a key for a subject who was not known."""
    return secrets.token_bytes(KEY_BYTES)


def hashed(text: str, *, key: bytes) -> bytes:
    """Return the keyed hash that stands for a text: equal texts of one key have equal hashes."""
    return _hmac(key, b"text\x00" + _bytes(text))


def sealed(text: str, *, key: bytes) -> bytes:
    """Return the text as only this key opens it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_hmac(key, b"seal")).encrypt(nonce, _bytes(text), b"prediction")


def unsealed(data: bytes, *, key: bytes) -> str:
    """Return a sealed text. Raises GenerationGone for another key."""
    return _open(_hmac(key, b"seal"), data, b"prediction").decode("utf-8", "surrogatepass")


def generation_of(at: datetime) -> date:
    """Return the month, as its first day, in which something is received."""
    return at.astimezone(UTC).date().replace(day=1)


def keys_at(at: datetime) -> Keys:
    """Return the keys of the generation that is current at this moment, made when it begins."""
    generation = generation_of(at)
    try:
        return keys_of(generation)
    except GenerationGone:
        return _made(generation, at)


def keys_of(generation: date) -> Keys:
    """Return the keys of a generation. Raises GenerationGone when there are none (any more)."""
    try:
        master = bytes.fromhex(open_secret(owner=_owner(generation)).reveal())
    except NoSuchSecret:
        raise GenerationGone(GenerationGone.__doc__) from None
    parts = (_hmac(master, name) for name in (b"lookup", b"wrapping", b"texts"))
    return Keys(generation, *parts)


def destroy_before(generation: date) -> int:
    """Destroy the keys of the ten years of generations before this one, for good; return how many there were."""
    months = (generation.year * 12 + generation.month - 1 - back for back in range(1, 121))
    return forget(owners=[_owner(date(month // 12, month % 12 + 1, 1)) for month in months])


@transaction.atomic
def _made(generation: date, at: datetime) -> Keys:
    """Make the key once, whoever comes first."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_ONCE)
    try:
        return keys_of(generation)
    except GenerationGone:
        keep(owner=_owner(generation), secret=Secret(secrets.token_hex(KEY_BYTES)), at=at)
        return keys_of(generation)


def _owner(generation: date) -> Owner:
    return Owner("lineage_subject", f"{generation:%Y-%m}", "generation")


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _open(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise GenerationGone("This was sealed under another key.") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
