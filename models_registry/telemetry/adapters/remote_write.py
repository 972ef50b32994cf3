"""Prometheus remote write 1.0 and 2.0: a snappy block that holds series of samples.

Sources: prometheus/docs, "Remote-Write specification" 1.0 and 2.0; prometheus `prompb/remote.proto`,
`prompb/types.proto` and `prompb/io/prometheus/write/v2/types.proto`.

A Prometheus sends every series that it was not told to leave out. Measured are those whose labels name a model
and whose name is in the catalogue of metrics or in the source's mapping; all others are counted by their name.
Cumulative counters and histogram buckets are only measured where the mapping asks for them.
"""

import math
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import cramjam

from models_registry.telemetry import readings
from models_registry.telemetry.adapters import protowire
from models_registry.telemetry.adapters.series_mapping import SeriesMapping, parse_series_mapping
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Reading, Unreadable

PROTOBUF: Final = "application/x-protobuf"
MESSAGES: Final = {"prometheus.WriteRequest": 1, "io.prometheus.write.v2.Request": 2}
LARGEST: Final = 16 * 1_048_576
"""How many bytes a body may inflate to; a batch of ten thousand samples has about two million."""
SERIES_LIMIT: Final = 1_000
"""How many series of one body are measured; a source that is mapped with care has far fewer."""
STALE: Final = 0x7FF0000000000002
_NO_TEXT: Final = ""


class Series(NamedTuple):
    """One series: its labels and its samples as (value, milliseconds since 1970)."""

    labels: tuple[tuple[str, str], ...]
    samples: list[tuple[float, int]]
    histograms: int
    exemplars: int


@dataclass(frozen=True, slots=True)
class Written:
    """How much one body holds, for the headers that remote write 2.0 answers with."""

    samples: int = 0
    histograms: int = 0
    exemplars: int = 0


def message_version(content_type: str) -> int | None:
    """Return 1 or 2 as a content type names the message, or None for one that is not taken.

    A bare `application/x-protobuf` is version 1.
    """
    media, *parameters = [part.strip() for part in content_type.split(";")]
    if media.lower() != PROTOBUF:
        return None
    for each in parameters:
        name, _, value = each.partition("=")
        if name.strip().lower() == "proto":
            return MESSAGES.get(value.strip().strip('"'))
    return 1


def read(
    body: bytes, *, headers: Mapping[str, str], mapping: Mapping[str, Any] | None, received_at: datetime
) -> Findings:
    """Return the readings of the mapped series, and what was left out. Raises Unreadable for a broken body."""
    version = message_version(headers.get("content-type", PROTOBUF))
    if version is None:
        raise Unreadable.because("E_PROTOBUF", "", "the content type names a message that is not known")
    return read_series(series(inflate(body), version=version), mapping=mapping, received_at=received_at)


def read_series(found: Iterator[Series], *, mapping: Mapping[str, Any] | None, received_at: datetime) -> Findings:
    """Return the readings of the mapped series, wherever they were told, and what was left out."""
    return _Reader(parse_series_mapping(mapping), received_at).read(found)


def inflate(body: bytes) -> bytes:
    """Return the body without its snappy block coding. Raises Unreadable E_SNAPPY; never inflates past the limit."""
    try:
        size, _ = protowire.varint(body, 0)
    except Unreadable:
        raise Unreadable.because("E_SNAPPY", "", "the body is not a snappy block") from None
    if size > LARGEST:
        raise Unreadable.because("E_SNAPPY", "", f"the body would inflate past {LARGEST} bytes")
    if size == 0:
        return b""
    try:
        plain = bytes(cramjam.snappy.decompress_raw(body, output_len=size))
    except cramjam.DecompressionError:
        raise Unreadable.because("E_SNAPPY", "", "the body is not a snappy block") from None
    if len(plain) != size:
        raise Unreadable.because("E_SNAPPY", "", "the body inflates to another size than it says")
    return plain


def series(plain: bytes, *, version: int) -> Iterator[Series]:
    """Yield the series of a message of either version."""
    return _series_1(plain) if version == 1 else _series_2(plain)


def count(body: bytes, *, version: int) -> Written:
    """Return how much a body holds, without reading names; nothing for one that cannot be read."""
    samples, histograms, exemplars = (2, 4, 3) if version == 1 else (2, 3, 4)
    found: Counter[int] = Counter()
    try:
        for number, wire, value in protowire.fields(inflate(body)):
            if number == (1 if version == 1 else 5) and wire == protowire.LENGTH:
                found.update(field for field, _, _ in protowire.fields(protowire.message(value, "a series")))
    except Unreadable:
        return Written()
    return Written(found[samples], found[histograms], found[exemplars])


