"""A delivery tried at a source's door: verified and read as any other, and kept nowhere.

`…/trial` stands below a source's own address. Whoever holds the secret learns there what a body would give before
anything depends on it; the connect page sends its sample the same way.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models_registry.access.early import early
from models_registry.telemetry import actions, addresses, codings, door, refusals, samples, signatures, splitting
from models_registry.telemetry.adapters import cloudevents
from models_registry.telemetry.adapters.otlp_wire import SIGNAL_HEADER, Signal
from models_registry.telemetry.codings import Refused
from models_registry.telemetry.measuring import Read
from models_registry.telemetry.models import Source, SourceKind, TelemetryEvent
from models_registry.telemetry.readings import Reading
from models_registry.telemetry.source_actions import secrets_of
from models_registry.telemetry.splitting import Part

TOLD: Final = 100
"""How many measurements and problems of a part are told."""


@early
@csrf_exempt
@login_not_required
@require_POST
def trial(request: HttpRequest, path_token: str) -> HttpResponse:
    """Say what a delivery would give, and keep nothing of it; refuse what the door itself would refuse."""
    at = timezone.now()
    try:
        wire = door.read_body(request, largest=actions.MAX_EXPORT_BYTES)
        found = tried(path_token, wire, door.headers_of(request), at=at)
    except Refused as refusal:
        refusals.note(request, path_token=path_token, refusal=refusal, at=at)
        return door.problem(refusal)
    except Error:
        return door.problem(Refused(503, "E_UNAVAILABLE", "It could not be tried. Send it again.", retry_after_s=5))
    body = {"kept": False, "events": [_as_plain(each) for each in found]}
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def try_sample(*, source: Source, model: str, at: dt.datetime) -> Sequence[Read]:
    """Send the sample of its kind through the source's door, with the source's own secret, and keep nothing.

    Raises Refused when the door would not take it.
    """
    body, headers = samples.sample(kind=source.kind, model=model, at=at)
    secret = secrets_of(source)[0]
    if source.kind == SourceKind.STANDARD_WEBHOOKS and not secret.startswith(signatures.PUBLIC_PREFIX):
        headers |= signatures.sign(event_id=f"trial_{int(at.timestamp())}", at=at, body=body, secret=secret)
    else:
        headers["authorization"] = f"Bearer {secret}"
    return tried(source.path_token, body, headers, at=at)


def tried(path_token: str, wire: bytes, headers: dict[str, str], *, at: dt.datetime) -> list[Read]:
    """Return what each part of a delivery would give. Raises Refused."""
    address = addresses.current(path_token)
    if address is None:
        raise door.NO_SOURCE
    largest = actions.MAX_EXPORT_BYTES if address.kind in actions.LARGE_KINDS else actions.MAX_BODY_BYTES
    if len(wire) > largest:
        raise Refused(413, "E_TOO_LARGE", f"A body may have at most {largest // 1_048_576} MiB.")
    body = codings.inflate(wire, headers.get("content-encoding", ""), largest=largest)
    try:
        signatures.verify(address.kind, headers=headers, body=wire, secrets=address.secrets, at=at)
    except signatures.SignatureRefused as error:
        raise Refused(401, error.code, str(error)) from None
    except ValueError:
        raise Refused(401, "E_AUTH_WRONG", "This source's secret does not sign in this way.") from None
    source = Source.objects.get(pk=address.source_id)
    events = [
        TelemetryEvent(source=source, raw=part.body, headers=dict(part.headers), received_at=at, event_id="trial")
        for part in _parts(address.kind, body, headers)
    ]
    return actions.dry_run(events=events)


def _parts(kind: str, body: bytes, headers: dict[str, str]) -> list[Part]:
    kept = {name: value for name, value in headers.items() if name in actions.KEPT_HEADERS or name.startswith("ce-")}
    if kind == SourceKind.OPENTELEMETRY:
        return splitting.blocks(body, {SIGNAL_HEADER: Signal.METRICS.value, **kept})
    if "ce-id" in kept or kept.get("content-type", "").lower().startswith(cloudevents.FORMATS):
        return splitting.events(body, kept)
    return splitting.whole(body, kept)


def _as_plain(read: Read) -> dict[str, Any]:
    return {
        "measurements": [_reading(each) for each in ([] if read.problems else read.readings[:TOLD])],
        "problems": [{"reason": each.reason, "detail": each.message} for each in read.problems[:TOLD]],
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "model": reading.model,
        "metric": reading.metric,
        "value": reading.value,
        "unit": reading.unit,
        "environment": reading.environment,
        "segment": reading.segment,
        "observed_at": reading.observed_at.isoformat(),
    }
