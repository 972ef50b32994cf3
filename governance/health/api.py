"""The API of health formulas. Automation may read and check them; only people write them."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.health import actions
from governance.health.formula import parse
from governance.rules import serving
from governance.rules.serving import Shelf, TextIn, VersionOut, taken
from models_registry.access.idempotency import idempotent
from models_registry.access.permissions import Permission
from models_registry.catalog.models import Kind

READ, WRITE = Permission.FORMULA_READ, Permission.FORMULA_WRITE
SHELF = Shelf(
    walk=actions.WALK,
    check=lambda text, slug: actions.errors_of(text, slug=slug),
    says=actions.brief_of,
    name_of=lambda text: parse(text).name,
    draft=actions.draft,
    submit=actions.submit,
)


class FormulaIn(TextIn):
    """The text of a formula; a new one says which kinds of model it scores."""

    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices), required=False, default=list)


class FormulaLint(serving.Lint):
    """Checks of a health formula's text that keep nothing."""

    shelf = SHELF
    permission: ClassVar = READ


class FormulaList(serving.Parents):
    """Formulas."""

    shelf = SHELF
    permission: ClassVar = {"GET": READ, "POST": WRITE}

    @extend_schema(request=FormulaIn, responses={201: VersionOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Draft a version of the formula that the text names; 400 with every error when it cannot be read."""
        given = taken(FormulaIn, request)
        if problems := SHELF.check(given["text"], ""):
            raise serializers.ValidationError({"text": [str(one) for one in problems]})
        kinds = [Kind(kind) for kind in given["kinds"]]
        return self.drafted(request, slug=SHELF.name_of(given["text"]), text=given["text"], kinds=kinds)


class FormulaDetail(serving.Parent):
    """One health formula."""

    shelf = SHELF
    permission: ClassVar = READ


class FormulaVersions(serving.Versions):
    """The versions of one health formula."""

    shelf = SHELF
    permission: ClassVar = {"GET": READ, "POST": WRITE}


class FormulaVersionDetail(serving.Version):
    """One version of a health formula."""

    shelf = SHELF
    permission: ClassVar = READ


class FormulaSubmissions(serving.Submissions):
    """Submissions of one's own drafts of a health formula."""

    shelf = SHELF
    permission: ClassVar = WRITE
