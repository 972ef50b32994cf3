"""Reads of requests for the inbox, one request's page and the counts of the frame."""

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from governance.approvals.models import ApprovalRequest, ApprovalState, Vote
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import everywhere, may_open, roles_of, visible


def seen_by(account: Account) -> QuerySet[ApprovalRequest]:
    """Return the requests the account may read: those of models it sees, its own, and those about policy."""
    everything = ApprovalRequest.objects.select_related("model__unit", "requested_by")
    if everywhere(account, Permission.APPROVAL_READ):
        return everything
    allowed = visible(account, Permission.APPROVAL_READ, ApprovalRequest.objects.all(), through="model")
    own = Q(requested_by=account)
    about_policy = Q(model__isnull=True) if may_open(account, Permission.APPROVAL_READ) else Q(pk__in=[])
    return everything.filter(Q(pk__in=allowed.values("pk")) | own | about_policy)


def waiting_for(account: Account, *, at: datetime) -> QuerySet[ApprovalRequest]:
    """Return the pending requests on which a vote of this account would count, soonest to end first.

    The same judgement as `actions.why_not_vote`, in one query.
    """
    voted = Vote.objects.filter(request=OuterRef("pk"), voter=account, digest=OuterRef("digest"))
    rows = all_waiting(ApprovalRequest.objects.all(), at=at).filter(_within_reach(account), _fitting_role(account))
    excluded = Q(policy__has_key="excluded", policy__excluded__contains=[account.username])
    open_to = rows.exclude(requested_by=account).exclude(excluded).exclude(Exists(voted))
    return open_to.select_related("model__unit", "requested_by").order_by("expires_at", "pk")


def all_waiting(rows: QuerySet[ApprovalRequest], *, at: datetime) -> QuerySet[ApprovalRequest]:
    """Keep the requests that can still be decided."""
    return rows.filter(state=ApprovalState.PENDING, expires_at__gt=at)


def _within_reach(account: Account) -> Q:
    if not may_open(account, Permission.APPROVAL_VOTE):
        return Q(pk__in=[])
    if everywhere(account, Permission.APPROVAL_VOTE):
        return Q()
    allowed = visible(account, Permission.APPROVAL_VOTE, ApprovalRequest.objects.all(), through="model")
    return Q(model__isnull=True) | Q(pk__in=allowed.values("pk"))


def _fitting_role(account: Account) -> Q:
    """Match the requests whose policy asks for a role this account votes with, or for none."""
    fits = Q(pk__in=[])
    for held in roles_of(account):
        if held.role.scope_of(Permission.APPROVAL_VOTE) is None:
            continue
        asked_for = Q(policy__roles__contains=[held.role.name]) | Q(policy__roles=[]) | ~Q(policy__has_key="roles")
        fits |= asked_for if held.unit_id is None else asked_for & Q(model__unit_id=held.unit_id)
    return fits


def decided(rows: QuerySet[ApprovalRequest], *, at: datetime) -> QuerySet[ApprovalRequest]:
    """Keep the requests on which nobody can vote any more, the latest first."""
    over = rows.exclude(state=ApprovalState.PENDING, expires_at__gt=at)
    return over.order_by(F("decided_at").desc(nulls_first=True), "pk")


def narrowed(rows: QuerySet[ApprovalRequest], *, q: str = "", subject: str = "") -> QuerySet[ApprovalRequest]:
    """Keep the requests that match: words of the title, the model or the asker, and what they are about."""
    if subject:
        rows = rows.filter(subject=subject)
    if q:
        asker = Q(requested_by__display_name__icontains=q) | Q(requested_by__username__icontains=q)
        rows = rows.filter(Q(title__icontains=q) | Q(model__name__icontains=q) | asker)
    return rows


def with_votes(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Count with each row the approvals that were given on its present content, as ``approval_count``."""
    given = Q(votes__approves=True, votes__digest=F("digest"))
    return rows.annotate(approval_count=Count("votes", filter=given))


def listed(account: Account, *, state: str = "", subject: str = "") -> QuerySet[ApprovalRequest]:
    """Return the requests the account may read, newest first; only those of a state or subject when given."""
    rows = narrowed(seen_by(account), subject=subject)
    return (rows.filter(state=state) if state else rows).order_by("-requested_at", "pk")
