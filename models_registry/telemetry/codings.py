"""Content codings of a body (RFC 9110, 8.4): gzip and zstd, each undone no further than a limit.

A few kilobytes can inflate to gigabytes; nothing here ever holds more than the limit and one byte.
"""

import sys
import zlib
from typing import Final

if sys.version_info >= (3, 14):  # pragma: no cover
    from compression import zstd
else:
    from backports import zstd

CODINGS: Final = frozenset({"gzip", "x-gzip", "zstd"})
_LARGEST_WINDOW: Final = 23
"""Log2 of the window that a zstd frame may ask to be held in memory: 8 MiB (RFC 8878, 3.1.1.1.2)."""


class Refused(Exception):
    """The delivery is not taken. Carries the status and, for 429 and 503, when to try again."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after_s = status, code, detail, retry_after_s


def inflate(body: bytes, encoding: str, *, largest: int) -> bytes:
    """Return the body without its coding, never inflating more than ``largest`` bytes. Raises Refused."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in CODINGS:
        raise Refused(415, "E_CODING", "The only content codings taken are gzip and zstd.")
    plain, ended = _unzstd(body, largest) if coding == "zstd" else _gunzip(body, largest)
    if len(plain) > largest:
        raise Refused(413, "E_TOO_LARGE", f"The inflated body has more than {largest // 1_048_576} MiB.")
    if not ended:
        raise Refused(400, "E_CODING", f"The {coding} body is cut off or has more than one member.")
    return plain


def _gunzip(body: bytes, largest: int) -> tuple[bytes, bool]:
    inflator = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = inflator.decompress(body, largest + 1)
    except zlib.error:
        raise Refused(400, "E_CODING", "The body is not gzip.") from None
    return plain, inflator.eof and not inflator.unused_data


def _unzstd(body: bytes, largest: int) -> tuple[bytes, bool]:
    options = {int(zstd.DecompressionParameter.window_log_max): _LARGEST_WINDOW}
    inflator = zstd.ZstdDecompressor(options=options)
    try:
        plain = inflator.decompress(body, max_length=largest + 1)
    except zstd.ZstdError:
        raise Refused(400, "E_CODING", "The body is not zstd, or asks for a window of more than 8 MiB.") from None
    return plain, inflator.eof and not inflator.unused_data
