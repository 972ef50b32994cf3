"""Pages of the register: the list, one risk, and its acknowledgement."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.risks import actions, queries
from governance.risks.judged import RiskConflict
from governance.risks.lifecycle import TransitionNotAllowed
from governance.risks.models import Risk
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can


@require_safe
@page(Permission.RISK_READ)
def register(request: HttpRequest) -> HttpResponse:
    """The open risks, gravest first."""
    if request.GET.get("as_of"):
        return _to_now(request)
    risks = Paginator(queries.open_for(cast(Account, request.user)), 100).get_page(request.GET.get("page"))
    return render(request, "governance/risks/list.html", {"page": risks})


@require_safe
@page(Permission.RISK_READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One risk: why it stands where it stands, and how it moved."""
    if request.GET.get("as_of"):
        return _to_now(request)
    return _shown(request, found(request, pk))


@require_POST
@page(Permission.RISK_READ)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge the state that was read; a state that moved since is a conflict."""
    risk = found(request, pk)
    try:
        actions.acknowledge(
            by=cast(Account, request.user),
            at=timezone.now(),
            risk_id=risk.pk,
            judged_digest=request.POST.get("judged_digest", ""),
            note_text=request.POST.get("note", ""),
        )
    except (RiskConflict, TransitionNotAllowed) as refused:
        return _shown(request, found(request, pk), problem=str(refused), status=409)
    return redirect("risks:detail", pk=pk)


def _to_now(request: HttpRequest) -> HttpResponse:
    """Send people who asked for the past to the present, and say so: today's rows are not the past."""
    messages.info(request, "The register shows the present only. The board and the models can show the past.")
    return redirect(request.path)


def found(request: HttpRequest, pk: int) -> Risk:
    rows = Risk.objects.select_related("model__unit", "model__owner")
    return find(cast(Account, request.user), Permission.RISK_READ, rows, through="model", pk=pk)


def _shown(request: HttpRequest, risk: Risk, *, problem: str = "", status: int = 200) -> HttpResponse:
    answer = can(cast(Account, request.user), Permission.RISK_ACKNOWLEDGE, on=risk)
    context = {
        "risk": risk,
        "problem": problem,
        "refusal": answer.reason,
        "changes": risk.changes.order_by("-changed_at", "-pk")[:50],
        "note": request.POST.get("note", ""),
    }
    return render(request, "governance/risks/detail.html", context, status=status)
