"""The way in for telemetry: a plain view over raw bytes, because nothing is parsed before it is kept."""

import datetime as dt
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from models_registry.access.early import early
from models_registry.telemetry import actions, addresses, backlog, codings, refusals, sightings, signatures, splitting
from models_registry.telemetry.adapters import azure_ml, cloudevents
from models_registry.telemetry.addresses import Address
from models_registry.telemetry.models import SourceKind
from models_registry.telemetry.splitting import Part

BACKLOG_LIMIT = 50_000
RETRY_AFTER_S = 30
DROPS_ON_429 = dict.fromkeys(
    (
        SourceKind.ALERTMANAGER.value,  # notify/util.go
        SourceKind.PROMETHEUS.value,  # retry_on_http_429 is off unless somebody turned it on
        SourceKind.GRAFANA.value,
        SourceKind.DATADOG.value,  # 5xx and connection failures only
        SourceKind.WANDB.value,
        SourceKind.OPENTELEMETRY.value,  # older exporters try again after 5xx alone
    ),
    503,
)
"""Senders for which a 429 is or may be the end of a delivery, and what makes them try again."""
SOONER: Final = {SourceKind.OPENTELEMETRY.value: 3}
"""An exporter gives a batch up when it should wait for longer than is left of its timeout, 10 s unless set."""


Refused = codings.Refused
type Split = Callable[[bytes, Mapping[str, str]], list[Part]]

WANTED = tuple(
    (name.upper().replace("-", "_") if name == "content-type" else "HTTP_" + name.upper().replace("-", "_"), name)
    for name in sorted(actions.KEPT_HEADERS | signatures.HEADERS | {"content-encoding"})
)
"""The headers that mean something here, by WSGI's name and by their own."""
CLOUD_EVENT, CLOUD_EVENT_ID = "HTTP_CE_", "HTTP_CE_ID"
ARRIVED: Final = "redline.arrived_at"
"""Under which the environment of a request says when it came, where somebody looked at it before the door did."""
MOST_ATTRIBUTES = 50
SUBSCRIBES = "SubscriptionValidation"
"""What Event Grid's header says when a new subscription wants its code back."""

NO_SOURCE: Final = Refused(404, "E_NO_SOURCE", "No source receives at this address.")
NO_EXPORTS: Final = Refused(404, "E_NO_SOURCE", "Exporters send to /v1/metrics, /v1/logs or /v1/traces.")
"""Only there what people wrote is cut out of an export before it is kept."""


@early
@csrf_exempt
@login_not_required
@require_http_methods(["POST", "OPTIONS"])
def ingest(request: HttpRequest, path_token: str) -> HttpResponse:
    """Keep one delivery and answer 202 after it is committed; 4xx when it is not taken, 503 to try again.

    OPTIONS is how a sender of CloudEvents asks beforehand whether it may send here.
    """
    try:
        return _keep(request, path_token) if request.method == "POST" else _consent(request, path_token)
    except Refused as refusal:
        refusals.note(request, path_token=path_token, refusal=refusal, at=timezone.now())
        return problem(refusal)
    except Error:
        return problem(Refused(503, "E_UNAVAILABLE", "The event could not be kept. Send it again.", retry_after_s=5))


@early
@csrf_exempt
@login_not_required
def elsewhere(request: HttpRequest, path_token: str, place: str) -> HttpResponse:
    """Say that a source's address ends before this, and remember who tried."""
    refusal = Refused(404, "E_NO_SOURCE", "Nothing receives here. A source's address ends after its token and a slash.")
    refusals.note(request, path_token=path_token, refusal=refusal, at=timezone.now(), place=place)
    return problem(refusal)


def _keep(request: HttpRequest, path_token: str) -> HttpResponse:
    at = request.META.get(ARRIVED) or timezone.now()
    wire = read_body(request)
    headers = headers_of(request)
    content_type = headers.get("content-type", "").lower()
    is_cloud_event = "ce-id" in headers or content_type.startswith(cloudevents.FORMATS)
    if is_cloud_event:
        _check_format(content_type)
    receipts = deliver(path_token, wire, headers, at=at, split=splitting.events if is_cloud_event else splitting.whole)
    if is_cloud_event:
        return HttpResponse(status=HTTPStatus.ACCEPTED)
    receipt = receipts[0]
    if headers.get("aeg-event-type") == SUBSCRIBES and (code := azure_ml.validation_code(wire)):
        return JsonResponse({"validationResponse": code})
    return HttpResponse(told(receipt), content_type="application/json", status=HTTPStatus.ACCEPTED)


def told(receipt: actions.Receipt) -> bytes:
    """Return what a sender is told of what was kept."""
    answer = {"receipt": receipt.event_pk, "event_id": receipt.event_id, "duplicate": receipt.duplicate}
    return msgspec.json.encode(answer)


def _consent(request: HttpRequest, path_token: str) -> HttpResponse:
    """Answer the validation of CloudEvents webhooks (http-webhook.md, 4): whoever knows the address may send.

    The callback that a sender may offer instead is never called.
    """
    if addresses.remembered(path_token) is None:
        raise NO_SOURCE
    response = HttpResponse(headers={"Allow": "POST, OPTIONS"})
    if origin := request.headers.get("WebHook-Request-Origin", ""):
        response["WebHook-Allowed-Origin"] = origin if origin.isprintable() else "*"
        response["WebHook-Allowed-Rate"] = "*"
    return response


