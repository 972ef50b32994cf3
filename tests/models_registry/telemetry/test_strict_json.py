"""Strict JSON accepts one meaning per body and names the reason otherwise."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models_registry.telemetry.readings import Unreadable
from models_registry.telemetry.strict_json import _outline, _quickly, _thoroughly, loads

HOSTILE = {
    "empty": (b"", "E_EMPTY"),
    "white space": (b" \r\n\t", "E_EMPTY"),
    "byte order mark": (b'\xef\xbb\xbf{"a":1}', "E_BOM"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "E_BOM"),
    "bad UTF-8": (b'{"a":"\xff"}', "E_UTF8"),
    "surrogate in bytes": (b'{"a":"\xed\xa0\x80"}', "E_UTF8"),
    "overlong": (b'{"a":"\xc0\x80"}', "E_UTF8"),
    "truncated": (b'{"a":', "E_SYNTAX"),
    "two documents": (b"{}{}", "E_SYNTAX"),
    "trailing comma": (b'{"a":1,}', "E_SYNTAX"),
    "single quotes": (b"{'a':1}", "E_SYNTAX"),
    "raw control character": (b'{"a":"\n"}', "E_SYNTAX"),
    "65 levels": (b"[" * 65 + b"]" * 65, "E_DEPTH"),
    "5,000 levels": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "E_DEPTH"),
    "unclosed 100,000 levels": (b"[" * 100_000, "E_DEPTH"),
    "depth hidden by brackets in text": (b'["' + b"]" * 99 + b'",' + b"[" * 65 + b"]" * 66, "E_DEPTH"),
    "duplicate key": (b'{"a":1,"a":2}', "E_DUPLICATE_KEY:/a"),
    "duplicate key within": (b'{"a":[{"b":1,"b":1}]}', "E_DUPLICATE_KEY:/a/0/b"),
    "duplicate by escape": (b'{"a":1,"\\u0061":2}', "E_DUPLICATE_KEY:/a"),
    "duplicate hidden by a quoted colon": (b'{"a":1,"a":2,"b":"\\u0022:"}', "E_DUPLICATE_KEY:/a"),
    "duplicate with spaces": (b'{"a" \n: 1, "a"\t:2}', "E_DUPLICATE_KEY:/a"),
    "NUL": (b'{"a":"x\\u0000y"}', "E_NUL:/a"),
    "NUL in a key": (b'{"a\\u0000":1}', "E_NUL:/a\\u0000"),
    "lone high surrogate": (b'{"a":"\\ud800"}', "E_SURROGATE:/a"),
    "lone low surrogate": (b'["\\udc00x"]', "E_SURROGATE:/0"),
    "2^63": (b'{"a":9223372036854775808}', "E_INTEGER_RANGE:/a"),
    "-2^63-1": (b'{"a":-9223372036854775809}', "E_INTEGER_RANGE:/a"),
    "5,000 digits": (b'{"a":' + b"9" * 5000 + b"}", "E_INTEGER_RANGE:/a"),
    "NaN": (b'{"a":NaN}', "E_NOT_FINITE:/a"),
    "Infinity": (b'{"a":Infinity}', "E_NOT_FINITE:/a"),
    "-Infinity": (b'{"a":[-Infinity]}', "E_NOT_FINITE:/a/0"),
    "1e400": (b'{"a":1e400}', "E_NOT_FINITE:/a"),
    "path is escaped": (b'{"a/b":{"c~d":NaN}}', "E_NOT_FINITE:/a~1b/c~0d"),
}


@pytest.mark.parametrize(("body", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        loads(body)

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b"0", 0),
        (b' {"a": [1, 2.5, true, null, "x"]} ', {"a": [1, 2.5, True, None, "x"]}),
        (b'{"a":9223372036854775807,"b":-9223372036854775808}', {"a": 2**63 - 1, "b": -(2**63)}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'{"a":{"b":1},"b":{"a":1}}', {"a": {"b": 1}, "b": {"a": 1}}),
        (b'{"a":0.12345678901234567890123}', {"a": 0.12345678901234568}),
    ],
)
def test_a_sound_body_keeps_its_value(body: bytes, value: object) -> None:
    assert loads(body) == value


def test_exactly_sixty_four_levels_are_accepted() -> None:
    assert loads(b"[" * 64 + b"]" * 64)


def test_every_problem_is_collected_with_its_path() -> None:
    with pytest.raises(Unreadable) as refusal:
        loads(b'{"a":NaN,"b":["\\u0000",1e999],"c":{"d":1,"d":2}}')

    assert [each.reason for each in refusal.value.problems] == [
        "E_NOT_FINITE:/a",
        "E_NUL:/b/0",
        "E_NOT_FINITE:/b/1",
        "E_DUPLICATE_KEY:/c/d",
    ]


def test_a_reason_is_always_safe_to_store() -> None:
    with pytest.raises(Unreadable) as refusal:
        loads(b'{"\\u0000\\ud800\\u202e":{"a":NaN}}')

    for problem in refusal.value.problems:
        assert "\x00" not in problem.reason
        problem.reason.encode("utf-8")


def test_a_megabyte_of_open_quotes_is_refused_in_linear_time() -> None:
    with pytest.raises(Unreadable):
        loads(b"[" * 65 + b'\\"' * 500_000)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_what_any_encoder_writes_reads_back_the_same(value: object, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")

    if "\\u0000" in json.dumps(value):
        return
    assert loads(body) == value


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ u0aNe1-+.9 ', max_size=60).map(str.encode))
@example(b'{"a":1,"a":1}')
def test_any_bytes_are_read_or_unreadable_and_both_ways_agree(body: bytes) -> None:
    try:
        value = loads(body)
    except Unreadable as refusal:
        assert refusal.reason.startswith("E_")
        return

    quick = _quickly(body, _outline(body))
    assert quick is None or quick == _thoroughly(body.decode()) == value
