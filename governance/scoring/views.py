"""The page of the pause switch: what is paused, who may end it, and what was paused before."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.rules.models import Rule
from governance.scoring import switch
from governance.scoring.forms import FORMS, PauseForm
from governance.scoring.models import AutomationControl, ControlScope, Posture
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel

PER_PAGE = 25


@require_safe
@page(Permission.RULE_READ)
def show(request: HttpRequest) -> HttpResponse:
    """Whether scoring runs, what is held, and every pause so far."""
    return _page(request)


@require_POST
@page(Permission.RULE_READ)
def pause(request: HttpRequest, scope: str) -> HttpResponse:
    """Pause all of scoring, one model or one rule."""
    kind = FORMS.get(scope)
    if kind is None:
        raise Http404("Not found.")
    form = kind(request.POST)
    if not form.is_valid():
        return _page(request, refused=form, status=422)
    try:
        switch.pause(
            by=actor_of(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
            scope=form.scope,
            scope_id=form.scope_id,
        )
    except switch.AlreadyPaused as already:
        messages.error(request, str(already))
    else:
        messages.success(request, "Paused. Telemetry is kept and will be judged when scoring resumes.")
    return redirect("scoring:switch")


@require_POST
@page(Permission.RULE_READ)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """End one pause; not by whoever began it."""
    control = get_object_or_404(AutomationControl, pk=pk)
    try:
        switch.resume(
            by=actor_of(request), at=timezone.now(), scope=ControlScope(control.scope), scope_id=control.scope_id
        )
    except (switch.NotPaused, switch.SecondPersonNeeded) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Resumed. What arrived meanwhile is being judged now.")
    return redirect("scoring:switch")


def _page(request: HttpRequest, *, refused: PauseForm | None = None, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    history = AutomationControl.objects.select_related("paused_by", "resumed_by").order_by("-paused_at", "-pk")
    pages = Paginator(history, PER_PAGE).get_page(request.GET.get("page"))
    open_now = switch.open_pauses()
    names = _names([*open_now, *pages])
    model_count = RegisteredModel.objects.active().count()
    waiting = Posture.objects.filter(dirty_since__isnull=False).aggregate(count=Count("pk"), since=Min("dirty_since"))
    context = {
        "pauses": [_row(one, names) | {"refusal": switch.why_not_resume(one, by=actor)} for one in open_now],
        "page": pages,
        "history": [_row(one, names) for one in pages],
        "everything": any(one.scope == ControlScope.GLOBAL for one in open_now),
        "switched_off": not settings.REDLINE_AUTOMATION,
        "refusal": can(actor, Permission.AUTOMATION_PAUSE).reason,
        "model_count": model_count,
        "verb": f"Pause scoring for {model_count} {'model' if model_count == 1 else 'models'}",
        "held_count": waiting["count"],
        "held_since": waiting["since"],
        "forms": {name: refused if refused and refused.scope == kind.scope else kind() for name, kind in FORMS.items()},
        "asking": {refused.scope.value.lower(): True} if refused else {},
    }
    return render(request, "governance/scoring/switch.html", context, status=status)


def _row(control: AutomationControl, names: dict[tuple[str, str], str]) -> dict[str, Any]:
    what = names.get((control.scope, control.scope_id), control.scope_id)
    title = "All scoring" if control.scope == ControlScope.GLOBAL else f"{control.get_scope_display()} {what}"
    return {"control": control, "title": title, "asks": f"resume-{control.pk}"}


def _names(controls: list[AutomationControl]) -> dict[tuple[str, str], str]:
    """Return what people call the paused models and rules."""
    slugs = {one.scope_id for one in controls if one.scope_id}
    models = RegisteredModel.objects.filter(slug__in=slugs).values_list("slug", "name")
    rules = Rule.objects.filter(slug__in=slugs).values_list("slug", "title")
    return {(ControlScope.MODEL.value, slug): name for slug, name in models} | {
        (ControlScope.RULE.value, slug): f"“{title}”" for slug, title in rules
    }
