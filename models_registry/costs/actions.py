"""What people decide about costs: exchange rates, the house's prices, budgets."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from models_registry.access.models import Account, BusinessUnit, Team
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.catalog.models import RegisteredModel
from models_registry.costs.forecast import month_of
from models_registry.costs.ledger import convert_again, derive
from models_registry.costs.models import Budget, BudgetScope, ExchangeRate, PriceList
from models_registry.costs.money import plain
from models_registry.costs.pricing import Price, provider_key
from models_registry.costs.standing import reporting_currency

REPRICED_DAYS = 366
"""How far back a new price list is applied to tokens that were counted."""


class RateUnfit(ValueError):
    """A rate is a positive number into the reporting currency, from another one, from a day that has come."""

    http_status = 400


class PricesUnfit(ValueError):
    """A price list names a provider and at least one product, and no price is negative."""

    http_status = 400


class BudgetUnfit(ValueError):
    """A budget has a positive amount, one thing whose spending it limits, and months in order."""

    http_status = 400


class BudgetStands(Exception):
    """A budget for this stands already. Change it, or end it first."""

    http_status = 409


class BudgetEnded(Exception):
    """This budget has ended and is kept as it was."""

    http_status = 409


@transaction.atomic
def enter_rate(*, by: Account, at: dt.datetime, currency: str, effective_on: dt.date, rate: Decimal) -> ExchangeRate:
    """Say what one unit of a currency is worth in the reporting currency, from a day on; amounts follow at once.

    Raises AccessDenied, RateUnfit and SumUnfit.
    """
    require(by, Permission.COST_WRITE)
    code, reporting = currency.strip().upper(), reporting_currency()
    is_code = len(code) == 3 and code.isascii() and code.isalpha()
    if not is_code or code == reporting or not (0 < rate < 10**9) or effective_on > at.astimezone(dt.UTC).date():
        raise RateUnfit(RateUnfit.__doc__)
    entered = ExchangeRate.objects.create(
        currency=code, reporting=reporting, effective_on=effective_on, rate=rate, entered_by=by, entered_at=at
    )
    body = {"at": at, "currency": code, "reporting": reporting, "rate": f"{rate:f}", "from_on": effective_on}
    record(by=by, action="cost.rate_entered", on=entered, body=body)
    convert_again(currency=code, since=effective_on)
    return entered


@transaction.atomic
def enter_prices(
    *,
    by: Account,
    at: dt.datetime,
    provider: str,
    effective_on: dt.date,
    currency: str,
    prices: Mapping[str, Price],
    source: str = "",
) -> PriceList:
    """Put the house's prices at a provider in force from a day on, as the next version; tokens are priced anew.

    Amounts of up to a year back follow. Raises AccessDenied and PricesUnfit.
    """
    require(by, Permission.COST_WRITE)
    named = {product.strip().lower(): price for product, price in prices.items()}
    if not provider_key(provider) or not named or "" in named:
        raise PricesUnfit(PricesUnfit.__doc__)
    if any(price.reading < 0 or price.writing < 0 for price in named.values()):
        raise PricesUnfit(PricesUnfit.__doc__)
    same = PriceList.objects.filter(provider=provider.strip())
    entered = PriceList.objects.create(
        provider=provider.strip(),
        number=(same.aggregate(last=Max("number"))["last"] or 0) + 1,
        effective_on=effective_on,
        currency=currency,
        prices={name: {"in": f"{price.reading:f}", "out": f"{price.writing:f}"} for name, price in named.items()},
        source=source,
        entered_by=by,
        entered_at=at,
    )
    body = {
        "at": at,
        "provider": entered.provider,
        "number": entered.number,
        "from_on": effective_on,
        "currency": currency,
        "prices": entered.prices,
        "source": source,
    }
    record(by=by, action="cost.prices_entered", on=entered, body=body)
    today = at.astimezone(dt.UTC).date()
    if effective_on <= today:
        derive(since=max(effective_on, today - dt.timedelta(days=REPRICED_DAYS)), until=today)
    return entered


@transaction.atomic
def set_budget(
    *,
    by: Account,
    at: dt.datetime,
    scope: str,
    amount_micros: int,
    first_month: dt.date,
    unit: BusinessUnit | None = None,
    team: Team | None = None,
    model: RegisteredModel | None = None,
    project: str = "",
    last_month: dt.date | None = None,
    warn_percent: int = 80,
    note: str = "",
) -> Budget:
    """Limit what may be spent in a month. One budget stands for one scope at a time.

    Raises AccessDenied, BudgetUnfit and BudgetStands.
    """
    require(by, Permission.BUDGET_WRITE, on=model if scope == BudgetScope.MODEL else None)
    budget = Budget(
        scope=scope,
        unit=unit if scope == BudgetScope.UNIT else None,
        team=team if scope == BudgetScope.TEAM else None,
        model=model if scope == BudgetScope.MODEL else None,
        project=project.strip() if scope == BudgetScope.PROJECT else "",
        amount_micros=amount_micros,
        currency=reporting_currency(),
        warn_percent=warn_percent,
        first_month=month_of(first_month),
        last_month=month_of(last_month) if last_month else None,
        note=note,
        created_by=by,
        created_at=at,
    )
    _check(budget)
    try:
        with transaction.atomic():
            budget.save(force_insert=True)
    except IntegrityError as error:
        if "costs_budget_one_open" not in str(error):
            raise
        raise BudgetStands(BudgetStands.__doc__) from None
    record(by=by, action="budget.created", on=budget, body={"at": at, **told(budget)})
    return budget


@transaction.atomic
def change_budget(
    *,
    by: Account,
    at: dt.datetime,
    budget: Budget,
    amount_micros: int,
    warn_percent: int,
    last_month: dt.date | None,
    note: str,
) -> Budget:
    """Change how much a budget allows, when it warns and how long it runs; the trail keeps what it was.

    Raises AccessDenied, BudgetUnfit and BudgetEnded.
    """
    held = _held(by, budget)
    before = told(held)
    held.amount_micros, held.warn_percent, held.note = amount_micros, warn_percent, note
    held.last_month = month_of(last_month) if last_month else None
    held.changed_at = at
    _check(held)
    held.save(update_fields=["amount_micros", "warn_percent", "note", "last_month", "changed_at"])
    record(by=by, action="budget.changed", on=held, body={"at": at, "before": before, **told(held)})
    return held


@transaction.atomic
def end_budget(*, by: Account, at: dt.datetime, budget: Budget, reason: str) -> Budget:
    """End a budget; it is kept and watched no more. Raises AccessDenied and BudgetEnded."""
    held = _held(by, budget)
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    record(by=by, action="budget.ended", on=held, body={"at": at, **told(held), "why": reason})
    return held


def told(budget: Budget) -> dict[str, Any]:
    """Return how the trail tells a budget."""
    return {
        "budget": str(budget),
        "scope": budget.scope,
        "amount": plain(budget.amount_micros),
        "currency": budget.currency,
        "warn_percent": budget.warn_percent,
        "first_month": budget.first_month.isoformat(),
        "last_month": budget.last_month.isoformat() if budget.last_month else "",
        "note": budget.note,
    }


def _held(by: Account, budget: Budget) -> Budget:
    rows = Budget.objects.select_for_update(of=("self",)).select_related("unit", "team", "model")
    held = rows.get(pk=budget.pk)
    require(by, Permission.BUDGET_WRITE, on=held.model)
    if held.ended_at is not None:
        raise BudgetEnded(BudgetEnded.__doc__)
    return held


def _check(budget: Budget) -> None:
    named = budget.scope == BudgetScope.HOUSE or bool(getattr(budget, Budget.TARGETS.get(budget.scope, ""), None))
    in_order = budget.last_month is None or budget.last_month >= budget.first_month
    if not (named and in_order and 0 < budget.amount_micros < 10**18 and 1 <= budget.warn_percent <= 100):
        raise BudgetUnfit(BudgetUnfit.__doc__)
