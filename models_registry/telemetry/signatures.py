"""Who sent a body: signatures over the raw bytes, and bearer tokens.

Every comparison is in constant time and over the bytes as received (never
re-serialised). A timestamp alone does not stop a replay: the event's id must be
unique in the database too.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from models_registry.telemetry import google_keys, google_tokens

TOLERANCE_SECONDS: Final = 300
PREFIX: Final = "whsec_"
PUBLIC_PREFIX: Final = "whpk_"
"""How a public Ed25519 key of Standard Webhooks begins: it verifies `v1a` signatures and is nobody's secret."""
HEADERS: Final = frozenset(
    {
        "authorization",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
        "x-arize-webhook-signature",
        "x-arize-webhook-timestamp",
        "x-mlflow-delivery-id",
        "x-mlflow-timestamp",
        "x-mlflow-signature",
        "x-wandb-signature",
        "x-grafana-alerting-signature",
        "x-grafana-alerting-timestamp",
    }
)
"""The headers that can prove a sender."""
_MAX_SIGNATURES: Final = 20


class SignatureRefused(Exception):
    """The sender could not be verified. `code` says why: E_AUTH_MISSING, E_AUTH_TIME or E_AUTH_WRONG."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def verify(kind: str, *, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Return when one of the secrets (current, next) proves the sender; raise SignatureRefused otherwise.

    A Standard Webhooks signature is taken from any kind of source, and is the only
    proof that a source of that kind may give; Arize may sign in its own way, Google by a token; every
    other kind may send a bearer token instead. A delivery that carries a signature
    is judged by it alone.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if "webhook-signature" in given or kind == "standard_webhooks":
        verify_standard(headers=given, body=body, secrets=secrets, at=at)
    elif kind == "arize" and "x-arize-webhook-signature" in given:
        verify_arize(headers=given, body=body, secrets=secrets, at=at)
    elif kind == "mlflow" and "x-mlflow-signature" in given:
        verify_mlflow(headers=given, body=body, secrets=secrets, at=at)
    elif kind == "wandb" and "x-wandb-signature" in given:
        verify_wandb(headers=given, body=body, secrets=secrets)
    elif kind == "grafana" and "x-grafana-alerting-signature" in given:
        verify_grafana(headers=given, body=body, secrets=secrets, at=at)
    elif kind == "vertex" and _bears_jwt(given) and any(one.startswith(google_tokens.PREFIX) for one in secrets):
        verify_google(headers=given, secrets=secrets, at=at)
    elif kind == "vertex" and "query-token" in given:
        verify_token(headers={"query-token": given["query-token"]}, secrets=secrets)
    else:
        given.pop("query-token", None)
        verify_token(headers=given, secrets=secrets, verbatim=kind == "arize")


def sign(*, event_id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """Return the three Standard Webhooks headers for an outgoing body. Raises ValueError on an id with a full stop."""
    if not event_id or "." in event_id:
        raise ValueError("an event id is not empty and has no full stop")
    timestamp = str(int(at.timestamp()))
    signature = base64.b64encode(_standard(secret, event_id, timestamp, body)).decode()
    return {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}


def verify_standard(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Verify Standard Webhooks 1.0.0: HMAC-SHA256 (`v1`) or Ed25519 (`v1a`) over `id.timestamp.body`."""
    if "webhook-signature" not in headers:
        raise SignatureRefused("E_AUTH_MISSING", "the webhook-signature is missing")
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event_id or "." in event_id:
        raise SignatureRefused("E_AUTH_MISSING", "the webhook-id is missing or has a full stop")
    _fresh(timestamp, at)
    signatures = headers["webhook-signature"].split()[:_MAX_SIGNATURES]
    if any(_is_signed(each, secrets, event_id, timestamp, body) for each in signatures if each.startswith("v1a,")):
        return
    claimed = [_bytes(each[3:], base64.b64decode) for each in signatures if each.startswith("v1,")]
    _match(claimed, [_standard(secret, event_id, timestamp, body) for secret in _secret(secrets)])


