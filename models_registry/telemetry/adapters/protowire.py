"""The wire of Protocol Buffers, read strictly: fields by number, without a schema compiler.

Source of the format: protobuf.dev, "Encoding". Groups (wire types 3 and 4) are refused, unknown fields are
for the caller to skip, and whatever ends early is an error and never a shorter value.
"""

import struct
from collections.abc import Iterator
from typing import Final

from models_registry.telemetry.readings import Unreadable

VARINT: Final = 0
FIXED64: Final = 1
LENGTH: Final = 2
FIXED32: Final = 5
_DOUBLE: Final = struct.Struct("<d")
_SIXTY_FOUR_BITS: Final = (1 << 64) - 1

type Field = tuple[int, int, int | bytes]


def fields(data: bytes) -> Iterator[Field]:
    """Yield (number, wire type, value) of each field in order: an integer for varints, bytes for all others.

    Raises Unreadable E_PROTOBUF.
    """
    place, end = 0, len(data)
    while place < end:
        key, place = varint(data, place)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise _broken("field number 0", place)
        if wire == VARINT:
            value, place = varint(data, place)
            yield number, wire, value
            continue
        if wire == LENGTH:
            length, place = varint(data, place)
        elif wire in (FIXED64, FIXED32):
            length = 8 if wire == FIXED64 else 4
        else:
            raise _broken(f"wire type {wire}", place)
        if length > end - place:
            raise _broken("a field ends after its message", place)
        yield number, wire, data[place : place + length]
        place += length


def varint(data: bytes, place: int) -> tuple[int, int]:
    """Return the unsigned integer at the place and where it ends."""
    value = shift = 0
    for at in range(place, min(place + 10, len(data))):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _SIXTY_FOUR_BITS, at + 1
        shift += 7
    raise _broken("an integer does not end", place)


def packed(data: bytes) -> list[int]:
    """Return the integers of a packed repeated field."""
    found, place = [], 0
    while place < len(data):
        value, place = varint(data, place)
        found.append(value)
    return found


def signed(value: int) -> int:
    """Return an int64 from its two's complement, as int64 fields have it."""
    return value - (1 << 64) if value >> 63 else value


def double(data: bytes) -> float:
    """Return the float of eight bytes."""
    value: float = _DOUBLE.unpack(data)[0]
    return value


def message(value: int | bytes, what: str) -> bytes:
    """Return the bytes of a field that holds a message or a text; raise when it was sent as a number."""
    if isinstance(value, int):
        raise Unreadable.because("E_PROTOBUF", "", f"{what} was sent as a number")
    return value


def text(value: int | bytes, what: str) -> str:
    """Return a text. Raises E_UTF8."""
    try:
        return message(value, what).decode()
    except UnicodeDecodeError:
        raise Unreadable.because("E_UTF8", "", f"{what} is not valid UTF-8") from None


def _broken(what: str, place: int) -> Unreadable:
    return Unreadable.because("E_PROTOBUF", "", f"{what}, at byte {place}")
