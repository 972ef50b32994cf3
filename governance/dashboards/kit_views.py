"""The interface kit: every part and every state on one page, for those who build and check pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.dashboards.kit import NOW, sample
from models_registry.access.pages import page
from models_registry.access.permissions import Permission


@require_safe
@page(Permission.PEOPLE_MANAGE)
def kit_page(request: HttpRequest) -> HttpResponse:
    """Every component with invented values; administrators alone."""
    return render(request, "kit.html", {"kit": sample(), "now": NOW})
