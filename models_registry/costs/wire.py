"""What the API of costs takes and gives. Amounts are decimal text in whole units, with at most six places."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from models_registry.access.strict import Strict
from models_registry.costs.importing import Preview
from models_registry.costs.models import Budget, BudgetScope, CostImport, CostOrigin, DailyCost, ImportState
from models_registry.costs.money import AmountUnfit, parse_amount, plain
from models_registry.costs.queries import DIMENSIONS, Showback
from models_registry.costs.standing import reporting_currency

PROBLEMS_TOLD = 200


@extend_schema_field({"type": "string", "pattern": r"^-?\d{1,9}(\.\d{1,6})?$", "maxLength": 20})
class AmountField(serializers.Field[int, Any, str, Any]):
    """An amount as decimal text."""

    def to_internal_value(self, data: Any) -> int:
        """Return the millionths. Raises ValidationError."""
        try:
            return parse_amount(data if isinstance(data, str) else "")
        except AmountUnfit as error:
            raise serializers.ValidationError(str(error)) from None

    def to_representation(self, value: int) -> str:
        """Return the text of millionths."""
        return plain(value)


class MonthField(serializers.RegexField):
    """A month of this century: `2026-11`."""

    default_error_messages = {"invalid": "A month such as 2026-11."}

    def __init__(self, **options: Any) -> None:
        super().__init__(r"^20[0-9]{2}-(0[1-9]|1[0-2])$", **options)


class CostLineOutput(serializers.Serializer[Any]):
    """What one part spent."""

    name = serializers.CharField()
    key = serializers.CharField(help_text="Identifier of the unit, team, model or version; empty where unattributed.")
    amount = serializers.CharField()
    amount_before = serializers.CharField()
    share = serializers.FloatField(help_text="0 to 1.")


class ShowbackOutput(serializers.Serializer[Any]):
    """A month divided; the lines add up to the amount."""

    month = serializers.CharField()
    until = serializers.DateField()
    by = serializers.ChoiceField(choices=list(DIMENSIONS))
    currency = serializers.CharField()
    amount = serializers.CharField()
    amount_before = serializers.CharField(help_text="In the month before, as far as this one has come.")
    waiting = serializers.IntegerField(help_text="Amounts without an exchange rate; in none of the sums.")
    held = serializers.IntegerField(help_text="Amounts that are more than can be counted; in none of the sums.")
    lines = CostLineOutput(many=True)


class DailyOutput(serializers.Serializer[Any]):
    """What was spent on a day."""

    id = serializers.IntegerField()
    day = serializers.DateField()
    origin = serializers.ChoiceField(choices=CostOrigin.choices)
    model = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    project = serializers.CharField()
    currency = serializers.CharField()
    amount = serializers.CharField()
    reporting_currency = serializers.CharField()
    reporting_amount = serializers.CharField()
    tokens_in = serializers.IntegerField()
    tokens_out = serializers.IntegerField()


class BudgetInput(Strict):
    """A budget to set. What the scope names is needed: a unit, a team, a model or a project."""

    scope = serializers.ChoiceField(choices=BudgetScope.choices)
    unit = serializers.SlugField(required=False)
    team = serializers.SlugField(required=False)
    model = serializers.SlugField(required=False)
    project = serializers.CharField(required=False, max_length=80)
    amount = AmountField()
    warn_percent = serializers.IntegerField(min_value=1, max_value=100, default=80)
    first_month = MonthField()
    last_month = MonthField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class BudgetOutput(serializers.Serializer[Any]):
    """A budget, and how it stood when it was last looked at."""

    id = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=BudgetScope.choices)
    target = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    warn_percent = serializers.IntegerField()
    first_month = serializers.DateField()
    last_month = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    looked_at = serializers.DateTimeField(allow_null=True)
    spent = serializers.CharField(allow_null=True)
    expected = serializers.CharField(allow_null=True, help_text="By the end of the month.")
    expected_low = serializers.CharField(allow_null=True)
    expected_high = serializers.CharField(allow_null=True)


class CostImportInput(Strict):
    """A bill. With ``dry_run`` nothing is kept; ``good_rows_only`` imports what is in order and leaves the rest."""

    file_name = serializers.CharField(max_length=200, default="A bill without a name")
    content = serializers.CharField(max_length=1_000_000, trim_whitespace=False, help_text="The CSV file's text.")
    replaces_measured = serializers.BooleanField(default=False)
    good_rows_only = serializers.BooleanField(default=False)
    dry_run = serializers.BooleanField(default=False)


class CostProblemOutput(serializers.Serializer[Any]):
    """What is wrong in one place of a file."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    problem = serializers.CharField()


