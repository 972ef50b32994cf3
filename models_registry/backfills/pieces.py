"""The kept pieces of a file as one stream that can be read from any place, holding one piece at a time."""

import io
from bisect import bisect_right
from typing import Any

from models_registry.backfills.models import Backfill, Piece


class PieceStream(io.RawIOBase):
    """The bytes of an uploaded file. Reads the database when it reads."""

    def __init__(self, backfill: Backfill) -> None:
        super().__init__()
        self._pk, self._size, self._at = backfill.pk, backfill.size, 0
        rows = Piece.objects.filter(backfill=backfill).order_by("begins_at")
        self._begins = list(rows.values_list("begins_at", flat=True))
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the offset of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to an offset from the beginning, from here, or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the piece at this place goes."""
        if self._at >= self._size or not self._begins:
            return 0
        place = bisect_right(self._begins, self._at) - 1
        content = self._piece(self._begins[place])
        begins = self._at - self._begins[place]
        taken = content[begins : begins + len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)

    def _piece(self, begins_at: int) -> bytes:
        if self._held[0] != begins_at:
            row = Piece.objects.values_list("content", flat=True).get(backfill_id=self._pk, begins_at=begins_at)
            self._held = (begins_at, bytes(row))
        return self._held[1]