def _series_1(plain: bytes) -> Iterator[Series]:
    for number, _, value in protowire.fields(plain):
        if number != 1:
            continue
        labels: list[tuple[str, str]] = []
        samples: list[tuple[float, int]] = []
        others = [0, 0]
        for field, _, inner in protowire.fields(protowire.message(value, "a series")):
            if field == 1:
                labels.append(_label(protowire.message(inner, "a label")))
            elif field == 2:
                samples.append(_sample(protowire.message(inner, "a sample")))
            elif field in (3, 4):
                others[4 - field] += 1
        yield Series(tuple(labels), samples, *others)


def _series_2(plain: bytes) -> Iterator[Series]:
    symbols: list[str] = []
    found: list[bytes] = []
    for number, _, value in protowire.fields(plain):
        if number == 4:
            symbols.append(protowire.text(value, "a symbol"))
        elif number == 5:
            found.append(protowire.message(value, "a series"))
    for each in found:
        refs: list[int] = []
        samples: list[tuple[float, int]] = []
        others = [0, 0]
        for field, wire, inner in protowire.fields(each):
            if field == 1:
                refs += [inner] if isinstance(inner, int) else protowire.packed(inner)
            elif field == 2:
                samples.append(_sample(protowire.message(inner, "a sample")))
            elif field in (3, 4) and wire == protowire.LENGTH:
                others[field - 3] += 1
        yield Series(_referred(refs, symbols), samples, *others)


def _referred(refs: list[int], symbols: list[str]) -> tuple[tuple[str, str], ...]:
    if len(refs) % 2 or any(ref >= len(symbols) for ref in refs):
        raise Unreadable.because("E_PROTOBUF", "", "a label refers to a symbol that is not there")
    return tuple((symbols[name], symbols[value]) for name, value in zip(refs[::2], refs[1::2], strict=True))


@lru_cache(maxsize=8_192)
def _label(data: bytes) -> tuple[str, str]:
    """Return a label's name and value; the same labels come with series after series."""
    name = value = _NO_TEXT
    for number, _, inner in protowire.fields(data):
        if number == 1:
            name = protowire.text(inner, "a label's name")
        elif number == 2:
            value = protowire.text(inner, "a label's value")
    return name, value


def _sample(data: bytes) -> tuple[float, int]:
    if len(data) > 10 and data[0] == 0x09 and data[9] == 0x10:  # both fields, in order: nearly every sample
        moment, end = protowire.varint(data, 10)
        if end == len(data):
            return protowire.double(data[1:9]), protowire.signed(moment)
    value, moment = 0.0, 0
    for number, wire, inner in protowire.fields(data):
        if number == 1 and wire == protowire.FIXED64:
            value = protowire.double(protowire.message(inner, "a value"))
        elif number == 2 and isinstance(inner, int):
            moment = inner
    return value, protowire.signed(moment)


class _Reader:
    """Reads the series of one body, counting what is left out."""

    def __init__(self, mapping: SeriesMapping, received_at: datetime) -> None:
        self.mapping = mapping
        self.received_at = received_at
        self.left_out: Counter[tuple[str, str]] = Counter()
        self.measured: set[tuple[str, str, str, str]] = set()

    def read(self, found: Iterator[Series]) -> Findings:
        told = [reading for each in found for reading in self.one(each)]
        notices = [Notice(code, subject, n) for (code, subject), n in sorted(self.left_out.items())]
        return Findings(told, notices, lenient=True)

    def one(self, each: Series) -> Iterator[Reading]:
        labels = dict(each.labels)
        name = labels.get("__name__", "")
        if each.histograms or each.exemplars:
            self.left_out["N_NOT_READ", name] += each.histograms + each.exemplars
        if not each.samples:
            return
        try:
            place = self.mapping.place(name, labels)
        except Unreadable:
            place = None
        if place is None:
            self.left_out["N_UNMAPPED", name] += 1
            return
        key = (place.model, place.metric, place.environment, place.segment)
        if key not in self.measured and len(self.measured) >= SERIES_LIMIT:
            self.left_out["N_SERIES_LIMIT", place.metric] += 1
            return
        self.measured.add(key)
        for sample, moment in each.samples:
            value = sample * place.factor if math.isfinite(sample) else sample
            observed_at = self.observed(value, moment, name)
            if observed_at is not None:
                yield Reading(
                    place.model,
                    place.version,
                    place.metric,
                    value,
                    place.unit,
                    place.environment,
                    place.segment,
                    observed_at,
                )

    def observed(self, value: float, moment: int, name: str) -> datetime | None:
        """Return the sample's moment, or None after counting why it is no reading."""
        if not math.isfinite(value):
            stale = struct.unpack("<Q", struct.pack("<d", value))[0] == STALE
            self.left_out["N_STALE" if stale else "N_NOT_A_NUMBER", name] += 1
            return None
        try:
            return readings.moment(moment / 1000, path="", received_at=self.received_at)
        except Unreadable:
            self.left_out["N_TIME", name] += 1
            return None
