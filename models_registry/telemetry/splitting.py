"""Deliveries that hold several parcels, cut apart by their bytes, so that each is kept and judged alone.

An export of OpenTelemetry has one block for each resource, and a collector packs the services of a whole company
into one; a batch of CloudEvents has one object for each event. A part's bytes are those that came: nothing is
written anew but the brackets around a block of JSON. What cannot be cut is kept whole.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from models_registry.telemetry.adapters import cloudevents, otlp_wire
from models_registry.telemetry.adapters.otlp_wire import Signal

MOST: Final = 500
"""Into how many parts a delivery is cut at most; one with more is kept whole."""
_BLOCK: Final = 0x0A
"""The tag of field 1, length-delimited: each block of an OTLP export (protobuf encoding)."""
_LONGEST_VARINT: Final = 5


class Part(NamedTuple):
    """What is kept as one event: its bytes, and the headers that tell how to read them."""

    body: bytes
    headers: Mapping[str, str]


def whole(body: bytes, headers: Mapping[str, str]) -> list[Part]:
    """Return the delivery as one part."""
    return [Part(body, headers)]


def cut(part: Part, pieces: list[bytes]) -> list[Part]:
    """Return these pieces of a part, with the headers that hold for each."""
    return [part] if len(pieces) < 2 else [Part(piece, _of_all(part.headers)) for piece in pieces]


def events(body: bytes, headers: Mapping[str, str]) -> list[Part]:
    """Return the events of a CloudEvents batch; any other delivery is one part."""
    if otlp_wire.media_type(headers.get("content-type", "")) != cloudevents.BATCH:
        return whole(body, headers)
    pieces = _items(body)
    each = {**_of_all(headers), "content-type": cloudevents.STRUCTURED}
    return [Part(piece, each) for piece in pieces] if pieces else whole(body, headers)


def blocks(body: bytes, headers: Mapping[str, str]) -> list[Part]:
    """Return the blocks of an OTLP export, one for each resource."""
    each = {**_of_all(headers), otlp_wire.SIGNAL_HEADER: headers[otlp_wire.SIGNAL_HEADER]}
    if otlp_wire.media_type(headers.get("content-type", "")) in otlp_wire.PROTOBUF:
        pieces = list(_fields(body))
    else:
        name = otlp_wire.list_name(Signal(headers[otlp_wire.SIGNAL_HEADER]))
        pieces = [b'{"%b":[%b]}' % (name.encode(), piece) for piece in _listed(body, name)]
    return [Part(piece, each) for piece in pieces] if 1 < len(pieces) <= MOST else [Part(body, each)]


def _of_all(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that hold for each part; the name of a delivery does not."""
    return {name: headers[name] for name in ("content-type", "user-agent") if name in headers}


def _items(body: bytes) -> list[bytes]:
    try:
        found = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return []
    return [bytes(each) for each in found] if len(found) <= MOST else []


def _listed(body: bytes, name: str) -> list[bytes]:
    """Return the items of the one list that the document is; nothing when it is more than that, or none."""
    try:
        document = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return []
    alone = document.keys() == {name} and body.count(b'"%b"' % name.encode()) == 1
    return _items(bytes(document[name])) if alone else []


def _fields(body: bytes) -> Iterator[bytes]:
    """Yield each block with its tag and length, itself an export; nothing more at the first other byte."""
    at, found = 0, []
    while at < len(body):
        if body[at] != _BLOCK:
            return
        length, start = _varint(body, at + 1)
        if length is None or start + length > len(body):
            return
        found.append(body[at : start + length])
        at = start + length
    yield from found


def _varint(body: bytes, at: int) -> tuple[int | None, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        if at + index >= len(body):
            break
        byte = body[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    return None, at
