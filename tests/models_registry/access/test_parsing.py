"""What the API reads from a body, before any field is looked at."""

import io

import pytest
from rest_framework.exceptions import ParseError

from models_registry.access.parsing import StrictJsonParser


def parsed(body: bytes) -> object:
    return StrictJsonParser().parse(io.BytesIO(body))


def test_a_key_said_twice_is_refused_wherever_it_stands() -> None:
    for body in (b'{"model": "a", "model": "b"}', b'[{"x": {"model": 1, "y": 2, "model": 1}}]'):
        with pytest.raises(ParseError, match=r'The key "model" is said twice\.'):
            parsed(body)

    assert parsed(b'{"a": {"model": 1}, "b": {"model": 2}}') == {"a": {"model": 1}, "b": {"model": 2}}