def verify_arize(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Verify Arize's `v1=<hex>` over `timestamp.body`, keyed with the secret's own characters."""
    timestamp = headers.get("x-arize-webhook-timestamp", "")
    _fresh(timestamp, at)
    signature = headers["x-arize-webhook-signature"]
    claimed = [_bytes(signature[3:], binascii.unhexlify)] if signature.startswith("v1=") else []
    _match(claimed, [_hmac(secret.encode(), timestamp.encode() + b"." + body) for secret in secrets])


def verify_mlflow(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Verify MLflow's `v1,<base64>` over `delivery_id.timestamp.body`, keyed with the secret's own characters."""
    delivery, timestamp = headers.get("x-mlflow-delivery-id", ""), headers.get("x-mlflow-timestamp", "")
    if not delivery:
        raise SignatureRefused("E_AUTH_MISSING", "the x-mlflow-delivery-id is missing")
    _fresh(timestamp, at)
    signature = headers["x-mlflow-signature"]
    claimed = [_bytes(signature[3:], base64.b64decode)] if signature.startswith("v1,") else []
    _match(claimed, [_hmac(secret.encode(), _message(delivery, timestamp, body)) for secret in _secret(secrets)])


def verify_wandb(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Verify W&B's signature of the body alone: base64 as documented, or hex as its receivers know it.

    It has no moment, so that a repeated delivery is told by its content only.
    """
    signature = headers["x-wandb-signature"].removeprefix("sha256=")
    claimed = [_bytes(signature, base64.b64decode), _bytes(signature, binascii.unhexlify)]
    _match(claimed, [_hmac(secret.encode(), body) for secret in _secret(secrets)])


def verify_grafana(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], at: datetime) -> None:
    """Verify Grafana's hex HMAC-SHA256 over the body, or over `timestamp:body` when its timestamp header is set."""
    signed = body
    if (timestamp := headers.get("x-grafana-alerting-timestamp")) is not None:
        _fresh(timestamp, at)
        signed = timestamp.encode() + b":" + body
    claimed = [_bytes(headers["x-grafana-alerting-signature"], binascii.unhexlify)]
    _match(claimed, [_hmac(secret.encode(), signed) for secret in _secret(secrets)])


def verify_google(*, headers: Mapping[str, str], secrets: Sequence[str], at: datetime) -> None:
    """Verify the token of Google by which Pub/Sub proves which service account pushes, and to which audience."""
    pushers = [google_tokens.pusher(one) for one in secrets if one.startswith(google_tokens.PREFIX)]
    token = headers["authorization"].partition(" ")[2].strip()
    try:
        google_tokens.verify(token=token, pushers=pushers, keys=google_keys.key_named, at=at)
    except google_tokens.TokenRefused as error:
        raise SignatureRefused("E_AUTH_WRONG", f"the token does not prove the sender: {error}") from None


def _bears_jwt(headers: Mapping[str, str]) -> bool:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and token.count(".") == 2


def verify_token(*, headers: Mapping[str, str], secrets: Sequence[str], verbatim: bool = False) -> None:
    """Verify `Authorization: Bearer <token>`, Basic with the token as password, or the bare token where it is verbatim.

    A platform that can set no header at all has the token in its address, which its door hands over as `query-token`.
    """
    header = headers.get("authorization", "")
    if not header and not headers.get("query-token"):
        raise SignatureRefused("E_AUTH_MISSING", "neither a signature nor a token was sent")
    scheme, _, rest = header.partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else header if verbatim else ""
    if scheme.lower() == "basic":
        token = _bytes(rest.strip(), base64.b64decode).decode("utf-8", "replace").partition(":")[2]
    if headers.get("query-token"):
        token = headers["query-token"]
    _match([_digest(token)] if token else [], [_digest(secret) for secret in _secret(secrets)])


def _secret(secrets: Sequence[str]) -> list[str]:
    """Return those that only the two sides know; a public key or a name proves nothing by being repeated."""
    return [secret for secret in secrets if not secret.startswith((PUBLIC_PREFIX, google_tokens.PREFIX))]


def _is_signed(signature: str, secrets: Sequence[str], event_id: str, timestamp: str, body: bytes) -> bool:
    """Say whether one of the public keys verifies a `v1a` signature."""
    claimed = _bytes(signature.removeprefix("v1a,"), base64.b64decode)
    message = _message(event_id, timestamp, body)
    for key in (public_key(secret) for secret in secrets if secret.startswith(PUBLIC_PREFIX)):
        try:
            key.verify(claimed, message)
        except InvalidSignature:
            continue
        return True
    return False


def public_key(secret: str) -> Ed25519PublicKey:
    """Return the key after `whpk_`. Raises ValueError when it is not base64 of 32 bytes."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(secret.removeprefix(PUBLIC_PREFIX), validate=True))


def _standard(secret: str, event_id: str, timestamp: str, body: bytes) -> bytes:
    return _hmac(_key(secret), _message(event_id, timestamp, body))


def _message(event_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{event_id}.{timestamp}.".encode("utf-8", "surrogatepass") + body


def _key(secret: str) -> bytes:
    """Return the key's bytes: base64 after `whsec_`. Raises ValueError when it is not base64."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def _fresh(timestamp: str, at: datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise SignatureRefused("E_AUTH_MISSING", "the timestamp is missing or not in Unix seconds")
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise SignatureRefused("E_AUTH_TIME", f"the timestamp is more than {TOLERANCE_SECONDS} s away")


def _match(claimed: Sequence[bytes], expected: Sequence[bytes]) -> None:
    """Compare every pair without stopping early, so that time tells nothing of which secret matched."""
    matches = [hmac.compare_digest(one, other) for one in claimed for other in expected]
    if not any(matches):
        raise SignatureRefused("E_AUTH_WRONG", "the signature or token does not match")


def _bytes(text: str, decode: Callable[[str], bytes]) -> bytes:
    try:
        return decode(text)
    except ValueError:
        return b""


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
