"""Decide once what is done with every alertable entry of the trail."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from alerts.delivery.actions import collect, enqueue
from alerts.delivery.models import Channel, ChannelKind, Notification
from alerts.inbox.actions import Told, ease, open_or_join, settle
from alerts.inbox.models import Alert
from alerts.routing import fingerprint as facts_of
from alerts.routing import following
from alerts.routing.audience import Reader, readers
from alerts.routing.budget import PER_HOUR, STALE_AFTER_MINUTES, Budget, Party
from alerts.routing.fingerprint import Facts, fingerprint
from alerts.routing.following import undecided
from alerts.routing.matching import RouteRule, first_match
from alerts.routing.models import Outcome, Route, RoutingDecision
from alerts.routing.sentences import Message, message
from alerts.routing.tiers import tier_of
from governance.vocabulary import Tier
from models_registry.audit.actor import HISTORY
from models_registry.audit.models import AuditEntry
from models_registry.telemetry.models import Source

LOCK = 0x5245444C_0004
"""Advisory lock of this station: one router at a time, so that the trail is followed in order."""

HOUR = timedelta(hours=1)
DIGEST_HOUR = 8
SUMMARY_AFTER = timedelta(seconds=30)
"""A summary gathers for this long before it leaves (`group_wait`)."""

OUTCOMES = {Tier.PAGE: Outcome.PAGE, Tier.POST: Outcome.POST, Tier.DIGEST: Outcome.DIGEST}


@dataclass
class Turn:
    """What one batch reads once: routes, their channels, and what is left of everybody's hour."""

    at: datetime
    routes: Sequence[RouteRule]
    channels: dict[int, list[Channel]]
    budget: Budget
    known_readers: dict[object, list[Reader]] = field(default_factory=dict)


@dataclass(frozen=True)
class Destination:
    """One channel and, for e-mail to a person, whom."""

    channel: Channel
    reader: Reader | None

    @property
    def party(self) -> Party:
        """Who is disturbed by a message there."""
        return ("person", self.reader.id) if self.reader else ("channel", self.channel.pk)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.reader.name if self.reader else self.channel.name

    def key(self, what: str, generation: object) -> str:
        """The key that every try of one message carries."""
        reader = self.reader.id if self.reader else "channel"
        return f"redline:{what}:{self.channel.pk}:{reader}:{generation}"


@transaction.atomic
def route(*, limit: int, at: datetime) -> int:
    """Decide up to `limit` entries in one transaction; return how many were decided.

    Entries of transactions that are still open are left for a later turn, so that none
    is passed over. Returns 0 while another router holds the lock.
    """
    if not _alone():
        return 0
    entries = undecided(limit=limit)
    if entries:
        turn = _turn(at)
        RoutingDecision.objects.bulk_create([_decide(entry, turn) for entry in entries])
        following.decided(len(entries))
    return len(entries)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def _turn(at: datetime) -> Turn:
    routes = list(Route.objects.filter(enabled=True).order_by("position").prefetch_related("channels"))
    return Turn(
        at=at,
        routes=[RouteRule(one.pk, one.name, one.match, Tier(one.tier), one.tell_owner) for one in routes],
        channels={
            one.pk: sorted((c for c in one.channels.all() if c.disabled_at is None), key=lambda c: c.pk)
            for one in routes
        },
        budget=Budget(_spent(at)),
    )


def _spent(at: datetime) -> dict[tuple[Party, Tier], int]:
    recent = Notification.objects.filter(alert__isnull=False, created_at__gt=at - HOUR, tier__in=PER_HOUR)
    spent: Counter[tuple[Party, Tier]] = Counter()
    for tier, channel, person in recent.values_list("tier", "channel_id", "recipient_id"):
        party: Party = ("person", person) if person else ("channel", channel)
        spent[(party, Tier(tier))] += 1
    return spent


def _decide(entry: AuditEntry, turn: Turn) -> RoutingDecision:
    facts = facts_of.read(
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        model_id=entry.model_id,
        body=_named(entry),
    )
    if entry.action in facts_of.SETTLES:
        return _calm(entry, facts, turn)
    default, why = tier_of(facts)
    found = first_match(turn.routes, facts=facts, tier=default)
    tier = found.tier if found else default
    if _is_past(entry):
        why, tier = "It comes from history that was brought in, which pages nobody.", Tier.DIGEST
    told = _told(facts, tier, message(facts), turn)
    if found is None:
        why = f"{why} No route matches, so it is shown among the alerts only."
        return _decision(entry, turn, Outcome.SUPPRESS, tier, why, told.alert)
    if not (told.opened or told.escalated):
        why = f"{why} It joined an open alert, which people know of."
        return _decision(entry, turn, Outcome.JOIN, tier, why, told.alert, found)
    outcome, how = _tell(entry, facts, told, found, turn)
    return _decision(entry, turn, outcome, tier, f"{why} {how}", told.alert, found)


def _is_past(entry: AuditEntry) -> bool:
    """Return whether a file of long past measurements is all that moved this."""
    return entry.actor_kind == HISTORY.trail_kind and entry.actor_name == HISTORY.trail_name


def _named(entry: AuditEntry) -> dict[str, Any]:
    """Return the body with the subject's name; entries about a source carry only its number."""
    body = entry.body
    if entry.object_type == "source" and entry.object_id.isdecimal() and not body.get("name"):
        source = Source.objects.filter(pk=int(entry.object_id)).first()
        return {**body, "name": source.name if source else ""}
    return body


