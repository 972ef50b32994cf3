"""Pages of approvals: what waits, one request, the vote, and taking a request back."""

import uuid
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from governance.approvals import actions, queries
from governance.approvals.asked import asked_by
from governance.approvals.forms import RequestFilters, VoteForm
from governance.approvals.models import ApprovalRequest, ApprovalState
from governance.approvals.voters import seats
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission

PER_PAGE = 50
TABS = (("mine", "Waiting for me"), ("all", "All waiting"), ("decided", "Decided"))


@require_safe
@page(Permission.APPROVAL_READ)
@vary_on_headers("HX-Request")
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what waits for anybody, and what was decided."""
    if request.GET.get("as_of"):
        messages.info(request, "Approvals show the present. The audit log shows who had voted then.")
        return redirect("approvals:list")
    account, now = cast(Account, request.user), timezone.now()
    filters = RequestFilters(request.GET)
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else "mine"
    lists = {
        "mine": queries.waiting_for(account, at=now),
        "all": queries.all_waiting(queries.seen_by(account), at=now).order_by("expires_at", "pk"),
        "decided": queries.decided(queries.seen_by(account), at=now),
    }
    found = queries.with_votes(queries.narrowed(lists[tab], **filters.chosen))
    context = {
        "address": request.get_full_path(),
        "tab": tab,
        "tabs": _tabs(tab, lists),
        "filters": filters,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, f"governance/approvals/{'_table' if _alone(request) else 'list'}.html", context)


@require_safe
@page(Permission.APPROVAL_READ)
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request: the asker's words, what it is about, who voted, and who must."""
    return _shown(request, _found(request, pk))


@require_POST
@page(Permission.APPROVAL_READ)
def vote(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Count a vote on the content that was read; a refusal keeps the comment."""
    asked, form = _found(request, pk), VoteForm(request.POST)
    approves = request.POST.get("answer") == "approve"
    if not form.is_valid():
        return _shown(request, asked, form=form, status=422)
    stale = asked_by(asked).stale if asked.state == ApprovalState.PENDING else ""
    if stale and approves:
        return _shown(request, asked, form=form, problem=stale, status=409)
    try:
        asked = actions.vote(
            by=cast(Account, request.user),
            at=timezone.now(),
            request_id=asked.pk,
            approves=approves,
            judged_digest=form.cleaned_data["digest"],
            comment=form.cleaned_data["comment"],
        )
    except actions.CommentNeeded as needed:
        form.add_error("comment", str(needed))
        return _shown(request, asked, form=form, status=422)
    except actions.ApprovalConflict as refused:
        return _shown(request, _found(request, pk), form=form, problem=str(refused), status=409)
    messages.success(request, _said(asked, approves=approves))
    return redirect("approvals:detail", pk=asked.pk)


@require_POST
@page(Permission.APPROVAL_READ)
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take one's own request back."""
    asked = _found(request, pk)
    try:
        actions.withdraw(by=cast(Account, request.user), at=timezone.now(), request_id=asked.pk)
    except actions.ApprovalConflict as refused:
        return _shown(request, _found(request, pk), problem=str(refused), status=409)
    messages.success(request, "Withdrawn. Whoever was asked no longer has to decide it.")
    return redirect("approvals:detail", pk=asked.pk)


def _found(request: HttpRequest, pk: uuid.UUID) -> ApprovalRequest:
    found = queries.seen_by(cast(Account, request.user)).filter(pk=pk).first()
    if found is None:
        raise Http404("Not found.")
    return found


def _shown(
    request: HttpRequest,
    asked: ApprovalRequest,
    *,
    form: VoteForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    account, now = cast(Account, request.user), timezone.now()
    content = asked_by(asked)
    votes = list(asked.votes.select_related("voter").order_by("pk"))
    pending = asked.state == ApprovalState.PENDING and asked.expires_at > now
    voted = any(one.voter_id == account.pk and one.digest == asked.digest for one in votes)
    refused = "You have voted. Others decide the rest." if voted else actions.why_not_vote(asked, account)
    refusal = refused or content.stale
    context = {
        "asked": asked,
        "content": content,
        "pending": pending,
        "over": asked.state == ApprovalState.PENDING and not pending,
        "seats": seats(asked, votes),
        "happened": _timeline(asked, votes),
        "may_vote": not refused,
        "refusal": refusal,
        "off": f"Approve is off: {refusal[:1].lower()}{refusal[1:]}",
        "mine": asked.requested_by_id == account.pk,
        "form": form or VoteForm(initial={"digest": asked.digest}),
        "problem": problem,
    }
    return render(request, "governance/approvals/detail.html", context, status=status)


def _said(asked: ApprovalRequest, *, approves: bool) -> str:
    """Say what the vote did."""
    if asked.state == ApprovalState.PENDING:
        missing = " ".join(actions.standing(asked).reasons)
        return f"Your approval is counted. {missing}"
    return "Approved. It takes effect now." if approves else "Rejected. The requester reads your comment."


def _timeline(asked: ApprovalRequest, votes: list[Any]) -> list[dict[str, Any]]:
    """Return what happened to the request, newest first."""
    lines = [{"at": asked.requested_at, "kind": "person", "text": f"{asked.requested_by} asked for this."}]
    for one in votes:
        word = "approved" if one.approves else "rejected"
        void = "" if one.digest == asked.digest else " It was given on other content and does not count."
        lines.append(
            {"at": one.voted_at, "kind": "person", "text": f"{one.voter} {word} this.{void}", "detail": one.comment}
        )
    if asked.decided_at is not None:
        lines.append({"at": asked.decided_at, "icon": "stamp", "text": f"{asked.get_state_display()}."})
    lines.sort(key=_moment)
    return lines[::-1]


def _moment(line: dict[str, Any]) -> datetime:
    return cast(datetime, line["at"])


def _tabs(tab: str, lists: dict[str, QuerySet[ApprovalRequest]]) -> list[dict[str, Any]]:
    counted = {name: lists[name].count() for name in ("mine", "all")}
    return [
        {
            "label": label,
            "url": f"?tab={name}",
            "count": counted.get(name),
            "of": f"approvals-{name}",
            "current": name == tab,
        }
        for name, label in TABS
    ]


def _alone(request: HttpRequest) -> bool:
    """Return whether htmx asked for the list alone."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
