"""Tokens by which Pub/Sub proves itself to a push endpoint: OpenID Connect, signed by Google with RS256.

Source: cloud.google.com/pubsub/docs/authenticate-push-subscriptions; RFC 7515 (JWS), RFC 7519 (claims). A source is
set up for them with ``google:EMAIL AUDIENCE`` in place of a secret: the service account that pushes, and the audience
that the subscription names. Neither is a secret, so the text itself proves nothing.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

PREFIX: Final = "google:"
ISSUERS: Final = frozenset({"https://accounts.google.com", "accounts.google.com"})
LEEWAY_S: Final = 60
LONGEST_LIFE_S: Final = 7_200
"""Google's tokens live an hour; one that claims to live much longer is not one of them."""
LONGEST: Final = 4_096

type Keys = Callable[[str], RSAPublicKey | None]
"""The public key of an identifier, None where Google has none of that name."""


class TokenRefused(Exception):
    """This token does not prove the sender. The message says why, without any part of the token."""


@dataclass(frozen=True, slots=True)
class Pusher:
    """Who may push: a service account, to an audience."""

    email: str
    audience: str


class _Head(msgspec.Struct):
    alg: str
    kid: str
    crit: object = None


class _Claims(msgspec.Struct):
    iss: str
    aud: str
    email: str
    email_verified: bool
    iat: int
    exp: int


_head, _claims = msgspec.json.Decoder(_Head), msgspec.json.Decoder(_Claims)


def pusher(text: str) -> Pusher:
    """Return what a text such as ``google:push@project.iam.gserviceaccount.com redline`` sets up. Raises ValueError."""
    email, _, audience = text.removeprefix(PREFIX).partition(" ")
    local, at, host = email.partition("@")
    if not text.startswith(PREFIX) or not (local and at and "." in host and audience.strip()) or not text.isprintable():
        raise ValueError("google:, the e-mail of a service account, a space, and an audience are needed")
    return Pusher(email, audience.strip())


def verify(*, token: str, pushers: Sequence[Pusher], keys: Keys, at: datetime) -> None:
    """Return when Google says that one of the accounts pushed to its audience. Raises TokenRefused."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST or not token.isascii():
        raise TokenRefused("it is not a token of Google")
    try:
        head, claims = _head.decode(_bytes(parts[0])), _claims.decode(_bytes(parts[1]))
        signature = _bytes(parts[2])
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise TokenRefused("it cannot be read as a token of Google") from None
    if head.alg != "RS256" or head.crit is not None:
        raise TokenRefused("it is not signed with RS256")
    key = keys(head.kid)
    if key is None:
        raise TokenRefused("Google has no key of the name that it bears")
    try:
        key.verify(signature, f"{parts[0]}.{parts[1]}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise TokenRefused("its signature is not Google's") from None
    _judge(claims, pushers, at)


def _judge(claims: _Claims, pushers: Sequence[Pusher], at: datetime) -> None:
    now = at.timestamp()
    if claims.iss not in ISSUERS:
        raise TokenRefused("its issuer is not Google")
    if not claims.iat - LEEWAY_S <= now < claims.exp + LEEWAY_S or claims.exp - claims.iat > LONGEST_LIFE_S:
        raise TokenRefused("its time is over, or has not come")
    if not claims.email_verified or Pusher(claims.email, claims.aud) not in pushers:
        raise TokenRefused("it is of another service account, or for another audience")


def _bytes(part: str) -> bytes:
    """Return the bytes of base64url without padding; nothing else is taken. Raises binascii.Error."""
    if "+" in part or "/" in part or "=" in part:
        raise binascii.Error
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
