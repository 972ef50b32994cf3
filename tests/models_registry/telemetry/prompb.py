"""Remote write bodies, written apart from the code that reads them: protobuf fields put together by hand."""

import struct
from collections.abc import Iterable, Mapping

import cramjam

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]

type Samples = Iterable[tuple[float, int]]


def varint(value: int) -> bytes:
    """An unsigned integer, or a signed one as its two's complement of 64 bits."""
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def block(number: int, body: bytes) -> bytes:
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def sample(value: float, at_ms: int) -> bytes:
    """A Sample: a double and an int64."""
    return b"\x09" + struct.pack("<d", value) + b"\x10" + varint(at_ms)


def version_1(*series: tuple[Mapping[str, str], Samples], metadata: int = 0) -> bytes:
    """A WriteRequest of 1.0."""
    told = b"".join(
        block(
            1,
            b"".join(
                block(1, block(1, name.encode()) + block(2, value.encode())) for name, value in sorted(labels.items())
            )
            + b"".join(block(2, sample(*each)) for each in samples),
        )
        for labels, samples in series
    )
    return told + b"".join(block(3, b"\x08\x01" + block(2, b"psi")) for _ in range(metadata))


def version_2(*series: tuple[Mapping[str, str], Samples], histograms: int = 0, exemplars: int = 0) -> bytes:
    """A Request of 2.0, with its table of symbols."""
    symbols: list[str] = [""]

    def ref(text: str) -> bytes:
        if text not in symbols:
            symbols.append(text)
        return varint(symbols.index(text))

    told = b"".join(
        block(
            5,
            block(1, b"".join(ref(name) + ref(value) for name, value in sorted(labels.items())))
            + b"".join(block(2, sample(*each)) for each in samples)
            + block(3, b"\x08\x01") * histograms
            + block(4, b"\x11" + struct.pack("<d", 1.0)) * exemplars
            + block(5, b"\x08\x02"),
        )
        for labels, samples in series
    )
    return b"".join(block(4, symbol.encode()) for symbol in symbols) + told


def packed(plain: bytes) -> bytes:
    """The snappy block of a message."""
    return bytes(cramjam.snappy.compress_raw(plain))