class CostImportOutput(serializers.Serializer[Any]):
    """A bill and what became of it."""

    id = serializers.IntegerField(allow_null=True)
    file_name = serializers.CharField()
    digest = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    replaces_measured = serializers.BooleanField()
    rows = serializers.IntegerField()
    importable = serializers.IntegerField(help_text="Rows in order that are not on record yet.")
    imported = serializers.IntegerField(help_text="Rows that this request put on record.")
    totals = serializers.DictField(child=serializers.CharField(), help_text="Of the importable rows, by currency.")
    problem_count = serializers.IntegerField()
    problems = CostProblemOutput(many=True, help_text=f"The first {PROBLEMS_TOLD}.")


class CostUndoInput(Strict):
    """Why an import is taken back."""

    reason = serializers.CharField(max_length=500)


def showback(found: Showback) -> Mapping[str, Any]:
    """Return a month divided, as it is written."""
    body = {
        "month": f"{found.span.month:%Y-%m}",
        "until": found.span.until,
        "by": found.by,
        "currency": reporting_currency(),
        "amount": plain(found.now),
        "amount_before": plain(found.before),
        "waiting": found.waiting,
        "held": found.held,
        "lines": [
            {
                "name": one.name, "key": one.key, "amount": plain(one.now), "amount_before": plain(one.before),
                "share": one.share,
            }
            for one in found.lines
        ],
    }  # fmt: skip
    return ShowbackOutput(body).data


def daily(row: DailyCost) -> Mapping[str, Any]:
    """Return a day's amount, as it is written."""
    body = {
        "id": row.pk,
        "day": row.day,
        "origin": row.origin,
        "model": row.model.slug if row.model else None,
        "version": row.version.number if row.version else None,
        "unit": row.unit.slug if row.unit else None,
        "team": row.team.slug if row.team else None,
        "project": row.project,
        "currency": row.currency,
        "amount": plain(row.amount_micros),
        "reporting_currency": reporting_currency(),
        "reporting_amount": plain(row.reporting_micros or 0),
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
    }
    return DailyOutput(body).data


def budget(row: Budget) -> Mapping[str, Any]:
    """Return a budget, as it is written."""
    status = getattr(row, "status", None)
    amounts = {
        name: None if getattr(status, field, None) is None else plain(getattr(status, field))
        for name, field in (
            ("spent", "spent_micros"), ("expected", "expected_micros"), ("expected_low", "low_micros"),
            ("expected_high", "high_micros"),
        )
    }  # fmt: skip
    body = {
        "id": row.pk,
        "scope": row.scope,
        "target": str(row),
        "amount": plain(row.amount_micros),
        "currency": row.currency,
        "warn_percent": row.warn_percent,
        "first_month": row.first_month,
        "last_month": row.last_month,
        "note": row.note,
        "ended_at": row.ended_at,
        "looked_at": getattr(status, "judged_at", None),
        **amounts,
    }
    return BudgetOutput(body).data


def bill(source: CostImport, seen: Preview, *, imported: int = 0) -> Mapping[str, Any]:
    """Return a bill, as it is written."""
    body = {
        "id": source.pk,
        "file_name": source.file_name,
        "digest": source.digest,
        "state": source.state,
        "replaces_measured": source.replaces_measured,
        "rows": seen.bill.row_count,
        "importable": len(seen.fresh),
        "imported": imported,
        "totals": {currency: plain(micros) for currency, micros in seen.totals.items()},
        "problem_count": len(seen.bill.wrong),
        "problems": [one._asdict() for one in seen.bill.wrong[:PROBLEMS_TOLD]],
    }
    return CostImportOutput(body).data