def _check_format(content_type: str) -> None:
    """Refuse an event format that is not JSON, as the HTTP binding of CloudEvents asks (3.)."""
    media = content_type.partition(";")[0].strip()
    if media.startswith(cloudevents.FORMATS) and media not in (cloudevents.STRUCTURED, cloudevents.BATCH):
        raise Refused(415, "E_FORMAT", "The only format of CloudEvents taken is JSON.")


def read_body(request: HttpRequest, *, largest: int = actions.MAX_BODY_BYTES) -> bytes:
    """Return the raw body of at most ``largest`` bytes; refuse by the declared length, then by the bytes read."""
    too_large = Refused(413, "E_TOO_LARGE", f"A body may have at most {largest // 1_048_576} MiB.")
    declared = request.META.get("CONTENT_LENGTH") or "0"
    length = int(declared[:12]) if declared.isascii() and declared.isdecimal() else 0
    if length > largest:
        raise too_large
    try:
        body: bytes = request.body if length <= actions.MAX_BODY_BYTES else request.read(length)
    except RequestDataTooBig:
        raise too_large from None
    except UnreadablePostError:
        raise Refused(400, "E_CUT_OFF", "The body ended early.") from None
    if len(body) > largest:
        raise too_large
    if len(body) < length > actions.MAX_BODY_BYTES:
        raise Refused(400, "E_CUT_OFF", "The body ended early.")
    return body


def deliver(
    path_token: str,
    wire: bytes,
    headers: dict[str, str],
    *,
    at: dt.datetime,
    split: Split = splitting.whole,
    kind: SourceKind | None = None,
    largest: int = actions.MAX_BODY_BYTES,
) -> list[actions.Receipt]:
    """Keep what was sent to an address, each part as one event, and return their receipts after the commit.

    ``wire`` is the body as it was sent and signed; ``kind`` is what the source must be. Raises Refused.
    """
    address = addresses.remembered(path_token)
    if address is None or kind not in (None, address.kind):
        raise NO_SOURCE
    if kind is None and address.kind == SourceKind.OPENTELEMETRY:
        raise NO_EXPORTS
    body = codings.inflate(wire, headers.get("content-encoding", ""), largest=largest)
    return _through(address, path_token, wire, body, headers, split, at)


def headers_of(request: HttpRequest) -> dict[str, str]:
    """Return the headers that a door looks at, by their names in lower case."""
    found = headers_in(request.META)
    if CLOUD_EVENT_ID in request.META:
        own = [key for key in request.META if key.startswith(CLOUD_EVENT)][:MOST_ATTRIBUTES]
        found |= {key.removeprefix("HTTP_").replace("_", "-").lower(): request.META[key] for key in own}
    if request.META.get("QUERY_STRING", "").startswith("token="):
        found["query-token"] = request.GET["token"]
    return found


def headers_in(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that mean something to a door, by their names in lower case."""
    return {name: environ[key] for key, name in WANTED if key in environ}


def _through(
    address: Address,
    path_token: str,
    wire: bytes,
    body: bytes,
    headers: dict[str, str],
    split: Split,
    at: dt.datetime,
) -> list[actions.Receipt]:
    """Verify and keep. What was remembered of the address is looked up again before anything is refused on it."""
    try:
        return _admit(address, wire, body, headers, split, at)
    except (signatures.SignatureRefused, ValueError, actions.AddressChanged) as first:
        fresh = addresses.current(path_token)
        if fresh is None:
            raise NO_SOURCE from None
        if fresh is address:
            raise _translated(first) from None
    try:
        return _admit(fresh, wire, body, headers, split, at)
    except (signatures.SignatureRefused, ValueError, actions.AddressChanged) as second:
        raise _translated(second) from None


def _admit(
    address: Address, wire: bytes, body: bytes, headers: dict[str, str], split: Split, at: dt.datetime
) -> list[actions.Receipt]:
    signatures.verify(address.kind, headers=headers, body=wire, secrets=address.secrets, at=at)
    if backlog.is_full(source_id=address.source_id, limit=BACKLOG_LIMIT):
        raise full(address.kind)
    parts = split(body, headers)
    if address.polled:
        parts = [
            piece
            for part in parts
            for piece in splitting.cut(part, sightings.pieces(kind=address.kind, body=part.body))
        ]
    if len(parts) > 1:
        return actions.admit_all(address=address, parts=parts, at=at)
    return [actions.admit(address=address, body=parts[0].body, headers=parts[0].headers, at=at)]


def full(kind: str) -> Refused:
    """Return how a sender of this kind is told to come again because too many of its events wait."""
    wait = SOONER.get(kind, RETRY_AFTER_S)
    return Refused(DROPS_ON_429.get(kind, 429), "E_BACKLOG", "Too many events of this source wait.", retry_after_s=wait)


def _translated(error: Exception) -> Refused:
    match error:
        case signatures.SignatureRefused():
            return Refused(401, error.code, str(error))
        case actions.AddressChanged():
            return Refused(503, "E_UNAVAILABLE", "The source is being changed. Send it again.", retry_after_s=1)
    return Refused(401, "E_AUTH_WRONG", "This source's secret does not sign in this way.")


def problem(refusal: Refused) -> HttpResponse:
    """Return the answer to a delivery that is not taken."""
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
