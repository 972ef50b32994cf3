"""Files taken in piece by piece: an offset says where one belongs, digests say that nothing was changed on the way."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction

from models_registry.access.models import Account
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.backfills import tables
from models_registry.backfills.allowed import require_writer
from models_registry.backfills.models import Backfill, BackfillState, Piece
from models_registry.backfills.pieces import PieceStream
from models_registry.telemetry.models import Source, SourceKind
from models_registry.telemetry.readings import printable

LARGEST_PIECE = 1_048_576
"""Bytes of a piece at most: what a body may have at this house's doors."""
SMALLEST_PIECE = 65_536
"""Bytes of a piece at least, but for a file's last: a file is not kept in crumbs."""


class FileTooLarge(ValueError):
    """The file is larger than this house takes in one piece of history. Pack it with gzip or zstd, or part it."""

    http_status = 413


class WrongOffset(Exception):
    """The next byte that is missing is another one. Carries its offset."""

    http_status = 409

    def __init__(self, expected: int) -> None:
        super().__init__(f"The next byte that is missing is number {expected}.")
        self.expected = expected


class PieceUnfit(ValueError):
    """The piece is empty, too small, too large, goes past the end, or is not what its digest says."""

    http_status = 400


class DigestDiffers(Exception):
    """The file that came is not the one that was declared. It was let go of; send it again."""

    http_status = 422


class NotUploading(Exception):
    """This file is already whole."""

    http_status = 409


class NotForFiles(ValueError):
    """Files of history go to a source of the kind backfill."""

    http_status = 400


@transaction.atomic
def begin_upload(
    *, by: Actor, at: datetime, source: Source, file_name: str, size: int, digest: str = ""
) -> tuple[Backfill, bool]:
    """Return a backfill that waits for its file, and whether it is a new one.

    An upload of the same file to the same source that somebody began goes on where it stands, when ``digest`` (the
    SHA-256 in hex) tells that it is the same. Raises FileTooLarge, NotForFiles, AccessDenied.
    """
    require_writer(by)
    if source.kind != SourceKind.BACKFILL or source.disabled_at is not None:
        raise NotForFiles
    if not 0 < size <= settings.REDLINE_BACKFILL_BYTES:
        raise FileTooLarge(f"The file has {size:,} bytes; one file may have {settings.REDLINE_BACKFILL_BYTES:,}.")
    same = Backfill.objects.filter(source=source, digest=digest.lower(), size=size, state=BackfillState.UPLOADING)
    begun = same.order_by("-pk").first() if digest else None
    if begun is not None:
        return begun, False
    made = Backfill.objects.create(
        source=source,
        file_name=printable(file_name.strip() or "file", limit=190),
        size=size,
        digest=digest.lower(),
        created_by=by if isinstance(by, Account) else None,
        created_at=at,
    )
    body = {"source": source.slug, "file": made.file_name, "size": size, "at": at}
    record(by=by, action="backfill.begun", on=made, body=body)
    return made, True


@transaction.atomic
def append(*, by: Actor, backfill: Backfill, offset: int, content: bytes, digest: bytes | None = None) -> Backfill:
    """Keep the piece that begins at ``offset``; a piece that is kept already is kept once.

    ``digest`` is the SHA-256 of the piece, where the sender says it. Raises WrongOffset, PieceUnfit, NotUploading,
    AccessDenied.
    """
    require_writer(by)
    found = Backfill.objects.select_for_update().get(pk=backfill.pk)
    if found.state != BackfillState.UPLOADING:
        raise NotUploading
    if digest is not None and hashlib.sha256(content).digest() != digest:
        raise PieceUnfit("The piece is not what its digest says. Send it again.")
    if offset != found.received:
        if _is_kept(found, offset, content):
            return found
        raise WrongOffset(found.received)
    end = offset + len(content)
    if end > found.size:
        raise PieceUnfit("The piece goes past the end of the file.")
    if len(content) > LARGEST_PIECE or not content or (len(content) < SMALLEST_PIECE and end < found.size):
        raise PieceUnfit(f"A piece has {SMALLEST_PIECE:,} to {LARGEST_PIECE:,} bytes, the last one may be smaller.")
    Piece.objects.create(backfill=found, begins_at=offset, content=content)
    found.received = end
    found.save(update_fields=["received"])
    return found


def finish_upload(*, by: Actor, at: datetime, backfill: Backfill) -> Backfill:
    """Prove the digest of a file that is whole and find out what it is; it is READY then, or FAILED with a reason.

    Raises WrongOffset while bytes are missing, DigestDiffers, NotUploading, AccessDenied. Reads the whole file.
    """
    require_writer(by)
    if backfill.received < backfill.size:
        raise WrongOffset(backfill.received)
    if backfill.state != BackfillState.UPLOADING:
        raise NotUploading
    stream, hashed = PieceStream(backfill), hashlib.sha256()
    while piece := stream.read(LARGEST_PIECE):
        hashed.update(piece)
    if backfill.digest and hashed.hexdigest() != backfill.digest:
        _let_go(backfill)
        raise DigestDiffers
    return _ready(by, at, backfill, hashed.hexdigest(), stream)


@transaction.atomic
def _ready(by: Actor, at: datetime, backfill: Backfill, digest: str, stream: PieceStream) -> Backfill:
    found = Backfill.objects.select_for_update().select_related("source").get(pk=backfill.pk)
    if found.state != BackfillState.UPLOADING:
        raise NotUploading
    found.digest = digest
    try:
        shape = tables.shape_of(stream)
        table = tables.open_table(stream, shape, size=found.size)
        found.shape = {**shape.document(), "header": list(table.header)}
        found.row_count, found.state = table.row_count, BackfillState.READY
    except tables.FileUnfit as unfit:
        found.state, found.note, found.ended_at = BackfillState.FAILED, str(unfit)[:500], at
        found.pieces.all().delete()
        record(by=by, action="backfill.failed", on=found, body={"file": found.file_name, "why": found.note, "at": at})
    found.save()
    return found


@transaction.atomic
def _let_go(backfill: Backfill) -> None:
    backfill.pieces.all().delete()
    Backfill.objects.filter(pk=backfill.pk).update(received=0)


def _is_kept(backfill: Backfill, offset: int, content: bytes) -> bool:
    """Return whether this very piece came before: its answer was lost on the way, and the sender sends it again."""
    kept = Piece.objects.filter(backfill=backfill, begins_at=offset).first()
    return kept is not None and bytes(kept.content) == content
