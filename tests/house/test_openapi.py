"""The API's description is whole: every operation says what it does, asks and refuses, and is in the reference."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
KEPT_OTHERWISE = {
    "/api/v1/backfills/{id}/file/": "a piece is named by its offset and kept once",
    "/api/v1/backfills/{id}/preview/": "keeps nothing",
    "/api/v1/rules/lint/": "keeps nothing",
    "/api/v1/formulas/lint/": "keeps nothing",
    "/api/v1/history/previews/": "keeps nothing",
    "/api/v1/predictions/": "a prediction is recognised by its id, for as long as it is kept",
    "/api/v1/measurements/": "an event is recognised by its id, for as long as it is kept",
}
"""Writes without an idempotency key, and why."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    reset_generator_stats()
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return made


def every_operation(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def lacking(schema: dict[str, Any], test: Any) -> list[str]:
    return [f"{method.upper()} {path}" for method, path, one in every_operation(schema) if not test(method, path, one)]


def test_the_schema_is_valid_and_made_without_a_warning(schema: dict[str, Any]) -> None:
    validate_schema(schema)

    assert not GENERATOR_STATS, {**GENERATOR_STATS._warn_cache, **GENERATOR_STATS._error_cache}


def test_every_operation_says_what_it_does(schema: dict[str, Any]) -> None:
    assert lacking(schema, lambda method, path, one: one.get("summary") and one.get("description")) == []


def test_every_operation_asks_who_calls(schema: dict[str, Any]) -> None:
    assert schema["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert lacking(schema, lambda method, path, one: {"token": []} in one["security"]) == []


def test_every_operation_says_how_it_refuses(schema: dict[str, Any]) -> None:
    def refuses(method: str, path: str, operation: dict[str, Any]) -> bool:
        answers = operation["responses"]
        wanted = {"400", "401", "403", *(["404"] if "{" in path else []), *(["409"] if method != "get" else [])}
        refused = [answer for status, answer in answers.items() if status >= "400"]
        return wanted <= set(answers) and all("application/problem+json" in one["content"] for one in refused)

    assert lacking(schema, refuses) == []


def test_every_write_honours_an_idempotency_key(schema: dict[str, Any]) -> None:
    def honours(method: str, path: str, operation: dict[str, Any]) -> bool:
        names = {one["name"] for one in operation.get("parameters", ())}
        return method == "get" or path in KEPT_OTHERWISE or "Idempotency-Key" in names

    assert lacking(schema, honours) == []
    assert set(KEPT_OTHERWISE) <= set(schema["paths"])


def test_every_operation_is_in_the_reference(schema: dict[str, Any]) -> None:
    def plain(text: str) -> str:
        return re.sub(r"\{[^}]*\}", "{}", text)

    told = plain("\n".join(file.read_text() for file in sorted(REFERENCE.glob("api*.md"))))

    def is_told(method: str, path: str, operation: dict[str, Any]) -> bool:
        return f"{method.upper()} {plain(path)}`" in told

    assert lacking(schema, is_told) == []


EXEMPLARY = {
    "POST /api/v1/gates/promotion/",
    "GET /api/v1/gates/runtime/{slug}/",
    "POST /api/v1/measurements/",
    "POST /api/v1/models/",
    "POST /api/v1/models/{slug}/versions/",
    "POST /api/v1/risks/{id}/acknowledgements/",
    "POST /api/v1/risks/{id}/plans/",
    "POST /api/v1/risks/{id}/acceptances/",
    "POST /api/v1/risks/{id}/disputes/",
}
"""Operations that show what to send, or what comes."""


def test_what_is_shown_as_an_example_fits_the_schema(schema: dict[str, Any]) -> None:
    shown, wrong = set(), []

    for method, path, operation in every_operation(schema):
        for place in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in place.get("content", {}).values():
                judge = Draft202012Validator(
                    {**content["schema"], "components": schema["components"]}, format_checker=FormatChecker()
                )
                for name, example in content.get("examples", {}).items():
                    shown.add(f"{method.upper()} {path}")
                    wrong += [f"{method} {path} {name}: {one.message}" for one in judge.iter_errors(example["value"])]

    assert wrong == []
    assert shown >= EXEMPLARY
