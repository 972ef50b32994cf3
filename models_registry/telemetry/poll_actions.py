"""What is done to polling: set it, replace its credential, pause it, resume it, ask for a sweep now."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from django.db import transaction

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.audit.canonical import digest
from models_registry.outbound.guard import AddressRefused, check_url
from models_registry.outbound.policy import policy
from models_registry.telemetry.models import Source
from models_registry.telemetry.poll_models import Polling, Remembered
from models_registry.telemetry.pollers import POLLERS
from models_registry.telemetry.pollers.shapes import Poller, Scheme
from models_registry.telemetry.source_actions import tell_the_door
from models_registry.vault.actions import NoSuchSecret, forget, keep, open_secret
from models_registry.vault.envelope import Owner, Secret

LONGEST_INTERVAL_S: Final = 86_400
SWEEP_BUDGET: Final = 100
DAY_BUDGET: Final = 5_000
MOST_REQUESTS: Final = 100_000
LONGEST_FIELD: Final = 8_000
LONGEST_CREDENTIAL: Final = 2_000
ADDRESS: Final = "address"


class NotPollable(Exception):
    """Platforms of this kind are not asked: they tell by themselves."""

    http_status = 409


class NotPolled(Exception):
    """This source is not polled."""

    http_status = 404


class PollingUnfit(ValueError):
    """What was filled in cannot be used. ``faults`` says why, by field."""

    http_status = 400

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(faults.values()))


class AlreadyPaused(Exception):
    """Polling of this source was already paused."""

    http_status = 409


class NotPaused(Exception):
    """Polling of this source is not paused."""

    http_status = 409


class PlatformAsksToWait(Exception):
    """The platform asked to wait; it is asked again by itself when that is over."""

    http_status = 409


class SweepRuns(Exception):
    """A sweep of this source runs already."""

    http_status = 409


@transaction.atomic
def set_polling(
    *,
    by: Actor,
    at: dt.datetime,
    source: Source,
    config: Mapping[str, str],
    scheme: str,
    interval_s: int,
    credential: str | None = None,
    sweep_budget: int = SWEEP_BUDGET,
    day_budget: int = DAY_BUDGET,
) -> Polling:
    """Ask this source's platform from now on, or in another way from now on; the first sweep begins at once.

    ``config`` has the base address under ``address`` and the platform's fields. Without a ``credential`` the one
    that is kept stays; another host is never shown it. Another address begins anew, because it is another platform.
    Raises AccessDenied, NotPollable and PollingUnfit.
    """
    _require(by)
    poller = poller_of(source)
    held = Polling.objects.select_for_update(no_key=True).filter(source=source).first()
    known = held is not None and _has_credential(source) and _origin(held.config) == _origin(config)
    settled = _settled(poller, config, scheme, interval_s, credential, known, sweep_budget, day_budget)
    anew = held is None or held.config.get(ADDRESS) != settled[ADDRESS]
    polling = held or Polling(source=source, day=at.date(), begun_at=at)
    if anew:
        polling.cursor, polling.begun_at = {}, at
        Remembered.objects.filter(source=source).delete()
    polling.config, polling.scheme = settled, scheme
    polling.interval_s, polling.sweep_budget, polling.day_budget = interval_s, sweep_budget, day_budget
    polling.set_by, polling.set_at = by if isinstance(by, Account) else None, at
    polling.next_at, polling.failure_count, polling.last_error = at, 0, ""
    polling.turn += 1  # a sweep with the former settings keeps nothing any more
    polling.claimed_until = None
    polling.save()
    body = {
        **source.named(),
        "at": at,
        "address": settled[ADDRESS],
        "interval_s": interval_s,
        "sweep_budget": sweep_budget,
        "day_budget": day_budget,
        "settings": digest(settled),
    }
    record(by=by, action="polling.set", on=source, body=body)
    if scheme == Scheme.NONE:
        forget(owners=[_owner(source)])
    elif credential:
        _keep_credential(by, at, source, credential)
    tell_the_door(source.pk)
    return polling


@transaction.atomic
def replace_credential(*, by: Actor, at: dt.datetime, source: Source, credential: str) -> None:
    """Show the platform another credential from the next sweep on. Raises AccessDenied, NotPolled, PollingUnfit."""
    _require(by)
    polling = _held(source)
    if faults := _credential_faults(credential, Scheme(polling.scheme)):
        raise PollingUnfit(faults)
    _keep_credential(by, at, source, credential)
    polling.next_at, polling.failure_count, polling.last_error = at, 0, ""
    polling.save(update_fields=["next_at", "failure_count", "last_error"])


@transaction.atomic
def pause_polling(*, by: Actor, at: dt.datetime, source: Source) -> None:
    """Ask no longer; a sweep that runs ends at its next request. Raises AccessDenied, NotPolled, AlreadyPaused."""
    _require(by)
    polling = _held(source)
    if polling.paused_at is not None:
        raise AlreadyPaused
    polling.paused_at = at
    polling.save(update_fields=["paused_at"])
    record(by=by, action="polling.paused", on=source, body={**source.named(), "at": at})


@transaction.atomic
def resume_polling(*, by: Actor, at: dt.datetime, source: Source) -> None:
    """Ask again, from where the last sweep ended. Raises AccessDenied, NotPolled, NotPaused."""
    _require(by)
    polling = _held(source)
    if polling.paused_at is None:
        raise NotPaused
    polling.paused_at, polling.next_at = None, at
    polling.save(update_fields=["paused_at", "next_at"])
    record(by=by, action="polling.resumed", on=source, body={**source.named(), "at": at})


@transaction.atomic
def ask_now(*, by: Actor, at: dt.datetime, source: Source) -> None:
    """Let the next sweep begin at once.

    Raises AccessDenied, NotPolled, AlreadyPaused, SweepRuns, and PlatformAsksToWait while that lasts.
    """
    _require(by)
    polling = _held(source)
    if (refusal := why_not_now(polling, at=at)) is not None:
        raise refusal
    polling.next_at = at
    polling.save(update_fields=["next_at"])
    record(by=by, action="polling.asked", on=source, body={**source.named(), "at": at})


def why_not_now(polling: Polling, *, at: dt.datetime) -> Exception | None:
    """Return why no sweep can begin now, or None."""
    if polling.paused_at is not None:
        return AlreadyPaused()
    if polling.claimed_until is not None and polling.claimed_until > at:
        return SweepRuns()
    if polling.held_until is not None and polling.held_until > at:
        return PlatformAsksToWait()
    return None


def poller_of(source: Source) -> Poller:
    """Return how platforms of this source's kind are asked. Raises NotPollable."""
    if source.kind not in POLLERS:
        raise NotPollable
    return POLLERS[source.kind]


