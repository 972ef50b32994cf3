"""The inbox: what waits for the reader, for the team, and what the reader closed."""

import json
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import duties, owed
from governance.risks.actions import acknowledge as acknowledge_risk
from governance.risks.judged import RiskConflict
from governance.risks.lifecycle import TransitionNotAllowed
from governance.risks.models import Risk
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.audit.models import AuditEntry

TABS = (("mine", "Mine"), ("team", "My team"), ("done", "Done"))


@require_safe
@page(Permission.RISK_READ)
@vary_on_headers("HX-Request")
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits, in order of its clock."""
    if request.GET.get("as_of"):
        messages.info(request, "The inbox shows what waits now. The audit log shows what waited then.")
        return redirect("dashboards:inbox")
    return _shown(request, tab=request.GET.get("tab", ""))


@require_POST
@page(Permission.RISK_READ)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge a risk on its line; a state that moved since it was read is a conflict."""
    actor = cast(Account, request.user)
    risk = find(actor, Permission.RISK_READ, Risk.objects.all(), through="model", pk=pk)
    try:
        acknowledge_risk(
            by=actor, at=timezone.now(), risk_id=risk.pk, judged_digest=request.POST.get("judged_digest", "")
        )
    except (RiskConflict, TransitionNotAllowed) as refused:
        return _shown(request, problem=str(refused), status=409)
    said = f"Acknowledged {risk.reference}. Write its plan next."
    if not _alone(request):
        messages.success(request, said)
        return redirect("dashboards:inbox")
    response = _shown(request)
    response["HX-Trigger"] = json.dumps({"toast": {"text": said}})
    return response


def _shown(request: HttpRequest, *, tab: str = "", problem: str = "", status: int = 200) -> HttpResponse:
    actor, now = cast(Account, request.user), timezone.localtime()
    tab = tab if tab in dict(TABS) else "mine"
    context = {
        "tab": tab,
        "tabs": [{"label": label, "url": f"?tab={name}", "current": name == tab} for name, label in TABS],
        "problem": problem,
        **(_closed(actor) if tab == "done" else _owed(actor, tab, now)),
    }
    name = "_duties.html" if _alone(request) else "inbox.html"
    return render(request, f"governance/dashboards/{name}", context, status=status)


def _owed(actor: Account, tab: str, now: datetime) -> dict[str, Any]:
    found = owed.of_team(actor, at=now) if tab == "team" else owed.mine(actor, at=now)
    lines = found.duties(whose=tab == "team")
    groups = duties.grouped(lines, now=now)
    return {"groups": groups, "count": len(lines), "last": None if lines else _last(actor)}


def _closed(actor: Account) -> dict[str, Any]:
    return {"closed": [_entry(one) for one in owed.done(actor)]}


def _last(actor: Account) -> dict[str, Any] | None:
    """Return what the actor closed last, for the sentence of an empty inbox."""
    return next((_entry(one) for one in owed.done(actor, limit=1)), None)


def _entry(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry as a line of "Done": what was closed, of what, when."""
    body = entry.body
    noun, _, verb = entry.action.partition(".")
    about = body.get("reference") or body.get("title") or f"{noun} {entry.object_id}"
    words = "Voted on" if entry.action == "approval.voted" else verb.replace("_", " ").capitalize()
    model = body.get("model_name", "")
    return {"at": entry.at, "text": f"{words}: {about}", "subject": model, "pk": entry.pk, "about": about}


def _alone(request: HttpRequest) -> bool:
    """Return whether htmx asked for the list alone."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
