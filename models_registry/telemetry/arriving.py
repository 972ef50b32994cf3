"""What a source's connect page watches: the first request, refused or kept, what it gave, and what is missing still."""

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Max, Q, Sum

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.catalog.models import ExternalName, RegisteredModel
from models_registry.telemetry import actions, remedies
from models_registry.telemetry.catalogue_models import HouseMetric
from models_registry.telemetry.measuring import Read
from models_registry.telemetry.metrics import CATALOGUE
from models_registry.telemetry.models import EventState, Measurement, Source, SourceKind, TelemetryEvent
from models_registry.telemetry.queries import held_reasons
from models_registry.telemetry.reasons import in_words
from models_registry.telemetry.refusal_models import DoorRefusal

SHOWN: Final = 4
"""Measurements of one event that are shown."""
LOOKED_AT: Final = 200
"""Newest events of a source from which is judged what it tells of."""
NAMED: Final = 5
STRAYS_FOR: Final = dt.timedelta(minutes=15)
"""For how long deliveries to no source's address are shown to whoever connects one."""
YOUNG_FOR: Final = dt.timedelta(days=7)
MOST_YOUNG: Final = 100

_ARRIVALS: Final = """
SELECT md5(coalesce(string_agg(concat_ws('.', source.id, source.revision, newest.id, newest.state, refused.count), ','
                               ORDER BY source.id), ''))
FROM (SELECT id, revision FROM telemetry_source WHERE created_at > %s ORDER BY id DESC LIMIT %s) AS source
LEFT JOIN LATERAL (SELECT id, state FROM telemetry_event WHERE source_id = source.id ORDER BY id DESC LIMIT 1
                  ) AS newest ON true
LEFT JOIN LATERAL (SELECT sum(count) AS count FROM telemetry_refusal WHERE source_id = source.id) AS refused ON true
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One number as it was taken. ``url`` leads to its chart; empty where the reader may not see the model."""

    model: str
    metric: str
    value: float
    unit: str
    environment: str
    segment: str
    observed_at: dt.datetime
    is_known: bool
    url: str


@dataclass(frozen=True)
class Arrival:
    """The newest event of a source and what became of it."""

    event: TelemetryEvent
    measured: Sequence[Measured] = ()
    measured_count: int = 0
    read: Read | None = None

    @property
    def reason(self) -> str:
        """Why it is held, in words."""
        return in_words(self.event.reason)

    @property
    def is_readable_now(self) -> bool:
        """Say whether it is held and what held it is gone."""
        held = self.event.state in (EventState.QUARANTINED, EventState.DEAD)
        return held and self.read is not None and not self.read.problems

    @property
    def unknown(self) -> Sequence[str]:
        """The names of models in it that nobody registered."""
        if self.read is None:
            return ()
        places = {each.path for each in self.read.problems if each.code == "E_UNKNOWN_MODEL"}
        found = {name: None for at, name in enumerate(r.model for r in self.read.readings) if f"#{at}" in places}
        return tuple(found)[:NAMED]


@dataclass(frozen=True)
class Missing:
    """What is left to do once the first measurement is there."""

    unheard: Sequence[RegisteredModel] = ()
    unheard_count: int = 0
    unmapped: Sequence[str] = ()
    held: Sequence[tuple[str, int]] = ()
    no_interval: bool = False

    @property
    def is_nothing(self) -> bool:
        """Say whether the source is complete."""
        return not (self.unheard_count or self.unmapped or self.held or self.no_interval)


@dataclass(frozen=True)
class Watch:
    """Where connecting a source stands. ``token`` changes whenever anything here does."""

    token: str
    state: str
    refusals: Sequence[remedies.Told] = ()
    earlier: Sequence[remedies.Told] = ()
    stray: remedies.Told | None = None
    arrival: Arrival | None = None
    missing: Missing | None = None

    @property
    def is_done(self) -> bool:
        """Say whether a measurement is on record, so that nothing more is awaited."""
        return self.state == "measured"


def token(source: Source, *, at: dt.datetime) -> str:
    """Return what stands for the state of this source's arrivals, in a few small queries."""
    newest = TelemetryEvent.objects.filter(source=source).order_by("-pk").values_list("pk", "state").first()
    refused = DoorRefusal.objects.filter(Q(source=source) | Q(source=None, last_at__gt=at - STRAYS_FOR)).aggregate(
        count=Sum("count"), last=Max("last_at")
    )
    seen = [newest, refused["count"], refused["last"], source.revision, source.disabled_at, source.expected_interval_s]
    if newest and newest[1] == EventState.QUARANTINED:
        seen += [model.objects.aggregate(last=Max("pk"))["last"] for model in (RegisteredModel, ExternalName)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def live_tokens() -> dict[str, str]:
    """Return the token of the live topic `arrivals`: it changes with what comes to sources of the last week."""
    since = dt.datetime.now(dt.UTC) - YOUNG_FOR
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVALS, [since, MOST_YOUNG])
        row = cursor.fetchone()
    return {"arrivals": row[0] if row else ""}


