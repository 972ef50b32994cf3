"""What is done to sources: create, rotate the secret, teach a mapping, switch off."""

import base64
import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.text import slugify

from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import require
from models_registry.audit.actions import record
from models_registry.audit.actor import Actor
from models_registry.audit.canonical import digest
from models_registry.telemetry import google_tokens, signatures
from models_registry.telemetry.adapters.series_mapping import check_mapping
from models_registry.telemetry.models import MappingVersion, Source, SourceKind
from models_registry.vault.actions import NoSuchSecret, keep, open_secret
from models_registry.vault.envelope import Owner, Secret

CURRENT, NEXT = "secret.current", "secret.next"
SHORTEST_INTERVAL_S = 30
OWN_SECRETS = frozenset(SourceKind.values) - {
    SourceKind.STANDARD_WEBHOOKS,
    SourceKind.GENERIC_JSON,
    SourceKind.MEASUREMENTS,
    SourceKind.BACKFILL,
    SourceKind.CLOUDEVENTS,
    SourceKind.OPENTELEMETRY,
    SourceKind.ALERTMANAGER,
}
"""Kinds of platforms that may already have a secret of their own, taken as it is."""


class SourceNameTaken(Exception):
    """A source already has this name."""

    http_status = 409


class SourceKindUnknown(ValueError):
    """There is no such kind of source."""

    http_status = 400


class SecretUnfit(ValueError):
    """A secret has at least 32 characters of base64, as whsec_ secrets have; a platform's own are taken with 8 to 200,
    a whpk_ public key from senders of Standard Webhooks, and google:EMAIL AUDIENCE from Vertex AI."""

    http_status = 400


class AlreadyDisabled(Exception):
    """This source was already switched off."""

    http_status = 409


class NotDisabled(Exception):
    """This source is not switched off."""

    http_status = 409


class IntervalTooShort(Exception):
    """Silence is looked for twice a minute, so the expected interval is at least 30 seconds."""

    http_status = 400


class AlreadyInForce(Exception):
    """This version of the mapping is in force already."""

    http_status = 409


class NoNextSecret(Exception):
    """No rotation is under way: there is no next secret to put in force."""

    http_status = 409


@transaction.atomic
def create_source(
    *,
    by: Actor,
    at: dt.datetime,
    name: str,
    kind: str,
    environment: str = "production",
    expected_interval_s: int | None = None,
    secret: str | None = None,
) -> tuple[Source, str]:
    """Let a platform send to us; return the source and its secret, which is never shown again.

    ``secret`` is for platforms that make their own (Arize). Raises AccessDenied,
    SourceKindUnknown, SourceNameTaken, SecretUnfit, IntervalTooShort.
    """
    _require(by, Permission.SOURCE_MANAGE)
    _check_interval(expected_interval_s)
    if kind not in SourceKind.values:
        raise SourceKindUnknown(f"{kind} is not one of {', '.join(SourceKind.values)}.")
    slug = slugify(name)[:50]
    if not slug or Source.objects.filter(slug=slug).exists():
        raise SourceNameTaken(f"A source is already called {name}." if slug else "A name needs letters or digits.")
    source = Source(
        slug=slug,
        name=name,
        kind=kind,
        path_token=secrets.token_urlsafe(24),
        environment=environment,
        expected_interval_s=expected_interval_s,
        created_by=by if isinstance(by, Account) else None,
        created_at=at,
    )
    source.full_clean(exclude=["created_by"])
    source.save(force_insert=True)
    told = _fit(secret, kind) if secret else new_secret()
    keep(owner=_owner(source, CURRENT), secret=Secret(told), at=at)
    body = {"at": at, "name": name, "slug": slug, "kind": kind, "expected_interval_s": expected_interval_s}
    record(by=by, action="source.created", on=source, body=body)
    return source, told


@transaction.atomic
def prepare_secret(*, by: Actor, at: dt.datetime, source: Source, secret: str | None = None) -> str:
    """Start a rotation: from now on a second secret is accepted as well; return it."""
    _require(by, Permission.SOURCE_MANAGE)
    told = _fit(secret, source.kind) if secret else new_secret()
    keep(owner=_owner(source, NEXT), secret=Secret(told), at=at)
    tell_the_door(source.pk)
    record(by=by, action="source.secret_prepared", on=source, body={**source.named(), "at": at})
    return told


@transaction.atomic
def rotate_secret(*, by: Actor, at: dt.datetime, source: Source) -> None:
    """End a rotation: the next secret becomes the current one and the old one is refused. Raises NoNextSecret."""
    _require(by, Permission.SOURCE_MANAGE)
    held = _kept(source, CURRENT), _kept(source, NEXT)
    if held[1] is None or held[0] == held[1]:
        raise NoNextSecret
    keep(owner=_owner(source, CURRENT), secret=held[1], at=at)
    tell_the_door(source.pk)
    record(by=by, action="source.secret_rotated", on=source, body={**source.named(), "at": at})


@transaction.atomic
def save_mapping(
    *, by: Actor, at: dt.datetime, source: Source, document: Mapping[str, Any], note: str = ""
) -> MappingVersion:
    """Keep a new version of the mapping, not yet in force. Raises MappingInvalid with every error."""
    _require(by, Permission.SOURCE_MANAGE)
    check_mapping(document)
    Source.objects.select_for_update(no_key=True).get(pk=source.pk)  # numbers in one line
    last = source.mappings.aggregate(last=Max("number"))["last"] or 0
    mapping = MappingVersion.objects.create(
        source=source,
        number=last + 1,
        document=document,
        created_by=by if isinstance(by, Account) else None,
        created_at=at,
        note=note,
    )
    body = {**source.named(), "at": at, "number": mapping.number, "document": digest(document), "note": note}
    record(by=by, action="source.mapping_saved", on=source, body=body)
    return mapping


