"""The API of costs: months divided, daily amounts, budgets, and bills that programs bring."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from models_registry.access.api import ApiView
from models_registry.access.idempotency import idempotent
from models_registry.access.models import BusinessUnit, Team
from models_registry.access.paging import paginate
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.access.strict import checked
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import actions, importing, queries, wire
from models_registry.costs.models import CostImport
from models_registry.costs.money import FIRST_DAY
from models_registry.costs.reading import text_of
from models_registry.tabular.texts import FileUnfit

READ, WRITE, BUDGET = Permission.COST_READ, Permission.COST_WRITE, Permission.BUDGET_WRITE
MOST_DAYS = 400
BY = OpenApiParameter(
    "by", {"type": "string", "enum": list(queries.DIMENSIONS)}, description="How it is divided; unit when left out."
)
MONTH = OpenApiParameter(
    "month", {"type": "string", "pattern": r"^\d{4}-\d{2}$"}, description="Such as 2026-11; this one when left out."
)
SINCE = OpenApiParameter("since", {"type": "string", "format": "date"}, description="First day; 30 days ago if absent.")
UNTIL = OpenApiParameter("until", {"type": "string", "format": "date"}, description="Last day; today if absent.")
MODEL = OpenApiParameter("model", {"type": "string"}, description="Slug of a model.")


class ShowbackView(ApiView):
    """A month divided."""

    permission = READ

    @extend_schema(responses=wire.ShowbackOutput, parameters=[BY, MONTH])
    def get(self, request: Request) -> Response:
        """Return who spent how much in a month, beside the month before; the lines add up to the amount."""
        by, month = request.query_params.get("by", "unit"), request.query_params.get("month", "")
        if by not in queries.DIMENSIONS:
            raise ValidationError({"by": [f"One of {', '.join(queries.DIMENSIONS)}."]})
        span = queries.span_of(month=month, at=timezone.now())
        if month and f"{span.month:%Y-%m}" != month:
            raise ValidationError({"month": ["A month that has begun, such as 2026-11."]})
        return Response(wire.showback(queries.showback(actor=request.user, span=span, by=by)))


class DailyList(ApiView):
    """Daily amounts."""

    permission = READ

    @extend_schema(responses=wire.DailyOutput(many=True), parameters=[SINCE, UNTIL, MODEL])
    def get(self, request: Request) -> Response:
        """Return a page of daily amounts, newest first; at most 400 days."""
        today = timezone.now().date()
        until = _day(request, "until", today)
        since = _day(request, "since", until - timedelta(days=30))
        if not timedelta(0) <= until - since <= timedelta(days=MOST_DAYS):
            raise ValidationError({"since": [f"A day before until, at most {MOST_DAYS} days before."]})
        rows = queries.by_day(actor=request.user, since=since, until=until)
        if slug := request.query_params.get("model", "").replace("\x00", ""):
            rows = rows.filter(model__slug=slug)
        return paginate(request, rows, wire.daily, ordering=("-day", "-id"))


class BudgetList(ApiView):
    """Budgets."""

    permission = {"GET": READ, "POST": BUDGET}

    @extend_schema(responses=wire.BudgetOutput(many=True))
    def get(self, request: Request) -> Response:
        """Return a page of budgets, ended ones included, newest first."""
        return paginate(request, queries.budgets_for(actor=request.user), wire.budget)

    @extend_schema(request=wire.BudgetInput, responses={201: wire.BudgetOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Set a budget; 409 while one stands for the same scope."""
        facts = checked(wire.BudgetInput(data=request.data))
        made = actions.set_budget(
            by=request.user,
            at=timezone.now(),
            scope=facts["scope"],
            amount_micros=facts["amount"],
            warn_percent=facts["warn_percent"],
            note=facts["note"],
            first_month=date.fromisoformat(f"{facts['first_month']}-01"),
            last_month=date.fromisoformat(f"{facts['last_month']}-01") if "last_month" in facts else None,
            project=facts.get("project", ""),
            **_targets(request, facts),
        )
        return Response(wire.budget(made), status=201)


