"""The daily amounts: derived anew from what is known of a span of days, and folded from imported records.

Both replace what they wrote before, under one lock, so that running twice changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.module_loading import import_string

from models_registry.catalog.models import RegisteredModel
from models_registry.costs.models import PROJECT_LENGTH, CostOrigin, CostRecord, DailyCost, ImportState
from models_registry.costs.money import LARGEST_SUM, Money, Rates, SumUnfit, micros_of, summed, within
from models_registry.costs.pricing import PriceBook
from models_registry.costs.standing import price_book, rates
from models_registry.telemetry.models import Rollup
from models_registry.telemetry.usage import DailyUsage

DAY_S: Final = 86_400
COST, TOKENS_IN, TOKENS_OUT = "cost_usd", "input_token_count", "output_token_count"
PRODUCT = "product="
"""How the segment of a token count names what was bought: `product=gpt-4.1-mini`."""
DERIVED: Final = (CostOrigin.MEASURED, CostOrigin.PRICED, CostOrigin.TRACED)
LOCK: Final = 0x52454443
CHUNK: Final = 2_000

type Key = tuple[date, str, int, int | None, str]
"""Day, origin, model, version, currency."""


@dataclass(slots=True)
class Amount:
    """What one key comes to."""

    micros: int = 0
    tokens_in: int = 0
    tokens_out: int = 0


@transaction.atomic
def derive(*, since: date, until: date) -> int:
    """Bring the derived amounts of these days, both included, up to what telemetry and traces say; return the changes.

    A row keeps the unit, team and project that it had when it was first written. An amount beyond what can be counted
    is held and does not keep the others back.
    """
    _lock()
    known = {_key(row): row for row in DailyCost.objects.filter(origin__in=DERIVED, day__range=(since, until))}
    wanted = _wanted(since, until)
    replaced = _replaced(since, until)
    into = rates()
    fresh, changed = [], []
    owners = _owners({key[2] for key in wanted.keys() - known.keys()})
    for key, amount in wanted.items():
        day, origin, model_id, version_id, currency = key
        micros, reported = _kept(amount.micros, currency, day, into)
        facts = {
            "amount_micros": micros,
            "reporting_micros": reported,
            "tokens_in": within(amount.tokens_in),
            "tokens_out": within(amount.tokens_out),
            "counted": (day, model_id) not in replaced,
        }
        row = known.get(key)
        if row is None:
            fresh.append(
                DailyCost(
                    day=day, origin=origin, model_id=model_id, version_id=version_id, currency=currency,
                    **facts, **owners[model_id],
                )
            )  # fmt: skip
        elif any(getattr(row, name) != value for name, value in facts.items()):
            for name, value in facts.items():
                setattr(row, name, value)
            changed.append(row)
    gone = [row.pk for key, row in known.items() if key not in wanted]
    DailyCost.objects.filter(pk__in=gone).delete()
    DailyCost.objects.bulk_create(fresh, batch_size=CHUNK)
    fields = ["amount_micros", "reporting_micros", "tokens_in", "tokens_out", "counted"]
    DailyCost.objects.bulk_update(changed, fields, batch_size=CHUNK)
    return len(fresh) + len(changed) + len(gone)


@transaction.atomic
def fold_records(*, days: Iterable[date]) -> None:
    """Bring the imported amounts of these days up to what the records say: their sum, undone ones included.

    Raises SumUnfit.
    """
    _lock()
    wanted = sorted(set(days))
    into = rates()
    DailyCost.objects.filter(origin=CostOrigin.IMPORTED, day__in=wanted).delete()
    dimensions = ("day", "model_id", "version_id", "unit_id", "team_id", "project", "currency")
    sums = CostRecord.objects.filter(day__in=wanted).values(*dimensions).annotate(micros=Sum("amount_micros"))
    DailyCost.objects.bulk_create(
        (
            DailyCost(
                origin=CostOrigin.IMPORTED, amount_micros=micros,
                reporting_micros=into.convert(micros, row["currency"], row["day"]), **row,
            )
            for row, micros in ((row, summed(int(row.pop("micros")))) for row in sums.order_by())
            if micros
        ),
        batch_size=CHUNK,
    )  # fmt: skip


@transaction.atomic
def convert_again(*, currency: str, since: date) -> int:
    """Convert the amounts of a currency from a day on at the rates that are known now; return how many moved.

    Raises SumUnfit.
    """
    _lock()
    into = rates()
    whole = DailyCost.objects.exclude(amount_micros__in=(-LARGEST_SUM, LARGEST_SUM))
    rows = list(whole.filter(currency=currency, day__gte=since))
    moved = []
    for row in rows:
        micros = into.convert(row.amount_micros, currency, row.day)
        if micros != row.reporting_micros:
            row.reporting_micros = micros
            moved.append(row)
    DailyCost.objects.bulk_update(moved, ["reporting_micros"], batch_size=CHUNK)
    return len(moved)


def project_of(model: RegisteredModel) -> str:
    """Return the project that a model's labels name: a registry label `project`, or a tag `project:…`."""
    named = str((model.registry_tags or {}).get("project", ""))
    tagged = next((tag.partition(":")[2] for tag in model.tags if tag.lower().startswith("project:")), "")
    return (named or tagged).strip()[:PROJECT_LENGTH]


