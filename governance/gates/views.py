"""Pages of the gates: a model's last answers, one answer with its ways out, and its use."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.gates import actions, queries
from governance.gates.models import GateDecision
from governance.gates.preview import candidate, preview
from governance.gates.targets import TargetUnknown
from models_registry.access.callers import actor_of
from models_registry.access.lookup import find
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.actions import NothingToChange, StageNotReachable
from models_registry.catalog.clearance_actions import ClearanceMissing
from models_registry.catalog.models import ModelVersion, RegisteredModel, Stage

REFUSALS = (
    actions.NotApproved,
    actions.DecisionUsed,
    actions.DecisionExpired,
    actions.AutomationPaused,
    actions.NoApprovalNeeded,
    ClearanceMissing,
    NothingToChange,
    StageNotReachable,
)


@require_safe
@page(Permission.MODEL_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the part of a model's page that shows its gate and its runtime access."""
    account = actor_of(request)
    model = find(account, Permission.MODEL_READ, RegisteredModel.objects.select_related("unit"), slug=slug)
    now = timezone.now()
    shipping = None if request.as_of else candidate(model)
    context = {
        "model": model,
        "decisions": queries.latest(model=model, at=request.as_of),
        "access": None if request.as_of else queries.runtime_access(model=model, now=now),
        "waiting": shipping if shipping and shipping.stage == Stage.STAGING else None,
        "preview": preview(version=shipping, at=now) if shipping else None,
        "refusal": can(account, Permission.GATE_ASK, on=model).reason,
        "as_of": request.as_of,
    }
    return render(request, "governance/gates/_panel.html", context)


@require_safe
@page(Permission.MODEL_READ)
def decision(request: HttpRequest, pk: str) -> HttpResponse:
    """Show one answer of the gate: the reasons, and what can be done about each."""
    return _shown(request, _found(request, pk))


@require_POST
@page(Permission.GATE_ASK)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the gate whether a version may enter production, and show the answer."""
    versions = ModelVersion.objects.select_related("model__unit")
    version = find(actor_of(request), Permission.MODEL_READ, versions, through="model", pk=pk)
    target = request.POST.get("target", Stage.PRODUCTION.value)
    try:
        made = actions.ask(by=actor_of(request), at=timezone.now(), version=version, target=target)
    except TargetUnknown as unknown:
        raise BadRequest(str(unknown)) from None
    return redirect("gates:decision", made.pk)


@require_POST
@page(Permission.VERSION_MOVE)
def use(request: HttpRequest, pk: str) -> HttpResponse:
    """Move the version that an approval is for."""
    found = _found(request, pk)
    try:
        moved = actions.promote(by=actor_of(request), at=timezone.now(), decision=found)
    except REFUSALS as refusal:
        return _shown(request, found, problem=str(refusal), status=409)
    messages.success(request, f"{moved} is in {moved.get_stage_display()}.")
    return redirect("gates:decision", found.pk)


@require_POST
@page(Permission.GATE_ASK)
def request_approval(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask compliance for the approval that an answer found missing."""
    found = _found(request, pk)
    try:
        actions.request_approval(by=actor_of(request), at=timezone.now(), decision=found)
    except REFUSALS as refusal:
        return _shown(request, found, problem=str(refusal), status=409)
    messages.success(request, "Compliance was asked to approve this promotion. Ask the gate again once it has.")
    return redirect("gates:decision", found.pk)


def _shown(request: HttpRequest, found: GateDecision, *, problem: str = "", status: int = 200) -> HttpResponse:
    usable = queries.is_usable(found, at=timezone.now())
    context = {
        "decision": found,
        "model": found.version.model,
        "reasons": queries.reasons_with_ways_out(found),
        "usable": usable,
        "refusal": can(actor_of(request), Permission.VERSION_MOVE, on=found.version).reason,
        "ask_refusal": can(actor_of(request), Permission.GATE_ASK, on=found.version).reason,
        "wants_approval": actions.wants_approval(found),
        "problem": problem,
        "pairs": [
            ("Model", found.version.model),
            ("Version", found.version.number),
            ("Target", found.target.removeprefix("stage:").lower()),
            ("Asked by", found.requested_by),
            ("Epoch", found.epoch),
        ],
        "bound_to": [
            ("Artifact", found.artifact_digest),
            ("State", found.state_digest),
            ("Policy", found.policy_digest),
        ],
    }
    return render(request, "governance/gates/decision.html", context, status=status)


def _found(request: HttpRequest, pk: str) -> GateDecision:
    decisions = GateDecision.objects.select_related("version__model__unit", "requested_by")
    return find(actor_of(request), Permission.MODEL_READ, decisions, through="version__model", pk=pk)