@transaction.atomic
def activate_mapping(*, by: Actor, at: dt.datetime, mapping: MappingVersion) -> MappingVersion:
    """Put a mapping in force for everything measured from now on, replays included.

    An earlier version can be put in force again. Raises AlreadyInForce.
    """
    _require(by, Permission.SOURCE_MANAGE)
    Source.objects.select_for_update(no_key=True).get(pk=mapping.source_id)  # one after the other
    if in_force(mapping.source) == mapping:
        raise AlreadyInForce
    mapping.activated_at = at
    mapping.activated_by = by if isinstance(by, Account) else None
    mapping.save(update_fields=["activated_at", "activated_by"])
    tell_the_door(mapping.source_id)
    body = {**mapping.source.named(), "at": at, "number": mapping.number, "document": digest(mapping.document)}
    record(by=by, action="source.mapping_activated", on=mapping.source, body=body)
    return mapping


def in_force(source: Source) -> MappingVersion | None:
    """Return the mapping version that reads this source's bodies now."""
    activated = source.mappings.filter(activated_at__isnull=False)
    return activated.order_by("-activated_at", "-number").first()


@transaction.atomic
def disable_source(*, by: Actor, at: dt.datetime, source: Source) -> Source:
    """Stop taking what this source sends; what it sent stays. Raises AlreadyDisabled."""
    _require(by, Permission.SOURCE_MANAGE)
    if not Source.objects.filter(pk=source.pk, disabled_at__isnull=True).update(disabled_at=at, quiet_since=None):
        raise AlreadyDisabled
    record(by=by, action="source.disabled", on=source, body={**source.named(), "at": at})
    source.refresh_from_db()
    return source


@transaction.atomic
def enable_source(*, by: Actor, at: dt.datetime, source: Source) -> Source:
    """Take what this source sends again, with the secrets it had. Raises NotDisabled."""
    _require(by, Permission.SOURCE_MANAGE)
    if not Source.objects.filter(pk=source.pk, disabled_at__isnull=False).update(disabled_at=None):
        raise NotDisabled
    tell_the_door(source.pk)
    record(by=by, action="source.enabled", on=source, body={**source.named(), "at": at})
    source.refresh_from_db()
    return source


@transaction.atomic
def expect(*, by: Actor, at: dt.datetime, source: Source, interval_s: int | None) -> None:
    """Set how long a source may be silent before people are told, in seconds; None never tells.

    Raises IntervalTooShort.
    """
    _require(by, Permission.SOURCE_MANAGE)
    _check_interval(interval_s)
    before = source.expected_interval_s
    source.expected_interval_s = interval_s
    source.save(update_fields=["expected_interval_s"])
    body = {**source.named(), "at": at, "before": before, "seconds": interval_s}
    record(by=by, action="source.interval_set", on=source, body=body)


def _check_interval(seconds: int | None) -> None:
    if seconds is not None and seconds < SHORTEST_INTERVAL_S:
        raise IntervalTooShort


def rotates(source: Source) -> bool:
    """Say whether a rotation is under way: a next secret is accepted beside the current one."""
    upcoming = _kept(source, NEXT)
    return upcoming is not None and upcoming != _kept(source, CURRENT)


def secrets_of(source: Source) -> list[str]:
    """Return the secrets that may sign for this source: the current one and, in a rotation, the next."""
    return [secret.reveal() for field in (CURRENT, NEXT) if (secret := _kept(source, field)) is not None]


def new_secret() -> str:
    """Return a fresh 256-bit secret in the form of Standard Webhooks."""
    return signatures.PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def tell_the_door(source_id: int) -> None:
    """Raise the revision, so that no door acts on what it remembers of this source once this commits."""
    Source.objects.filter(pk=source_id).update(revision=F("revision") + 1)


def _fit(secret: str, kind: str) -> str:
    if secret.startswith(google_tokens.PREFIX):
        try:
            google_tokens.pusher(secret)
        except ValueError:
            raise SecretUnfit from None
        if kind != SourceKind.VERTEX or len(secret) > 200:
            raise SecretUnfit
        return secret
    if kind in OWN_SECRETS and 8 <= len(secret) <= 200:
        return secret
    if kind == SourceKind.STANDARD_WEBHOOKS and secret.startswith(signatures.PUBLIC_PREFIX):
        try:
            signatures.public_key(secret)
        except ValueError:
            raise SecretUnfit from None
        return secret
    if len(secret) >= 32:
        try:
            base64.b64decode(secret.removeprefix(signatures.PREFIX), validate=True)
        except ValueError:
            raise SecretUnfit from None
        return secret
    raise SecretUnfit


def _kept(source: Source, field: str) -> Secret | None:
    try:
        return open_secret(owner=_owner(source, field))
    except NoSuchSecret:
        return None


def _owner(source: Source, field: str) -> Owner:
    return Owner("telemetry_source", str(source.pk), field)


def _require(by: Actor, permission: Permission) -> None:
    """Ask for the permission of an account; parts of the house act on their own authority."""
    if isinstance(by, Account):
        require(by, permission)
