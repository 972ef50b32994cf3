"""Read the trail: by actor, subject, action and time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from models_registry.audit.models import AuditEntryQuerySet


@dataclass(frozen=True)
class Filters:
    """What to look for; an empty field asks nothing. ``until`` is exclusive."""

    actor: str = ""
    subject: str = ""
    action: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


def matching(entries: AuditEntryQuerySet, filters: Filters) -> AuditEntryQuerySet:
    """Keep the entries the filters ask for.

    ``subject`` is a type (``risk``), or a type and an identifier (``risk:42``);
    ``action`` is a whole name or its noun; ``actor`` is part of a name;
    ``kind`` is one of ``ActorKind``.
    """
    condition = Q()
    if filters.actor:
        condition &= Q(actor_name__icontains=filters.actor) | Q(actor_id=filters.actor)
    if filters.subject:
        object_type, _, object_id = filters.subject.partition(":")
        condition &= Q(object_type=object_type) & (Q(object_id=object_id) if object_id else Q())
    if filters.action:
        exact = "." in filters.action
        condition &= Q(action=filters.action) if exact else Q(action__startswith=f"{filters.action}.")
    if filters.kind:
        condition &= Q(actor_kind=filters.kind)
    if filters.since:
        condition &= Q(at__gte=filters.since)
    if filters.until:
        condition &= Q(at__lt=filters.until)
    return entries.filter(condition)
