"""What is given out of approvals: the requests, and the votes on them."""

from governance.approvals import queries
from governance.approvals.models import Vote
from models_registry.access.exports import export_of
from models_registry.access.models import Account
from models_registry.access.permissions import Permission
from models_registry.access.rights import may_open
from models_registry.tabular.writing import Export


def tables(*, actor: Account) -> list[Export]:
    """Return the requests that the actor may read, with their votes."""
    if not may_open(actor, Permission.APPROVAL_READ):
        return []
    seen = queries.seen_by(actor)
    return [
        export_of("approvals", "Requests for approval, decided ones included.", seen, {
            "request": "id", "subject": "subject", "title": "title", "summary": "summary", "slug": "model__slug",
            "state": "state", "digest": "digest", "requested_by": "requested_by__username",
            "requested_at": "requested_at", "expires_at": "expires_at", "decided_at": "decided_at",
        }, order=("requested_at", "pk")),
        export_of("votes", "Who voted how on which request, in which role.",
                  Vote.objects.filter(request__in=seen.order_by().values("pk")), {
            "request": "request_id", "title": "request__title", "voter": "voter__username", "as_role": "as_role",
            "approves": "approves", "comment": "comment", "digest": "digest", "voted_at": "voted_at",
        }),
    ]  # fmt: skip
