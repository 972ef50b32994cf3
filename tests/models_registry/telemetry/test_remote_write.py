"""Remote write: what is measured, what is counted, and no bytes that break the reader."""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.telemetry.adapters import read, remote_write
from models_registry.telemetry.adapters.generic_json import MappingInvalid
from models_registry.telemetry.adapters.series_mapping import check_mapping, parse_series_mapping
from models_registry.telemetry.notices import Findings, Notice
from models_registry.telemetry.readings import Unreadable
from tests.models_registry.telemetry import prompb

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
V1 = "application/x-protobuf"
V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request"
PSI = {"__name__": "psi", "model_id": "chat", "env": "prod", "instance": "10.0.0.7:9090"}


def found(plain: bytes, *, content_type: str = V1, mapping: Any = None) -> Findings:
    told = read(
        "prometheus",
        prompb.packed(plain),
        headers={"content-type": content_type},
        mapping=mapping,
        received_at=NOON,
    )
    assert isinstance(told, Findings)
    return told


@pytest.mark.parametrize(("write", "content_type"), [(prompb.version_1, V1), (prompb.version_2, V2)])
def test_both_versions_give_the_samples_of_a_mapped_series(write: Any, content_type: str) -> None:
    told = found(write((PSI, [(0.31, NOON_MS - 60_000), (0.32, NOON_MS)])), content_type=content_type)

    assert [(each.model, each.metric, each.value, each.environment, each.segment) for each in told] == [
        ("chat", "psi", 0.31, "production", ""),
        ("chat", "psi", 0.32, "production", ""),
    ]
    assert [each.observed_at.minute for each in told] == [59, 0]
    assert told.notices == () and told.lenient


def test_series_that_name_no_model_or_nothing_that_is_read_are_counted_by_name() -> None:
    go = {"__name__": "go_goroutines", "instance": "a"}
    told = found(prompb.version_1((PSI, [(0.3, NOON_MS)]), (go, [(9, NOON_MS)]), ({"__name__": "psi"}, [(1, NOON_MS)])))

    assert len(told) == 1
    assert told.notices == (Notice("N_UNMAPPED", "go_goroutines"), Notice("N_UNMAPPED", "psi"))


def test_a_stale_marker_ends_a_series_and_is_no_number() -> None:
    samples = [(prompb.STALE, NOON_MS), (math.nan, NOON_MS), (math.inf, NOON_MS), (0.2, NOON_MS)]
    told = found(prompb.version_1((PSI, samples)))

    assert [each.value for each in told] == [0.2]
    assert told.notices == (Notice("N_NOT_A_NUMBER", "psi", 2), Notice("N_STALE", "psi"))


def test_samples_out_of_order_are_read_and_those_out_of_time_are_counted() -> None:
    told = found(prompb.version_1((PSI, [(2, NOON_MS), (1, NOON_MS - 60_000), (3, NOON_MS + 3_600_000), (4, -1)])))

    assert [each.value for each in told] == [2, 1]
    assert told.notices == (Notice("N_TIME", "psi", 2),)


def test_metadata_histograms_and_exemplars_are_no_samples() -> None:
    assert found(prompb.version_1(metadata=2)) == []
    told = found(prompb.version_2((PSI, []), histograms=2, exemplars=1), content_type=V2)

    assert (list(told), told.notices) == ([], (Notice("N_NOT_READ", "psi", 3),))


def test_one_body_makes_no_more_than_a_thousand_series_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_write, "SERIES_LIMIT", 3)
    many = [({**PSI, "segment": f"region={n}"}, [(0.1, NOON_MS)]) for n in range(5)]

    told = found(prompb.version_1(*many))

    assert len(told) == 3
    assert told.notices == (Notice("N_SERIES_LIMIT", "psi", 2),)