class BudgetDetail(ApiView):
    """One budget."""

    permission = READ

    @extend_schema(responses=wire.BudgetOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return a budget and how it stood when it was last looked at."""
        return Response(wire.budget(get_object_or_404(queries.budgets_for(actor=request.user), pk=pk)))


class ImportList(ApiView):
    """Bills."""

    permission = WRITE

    @extend_schema(request=wire.CostImportInput, responses={200: wire.CostImportOutput, 201: wire.CostImportOutput})
    @idempotent
    def post(self, request: Request) -> Response:
        """Import a bill, 201; with `dry_run`, say what that would do, 200.

        A bill with problems is 200 with `imported` 0 and the problems by row and column, unless the good rows alone
        are asked for. The same file again imports what is not on record yet, and is 200 when there is nothing.
        """
        facts = checked(wire.CostImportInput(data=request.data))
        at = timezone.now()
        try:
            with transaction.atomic():
                source = importing.upload(
                    by=request.user, at=at, file_name=facts["file_name"],
                    content=text_of(facts["content"].encode()),
                    replaces_measured=facts["replaces_measured"],
                )  # fmt: skip
                seen = importing.preview(source=source, at=at)
                if facts["dry_run"]:
                    transaction.set_rollback(True)
                    source.pk = None
        except FileUnfit as unfit:
            raise ValidationError({"content": [str(unfit)]}) from None
        wanted = seen.fresh and (facts["good_rows_only"] or not seen.bill.wrong)
        if facts["dry_run"] or not wanted:
            return Response(wire.bill(source, seen))
        count = importing.apply_import(by=request.user, at=at, source=source, good_rows_only=facts["good_rows_only"])
        source.refresh_from_db()
        return Response(wire.bill(source, importing.preview(source=source, at=at), imported=count), status=201)


class ImportDetail(ApiView):
    """One bill."""

    permission = WRITE

    @extend_schema(responses=wire.CostImportOutput)
    def get(self, request: Request, pk: int) -> Response:
        """Return a bill: what of it is on record, and what importing it now would do."""
        source = get_object_or_404(CostImport, pk=pk)
        return Response(wire.bill(source, importing.preview(source=source, at=timezone.now())))


class Undoings(ApiView):
    """Undoings of a bill."""

    permission = WRITE

    @extend_schema(request=wire.CostUndoInput, responses=wire.CostImportOutput)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Take a bill back by entries of the opposite amount; 409 when it is not imported."""
        facts = checked(wire.CostUndoInput(data=request.data))
        source, at = get_object_or_404(CostImport, pk=pk), timezone.now()
        importing.undo_import(by=request.user, at=at, source=source, reason=facts["reason"])
        source.refresh_from_db()
        return Response(wire.bill(source, importing.preview(source=source, at=at)))


def _targets(request: Request, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a budget names. Raises ValidationError for what is not on record, or not to be seen."""
    rows: dict[str, Any] = {
        "unit": BusinessUnit.objects.all(),
        "team": Team.objects.all(),
        "model": visible(request.user, READ, RegisteredModel.objects.all()),
    }
    found = {name: known.filter(slug=facts[name]).first() for name, known in rows.items() if name in facts}
    absent = [name for name, one in found.items() if one is None]
    if absent:
        raise ValidationError({name: [f"No {name} is called so."] for name in absent})
    return found


def _day(request: Request, name: str, usual: date) -> date:
    text = request.query_params.get(name, "")
    try:
        day = date.fromisoformat(text) if text else usual
    except ValueError:
        raise ValidationError({name: ["A day such as 2026-11-30."]}) from None
    if day < FIRST_DAY:
        raise ValidationError({name: [f"A day from {FIRST_DAY} on."]})
    return day
