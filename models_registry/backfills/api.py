"""The API of backfills: a file comes in pieces, each at its offset, is previewed, started, followed and ended."""

import base64
import binascii
import re
from typing import Any, cast

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.downloads import csv_response
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate_together
from models_registry.access.permissions import Permission
from models_registry.access.problem import problem
from models_registry.backfills import actions, progress, uploading, wire
from models_registry.backfills.models import Backfill
from models_registry.backfills.preview import preview
from models_registry.telemetry.models import Source, SourceKind

WRITE = Permission.TELEMETRY_WRITE
OFFSET, CONTENT_DIGEST = "Upload-Offset", "Content-Digest"
_DIGEST = re.compile(r"\s*sha-256=:([A-Za-z0-9+/=]{44}):\s*")
REJECTED_HEADER = ("row", "column", "code", "reason", "text")


class Bytes(BaseParser):
    """Leaves the body as it came."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the bytes."""
        body: bytes = stream.read()
        return body


class BackfillList(ApiView):
    """Backfills."""

    permission = WRITE

    @extend_schema(responses=wire.BackfillOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of backfills, newest first."""
        return paginate_together(request, Backfill.objects.select_related("source"), wire.backfills)

    @extend_schema(
        request=wire.BackfillInput,
        responses={201: wire.BackfillOutput, 200: wire.BackfillOutput},
        examples=[OpenApiExample("A file", wire.EXAMPLE, request_only=True)],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin to bring in a file of history. With its digest, an upload that was begun before goes on (200)."""
        asked = wire.checked(wire.BackfillInput(data=request.data))
        source = Source.objects.filter(slug=asked["source"], kind=SourceKind.BACKFILL).first()
        if source is None:
            raise ValidationError({"source": ["No source for files of history is called so."]})
        found, is_new = uploading.begin_upload(
            by=request.user, at=timezone.now(), source=source, file_name=asked["file_name"],
            size=asked["size"], digest=asked.get("sha256", ""),
        )  # fmt: skip
        return Response(wire.backfill(found), status=201 if is_new else 200)


class BackfillDetail(ApiView):
    """One backfill."""

    permission = WRITE

    @extend_schema(responses=wire.BackfillOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return where a backfill stands; `received` is the offset of the next byte while it uploads."""
        return Response(wire.backfill(_found(pk)))


class BackfillFile(ApiView):
    """The file of a backfill."""

    permission = WRITE
    parser_classes = (Bytes,)

    @extend_schema(
        request={"application/octet-stream": bytes},
        responses=wire.BackfillOutput,
        parameters=[
            OpenApiParameter(
                OFFSET, {"type": "integer", "minimum": 0}, OpenApiParameter.HEADER, required=True,
                description="Where in the file this piece begins: `received` of the backfill.",
            ),
            OpenApiParameter(
                CONTENT_DIGEST, str, OpenApiParameter.HEADER,
                description="The SHA-256 of this piece, as RFC 9530 writes it: `sha-256=:…:`.",
            ),
        ],
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        """Keep the next piece: 64 KiB to 1 MiB, the last one may be smaller. 409 names the offset that is missing.

        A piece that came before is answered and kept once. With the last piece the file's digest is proved (422
        when it differs, and the file begins anew), and its columns are read.
        """
        declared = request.META.get("CONTENT_LENGTH") or "0"
        if not declared.isdecimal() or int(declared[:12]) > uploading.LARGEST_PIECE:
            return problem(413, "A piece may have at most 1 MiB.")
        found, content = _found(pk), cast(object, request.data)
        if not isinstance(content, bytes):
            raise ValidationError({"body": ["The bytes of the piece."]})
        try:
            found = uploading.append(
                by=request.user, backfill=found, offset=_offset(request), content=content, digest=_digest(request)
            )
            if found.received == found.size:
                found = uploading.finish_upload(by=request.user, at=timezone.now(), backfill=found)
        except uploading.WrongOffset as wrong:
            answer = problem(409, str(wrong))
            answer[OFFSET] = str(wrong.expected)
            return answer
        return Response(wire.backfill(found))


class BackfillPreview(ApiView):
    """What starting would do."""

    permission = WRITE

    @extend_schema(request=wire.PlanInput, responses=wire.PreviewOutput)
    def post(self, request: Request, pk: int) -> Response:
        """Return what the first rows would give under a plan, or under the guessed one; nothing is kept."""
        found = _ready(pk)
        plan = wire.plan_of(request.data) if request.data else None
        return Response(wire.preview(preview(backfill=found, at=timezone.now(), plan=plan)))


class BackfillStart(ApiView):
    """The start of a backfill."""

    permission = WRITE

    @extend_schema(request=wire.StartInput, responses=wire.BackfillOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Start to read the rows, under a plan or under the guessed one. 409 for a file that was brought in before."""
        data: dict[str, Any] = {} if request.data is None else request.data
        found, asked = _ready(pk), wire.checked(wire.StartInput(data=data))
        on_top, facts = bool(asked.get("on_top", False)), {name: data[name] for name in data if name != "on_top"}
        if facts:
            plan = wire.plan_of(facts)
        else:
            seen = preview(backfill=found, at=timezone.now())
            if seen.needs_zone:
                raise ValidationError({"zone": ["The moments have no offset: state their time zone."]})
            plan = seen.guessed
        started = actions.start(by=request.user, at=timezone.now(), backfill=found, plan=plan, on_top=on_top)
        return Response(wire.backfill(started))


class BackfillDeed(ApiView):
    """What is done with a backfill that runs."""

    permission = WRITE
    deeds = {"pause": actions.pause, "resume": actions.resume, "cancel": actions.cancel}
    deed = ""

    @extend_schema(request=None, responses=wire.BackfillOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Pause it, let it go on, or cancel it for good; what was brought in stays. 409 in another state."""
        done = self.deeds[self.deed](by=request.user, at=timezone.now(), backfill=_found(pk))
        return Response(wire.backfill(done))


class RejectedRows(ApiView):
    """The rows that were rejected."""

    permission = WRITE

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(str, "row, column, code, reason, text")})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Return every rejected row as CSV, with its number, column, code, reason, and what stood there."""
        return rejected_file(_found(pk))


def rejected_file(found: Backfill) -> StreamingHttpResponse:
    """Return the rejected rows as a download, written while it is read."""
    rows = ((each.row, each.column, each.code, each.message, each.text) for each in progress.rejected(found))
    return csv_response(name=f"backfill-{found.pk}-rejected.csv", header=REJECTED_HEADER, rows=rows)


def _found(pk: int) -> Backfill:
    return get_object_or_404(Backfill.objects.select_related("source"), pk=pk)


def _ready(pk: int) -> Backfill:
    found = _found(pk)
    if found.state != "READY":
        raise actions.WrongState(f"The backfill is {found.get_state_display().lower()}.")
    return found


def _offset(request: Request) -> int:
    text = request.headers.get(OFFSET, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise ValidationError({OFFSET: ["The offset of the piece's first byte."]})
    return int(text)


def _digest(request: Request) -> bytes | None:
    text = request.headers.get(CONTENT_DIGEST, "")
    if not text:
        return None
    found = _DIGEST.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return base64.b64decode(found[1], validate=True)
    except (ValueError, binascii.Error):
        raise ValidationError({CONTENT_DIGEST: ["Such as sha-256=:…:, in base64 (RFC 9530)."]}) from None
