"""The inbox: what waits for the reader, for the team, and what the reader closed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from governance.dashboards import duties, owed
from governance.risks.actions import acknowledge_each
from governance.risks.models import Risk
from governance.risks.undo_views import undo_address
from models_registry.access.context import badge
from models_registry.access.listing import whole_number
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import visible
from models_registry.audit.canonical import digest
from models_registry.audit.models import AuditEntry

TABS = (("mine", "Mine"), ("team", "My team"), ("done", "Done"))
LISTED = 100
"""How many lines are shown, the soonest; who owes more works through them, or through the register."""
MOST_AT_ONCE = 50
NOTE_LENGTH = 2000


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
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Acknowledge one line or the selected ones, each as a single one would be; say what came of it."""
    picks = _picks(request)
    done, refused = acknowledge_each(
        by=cast(Account, request.user),
        at=timezone.now(),
        judged=picks,
        note_text=request.POST.get("note", "").strip()[:NOTE_LENGTH],
    )
    why_not = [f"R-{one.risk_id}: {one.reason}" for one in refused]
    if not done:
        return _shown(request, problems=why_not or ["Nothing was selected."], status=409 if refused else 422)
    said, undo = _said([one.risk.reference for one in done]), undo_address(done)
    if not _alone(request):
        messages.success(request, said, extra_tags=undo)
        for reason in why_not:
            messages.warning(request, reason)
        return redirect("dashboards:inbox")
    response = _shown(request, problems=why_not)
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "undo": undo}})
    return response


def _picks(request: HttpRequest) -> dict[int, str]:
    """Return the picked risks that the person may see, each with the digest that was read."""
    parts = [pick.partition(":") for pick in request.POST.getlist("pick")[:MOST_AT_ONCE]]
    asked = {int(number): digest for number, _, digest in parts if whole_number(number)}
    rows = visible(cast(Account, request.user), Permission.RISK_READ, Risk.objects.all(), through="model")
    seen = rows.filter(pk__in=list(asked)).values_list("pk", flat=True)
    return {number: asked[number] for number in sorted(seen)}


def _said(references: list[str]) -> str:
    """Say what was acknowledged, and what is owed next."""
    if len(references) == 1:
        return f"Acknowledged {references[0]}. Write its plan next."
    return f"Acknowledged {len(references)} risks. Write their plans next."


def _shown(request: HttpRequest, *, tab: str = "", problems: Sequence[str] = (), status: int = 200) -> HttpResponse:
    actor, now = cast(Account, request.user), timezone.localtime()
    tab = tab if tab in dict(TABS) else "mine"
    context = {
        "tab": tab,
        "tabs": [{"label": label, "url": f"?tab={name}", "current": name == tab} for name, label in TABS],
        "problems": problems,
        **(_closed(actor) if tab == "done" else _owed(actor, tab, now)),
    }
    token = context.get("token", "")
    if token and request.method == "GET" and request.GET.get("since") == token:
        return HttpResponse(status=204)
    name = "_duties.html" if _alone(request) else "inbox.html"
    return render(request, f"governance/dashboards/{name}", context, status=status)


def _owed(actor: Account, tab: str, now: datetime) -> dict[str, Any]:
    found = owed.of_team(actor, at=now) if tab == "team" else owed.mine(actor, at=now)
    lines = sorted(found.duties(whose=tab == "team", most=LISTED + 1), key=duties.urgency)
    many = len(lines) > LISTED
    groups = duties.grouped(lines[:LISTED], now=now)
    known = [f"{one.key} {one.task} {one.pick} {one.due_at.isoformat()}" for group in groups for one in group.duties]
    return {
        "groups": groups,
        "count": _total(actor, tab, now) if many else len(lines),
        "listed": LISTED if many else None,
        "last": None if lines else _last(actor),
        "token": digest({"lines": known, "minute": now.strftime("%d %H:%M")})[-16:],
    }


def _total(actor: Account, tab: str, now: datetime) -> str:
    """Return how many lines there are where not all are listed, as the navigation writes it."""
    return badge(owed.counts(actor, at=now)["duties"]) if tab == "mine" else f"{LISTED}+"


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
