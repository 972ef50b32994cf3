"""The API of imports: bring an inventory, read what it would do, apply it, take it back."""

import base64
import binascii
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.strict import checked
from models_registry.intake import actions, queries, wire
from models_registry.intake.models import Intake, IntakeState, Outcome
from models_registry.intake.working import settle
from models_registry.tabular.texts import FileUnfit

OUTCOME = OpenApiParameter(
    "outcome", {"type": "string", "enum": [str(one) for one in Outcome.values]}, description="All when left out."
)
EXAMPLE = OpenApiExample(
    "Two models, looked at",
    {
        "file_name": "inventory.csv",
        "content": "Model name,Owner,Risk tier,Type\nFraud scores,olive,1,classifier\nChurn,olive,3,classifier\n",
        "usual": {"unit": "claims"},
        "dry_run": True,
    },
    request_only=True,
)


class ImportList(ApiView):
    """Imports of an inventory."""

    permission = {"GET": Permission.MODEL_READ, "POST": Permission.MODEL_REGISTER}

    @extend_schema(responses=wire.InventoryOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of imports, newest first."""
        return paginate(request, queries.imports_for(actor=request.user), wire.importation)

    @extend_schema(request=wire.InventoryInput, responses={201: wire.InventoryOutput}, examples=[EXAMPLE])
    @idempotent
    def post(self, request: Request) -> Response:
        """Check an inventory and, without `dry_run`, apply it where every row is in order.

        Rows with problems keep the whole file from being applied, unless the good rows alone are asked for. A file of
        more than 300 models is checked by the worker: ask for the import until its state is CHECKED, then apply it.
        """
        facts = checked(wire.InventoryInput(data=request.data))
        at = timezone.now()
        with transaction.atomic():
            made = _upload(request, facts, at)
            try:
                mapping = _mapping(made, facts.get("mapping"))
                actions.map_columns(
                    by=request.user, at=at, intake=made, mapping=mapping, usual=facts.get("usual", made.usual)
                )
            except actions.MappingUnfit as unfit:
                raise ValidationError({"mapping": [str(unfit)]}) from None
        made = settle(made, at=at)
        if not facts["dry_run"] and made.state == IntakeState.CHECKED:
            try:
                actions.apply(by=request.user, at=at, intake=made, good_rows_only=facts["good_rows_only"])
                made = settle(made, at=at)
            except (actions.RowsUnfit, actions.NothingToDo):
                pass  # the answer says what is wrong, or that there was nothing to do
        return Response(wire.importation(made), status=201)


class ImportDetail(ApiView):
    """One import."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=wire.InventoryOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return an import: its state, and how many models are in for what."""
        return Response(wire.importation(_import(request, pk)))


class ItemList(ApiView):
    """The models of an import."""

    permission = Permission.MODEL_READ

    @extend_schema(responses=wire.InventoryItem(many=True), parameters=[OUTCOME])
    def get(self, request: Request, pk: int) -> Response:
        """Return a page of what the import would do, or did, model by model, with problems by row and column."""
        found = _import(request, pk)
        rows = found.items.all()
        if asked := request.query_params.get("outcome", ""):
            if asked not in Outcome.values:
                raise ValidationError({"outcome": [f"One of {', '.join(Outcome.values)}."]})
            rows = rows.filter(outcome=asked)
        headings = queries.headings_by_field(found)
        told = lambda one: wire.item(one, intake=found, headings=headings)  # noqa: E731
        return paginate(request, rows, told, ordering=("position", "id"))


class Applications(ApiView):
    """Applications of an import."""

    permission = Permission.MODEL_REGISTER

    @extend_schema(request=wire.InventoryApplication, responses=wire.InventoryOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Apply an import that was checked; 409 where rows have problems, or nothing would change."""
        facts = checked(wire.InventoryApplication(data=request.data))
        found, at = _import(request, pk), timezone.now()
        actions.apply(by=request.user, at=at, intake=found, good_rows_only=facts["good_rows_only"])
        return Response(wire.importation(settle(found, at=at)))


class TakingsBack(ApiView):
    """Undoings of an import."""

    permission = Permission.MODEL_REGISTER

    @extend_schema(request=wire.InventoryUndoing, responses=wire.InventoryOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Take an import back; 409 with what was changed since."""
        facts = checked(wire.InventoryUndoing(data=request.data))
        found, at = _import(request, pk), timezone.now()
        actions.undo(by=request.user, at=at, intake=found, reason=facts["reason"])
        return Response(wire.importation(settle(found, at=at)))


def _upload(request: Request, facts: dict[str, Any], at: Any) -> Intake:
    named = "content" if "content" in facts else "content_base64"
    try:
        raw = facts["content"].encode() if named == "content" else base64.b64decode(facts[named], validate=True)
        return actions.upload(by=request.user, at=at, file_name=facts["file_name"], raw=raw)
    except (binascii.Error, UnicodeEncodeError):
        raise ValidationError({named: ["This is not base64."]}) from None
    except FileUnfit as unfit:
        raise ValidationError({named: [str(unfit)]}) from None


def _mapping(made: Intake, asked: dict[str, str] | None) -> dict[int, str]:
    if asked is None:
        return {int(place): name for place, name in made.mapping.items()}
    places = {heading: place for place, heading in reversed(list(enumerate(made.headings)))}
    if unknown := [heading for heading in asked if heading not in places]:
        raise ValidationError({"mapping": [f"No column is called {unknown[0][:60]}."]})
    return {places[heading]: name for heading, name in asked.items()}


def _import(request: Request, pk: int) -> Intake:
    return get_object_or_404(queries.imports_for(actor=request.user), pk=pk)
