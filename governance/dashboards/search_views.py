"""The part of the palette that the server fills."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.dashboards.searching import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_safe
@page(Permission.MODEL_READ)
def search(request: HttpRequest) -> HttpResponse:
    """Records whose names hold the words of ``q``, by kind."""
    found = find(actor=cast(Account, request.user), words=request.GET.get("q", ""))
    return render(request, "governance/dashboards/_found.html", {"found": found})
