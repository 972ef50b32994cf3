"""The ways in for predictions: by token, or with the secret of a source. Nothing of a refused body is kept."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from models_registry.lineage import prediction_actions
from models_registry.lineage.prediction_actions import Receipt
from models_registry.telemetry import addresses, codings, door, refusals, signatures
from models_registry.telemetry.door import Refused
from models_registry.telemetry.models import Source
from models_registry.telemetry.readings import MAX_PROBLEMS, Problem, Unreadable

MOST_BYTES = 16 * 1_048_576
"""Of a body without its gzip coding; on the wire the house's limit of 1 MiB holds."""

KEEP_GOOD = "good"


@csrf_exempt
@login_not_required
@require_POST
def ingest(request: HttpRequest, path_token: str) -> HttpResponse:
    """Keep the predictions of a source that proves itself by its secret; answer after the commit."""
    at = timezone.now()
    try:
        wire = door.read_body(request)
        address = addresses.current(path_token)
        if address is None:
            raise door.NO_SOURCE
        try:
            signatures.verify(address.kind, headers=request.headers, body=wire, secrets=address.secrets, at=at)
        except signatures.SignatureRefused as refused:
            raise Refused(401, refused.code, str(refused)) from None
        except ValueError:
            raise Refused(401, "E_AUTH_WRONG", "This source's secret does not sign in this way.") from None
        source = Source.objects.get(pk=address.source_id)
        status, answer = kept(request, wire=wire, source=source)
    except Refused as refusal:
        refusals.note(request, path_token=path_token, refusal=refusal, at=at, place="predictions")
        status, answer = refusal.status, problem_of(refusal.status, refusal.detail, code=refusal.code)
    except Error:
        status, answer = 503, problem_of(503, "The predictions could not be kept. Send them again.")
    kind = "application/json" if status < HTTPStatus.BAD_REQUEST else "application/problem+json"
    response = HttpResponse(msgspec.json.encode(answer), content_type=kind, status=status)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = "5"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="redline telemetry"'
    return response


def kept(request: HttpRequest, *, wire: bytes, source: Source) -> tuple[int, dict[str, Any]]:
    """Return the status and the answer to a body that its sender may send. Raises Refused."""
    body = codings.inflate(wire, request.headers.get("Content-Encoding", ""), largest=MOST_BYTES)
    keep_good = request.GET.get("keep") == KEEP_GOOD
    try:
        receipt = prediction_actions.receive(source=source, body=body, at=timezone.now(), keep_good=keep_good)
    except Unreadable as unreadable:
        text = "Nothing was kept: some predictions cannot be read. Correct them, or send ?keep=good to keep the others."
        whole = all(not problem.path for problem in unreadable.problems)
        detail = "The body is not a list of predictions." if whole else text
        return 400, problem_of(400, detail, errors=errors_of(unreadable.problems, unreadable.problem_count))
    return 200, answer_of(receipt)


def answer_of(receipt: Receipt) -> dict[str, Any]:
    """Return what became of a body, as senders read it."""
    return {
        "received": receipt.received,
        "kept": receipt.kept,
        "duplicates": receipt.duplicates,
        "orphans": receipt.orphans,
        "refused": receipt.refused,
        "errors": errors_of(receipt.problems, len(receipt.problems)),
    }


def errors_of(problems: Sequence[Problem], count: int) -> list[dict[str, str]]:
    """Return the first hundred problems by place and field; a last one says how many more there are."""
    shown = [
        {"pointer": f"#{problem.path}", "code": problem.code, "detail": problem.message}
        for problem in problems[:MAX_PROBLEMS]
    ]
    more = count - len(shown)
    return [*shown, {"pointer": "#", "code": "E_MORE", "detail": f"{more} more"}] if more > 0 else shown


def problem_of(
    status: int, detail: str, *, code: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Return problem details (RFC 9457)."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return body | ({"code": code} if code else {}) | ({"errors": errors} if errors else {})
