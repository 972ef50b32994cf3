"""The way in for telemetry: a plain view over raw bytes, because nothing is parsed before it is kept."""

import datetime as dt
import zlib
from http import HTTPStatus

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models_registry.access.early import early
from models_registry.telemetry import actions, addresses, backlog, signatures
from models_registry.telemetry.addresses import Address
from models_registry.telemetry.models import SourceKind

BACKLOG_LIMIT = 50_000
RETRY_AFTER_S = 30
DROPS_ON_429 = {SourceKind.ALERTMANAGER.value: 503}
"""Senders for which a 429 is the end of a delivery, and what makes them try again (Alertmanager, notify/util.go)."""


class Refused(Exception):
    """The delivery is not taken. Carries the status and, for 429 and 503, when to try again."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after_s = status, code, detail, retry_after_s


WANTED = tuple(
    (name.upper().replace("-", "_") if name == "content-type" else "HTTP_" + name.upper().replace("-", "_"), name)
    for name in sorted(actions.KEPT_HEADERS | signatures.HEADERS | {"content-encoding"})
)
"""The headers that mean something here, by WSGI's name and by their own."""

NO_SOURCE = Refused(404, "E_NO_SOURCE", "No source receives at this address.")


@early
@csrf_exempt
@login_not_required
@require_POST
def ingest(request: HttpRequest, path_token: str) -> HttpResponse:
    """Keep one delivery and answer 202 after it is committed; 4xx when it is not taken, 503 to try again."""
    try:
        return _keep(request, path_token)
    except Refused as refusal:
        return _problem(refusal)
    except Error:
        return _problem(Refused(503, "E_UNAVAILABLE", "The event could not be kept. Send it again.", retry_after_s=5))


def _keep(request: HttpRequest, path_token: str) -> HttpResponse:
    at = timezone.now()
    wire = read_body(request)
    headers = _headers(request)
    address = addresses.remembered(path_token)
    if address is None:
        raise NO_SOURCE
    body = inflate(wire, headers.get("content-encoding", ""))
    receipt = _through(address, path_token, wire, body, headers, at)
    answer = {"receipt": receipt.event_pk, "event_id": receipt.event_id, "duplicate": receipt.duplicate}
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json", status=HTTPStatus.ACCEPTED)


def read_body(request: HttpRequest) -> bytes:
    """Return the raw body of at most 1 MiB; refuse by the declared length first, then by the bytes read."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isascii() and declared.isdecimal() and int(declared[:12]) > actions.MAX_BODY_BYTES:
        raise Refused(413, "E_TOO_LARGE", "A body may have at most 1 MiB.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise Refused(413, "E_TOO_LARGE", "A body may have at most 1 MiB.") from None
    except UnreadablePostError:
        raise Refused(400, "E_CUT_OFF", "The body ended early.") from None
    if len(body) > actions.MAX_BODY_BYTES:
        raise Refused(413, "E_TOO_LARGE", "A body may have at most 1 MiB.")
    return body


def inflate(body: bytes, encoding: str) -> bytes:
    """Return the body without its gzip coding, never inflating more than 1 MiB."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding != "gzip":
        raise Refused(415, "E_CODING", "The only content coding taken is gzip.")
    inflator = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflator.decompress(body, actions.MAX_BODY_BYTES + 1)
    except zlib.error:
        raise Refused(400, "E_CODING", "The body is not gzip.") from None
    if len(plain) > actions.MAX_BODY_BYTES:
        raise Refused(413, "E_TOO_LARGE", "The inflated body has more than 1 MiB.")
    if not inflator.eof or inflator.unused_data:
        raise Refused(400, "E_CODING", "The gzip body is cut off or has more than one member.")
    return plain


def _headers(request: HttpRequest) -> dict[str, str]:
    """Return the headers that the door looks at, by their names in lower case."""
    return {name: request.META[key] for key, name in WANTED if key in request.META}


def _through(
    address: Address, path_token: str, wire: bytes, body: bytes, headers: dict[str, str], at: dt.datetime
) -> actions.Receipt:
    """Verify and keep. What was remembered of the address is looked up again before anything is refused on it."""
    try:
        return _admit(address, wire, body, headers, at)
    except (signatures.SignatureRefused, ValueError, actions.AddressChanged) as first:
        fresh = addresses.current(path_token)
        if fresh is None:
            raise NO_SOURCE from None
        if fresh is address:
            raise _translated(first) from None
    try:
        return _admit(fresh, wire, body, headers, at)
    except (signatures.SignatureRefused, ValueError, actions.AddressChanged) as second:
        raise _translated(second) from None


def _admit(address: Address, wire: bytes, body: bytes, headers: dict[str, str], at: dt.datetime) -> actions.Receipt:
    signatures.verify(address.kind, headers=headers, body=wire, secrets=address.secrets, at=at)
    if backlog.is_full(source_id=address.source_id, limit=BACKLOG_LIMIT):
        status = DROPS_ON_429.get(address.kind, 429)
        raise Refused(status, "E_BACKLOG", "Too many events of this source wait.", retry_after_s=RETRY_AFTER_S)
    return actions.admit(address=address, body=body, headers=headers, at=at)


def _translated(error: Exception) -> Refused:
    match error:
        case signatures.SignatureRefused():
            return Refused(401, error.code, str(error))
        case actions.AddressChanged():
            return Refused(503, "E_UNAVAILABLE", "The source is being changed. Send it again.", retry_after_s=1)
    return Refused(401, "E_AUTH_WRONG", "This source's secret does not sign in this way.")


def _problem(refusal: Refused) -> HttpResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    response = JsonResponse(body, status=refusal.status, content_type="application/problem+json")
    if refusal.retry_after_s is not None:
        response["Retry-After"] = str(refusal.retry_after_s)
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="redline telemetry"'
    return response
