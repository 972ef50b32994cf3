"""Reads of requests for the inbox, one request's page and the counts of the frame."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from governance.approvals.models import ApprovalRequest, ApprovalState, Vote
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open, visible


def seen_by(account: Account) -> QuerySet[ApprovalRequest]:
    """Return the requests the account may read: those of models it sees, its own, and those about policy."""
    everything = ApprovalRequest.objects.select_related("model__unit", "requested_by")
    allowed = visible(account, Permission.APPROVAL_READ, ApprovalRequest.objects.all(), through="model")
    own = Q(requested_by=account)
    about_policy = Q(model__isnull=True) if may_open(account, Permission.APPROVAL_READ) else Q(pk__in=[])
    return everything.filter(Q(pk__in=allowed.values("pk")) | own | about_policy)


def waiting_for(account: Account, *, at: datetime) -> QuerySet[ApprovalRequest]:
    """Return the pending requests the account may vote on and has not, soonest to end first."""
    voted = Vote.objects.filter(request=OuterRef("pk"), voter=account, digest=OuterRef("digest"))
    rows = visible(account, Permission.APPROVAL_VOTE, ApprovalRequest.objects.all(), through="model")
    pending = rows.filter(state=ApprovalState.PENDING, expires_at__gt=at).exclude(requested_by=account)
    return pending.exclude(Exists(voted)).select_related("model__unit", "requested_by").order_by("expires_at", "pk")


def listed(account: Account, *, state: str = "") -> QuerySet[ApprovalRequest]:
    """Return the requests the account may read, newest first; only those in a state when given."""
    rows = seen_by(account)
    return (rows.filter(state=state) if state else rows).order_by("-requested_at", "pk")
