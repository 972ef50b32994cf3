"""What the live loop says on a rule's page: whether it is paused or held, and what enforcing it would raise."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.rules.models import Rule, RuleVersion, VersionState
from governance.scoring import breaker, foresight, switch
from governance.scoring.forms import PauseRuleForm
from governance.scoring.models import ControlScope, RuleTrip
from models_registry.access.callers import actor_of
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can


@require_safe
@page(Permission.RULE_READ)
def automation(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether this rule is judged, and the button that pauses or resumes it."""
    rule = get_object_or_404(Rule, slug=slug)
    actor = actor_of(request)
    control = next((one for one in switch.open_pauses() if _covers(one.scope, one.scope_id, slug)), None)
    form = PauseRuleForm(initial={"target": slug})
    form.fields["target"].widget = form.fields["target"].hidden_widget()
    trips = RuleTrip.objects.filter(rule_version__rule=rule, settled_at__isnull=True)
    context = {
        "rule": rule,
        "control": control,
        "own": control is not None and control.scope == ControlScope.RULE,
        "resume_refusal": switch.why_not_resume(control, by=actor) if control else "",
        "pause_refusal": can(actor, Permission.AUTOMATION_PAUSE).reason,
        "judged": rule.versions.filter(state__in=[VersionState.SHADOW, VersionState.ENFORCED]).exists(),
        "trip": trips.select_related("rule_version").order_by("-tripped_at").first(),
        "write_refusal": can(actor, Permission.RULE_WRITE).reason,
        "form": form,
    }
    return render(request, "governance/scoring/_rule_automation.html", context)


@require_safe
@page(Permission.RULE_READ)
def effect(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What enforcing this version would raise at once."""
    version = get_object_or_404(RuleVersion.objects.select_related("rule"), rule__slug=slug, number=number)
    seen = foresight.foresee(actor=actor_of(request), version=version, at=timezone.now())
    return render(request, "governance/scoring/_effect.html", {"version": version, "seen": seen})


@require_POST
@page(Permission.RULE_WRITE)
def reinstate(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Let a rule that the storm breaker holds raise risks again."""
    version = get_object_or_404(RuleVersion.objects.select_related("rule"), rule__slug=slug, number=number)
    try:
        breaker.reinstate(by=actor_of(request), at=timezone.now(), version=version)
    except breaker.NotTripped as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Version {number} raises risks again.")
    return redirect(f"/rules/{slug}/?version={number}")


def _covers(scope: str, scope_id: str, slug: str) -> bool:
    return scope == ControlScope.GLOBAL or (scope == ControlScope.RULE and scope_id == slug)
