"""The OTLP/HTTP receiver (opentelemetry-proto, docs/specification.md): /v1/metrics, /v1/logs and /v1/traces.

An export is kept first and read by the line, like every event; traces and logs without their texts, which are cut
out before (`withholding`). After the commit it is looked at once more so that the sender learns at once what cannot
be read: 400 when it is no export at all, a partial success when parts of it are held. Only 429, 502, 503 and 504
make a sender try again, so an error of ours is a 503.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models_registry.access.early import early
from models_registry.telemetry import actions, door, refusals, splitting, withholding
from models_registry.telemetry.adapters import opentelemetry, otlp_wire
from models_registry.telemetry.adapters.otlp_wire import Signal, Undecodable
from models_registry.telemetry.codings import Refused
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.splitting import Part

JSON: Final = "application/json"
REJECTED: Final = {
    Signal.METRICS: "rejectedDataPoints",
    Signal.LOGS: "rejectedLogRecords",
    Signal.TRACES: "rejectedSpans",
}
STATUS_CODES: Final = {400: 3, 401: 16, 404: 5, 413: 8, 415: 3, 429: 8, 503: 14}
"""What `google.rpc.Code` says for an HTTP status."""
PROBLEMS_TOLD: Final = 5


@early
@csrf_exempt
@login_not_required
@require_POST
def export(request: HttpRequest, signal: str, path_token: str = "") -> HttpResponse:
    """Keep one export and answer 200 after it is committed, in the content type that it came in.

    Without a ``path_token`` in the address, the credentials begin with it: `Bearer <address>.<secret>`, or Basic
    with the address as user and the secret as password.
    """
    content_type = otlp_wire.media_type(request.META.get("CONTENT_TYPE", ""))
    try:
        return _export(request, Signal(signal), path_token, content_type)
    except Refused as refusal:
        refusals.note(request, path_token=path_token or _named(request), refusal=refusal, at=timezone.now())
        return _refused(refusal, content_type)
    except Error:
        return _refused(Refused(503, "E_UNAVAILABLE", "It could not be kept.", retry_after_s=5), content_type)


@early
@csrf_exempt
@login_not_required
def nothing_here(request: HttpRequest, path_token: str, place: str = "") -> HttpResponse:
    """Say to whoever sends to the endpoint itself that exporters add the signal's path to it."""
    refusal = Refused(404, "E_NO_SOURCE", "Exporters send to /v1/metrics, /v1/logs or /v1/traces below.")
    refusals.note(request, path_token=path_token, refusal=refusal, at=timezone.now(), place=place)
    return _refused(refusal, JSON)


def _export(request: HttpRequest, signal: Signal, path_token: str, content_type: str) -> HttpResponse:
    if content_type not in (*otlp_wire.PROTOBUF, JSON):
        raise Refused(415, "E_FORMAT", "An export is application/x-protobuf or application/json.")
    at = timezone.now()
    wire = door.read_body(request, largest=actions.MAX_EXPORT_BYTES)
    headers = {**door.headers_of(request), otlp_wire.SIGNAL_HEADER: signal.value}
    kept: list[Part] = []

    def split(body: bytes, given: Mapping[str, str]) -> list[Part]:
        kept[:] = splitting.blocks(body, given)
        return [withholding.without_texts(part) for part in kept]

    token, headers = (path_token, headers) if path_token else credentials(headers)
    door.deliver(
        token,
        wire,
        headers,
        at=at,
        split=split,
        kind=SourceKind.OPENTELEMETRY,
        largest=actions.MAX_EXPORT_BYTES,
    )
    return _answered(signal, content_type, *_looked_at(kept, signal, at))


def credentials(headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the address's token and the headers with the secret alone: `Bearer <address>.<secret>`, or Basic.

    Raises Refused when they are not there.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            token, _, secret = given.strip().partition(".")
        case "basic":
            token, _, secret = _unpacked(given).partition(":")
        case _:
            token = secret = ""
    if not token or not secret:
        raise Refused(401, "E_AUTH_MISSING", "Send Authorization: Bearer <address>.<secret>.")
    return token, {**headers, "authorization": f"Bearer {secret}"}


def _named(request: HttpRequest) -> str:
    """Return the address that the credentials of an export begin with; nothing where there is none."""
    try:
        return credentials({"authorization": request.headers.get("Authorization", "")})[0]
    except Refused:
        return ""


def _unpacked(given: str) -> str:
    try:
        return base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _looked_at(parts: Sequence[Part], signal: Signal, at: dt.datetime) -> tuple[int, str]:
    """Return how many items of the kept parts are held, and why. Raises Refused when none of it is an export."""
    held, reasons = 0, []
    for part in parts:
        try:
            opentelemetry.read(part.body, headers=part.headers, mapping=None, received_at=at)
        except Undecodable as error:
            raise Refused(400, "E_EXPORT", f"Counted and held, but it cannot be read: {error}") from None
        except Unreadable as error:
            _, message = otlp_wire.decode(part.body, headers=part.headers)
            held += otlp_wire.item_count(signal, message)
            reasons += [f"{each.reason} {each.message}" for each in error.problems]
    return held, "; ".join(reasons[:PROBLEMS_TOLD])


def _answered(signal: Signal, content_type: str, held: int, why: str) -> HttpResponse:
    """Return 200: the empty message, or a partial success. What is held was kept; sending it again adds nothing."""
    told = f"Kept and held until it can be read: {why}" if held else ""
    if content_type == JSON:
        body = {"partialSuccess": {REJECTED[signal]: str(held), "errorMessage": told}} if held else {}
        return HttpResponse(msgspec.json.encode(body), content_type=JSON)
    partial = _varint(0x08, held) + _text(0x12, told) if held else b""
    return HttpResponse(_bytes(0x0A, partial) if held else b"", content_type=content_type)


def _refused(refusal: Refused, content_type: str) -> HttpResponse:
    """Return the refusal with a `google.rpc.Status`, in protobuf when the export was."""
    code, detail = STATUS_CODES[refusal.status], f"{refusal.code}: {refusal.detail}"
    if content_type in otlp_wire.PROTOBUF:
        body, kind = _varint(0x08, code) + _text(0x12, detail), content_type
    else:
        body, kind = msgspec.json.encode({"code": code, "message": detail}), JSON
    response = HttpResponse(body, content_type=kind, status=refusal.status)
    if refusal.retry_after_s is not None:
        response["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="redline telemetry"'
    return response


def _text(tag: int, text: str) -> bytes:
    return _bytes(tag, text.encode("utf-8", "replace"))


def _bytes(tag: int, held: bytes) -> bytes:
    return _varint(tag, len(held)) + held


def _varint(tag: int, number: int) -> bytes:
    """Return a tag and a number of the protobuf encoding, seven bits at a time."""
    out = bytearray([tag])
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
