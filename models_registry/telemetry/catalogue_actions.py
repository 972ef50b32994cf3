"""What the house says of metrics: a metric of its own, what a sender's name stands for, and that it no longer does."""

import datetime as dt
import re
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.telemetry import units
from models_registry.telemetry.catalogue_models import HouseAlias, HouseMetric
from models_registry.telemetry.metrics import ANY_SOURCE, CATALOGUE, Direction, canonical, plain_name
from models_registry.telemetry.models import SourceKind

NAME: Final = re.compile(r"[a-z][a-z0-9_@]{0,79}", re.ASCII)


class MetricNameUnfit(ValueError):
    """A metric's name is lower-case letters, digits and underscores, and begins with a letter: at most 80."""

    http_status = 400


class MetricKnown(Exception):
    """The catalogue already has a metric or an alias of this name."""

    http_status = 409


class MetricUnknown(ValueError):
    """There is no metric of this name to stand for."""

    http_status = 400


class UnitUnfit(ValueError):
    """A number in this unit cannot be turned into the metric's own unit."""

    http_status = 400


class AliasEnded(Exception):
    """This alias was ended before."""

    http_status = 409


@transaction.atomic
def define_metric(
    *, by: Actor, at: dt.datetime, name: str, unit: str, direction: Direction, description: str
) -> HouseMetric:
    """Add a metric of the house's own to the catalogue.

    Raises MetricNameUnfit, and MetricKnown when the catalogue has the name.
    """
    _require(by)
    if not NAME.fullmatch(name):
        raise MetricNameUnfit
    if canonical(name) or _standing(name).exists() or HouseMetric.objects.filter(name=name).exists():
        raise MetricKnown(f"{name} is in the catalogue already.")
    metric = HouseMetric(
        name=name,
        unit=unit.strip(),
        direction=direction,
        description=description.strip(),
        created_by=by if isinstance(by, Account) else None,
        created_at=at,
    )
    metric.full_clean(exclude=["created_by"])
    metric.save(force_insert=True)
    body = {"at": at, "name": name, "unit": metric.unit, "direction": direction, "description": metric.description}
    record(by=by, action="metric.defined", on=metric, body=body)
    return metric


@transaction.atomic
def add_alias(
    *, by: Actor, at: dt.datetime, name: str, metric: str, source_kind: str = ANY_SOURCE, unit: str = ""
) -> HouseAlias:
    """Say what a sender's name stands for, from now on. ``unit`` is the one it is sent in where the sender says none.

    Raises MetricUnknown, UnitUnfit, and MetricKnown where the name has a meaning already.
    """
    _require(by)
    plain = plain_name(name)
    kept = unit_of(metric)
    if not plain or source_kind not in (ANY_SOURCE, *SourceKind.values):
        raise MetricUnknown(f"{name!r} from {source_kind!r} is no name that a source can send.")
    if canonical(name, source_kind) or plain == metric or HouseMetric.objects.filter(name=plain).exists():
        raise MetricKnown(f"{name} is a name of the catalogue already.")
    try:
        units.factor(unit, kept)
    except units.UnitMismatch as error:
        raise UnitUnfit(f"{error}.") from None
    alias = HouseAlias(
        source_kind=source_kind,
        name=plain,
        metric=metric,
        unit=unit.strip(),
        created_by=by if isinstance(by, Account) else None,
        created_at=at,
    )
    try:
        with transaction.atomic():
            alias.save(force_insert=True)
    except IntegrityError:
        raise MetricKnown(f"{name} stands for another metric already. End that alias first.") from None
    record(by=by, action="metric.alias_added", on=alias, body={"at": at, **_body(alias)})
    return alias


@transaction.atomic
def end_alias(*, by: Actor, at: dt.datetime, alias: HouseAlias) -> HouseAlias:
    """Let a name stand for itself again, from now on. What was measured by it stays. Raises AliasEnded."""
    _require(by)
    held = HouseAlias.objects.select_for_update().get(pk=alias.pk)
    if held.ended_at is not None:
        raise AliasEnded
    held.ended_at = at
    held.ended_by = by if isinstance(by, Account) else None
    held.save(update_fields=["ended_at", "ended_by"])
    record(by=by, action="metric.alias_ended", on=held, body={"at": at, **_body(held)})
    return held


def _body(alias: HouseAlias) -> dict[str, str]:
    return {"name": alias.name, "metric": alias.metric, "source_kind": alias.source_kind, "unit": alias.unit}


def _standing(name: str) -> QuerySet[HouseAlias]:
    return HouseAlias.objects.filter(name=plain_name(name), ended_at__isnull=True)


def unit_of(metric: str) -> str:
    """Return the unit that a metric is kept in, empty for none. Raises MetricUnknown."""
    if metric in CATALOGUE:
        return CATALOGUE[metric].unit
    found = HouseMetric.objects.filter(name=metric).values_list("unit", flat=True).first()
    if found is None:
        raise MetricUnknown(f"The catalogue has no metric called {metric}.")
    return found


def _require(by: Actor) -> None:
    if isinstance(by, Account):
        require(by, Permission.SOURCE_MANAGE)
