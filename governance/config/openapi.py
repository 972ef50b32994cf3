"""How the API describes itself: what every operation asks, takes, and refuses, said once for all of them."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from models_registry.access.guard import permission_of
from models_registry.access.idempotency import HEADER, LONGEST_KEY
from models_registry.access.paging import CursorPage
from models_registry.access.problem import MEDIA_TYPE

REFUSALS = {
    "400": "The request cannot be read, or fields are wrong or unknown; `errors` says which.",
    "401": "No token, or one that does not open this.",
    "403": "The roles of the caller, or the scopes of the token, do not allow this; `detail` says why.",
    "404": "Nothing of this name exists for the caller.",
    "409": "The state that was read has moved, or does not allow this; `detail` says what is so now.",
    "413": "The body has more than 1 MiB.",
    "415": "The body is of another type than the one described here.",
    "422": "The idempotency key was used for a different request.",
    "503": "Redline could not decide. `decision` is BLOCK: nothing may move on this answer; ask again.",
}
"""What each status means, wherever it is answered."""

KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description=(
        f"Any text of at most {LONGEST_KEY} characters. The same request under the same key has one effect for seven "
        "days: later ones get the first answer and the header `Idempotency-Replayed`."
    ),
)


class WrongField(serializers.Serializer[Any]):
    """One field that is wrong."""

    pointer = serializers.CharField(help_text="Where it stands in the body (RFC 6901), such as `#/steps/0/due_on`.")
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField(help_text="`about:blank` where the status says all there is to say.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is so, in a sentence for people.")
    errors = WrongField(many=True, required=False)  # type: ignore[assignment]


class StrictInput(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """Input that refuses unknown fields says so."""

    target_class = "models_registry.access.strict.Strict"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Literal["request", "response"]) -> dict[str, Any]:
        """Return the schema of the fields, closed to others."""
        fields: dict[str, Any]
        fields = auto_schema._map_serializer(  # type: ignore[no-untyped-call]
            self.target, direction, bypass_extensions=True
        )
        return {**fields, "additionalProperties": False}


class HouseSchema(AutoSchema):
    """Describes an operation from its docstring, its permission and how it is guarded."""

    def get_summary(self) -> str:
        """Return the first sentence of the method's docstring."""
        return self._said().partition("\n")[0].rstrip(".")

    def get_description(self) -> str:  # type: ignore[override]
        """Return what the operation does and which permission it asks."""
        asked = permission_of(self.view, self.method.upper())
        return f"{self._said()}\n\nAsks for the permission `{asked}`." if asked else self._said()

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters that a view names, and the key where one is honoured."""
        return [*super().get_override_parameters(), *([KEY] if self._is_idempotent() else [])]

    def _get_paginator(self) -> CursorPage:
        """Return how a list is answered: every one page by page."""
        return CursorPage()

    def _said(self) -> str:
        return str(super().get_description() or "").strip()

    def _is_idempotent(self) -> bool:
        return bool(getattr(getattr(self.view, self.method.lower(), None), "idempotent", False))

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        found: dict[str, Any] = super()._get_response_bodies(direction)
        if direction != "response":
            return found
        schema = self.resolve_serializer(Problem, "response").ref
        for status in self._refusals():
            answer = {"description": REFUSALS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
            found.setdefault(status, answer)
        return dict(sorted(found.items()))

    def _refusals(self) -> list[str]:
        """Return the statuses with which this operation may refuse."""
        statuses = ["400", "401", "403"]
        if "{" in self.path:
            statuses.append("404")
        if self.method != "GET":
            statuses += ["404", "409", "413"]
        if self.method != "GET" and self.get_request_serializer():
            statuses.append("415")
        if getattr(self.view, "fails_closed", False):
            statuses.append("503")
        return statuses + (["422"] if self._is_idempotent() else [])
