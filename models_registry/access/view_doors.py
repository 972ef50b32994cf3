"""Doors of saved views. The list that is meant says which parameters it knows; the others are dropped."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from models_registry.access import view_actions as actions
from models_registry.access.models import Account, SavedView
from models_registry.access.pages import page
from models_registry.access.saved import SavedList, saved_lists, view_url, views_for

REFUSED = (actions.NameNotFit, actions.ViewTooLong, actions.ViewNameTaken, actions.TooManyViews)


@require_safe
@page(None)
def opened(request: HttpRequest, number: int) -> HttpResponse:
    """Lead to the list as the view shows it; a view that is not shared with the reader does not exist."""
    view = _found(request, number)
    return redirect(view_url(_listed(view.list_name), view))


@require_POST
@page(None)
def save(request: HttpRequest, list_name: str) -> HttpResponse:
    """Save the filters that were sent under a new name."""
    listed = _listed(list_name)
    account = cast(Account, request.user)
    query = listed.tidy(account, request.POST.get("query", ""))
    try:
        view = actions.save_view(
            by=account,
            at=timezone.now(),
            list_name=list_name,
            name=request.POST.get("name", ""),
            query=query,
            shared_role=request.POST.get("shared_role", ""),
        )
    except REFUSED as refused:
        messages.error(request, str(refused))
        return redirect(f"{listed.address}?{query}" if query else listed.address)
    messages.success(request, f"Saved the view {view}.")
    return redirect(view_url(listed, view))


@require_POST
@page(None)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Let the view mean the filters that were sent."""
    view = _found(request, number)
    listed = _listed(view.list_name)
    account = cast(Account, request.user)
    query = listed.tidy(account, request.POST.get("query", ""))
    try:
        changed = actions.change_view(by=account, at=timezone.now(), view=view, query=query)
    except REFUSED as refused:
        messages.error(request, str(refused))
        return redirect(view_url(listed, view))
    messages.success(request, f"Saved the view {changed}.")
    return redirect(view_url(listed, changed))


@require_POST
@page(None)
def delete(request: HttpRequest, number: int) -> HttpResponse:
    """Remove the view."""
    view = _found(request, number)
    actions.delete_view(by=cast(Account, request.user), at=timezone.now(), view=view)
    messages.success(request, f"Deleted the view {view}.")
    return redirect(_listed(view.list_name).address)


def _found(request: HttpRequest, number: int) -> SavedView:
    view = views_for(cast(Account, request.user)).filter(pk=number).first()
    if view is None:
        raise Http404("Not found.")
    return view


def _listed(name: str) -> SavedList:
    listed = saved_lists().get(name)
    if listed is None:
        raise Http404("Not found.")
    return listed