def credential_of(polling: Polling) -> Secret | None:
    """Return what is shown to the platform."""
    try:
        return open_secret(owner=_owner(polling.source))
    except NoSuchSecret:
        return None


def _settled(
    poller: Poller,
    config: Mapping[str, str],
    scheme: str,
    interval_s: int,
    credential: str | None,
    known: bool,
    sweep_budget: int,
    day_budget: int,
) -> dict[str, str]:
    """Return the settings without blanks around them. Raises PollingUnfit with every fault."""
    names = {ADDRESS, *(each.name for each in poller.fields)}
    settled = {name: str(config.get(name, "")).replace("\r\n", "\n").strip() for name in names}
    faults = dict.fromkeys(config.keys() - names, "There is no such field.")
    faults |= {each.name: "Fill this in." for each in poller.fields if each.required and not settled[each.name]}
    faults |= {name: "This is too long." for name, text in settled.items() if len(text) > LONGEST_FIELD}
    faults |= {name: "This has a NUL character." for name, text in settled.items() if "\x00" in text}
    try:
        target = check_url(settled[ADDRESS], policy())
        if "?" in target.path or "#" in settled[ADDRESS]:
            faults[ADDRESS] = "The address is the base alone, without a query."
    except AddressRefused as error:
        faults[ADDRESS] = f"This address may not be called: {error}."
    if scheme not in {each.value for each in poller.schemes}:
        faults["scheme"] = "This platform does not take a credential in this way."
    elif credential:
        faults |= _credential_faults(credential, Scheme(scheme))
    elif scheme != Scheme.NONE and not known:
        faults["credential"] = "A credential is needed. One that was kept for another host is not shown to this one."
    if not poller.min_interval_s <= interval_s <= LONGEST_INTERVAL_S:
        faults["interval_s"] = f"Between {poller.min_interval_s} seconds and a day."
    for name, number in (("sweep_budget", sweep_budget), ("day_budget", day_budget)):
        if not 1 <= number <= MOST_REQUESTS:
            faults[name] = f"Between 1 and {MOST_REQUESTS:,} requests."
    if not faults:
        faults |= poller.check(settled)
    if faults:
        raise PollingUnfit(faults)
    return settled


def _origin(config: Mapping[str, str]) -> tuple[str, str, int] | None:
    """Return scheme, host and port of the base address, None where it may not be called."""
    try:
        target = check_url(str(config.get(ADDRESS, "")).strip(), policy())
    except AddressRefused:
        return None
    return target.scheme, target.host, target.port


def _credential_faults(credential: str, scheme: Scheme) -> dict[str, str]:
    if scheme == Scheme.NONE:
        return {"credential": "This platform is asked without a credential."}
    if not credential.isascii() or not credential.isprintable() or len(credential) > LONGEST_CREDENTIAL:
        return {"credential": "A credential is printable ASCII of at most 2,000 characters."}
    if scheme == Scheme.BASIC and ":" not in credential:
        return {"credential": "Write it as user:password."}
    return {}


def _keep_credential(by: Actor, at: dt.datetime, source: Source, credential: str) -> None:
    keep(owner=_owner(source), secret=Secret(credential.strip()), at=at)
    record(by=by, action="polling.credential_replaced", on=source, body={**source.named(), "at": at})


def _has_credential(source: Source) -> bool:
    try:
        open_secret(owner=_owner(source))
    except NoSuchSecret:
        return False
    return True


def _held(source: Source) -> Polling:
    polling = Polling.objects.select_for_update(no_key=True).filter(source=source).first()
    if polling is None:
        raise NotPolled
    return polling


def _owner(source: Source) -> Owner:
    return Owner("telemetry_polling", str(source.pk), "credential")


def _require(by: Actor) -> None:
    if isinstance(by, Account):
        require(by, Permission.SOURCE_MANAGE)
