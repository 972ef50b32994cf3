"""The two addresses below a source's own that a stock Prometheus sends to.

`…/api/v2/alerts` stands where an Alertmanager would: Prometheus adds that path to the `path_prefix` it was
given. `…/api/v1/write` takes remote write 1.0 and 2.0. Prometheus tries again after 5xx and after nothing else,
so whatever may pass is a 5xx; what cannot be read is kept and held like any other event, and answered 2xx.
"""

from http import HTTPStatus
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models_registry.access.early import early
from models_registry.telemetry import actions, door, refusals
from models_registry.telemetry.adapters import remote_write
from models_registry.telemetry.codings import Refused
from models_registry.telemetry.models import SourceKind

WRITTEN: Final = "X-Prometheus-Remote-Write-{}-Written"
LATER: Final = Refused(503, "E_UNAVAILABLE", "The event could not be kept. Send it again.", retry_after_s=5)


@early
@csrf_exempt
@login_not_required
@require_POST
def alerts(request: HttpRequest, path_token: str) -> HttpResponse:
    """Keep a batch of alerts and answer 200 with nothing, as an Alertmanager does."""
    try:
        headers, wire = door.headers_of(request), door.read_body(request)
        door.deliver(path_token, wire, headers, at=timezone.now(), kind=SourceKind.PROMETHEUS)
    except Refused as refusal:
        refusals.note(request, path_token=path_token, refusal=refusal, at=timezone.now())
        return door.problem(refusal)
    except Error:
        return door.problem(LATER)
    return HttpResponse(status=HTTPStatus.OK)


@early
@csrf_exempt
@login_not_required
@require_POST
def write(request: HttpRequest, path_token: str) -> HttpResponse:
    """Keep a batch of samples and answer 204; the headers say how many were taken, as version 2.0 asks."""
    try:
        return _write(request, path_token)
    except Refused as refusal:
        refusals.note(request, path_token=path_token, refusal=refusal, at=timezone.now())
        return door.problem(refusal)
    except Error:
        return door.problem(LATER)


def _write(request: HttpRequest, path_token: str) -> HttpResponse:
    headers = door.headers_of(request)
    version = remote_write.message_version(headers.get("content-type") or remote_write.PROTOBUF)
    if version is None:
        raise Refused(415, "E_FORMAT", "Remote write is application/x-protobuf, version 1.0 or 2.0.")
    if headers.pop("content-encoding", "snappy").strip().lower() != "snappy":
        raise Refused(415, "E_CODING", "Remote write is packed with snappy, in its block format.")
    headers.setdefault("content-type", remote_write.PROTOBUF)
    largest = actions.MAX_EXPORT_BYTES
    wire = door.read_body(request, largest=largest)
    door.deliver(path_token, wire, headers, at=timezone.now(), kind=SourceKind.PROMETHEUS, largest=largest)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    if version == 2:
        taken = remote_write.count(wire, version=version)
        response[WRITTEN.format("Samples")] = str(taken.samples)
        response[WRITTEN.format("Histograms")] = str(taken.histograms)
        response[WRITTEN.format("Exemplars")] = str(taken.exemplars)
    return response
