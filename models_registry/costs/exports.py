"""What is given out of costs: daily amounts, budgets, prices and rates, and the lines of bills."""

from decimal import Decimal

from models_registry.access.exports import Column, export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.costs import queries
from models_registry.costs.models import CostRecord, ExchangeRate, PriceList
from models_registry.costs.money import plain
from models_registry.costs.standing import reporting_currency
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return what the actor may read of costs."""
    if not may_open(actor, Permission.COST_READ):
        return []
    words = f"What was spent on each day, and whom it belongs to; reporting amounts in {reporting_currency()}."
    found = [
        export_of("costs", words, queries.amounts_for(actor=actor), {
            "day": "day", "slug": "model__slug", "version": "version__number", "unit": "unit__slug",
            "team": "team__slug", "project": "project", "known_from": "origin", "currency": "currency",
            "amount": _money("amount_micros"), "reporting_amount": _money("reporting_micros"),
            "tokens_in": "tokens_in", "tokens_out": "tokens_out",
        }, order=("day", "pk")),
        export_of("budgets", "Budgets, ended ones included, and how each stood when it was last looked at.",
                  queries.budgets_for(actor=actor), {
            "scope": "scope", "unit": "unit__slug", "team": "team__slug", "slug": "model__slug", "project": "project",
            "amount": _money("amount_micros"), "currency": "currency", "warn_percent": "warn_percent",
            "first_month": "first_month", "last_month": "last_month", "note": "note",
            "spent": _money("status__spent_micros"), "expected": _money("status__expected_micros"),
            "looked_at": "status__judged_at", "created_by": "created_by__username", "created_at": "created_at",
            "ended_at": "ended_at",
        }),
        export_of("prices", "The house's prices at its providers.", PriceList.objects.all(), {
            "provider": "provider", "number": "number", "effective_on": "effective_on", "currency": "currency",
            "prices": "prices", "source": "source", "entered_by": "entered_by__username", "entered_at": "entered_at",
        }),
        export_of("exchange_rates", "Exchange rates that were entered.", ExchangeRate.objects.all(), {
            "currency": "currency", "reporting": "reporting", "effective_on": "effective_on", "rate": "rate",
            "entered_by": "entered_by__username", "entered_at": "entered_at",
        }),
    ]  # fmt: skip
    return [*found, *_bills(actor)]


def _bills(actor: Account) -> list[Export]:
    """Return the lines of bills, for those who may open the pages of bills."""
    if not may_open(actor, Permission.COST_WRITE):
        return []
    return [
        export_of("cost_records", "Every line of every bill, and what took it back.", CostRecord.objects.all(), {
            "file": "source__file_name", "row": "row", "day": "day", "slug": "model__slug",
            "version": "version__number", "unit": "unit__slug", "team": "team__slug", "project": "project",
            "amount": _money("amount_micros"), "currency": "currency", "description": "description",
            "takes_back_row": "compensates__row", "recorded_by": "recorded_by__username",
            "recorded_at": "recorded_at",
        })
    ]  # fmt: skip


def _money(field: str) -> Column:
    """Return a column of millionths as an exact number of units."""
    return field, lambda micros: None if micros is None else Decimal(plain(micros))