def test_a_mapping_says_which_labels_name_what_and_in_which_unit() -> None:
    mapping = {
        "mapping": 1,
        "series": {
            "model": {"const": "chat"},
            "segment": ["region", "cohort"],
            "metrics": {"http_p95_seconds": {"metric": "p95_latency_ms", "factor": 1000}, "my_drift": "psi"},
        },
    }
    labels = {"__name__": "http_p95_seconds", "region": "eu", "cohort": "new", "model_version": "7"}

    [reading] = found(prompb.version_1((labels, [(0.25, NOON_MS)])), mapping=mapping)

    assert (reading.model, reading.version, reading.metric, reading.value, reading.unit, reading.segment) == (
        "chat",
        "7",
        "p95_latency_ms",
        250.0,
        "ms",
        "cohort=new,region=eu",
    )


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"mapping": 2, "series": {}}, "/mapping"),
        ({"mapping": 1, "series": []}, "/series"),
        ({"mapping": 1, "series": {"modle": "x"}}, "/series/modle"),
        ({"mapping": 1, "series": {"model": 7}}, "/series/model"),
        ({"mapping": 1, "series": {"model": [""]}}, "/series/model/0"),
        ({"mapping": 1, "series": {"metrics": {"a": {"metric": "psi", "factor": "2"}}}}, "/series/metrics/a/factor"),
        ({"mapping": 1, "series": {"metrics": {"a": 1}}}, "/series/metrics/a"),
        ({"mapping": 1, "series": {}, "fields": {}}, "/fields"),
    ],
)
def test_a_wrong_mapping_of_series_is_refused_with_the_place(document: Any, where: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        check_mapping(document)

    assert where in [each for each, _ in refused.value.errors]


def test_no_mapping_is_the_usual_places() -> None:
    assert parse_series_mapping(None) == parse_series_mapping({"mapping": 1, "series": {}})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "E_SNAPPY"),
        (b"not snappy at all", "E_SNAPPY"),
        (prompb.varint(1 << 30) + b"\x00", "E_SNAPPY"),
        (prompb.varint(5) + b"\x10hel", "E_SNAPPY"),
        (prompb.packed(b"\x0b"), "E_PROTOBUF"),
        (prompb.packed(b"\x0a\x7f"), "E_PROTOBUF"),
        (prompb.packed(b"\x08" + b"\xff" * 11), "E_PROTOBUF"),
        (prompb.packed(b"\x08\x01"), "E_PROTOBUF"),
        (prompb.packed(prompb.block(1, prompb.block(1, prompb.block(1, b"\xff\xfe")))), "E_UTF8"),
    ],
)
def test_a_broken_body_is_held_with_a_named_reason(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read("prometheus", body, headers={"content-type": V1}, mapping=None, received_at=NOON)

    assert refused.value.problems[0].code == code


def test_a_label_that_refers_to_no_symbol_is_held() -> None:
    body = prompb.block(4, b"") + prompb.block(5, prompb.block(1, b"\x07\x09"))

    with pytest.raises(Unreadable) as refused:
        found(body, content_type=V2)

    assert refused.value.reason == "E_PROTOBUF"


@given(
    plain=st.binary(max_size=60)
    | st.binary(max_size=60).map(lambda tail: prompb.version_1((PSI, [(0.3, NOON_MS)])) + tail)
    | st.binary(max_size=60).map(lambda tail: prompb.version_2((PSI, [(0.3, NOON_MS)])) + tail),
    content_type=st.sampled_from([V1, V2]),
)
def test_any_bytes_are_read_or_unreadable(plain: bytes, content_type: str) -> None:
    try:
        told = found(plain, content_type=content_type)
    except Unreadable as refusal:
        assert refusal.reason.startswith("E_")
    else:
        assert all(math.isfinite(each.value) for each in told)


@pytest.mark.parametrize(
    ("content_type", "version"),
    [
        ("application/x-protobuf", 1),
        ("Application/X-Protobuf; proto=prometheus.WriteRequest", 1),
        (V2, 2),
        ('application/x-protobuf;proto="io.prometheus.write.v2.Request"', 2),
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", None),
        ("application/json", None),
        ("", None),
    ],
)
def test_the_content_type_names_the_message(content_type: str, version: int | None) -> None:
    assert remote_write.message_version(content_type) == version


def test_what_was_written_is_counted_for_both_versions() -> None:
    one = prompb.packed(prompb.version_1((PSI, [(0.3, NOON_MS)] * 3), metadata=1))
    two = prompb.packed(prompb.version_2((PSI, [(0.3, NOON_MS)] * 2), histograms=1, exemplars=4))

    assert remote_write.count(one, version=1) == remote_write.Written(3, 0, 0)
    assert remote_write.count(two, version=2) == remote_write.Written(2, 1, 4)
    assert remote_write.count(b"broken", version=2) == remote_write.Written()


# Recorded from Prometheus 2.42

RECORDED = Path(__file__).parents[2] / "payloads" / "prometheus"
RECORDED_AT = datetime(2026, 11, 21, 20, 25, tzinfo=UTC)


def recorded(name: str) -> Findings:
    body = (RECORDED / name).read_bytes()
    told = read("prometheus", body, headers={"content-type": V1}, mapping=None, received_at=RECORDED_AT)
    assert isinstance(told, Findings)
    return told


def test_recorded_bodies_of_a_stock_prometheus_are_read() -> None:
    told = recorded("remote_write.bin")

    assert [(each.model, each.metric, each.value, each.environment) for each in told] == [
        ("credit-scorer", "psi", 0.31, "production")
    ] * 3
    assert {(each.code, each.subject, each.count) for each in told.notices} >= {
        ("N_NOT_A_NUMBER", "psi", 3),
        ("N_UNMAPPED", "go_goroutines", 3),
    }
    assert recorded("remote_write_metadata.bin") == []


def test_recorded_stale_markers_end_both_series() -> None:
    assert Notice("N_STALE", "psi", 2) in recorded("remote_write_with_stale.bin").notices
