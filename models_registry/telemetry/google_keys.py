"""Google's public keys, read through the house's own client and remembered.

They are asked for again when they are old, and when a token names one that is not known: at most once a minute, so
that nobody makes this house knock at Google's. Where Google does not answer, known keys hold for a day.
"""

import re
import threading
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from django.core.cache import cache
from django.utils import timezone

from models_registry.outbound.client import NotFetched, fetch
from models_registry.outbound.policy import policy

log = structlog.get_logger(__name__)

ADDRESS: Final = "https://www.googleapis.com/oauth2/v3/certs"
CACHED: Final = "telemetry.google_keys"
PATIENCE_S: Final = 5.0
"""A sender waits for its answer meanwhile."""
SHORTEST_S, USUAL_S, LONGEST_S = 300.0, 3_600.0, 86_400.0
AGAIN_S: Final = 60.0
SMALLEST_BITS: Final = 2_048


@dataclass(frozen=True, slots=True)
class Held:
    """Keys by their identifier: modulus and exponent. Times are seconds since 1970."""

    keys: Mapping[str, tuple[int, int]]
    read_at: float
    fresh_until: float


class _Key(msgspec.Struct):
    kid: str
    kty: str
    n: str = ""
    e: str = ""
    alg: str = "RS256"
    use: str = "sig"


class _KeySet(msgspec.Struct):
    keys: list[_Key]


_lock = threading.Lock()
_asked_at = 0.0


def key_named(kid: str) -> RSAPublicKey | None:
    """Return the key of an identifier, None where Google has none, or does not answer."""
    now = timezone.now().timestamp()
    held = _held()
    if held is None or now >= held.fresh_until or kid not in held.keys:
        held = _read_again(held, now)
    if held is None or now - held.read_at > LONGEST_S or kid not in held.keys:
        return None
    modulus, exponent = held.keys[kid]
    return RSAPublicNumbers(exponent, modulus).public_key()


def _held() -> Held | None:
    kept = cache.get(CACHED)
    if not isinstance(kept, dict):
        return None
    keys = {kid: (int(n), int(e)) for kid, (n, e) in kept["keys"].items()}
    return Held(keys, kept["read_at"], kept["fresh_until"])


def _read_again(held: Held | None, now: float) -> Held | None:
    """Ask Google, unless this process did a moment ago; one asks at a time."""
    global _asked_at
    with _lock:
        if now - _asked_at < AGAIN_S:
            return _held() or held
        _asked_at = now
        try:
            answer = fetch(
                method="GET",
                url=ADDRESS,
                headers={"Accept": "application/json"},
                body=b"",
                policy=replace(policy(), total_seconds=PATIENCE_S),
            )
            read = Held(read_keys(answer.body), now, now + _life(answer.headers)) if answer.status == 200 else None
        except (NotFetched, msgspec.DecodeError, ValueError) as error:
            log.warning("google_keys.not_read", error=str(error))
            return held
        if read is None or not read.keys:
            log.warning("google_keys.not_read", status=answer.status)
            return held
        kept: dict[str, Any] = {"keys": {kid: (str(n), str(e)) for kid, (n, e) in read.keys.items()}}
        cache.set(CACHED, {**kept, "read_at": read.read_at, "fresh_until": read.fresh_until}, timeout=LONGEST_S)
        return read


def read_keys(body: bytes) -> dict[str, tuple[int, int]]:
    """Return the RSA keys of a JWK set (RFC 7517) that may sign with RS256. Raises DecodeError and ValueError."""
    found = {}
    for key in msgspec.json.decode(body, type=_KeySet).keys:
        if key.kty == "RSA" and key.use == "sig" and key.alg == "RS256":
            modulus, exponent = _number(key.n), _number(key.e)
            if modulus.bit_length() >= SMALLEST_BITS and exponent >= 3 and exponent % 2:
                found[key.kid] = (modulus, exponent)
    return found


def _number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _life(headers: Mapping[str, str]) -> float:
    """Return for how long an answer may be remembered, as its Cache-Control says, within bounds."""
    said = re.search(r"max-age=(\d{1,9})", headers.get("cache-control", ""))
    return max(SHORTEST_S, min(float(said[1]) if said else USUAL_S, LONGEST_S))
