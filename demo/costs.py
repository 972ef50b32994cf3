"""What Meridian Mutual pays for its models: contract prices, an exchange rate, bills, and budgets that are watched."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from demo import story
from demo.telemetry import DAY, Telemetry
from models_registry.access.models import Account, Team
from models_registry.catalog.models import RegisteredModel
from models_registry.costs import actions, importing, watching
from models_registry.costs.forecast import month_of
from models_registry.costs.money import MICROS
from models_registry.costs.pricing import Price

WATCHED_FOR = timedelta(days=14)
MONTH_DAYS = 30.4
LEAN = 0.96
"""The share of a usual month that the tight budget allows."""

BILL = (
    ("claims-triage", "", "", "claims-modernisation", "1840.00", "EUR", "GPU reservation, search index"),
    ("damage-photos", "", "", "claims-modernisation", "620.50", "EUR", "GPU reservation, images"),
    ("marketing-copy", "", "", "autumn-campaign", "145.20", "EUR", "Image licences"),
    ("", "", "growth", "autumn-campaign", "310.00", "EUR", "Annotation of drafts"),
    ("", "claims", "", "", "275.00", "EUR", "Annotation of claims"),
    ("", "", "", "", "498.00", "USD", "Gateway, shared"),
)
"""The cloud bill of a month: model, unit, team, project, amount, currency, what for. The last row is nobody's."""


def agree_terms(
    *, people: Mapping[str, Account], records: Mapping[str, RegisteredModel], telemetry: Telemetry, at: datetime
) -> None:
    """Enter what the company pays by contract, and set the budgets, from what its models usually cost."""
    nadia, board = people[story.ADMINISTRATOR], people[story.BOARD]
    today = at.date()
    for days_ago, rate in ((0, "1.1530"), (45, "1.1610")):
        since = today - timedelta(days=200 - days_ago)
        actions.enter_rate(by=nadia, at=at, currency="EUR", effective_on=since, rate=Decimal(rate))
    actions.enter_prices(
        by=nadia, at=at, provider="Mistral", effective_on=today, currency="EUR", source="Contract MM-2291, annex 2",
        prices={
            "mistral-small-3.2-24b-instruct": Price(Decimal("0.08"), Decimal("0.24")),
            "*": Price(Decimal("0.35"), Decimal("1.05")),
        },
    )  # fmt: skip
    usual = {model.slug: telemetry.profile(model).get("cost_usd", 0.0) * MONTH_DAYS for model in story.MODELS}
    known = {slug: usual[slug] for slug in records}
    dialogue = sum(usual[one.slug] for one in story.MODELS if one.team == "dialogue" and one.slug in known)
    house = sum(known.values()) * 1.25
    sets: list[tuple[str, Account, float, dict[str, Any], str]] = [("HOUSE", board, house, {}, "Bills included")]
    if dialogue:
        team = Team.objects.get(slug="dialogue")
        sets.append(("TEAM", board, dialogue * LEAN, {"team": team}, "Kept lean until the release"))
    for slug, share in (("marketing-copy", 1.06), ("claims-triage", 2.3)):
        if slug in records:
            sets.append(("MODEL", records[slug].owner, usual[slug] * share, {"model": records[slug]}, ""))
    for scope, by, amount, target, note in sets:
        actions.set_budget(
            by=by, at=at, scope=scope, amount_micros=round(amount / 10) * 10 * MICROS, first_month=month_of(today),
            note=note, **target,
        )  # fmt: skip


def bring_bills(*, people: Mapping[str, Account], records: Mapping[str, RegisteredModel], present: datetime) -> None:
    """Import the cloud's bill of this month and of the one before; a third, with mistakes in it, waits to be mended."""
    nadia = people[story.ADMINISTRATOR]
    rows = [row for row in BILL if not row[0] or row[0] in records]
    last = month_of(present.date() - 2 * DAY)
    for day in (last, month_of(last - DAY)):
        source = importing.upload(
            by=nadia, at=present - 36 * timedelta(hours=1), file_name=f"cloud-{day:%Y-%m}.csv", content=_csv(day, rows)
        )
        importing.apply_import(by=nadia, at=present - 35 * timedelta(hours=1), source=source)
    wrong = [*rows[:1], ("speech-transcript", "", "", "", "88,20", "EUR", "Storage"), ("", "", "", "", "12", "CHF", "")]
    importing.upload(by=nadia, at=present - timedelta(hours=3), file_name="storage.csv", content=_csv(last, wrong))


def look(*, present: datetime, began: datetime, at: datetime) -> None:
    """Look at the budgets, as the clock does; all days so far are taken in, the first time and at the end."""
    if present - at <= WATCHED_FOR:
        watching.watch(at=at, days=(at - began) // DAY + 2)


def _csv(day: date, rows: Iterable[Sequence[str]]) -> str:
    head = "date,model,unit,team,project,amount,currency,description"
    return "\n".join([head, *(f"{day},{','.join(map(_cell, row))}" for row in rows)]) + "\n"


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text else text