def _wanted(since: date, until: date) -> dict[Key, Amount]:
    """Return what the days come to: for each model and day from the first origin that knows anything of it."""
    found: dict[Key, Amount] = {}
    known: set[tuple[date, int]] = set()
    counts: dict[tuple[date, int, str], Amount] = defaultdict(Amount)
    for day, model_id, metric, segment, total in _rollups(since, until):
        if metric == COST and not segment:
            found.setdefault((day, CostOrigin.MEASURED, model_id, None, "USD"), Amount()).micros += micros_of(total)
            known.add((day, model_id))
        elif metric != COST:
            counted = counts[day, model_id, segment.removeprefix(PRODUCT) if segment.startswith(PRODUCT) else ""]
            if metric == TOKENS_IN:
                counted.tokens_in += int(total)
            else:
                counted.tokens_out += int(total)
    book = price_book()
    priced = _priced({key: one for key, one in counts.items() if key[:2] not in known}, book)
    known |= {(key[0], key[2]) for key in priced}
    traced = _traced((one for one in _usage(since, until) if (one.day, one.model_id) not in known), book)
    return found | priced | traced


def _rollups(since: date, until: date) -> Iterable[tuple[date, int, str, str, float]]:
    start = datetime.combine(since, time.min, UTC)
    end = datetime.combine(until, time.min, UTC)
    rows = Rollup.objects.filter(
        width_s=DAY_S, metric__in=(COST, TOKENS_IN, TOKENS_OUT), starts_at__gte=start, starts_at__lte=end
    )
    sums = rows.values_list("starts_at", "model_id", "metric", "segment").annotate(total=Sum("sum")).order_by()
    return [(starts_at.astimezone(UTC).date(), *rest) for starts_at, *rest in sums]


def _priced(counts: Mapping[tuple[date, int, str], Amount], book: PriceBook) -> dict[Key, Amount]:
    providers = dict(
        RegisteredModel.objects.filter(pk__in={model_id for _, model_id, _ in counts}).values_list("pk", "provider")
    )
    found: dict[Key, Amount] = {}
    for (day, model_id, product), counted in counts.items():
        cost = book.cost(
            provider=providers.get(model_id, ""), product=product, day=day, tokens_in=counted.tokens_in,
            tokens_out=counted.tokens_out,
        )  # fmt: skip
        if cost is not None:
            _add(found, (day, CostOrigin.PRICED, model_id, None, cost.currency), cost.micros, counted)
    return found


def _traced(usage: Iterable[DailyUsage], book: PriceBook) -> dict[Key, Amount]:
    found: dict[Key, Amount] = {}
    for one in usage:
        told = None if one.cost_micros is None else Money(one.cost_micros, one.currency)
        cost = told or book.cost(
            provider=one.provider, product=one.product, day=one.day, tokens_in=one.tokens_in, tokens_out=one.tokens_out
        )
        if cost is not None:
            key = (one.day, CostOrigin.TRACED, one.model_id, one.version_id, cost.currency)
            _add(found, key, cost.micros, Amount(0, one.tokens_in, one.tokens_out))
    return found


def _add(found: dict[Key, Amount], key: Key, micros: int, counted: Amount) -> None:
    amount = found.setdefault(key, Amount())
    amount.micros += micros
    amount.tokens_in += counted.tokens_in
    amount.tokens_out += counted.tokens_out


def _usage(since: date, until: date) -> Iterable[DailyUsage]:
    for name in settings.USAGE_FEEDS:
        yield from import_string(name)(since, until)


def _replaced(since: date, until: date) -> set[tuple[date, int]]:
    """Return the days and models whose measured amounts a standing bill replaces."""
    records = CostRecord.objects.filter(
        day__range=(since, until), model__isnull=False, compensates__isnull=True, round=F("source__round"),
        source__state=ImportState.IMPORTED, source__replaces_measured=True,
    )  # fmt: skip
    return set(records.values_list("day", "model_id").distinct())


def _owners(model_ids: Iterable[int]) -> dict[int, dict[str, object]]:
    models = RegisteredModel.registry.filter(pk__in=list(model_ids))
    return {
        model.pk: {"unit_id": model.unit_id, "team_id": model.team_id, "project": project_of(model)} for model in models
    }


def _kept(micros: int, currency: str, day: date, into: Rates) -> tuple[int, int | None]:
    """Return an amount as it is kept, and as it is reported; one beyond what can be counted is held at the bound."""
    try:
        return summed(micros), into.convert(micros, currency, day)
    except SumUnfit:
        return within(micros * LARGEST_SUM), None


def _key(row: DailyCost) -> Key:
    assert row.model_id is not None
    return row.day, row.origin, row.model_id, row.version_id, row.currency


def _lock() -> None:
    """Let one transaction at a time write amounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def recent(*, at: datetime, days: int) -> tuple[date, date]:
    """Return the span of so many days that ends today."""
    today = at.astimezone(UTC).date()
    return today - timedelta(days=days - 1), today