def _decision(
    entry: AuditEntry,
    turn: Turn,
    outcome: Outcome,
    tier: Tier | None,
    reason: str,
    alert: Alert | None,
    found: RouteRule | None = None,
) -> RoutingDecision:
    return RoutingDecision(
        entry=entry,
        outcome=outcome,
        tier=tier,
        route_id=found.id if found else None,
        alert=alert,
        reason=reason if len(reason) <= 300 else f"{reason[:299]}…",
        decided_at=turn.at,
    )


def _calm(entry: AuditEntry, facts: Facts, turn: Turn) -> RoutingDecision:
    act = settle if facts.settles else ease
    alert = act(fingerprint=fingerprint(facts), at=turn.at)
    if alert is None:
        reason = "It is good news about nothing that is open."
        return _decision(entry, turn, Outcome.SUPPRESS, None, reason, None)
    reason = "The matter is over: the alert is resolved." if facts.settles else "It is less grave than before."
    return _decision(entry, turn, Outcome.JOIN, None, f"{reason} Nobody is disturbed.", alert)


def _told(facts: Facts, tier: Tier, words: Message, turn: Turn) -> Told:
    return open_or_join(
        fingerprint=fingerprint(facts),
        tier=tier,
        title=words.title,
        body=words.body,
        url=words.path,
        model_id=facts.model_id,
        risk_id=facts.risk_id,
        at=turn.at,
    )


def _tell(entry: AuditEntry, facts: Facts, told: Told, found: RouteRule, turn: Turn) -> tuple[Outcome, str]:
    """Tell everybody whom the route names, or put it into their summaries; return what was done."""
    places = _destinations(facts, found, turn)
    if not places:
        return Outcome.SUPPRESS, f"Route {found.name} names nobody who could be told."
    if found.tier is Tier.DIGEST or _is_past(entry):
        _digest(told, places, turn)
        return Outcome.DIGEST, f"It waits in the digest of {_names(places)}."
    if turn.at - entry.at > timedelta(minutes=STALE_AFTER_MINUTES):
        _summarise(told, places, turn)
        return Outcome.DIGEST, f"The entry is over {STALE_AFTER_MINUTES} min old: told in one summary."
    reached = [place for place in places if turn.budget.spend(party=place.party, tier=found.tier)]
    held_back = [place for place in places if place not in reached]
    _post(entry, facts, told, reached, turn)
    _summarise(told, held_back, turn)
    if not reached:
        most = PER_HOUR[found.tier]
        return Outcome.SUPPRESS, f"{_names(held_back)} had {most} in this hour already: told in one summary."
    return OUTCOMES[found.tier], f"Told {_names(reached)}."


def _names(places: Sequence[Destination]) -> str:
    return ", ".join(dict.fromkeys(place.name for place in places))


def _destinations(facts: Facts, found: RouteRule, turn: Turn) -> list[Destination]:
    places = []
    for channel in turn.channels[found.id]:
        if channel.kind != ChannelKind.EMAIL or channel.config.get("to"):
            places.append(Destination(channel, None))
        if channel.kind == ChannelKind.EMAIL and found.tell_owner:
            places += [Destination(channel, reader) for reader in _readers(facts, turn)]
    return places


def _readers(facts: Facts, turn: Turn) -> list[Reader]:
    key = (facts.action, facts.model_id)
    if key not in turn.known_readers:
        turn.known_readers[key] = readers(action=facts.action, model_id=facts.model_id)
    return turn.known_readers[key]


def _post(entry: AuditEntry, facts: Facts, told: Told, places: Sequence[Destination], turn: Turn) -> None:
    alert = told.alert
    payload = {
        "title": alert.title,
        "text": alert.body,
        "path": f"/alerts/{alert.pk}/",
        "thread": f"redline:alert:{alert.pk}",
        "facts": {
            "alert": alert.pk,
            "action": facts.action,
            "model": facts.model,
            "category": facts.category,
            "level": str(facts.level or ""),
            "entry": entry.pk,
        },
    }
    for place in places:
        enqueue(
            channel_id=place.channel.pk,
            recipient_id=place.reader.id if place.reader else None,
            tier=alert.tier,
            dedup_key=place.key(str(alert.pk), entry.pk),
            payload={**payload, "address": place.channel.config.get("to", "")},
            at=turn.at,
            alert_id=alert.pk,
        )


def _digest(told: Told, places: Sequence[Destination], turn: Turn) -> None:
    leaves = turn.at.replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    if leaves <= turn.at:
        leaves += timedelta(days=1)
    days = [leaves, leaves + timedelta(days=1)]
    _collect(told, places, turn, "digest", {f"{day:%Y%m%d}": (f"Digest of {day:%-d %B %Y}", day) for day in days})


def _summarise(told: Told, places: Sequence[Destination], turn: Turn) -> None:
    """Put the alert into each reader's summary of this hour; when that has left, into the next hour's."""
    title = "Storm: more alerts than are told one by one"
    next_hour = turn.at.replace(minute=0, second=0, microsecond=0) + HOUR
    summaries = {
        f"{turn.at:%Y%m%d%H}": (title, turn.at + SUMMARY_AFTER),
        f"{next_hour:%Y%m%d%H}": (title, next_hour),
    }
    _collect(told, places, turn, "storm", summaries)


def _collect(
    told: Told,
    places: Sequence[Destination],
    turn: Turn,
    what: str,
    summaries: Mapping[str, tuple[str, datetime]],
) -> None:
    """Add the alert to the first of the summaries, generation → (title, when it leaves), not yet sent."""
    for place in places:
        for generation, (title, leaves) in summaries.items():
            if collect(
                channel_id=place.channel.pk,
                recipient_id=place.reader.id if place.reader else None,
                tier=told.alert.tier,
                dedup_key=place.key(what, generation),
                title=title,
                path="/alerts/",
                line=told.alert.title,
                at=turn.at,
                not_before=leaves,
            ):
                break
