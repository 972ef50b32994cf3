"""Which history is needed as evidence, and by what: one model's month is the unit that is kept or dropped."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from models_registry.telemetry.history_models import LegalHold


@dataclass(frozen=True, slots=True)
class Need:
    """Evidence of one model from ``since`` on is needed, until ``until`` or still; ``why`` is a clause for people.

    Without ``model_id`` it is the evidence of every model.
    """

    model_id: int | None
    since: dt.datetime
    until: dt.datetime | None
    why: str
    url: str = ""

    def covers(self, month: dt.date) -> bool:
        """Say whether the evidence reaches into the month."""
        since, until = span(month)
        return self.since < until and (self.until is None or self.until >= since)


@dataclass(frozen=True, slots=True)
class Needs:
    """All needs at one moment, by model; those of every model under None."""

    by_model: Mapping[int | None, Sequence[Need]] = field(default_factory=dict)

    def of(self, model_id: int, month: dt.date) -> list[Need]:
        """Return what needs this model's month, in the order in which it was told."""
        every = (*self.by_model.get(model_id, ()), *self.by_model.get(None, ()))
        return [need for need in every if need.covers(month)]

    def of_all(self, month: dt.date) -> list[Need]:
        """Return what needs the month of every model."""
        return [need for need in self.by_model.get(None, ()) if need.covers(month)]

    def spans(self, *, at: dt.datetime) -> list[tuple[int, dt.datetime, dt.datetime]]:
        """Return the months that models need, whole, as (model, since, until)."""
        found = []
        for model_id, own in self.by_model.items():
            if model_id is not None:
                for need in own:
                    last = need.until or at + dt.timedelta(days=366)
                    found.append((model_id, span(month_of(need.since))[0], span(month_of(last))[1]))
        return found


def needs() -> Needs:
    """Return every need: legal holds, and what the rooms named by RETENTION_NEEDS decide on."""
    found: dict[int | None, list[Need]] = defaultdict(list)
    for need in held_by_law():
        found[need.model_id].append(need)
    for path in settings.RETENTION_NEEDS:
        ask: Callable[[], Iterable[Need]] = import_string(path)
        for need in ask():
            found[need.model_id].append(need)
    return Needs(found)


def held_by_law() -> Iterable[Need]:
    """Yield what standing legal holds need."""
    for hold in LegalHold.objects.filter(lifted_at__isnull=True).order_by("pk"):
        until = span(hold.until)[1] - dt.timedelta(microseconds=1) if hold.until else None
        yield Need(hold.model_id, span(hold.since)[0], until, f"legal hold {hold.pk}")


def month_of(moment: dt.datetime) -> dt.date:
    """Return the first day of the UTC month that the moment lies in."""
    return moment.astimezone(dt.UTC).date().replace(day=1)


def span(month: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the beginning of a month and of the next one, in UTC."""
    since = dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)
    return since, dt.datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=dt.UTC)


def first_kept(*, days: int, at: dt.datetime) -> dt.date:
    """Return the oldest month that a term of so many days keeps: months go when the whole of them is older."""
    return month_of(at - dt.timedelta(days=days))
