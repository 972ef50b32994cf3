"""Pages of approvals: what waits for me, one request, and the vote."""

import uuid
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.approvals import actions, queries
from governance.approvals.models import ApprovalRequest, ApprovalState
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_safe
@page(Permission.APPROVAL_READ)
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person, and the latest requests they may read."""
    account = cast(Account, request.user)
    context = {
        "waiting": queries.waiting_for(account, at=timezone.now())[:100],
        "latest": queries.listed(account)[:100],
    }
    return render(request, "governance/approvals/list.html", context)


@require_safe
@page(Permission.APPROVAL_READ)
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request: the asker's words, the votes, and what is still missing."""
    return render(request, "governance/approvals/detail.html", _context(request, _found(request, pk)))


@require_POST
@page(Permission.APPROVAL_READ)
def vote(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Count a vote on the content that was read; a refusal keeps the comment."""
    asked, sent = _found(request, pk), request.POST
    try:
        actions.vote(
            by=cast(Account, request.user),
            at=timezone.now(),
            request_id=asked.pk,
            approves=sent.get("answer") == "approve",
            judged_digest=sent.get("digest", ""),
            comment=sent.get("comment", ""),
        )
    except (actions.ApprovalConflict, actions.CommentNeeded) as refused:
        status = 409 if isinstance(refused, actions.ApprovalConflict) else 422
        context = _context(request, _found(request, pk)) | {"problem": refused, "comment": sent.get("comment", "")}
        return render(request, "governance/approvals/detail.html", context, status=status)
    return redirect("approvals:detail", pk=asked.pk)


def _found(request: HttpRequest, pk: uuid.UUID) -> ApprovalRequest:
    found = queries.seen_by(cast(Account, request.user)).filter(pk=pk).first()
    if found is None:
        raise Http404("Not found.")
    return found


def _context(request: HttpRequest, asked: ApprovalRequest) -> dict[str, Any]:
    pending = asked.state == ApprovalState.PENDING
    return {
        "asked": asked,
        "pending": pending,
        "votes": asked.votes.select_related("voter").order_by("pk"),
        "missing": actions.standing(asked).reasons if pending else (),
        "refusal": actions.why_not_vote(asked, cast(Account, request.user)),
    }
