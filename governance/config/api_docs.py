"""The API described: OpenAPI for programs at `/api/schema/`, a plain page for people at `/api/docs/`.

The page is made from the same schema on the server, so it needs no script and no other host.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated

from models_registry.access.api import TokenAuthentication
from models_registry.access.pages import page

METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body, or one parameter; ``path`` names the fields around it, with points."""

    path: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One example of a body, as JSON."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    path: str
    text: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, tuple[Field, ...], tuple[Shown, ...]], ...]
    shown: tuple[Shown, ...]

    @property
    def steps(self) -> list[str]:
        """Return the parts of the address, between which a line may end."""
        return [f"{step}/" for step in self.path.split("/")[:-1]] + [self.path.rpartition("/")[2]]


class TokenScheme(OpenApiAuthenticationExtension):
    """How a program signs in: `Authorization: Bearer rdl_…`."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI names it."""
        return {"type": "http", "scheme": "bearer"}


class NamedRelation(OpenApiSerializerFieldExtension):
    """Names of related rows are strings; the generator would look for a model that plain serializers lack."""

    target_class = "rest_framework.serializers.SlugRelatedField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, str]:
        """Return the schema of one name."""
        return {"type": "string"}


class Schema(SpectacularAPIView):
    """The OpenAPI 3.1 document, as YAML or JSON, for every signed-in account."""

    authentication_classes: ClassVar = [TokenAuthentication, SessionAuthentication]
    permission_classes: ClassVar = [IsAuthenticated]


@require_safe
@page(None)
def docs(request: HttpRequest) -> HttpResponse:
    """List every operation of the API, grouped by what it is about."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[Operation]] = {}
    for tag, operation in operations(schema):
        groups.setdefault(tag, []).append(operation)
    return render(request, "api/docs.html", {"groups": sorted(groups.items()), "version": schema["openapi"]})


def operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    """Return every operation of a schema with the group it belongs to, by address."""
    for address, item in sorted(schema["paths"].items()):
        for method in METHODS:
            if method in item:
                yield _group(address), _operation(schema, address, method, item[method])


def _group(address: str) -> str:
    steps = [step for step in address.split("/") if step and not step.startswith("{")]
    return next((step for step in steps if step not in {"api", "v1"}), "api").replace("_", " ").capitalize()


def _operation(schema: Mapping[str, Any], address: str, method: str, found: Mapping[str, Any]) -> Operation:
    answers = tuple(
        (code, tuple(_fields(schema, _content(answer))), _shown(answer))
        for code, answer in sorted(found.get("responses", {}).items())
    )
    return Operation(
        id=found.get("operationId", ""),
        method=method.upper(),
        path=address,
        text=found.get("description", ""),
        parameters=tuple(_parameter(one) for one in found.get("parameters", [])),
        body=tuple(_fields(schema, _content(found.get("requestBody", {})))),
        answers=answers,
        shown=_shown(found.get("requestBody", {})),
    )


def _parameter(found: Mapping[str, Any]) -> Field:
    kind = f"{_kind(found.get('schema', {}))} in {found['in']}"
    return Field(found["name"], kind, found.get("required", False), found.get("description", ""))


def _content(found: Mapping[str, Any]) -> Mapping[str, Any]:
    bodies = found.get("content", {})
    body: Mapping[str, Any] = bodies.get("application/json") or next(iter(bodies.values()), {})
    schema: Mapping[str, Any] = body.get("schema", {})
    return schema


def _shown(found: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Return the examples of a body or an answer."""
    examples = [one for content in found.get("content", {}).values() for one in content.get("examples", {}).items()]
    return tuple(Shown(one.get("summary", name), json.dumps(one["value"], indent=2)) for name, one in examples)


def _fields(schema: Mapping[str, Any], body: Mapping[str, Any], *around: str) -> Iterator[Field]:
    """Return the fields of a body, each followed by its own."""
    body = _resolved(schema, body)
    if "items" in body:
        body = _resolved(schema, body["items"])
    required = body.get("required", ())
    for name, one in body.get("properties", {}).items():
        known = _resolved(schema, one)
        text = one.get("description") or known.get("description", "")
        yield Field(".".join((*around, name)), _kind(known), name in required, text)
        if len(around) < DEEPEST:
            yield from _fields(schema, known, *around, name)


def _resolved(schema: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(found.get("allOf", ())) == 1:
        found = found["allOf"][0]
    if "$ref" in found:
        part: Mapping[str, Any] = schema["components"]["schemas"][found["$ref"].rpartition("/")[2]]
        return part
    return found


def _kind(found: Mapping[str, Any]) -> str:
    kind = found.get("type", "any")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if found.get("format"):
        words = f"{words} ({found['format']})"
    choices = [str(choice) for choice in found.get("enum", ()) if choice is not None]
    return ", ".join(choices) if choices else words


urlpatterns = [
    path("api/schema/", Schema.as_view(), name="api_schema"),
    path("api/docs/", docs, name="api_docs"),
]
