"""Canonical bytes: RFC 8785's own samples, and what is refused."""

import dataclasses
import datetime as dt
import hashlib
import json
import struct
import uuid
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models_registry.audit.canonical import NotCanonical, canonical, digest

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


class Colour(Enum):
    RED = "RED"


@dataclasses.dataclass(frozen=True)
class Fact:
    name: str
    readings: tuple[float, ...]


# RFC 8785, appendix B: IEEE 754 bits and the expected text.
@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_rfc_8785_lists_them(bits: str, expected: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert canonical(number) == expected.encode()


def test_the_sample_of_rfc_8785_section_3_2_3() -> None:
    sample = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 1e-27],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }

    assert canonical(sample) == (
        b'{"literals":[null,true,false],'
        b'"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]

    written = json.loads(canonical(dict.fromkeys(keys, 0)))

    assert list(written) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_values_outside_json_have_one_spelling() -> None:
    berlin = dt.timezone(dt.timedelta(hours=2))
    value = {
        "at": dt.datetime(2026, 5, 1, 12, 0, tzinfo=berlin),
        "colour": Colour.RED,
        "cost": Decimal("1.10"),
        "fact": Fact("drift", (0.5, 1.0)),
        "id": uuid.UUID(int=1),
        "on": dt.date(2026, 5, 1),
        "set": frozenset({"b", "a"}),
    }

    assert canonical(value) == (
        b'{"at":"2026-05-01T10:00:00.000000Z","colour":"RED","cost":"1.10",'
        b'"fact":{"name":"drift","readings":[0.5,1]},'
        b'"id":"00000000-0000-0000-0000-000000000001","on":"2026-05-01","set":["a","b"]}'
    )


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [float("nan")]}, "/a/0"),
        ({"a": float("inf")}, "/a"),
        (Decimal("NaN"), "/"),
        (2**53, "/"),
        ({"a": "\ud800"}, "/a"),
        ({"\udfff": 1}, "/"),
        ({1: 1}, "/"),
        (dt.datetime(2026, 5, 1), "/"),
        (b"bytes", "/"),
        (object(), "/"),
        ({Colour.RED: 1, "RED": 2}, "/"),
    ],
)
def test_what_has_no_canonical_form_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical(value)

    assert str(refusal.value).startswith(f"{place}: ")


@given(json_values)
def test_canonical_bytes_read_back_to_the_same_structure(value: object) -> None:
    assert json.loads(canonical(value), parse_int=float) == value


@given(json_values)
def test_canonical_bytes_are_a_fixed_point(value: object) -> None:
    once = canonical(value)

    assert canonical(json.loads(once, parse_int=float)) == once


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers(-9, 9)))
def test_the_order_of_insertion_does_not_change_the_digest(value: dict[str, int]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


def test_the_digest_is_the_sha_256_of_the_bytes() -> None:
    assert digest({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()