def watch(source: Source, *, actor: Account, at: dt.datetime) -> Watch:
    """Return where connecting this source stands for this reader.

    What stands for it is read first: what changes while the rest is read is then asked for once more.
    """
    stands = token(source, at=at)
    arrival = _arrival(source, actor)
    since = arrival.event.received_at if arrival else None
    rows = DoorRefusal.objects.filter(Q(source=source) | Q(source=None, last_at__gt=at - STRAYS_FOR))
    own, stray = [], None
    for row in rows.order_by("-last_at", "pk"):
        said = remedies.told(row, kind=source.kind)
        if row.source_id is None:
            stray = stray or said
        else:
            own.append(said)
    fresh = [each for each in own if since is None or each.last_at > since]
    state = _state(arrival, fresh)
    return Watch(
        token=stands,
        state=state,
        refusals=fresh,
        earlier=[each for each in own if each not in fresh],
        stray=stray if arrival is None else None,
        arrival=arrival,
        missing=missing(source, actor=actor) if state == "measured" else None,
    )


def refusals_of(source: Source) -> list[remedies.Told]:
    """Return why deliveries to this source were refused, the newest first; at most one of each reason."""
    rows = DoorRefusal.objects.filter(source=source).order_by("-last_at", "pk")
    return [remedies.told(row, kind=source.kind) for row in rows]


def missing(source: Source, *, actor: Account) -> Missing:
    """Return what is left to do at a source that is heard, as its newest events tell."""
    events = list(TelemetryEvent.objects.filter(source=source).order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT])
    heard = Measurement.objects.filter(event_id__in=events).values_list("model_id", "metric").distinct()
    pairs = list(heard)
    unheard = visible(actor, Permission.MODEL_READ, RegisteredModel.objects.all()).exclude(
        pk__in={model for model, _ in pairs}
    )
    return Missing(
        unheard=list(unheard.order_by("name", "pk")[:NAMED]),
        unheard_count=unheard.count(),
        unmapped=sorted(_unmapped({metric for _, metric in pairs}))[:NAMED],
        held=held_reasons(source=source)[:NAMED],
        no_interval=source.expected_interval_s is None,
    )


def _arrival(source: Source, actor: Account) -> Arrival | None:
    """Return the newest event; the newest that gave numbers where the newest is not read yet."""
    newest = list(TelemetryEvent.objects.filter(source=source).defer("raw").order_by("-pk")[:2])
    if not newest:
        return None
    event = newest[1] if len(newest) > 1 and newest[0].state == EventState.NEW else newest[0]
    event.source = source
    if event.state == EventState.NEW:
        return Arrival(event)
    rows = Measurement.objects.filter(event_id=event.pk).select_related("model").order_by("ordinal")
    measured = list(rows[:SHOWN])
    if event.state != EventState.DONE or not measured:
        return Arrival(event, read=actions.dry_run(events=[event])[0])
    count = len(measured) if len(measured) < SHOWN else rows.count()
    return Arrival(event, _told(measured, actor), count)


def _told(rows: Sequence[Measurement], actor: Account) -> list[Measured]:
    unmapped = _unmapped({row.metric for row in rows})
    shown = visible(actor, Permission.MODEL_READ, RegisteredModel.objects.filter(pk__in={row.model_id for row in rows}))
    seen = set(shown.values_list("pk", flat=True))
    return [
        Measured(
            model=row.model.name,
            metric=row.metric,
            value=row.value,
            unit=row.unit,
            environment=row.environment,
            segment=row.segment,
            observed_at=row.observed_at,
            is_known=row.metric not in unmapped,
            url=f"/models/{row.model.slug}/" if row.model_id in seen else "",
        )
        for row in rows
    ]


def _unmapped(metrics: Collection[str]) -> set[str]:
    strange = set(metrics) - CATALOGUE.keys()
    if not strange:
        return set()
    return strange - set(HouseMetric.objects.filter(name__in=strange).values_list("name", flat=True))


def _state(arrival: Arrival | None, refusals: Sequence[remedies.Told]) -> str:
    """Return the one word for where it stands: waiting, refused, reading, held, empty or measured."""
    if arrival is None:
        return "refused" if refusals else "waiting"
    match arrival.event.state:
        case EventState.NEW:
            return "reading"
        case EventState.DONE:
            return "measured" if arrival.measured else "empty"
    return "held"


def awaits_mapping(source: Source) -> bool:
    """Say whether nothing of this source can be read before somebody maps its fields."""
    return source.kind == SourceKind.GENERIC_JSON and not source.mappings.filter(activated_at__isnull=False).exists()
