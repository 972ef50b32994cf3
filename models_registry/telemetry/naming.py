"""What a sender's metric is here: its canonical name and unit, by the house's own aliases and exact conversion.

The adapters already translate what the shipped catalogue knows. This step adds what the house says, and brings
every number into the unit of its metric. Pure but for `house_names`, which reads what the house says.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from django.db.models import Q

from models_registry.telemetry import units
from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric
from models_registry.telemetry.metrics import ANY_SOURCE, CATALOGUE, plain_name
from models_registry.telemetry.readings import Problem, Reading

type Said = tuple[str, str]
"""A metric and a unit, as an adapter gave them."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What an alias of the house stands for; an empty unit is the metric's own."""

    metric: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class HouseNames:
    """What the house says: (source kind, plain name) → what is meant, and the unit of each of its metrics."""

    aliases: Mapping[tuple[str, str], Meant] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def meant(self, *, kind: str, name: str) -> Meant | None:
        """Return what a name that the catalogue does not know stands for; the kind's own alias comes first."""
        plain = plain_name(name)
        return self.aliases.get((kind, plain)) or self.aliases.get((ANY_SOURCE, plain))

    def unit_of(self, metric: str) -> str:
        """Return the unit a metric is kept in, empty when nobody said."""
        known = CATALOGUE.get(metric)
        return known.unit if known else self.units.get(metric, "")


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to readings that say one metric and unit."""

    metric: str
    unit: str
    by: Fraction = Fraction(1)
    sent_unit: str = ""
    mismatch: str = ""


NOTHING_SAID: Final = HouseNames()


def house_names(*, names: Collection[str]) -> HouseNames:
    """Return what the house says of these names, in two queries; none when the catalogue knows them all."""
    plain = {plain_name(name) for name in names if name not in CATALOGUE}
    if not plain:
        return NOTHING_SAID
    aliases = {
        (kind, name): Meant(metric, unit)
        for kind, name, metric, unit in HouseAlias.objects.filter(name__in=plain, ended_at__isnull=True).values_list(
            "source_kind", "name", "metric", "unit"
        )
    }
    wanted = Q(name__in={*names, *(each.metric for each in aliases.values())})
    return HouseNames(aliases, dict(HouseMetric.objects.filter(wanted).values_list("name", "unit")))


def changes(*, kind: str, said: Iterable[Said], house: HouseNames) -> dict[Said, Change]:
    """Return what has to be done to readings that say these metrics and units; nothing for those that stay."""
    found = {}
    for metric, unit in said:
        change = _change(kind, metric, unit, house)
        if change is not None:
            found[metric, unit] = change
    return found


def apply(readings: Sequence[Reading], by: Mapping[Said, Change]) -> tuple[Sequence[Reading], Sequence[Problem]]:
    """Return the readings under their canonical names and units, and a problem for each that cannot be."""
    if not by:
        return readings, ()
    named, problems = [], []
    for ordinal, reading in enumerate(readings):
        change = by.get((reading.metric, reading.unit))
        if change is None:
            named.append(reading)
            continue
        try:
            named.append(_changed(reading, change))
        except units.UnitMismatch as error:
            problems.append(Problem("E_UNIT", f"#{ordinal}", f"{reading.metric}: {error}"))
        except OverflowError:
            problems.append(Problem("E_NOT_FINITE", f"#{ordinal}", f"{reading.metric} is too large in {change.unit}"))
    return named, problems


def _change(kind: str, metric: str, unit: str, house: HouseNames) -> Change | None:
    meant = None if metric in CATALOGUE else house.meant(kind=kind, name=metric)
    name = meant.metric if meant else metric
    kept = house.unit_of(name)
    sent = unit or (meant.unit if meant else "")
    try:
        by = units.factor(sent, kept)
    except units.UnitMismatch as error:
        return Change(name, kept, mismatch=str(error))
    if by is None:
        stays = sent or kept
        return None if (name, stays) == (metric, unit) else Change(name, stays)
    return Change(name, kept, by, sent_unit=sent)


def _changed(reading: Reading, change: Change) -> Reading:
    if change.mismatch:
        raise units.UnitMismatch(change.mismatch)
    return reading._replace(
        metric=change.metric,
        unit=change.unit,
        value=units.converted(reading.value, change.by),
        sent_unit=change.sent_unit,
    )
