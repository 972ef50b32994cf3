"""The page of one risk: why it stands where it stands, what was answered, and the small deeds done on it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.risks import actions, answers, deed_forms, evidence, history, planning, standings
from governance.risks import panel as panel_rows
from governance.risks.deed_forms import DeedForm
from governance.risks.judged import RiskConflict
from governance.risks.lifecycle import State, TransitionNotAllowed
from governance.risks.models import Acknowledgement, Dispute, PlanStep, Risk
from governance.risks.rerunning import Rerun, rerun
from governance.risks.undo_views import undo_address
from models_registry.access.callers import actor_of
from models_registry.access.lookup import find
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can
from models_registry.catalog.models import RegisteredModel

type Given = dict[str, Any]
type Deed = Callable[[Account, datetime, Given], object]


@require_safe
@page(Permission.RISK_READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One risk: why it stands where it stands, what was answered, and how it moved; at a past moment read-only."""
    return shown(request, found(request, pk))


@require_safe
@page(Permission.RISK_READ)
def panel(request: HttpRequest, slug: str) -> HttpResponse:
    """The open risks of one model, as a fragment for the model's page."""
    actor, as_of = actor_of(request), _as_of(request)
    rows = RegisteredModel.objects.select_related("unit", "owner")
    model = find(actor, Permission.RISK_READ, rows, slug=slug)
    context = {"model": model, "risks": panel_rows.rows(actor=actor, model=model, at=as_of), "as_of": as_of}
    return render(request, "governance/risks/_panel.html", context)


@require_POST
@page(Permission.RISK_READ)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge the state that was read; a state that moved since is a conflict."""
    form = deed_forms.AcknowledgeForm(request.POST, key="acknowledge")
    return _do(request, found(request, pk), form, "Acknowledged.", _acknowledge(pk))


@require_POST
@page(Permission.RISK_READ)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the risk over for verification."""
    form = deed_forms.EvidenceForm(request.POST, key="evidence")
    deed: Deed = lambda by, at, given: actions.submit_evidence(by=by, at=at, risk_id=pk, **given)  # noqa: E731
    return _do(request, found(request, pk), form, "Handed over for verification.", deed)


@require_POST
@page(Permission.RISK_READ)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that the evidence is not enough."""
    form = deed_forms.VerdictForm(request.POST, key="send-back")
    deed: Deed = lambda by, at, given: actions.send_back(by=by, at=at, risk_id=pk, **given)  # noqa: E731
    return _do(request, found(request, pk), form, "Sent back to the owner.", deed)


@require_POST
@page(Permission.RISK_READ)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Verify, and release the level that is held."""
    form = deed_forms.VerdictForm(request.POST, key="release")
    deed: Deed = lambda by, at, given: actions.release(by=by, at=at, risk_id=pk, **given)  # noqa: E731
    return _do(request, found(request, pk), form, "Verified and released.", deed)


@require_POST
@page(Permission.RISK_READ)
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge residual likelihood and impact anew."""
    form = deed_forms.AssessForm(request.POST, key="assess")
    deed: Deed = lambda by, at, given: actions.assess(by=by, at=at, risk_id=pk, **given)  # noqa: E731
    return _do(request, found(request, pk), form, "Assessed.", deed)


@require_POST
@page(Permission.RISK_READ)
def settle(request: HttpRequest, pk: int, dispute_pk: int) -> HttpResponse:
    """Rule on a dispute."""
    risk = found(request, pk)
    if not Dispute.objects.filter(pk=dispute_pk, risk=risk).exists():
        raise Http404("Not found.")
    form = deed_forms.SettleForm(request.POST, key="settle")
    deed: Deed = lambda by, at, given: actions.settle_dispute(by=by, at=at, dispute_id=dispute_pk, **given)  # noqa: E731
    return _do(request, risk, form, "Settled the dispute.", deed)


@require_POST
@page(Permission.RISK_READ)
def step(request: HttpRequest, pk: int, step_pk: int, deed: str) -> HttpResponse:
    """Complete, verify, return or move one step of the plan in work."""
    risk = found(request, pk)
    if not PlanStep.objects.filter(pk=step_pk, plan__risk=risk).exists():
        raise Http404("Not found.")
    kind, act, said = STEP_DEEDS[deed]
    form = kind(request.POST, key=f"{deed}-{step_pk}")
    return _do(request, risk, form, said, lambda by, at, given: act(by=by, at=at, step_id=step_pk, **given))


@require_POST
@page(Permission.RISK_READ)
def read_anew(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge the stored readings again and show whether the score follows from them; nothing is written."""
    risk = found(request, pk)
    result = rerun(by=actor_of(request), at=timezone.now(), risk=risk)
    if request.headers.get("HX-Request") == "true":
        return render(request, "governance/risks/_rerun.html", {"rerun": result, "risk": risk})
    return shown(request, risk, rerun_result=result)


STEP_DEEDS: dict[str, tuple[type[DeedForm], Callable[..., object], str]] = {
    "complete": (deed_forms.CompleteForm, planning.complete_step, "The step is done. Someone else verifies it."),
    "verify": (DeedForm, planning.verify_step, "Verified the step."),
    "return": (deed_forms.ReturnForm, planning.return_step, "Returned the step."),
    "move": (deed_forms.MoveForm, planning.move_step, "Moved the step."),
}
"""What can be done to a step: its form, its action, and what is said afterwards."""


# ---- shared ----


def found(request: HttpRequest, pk: int) -> Risk:
    """Return the risk that the reader may see; raises Http404."""
    return find(actor_of(request), Permission.RISK_READ, _rows(), through="model", pk=pk)


def shown(
    request: HttpRequest,
    risk: Risk,
    *,
    problem: str = "",
    status: int = 200,
    bound: DeedForm | None = None,
    rerun_result: Rerun | None = None,
) -> HttpResponse:
    """Return the page of a risk, with what a refused deed had said."""
    as_of, now = _as_of(request), timezone.now()
    standing = standings.then_of(risk, at=as_of) if as_of else standings.now_of(risk, at=now)
    if standing is None:
        raise Http404("This risk was not on the register then.")
    context = page_of(actor_of(request), risk, standing, now=now, as_of=as_of)
    context |= {"problem": problem, "rerun": rerun_result, "as_of": as_of}
    if not as_of:
        context |= _doing(actor_of(request), risk, standing, context, bound)
    return render(request, "governance/risks/detail.html", context, status=status)


def page_of(
    actor: Account, risk: Risk, standing: standings.Standing, *, now: datetime, as_of: datetime | None
) -> Given:
    """Return what the page of a risk shows: standing, evidence, answers and history."""
    at = as_of or now
    changes = list(standings.changes_of(risk)[:200])
    answered = answers.answers(risk, actor=actor, changes=changes, now=now, until=as_of)
    watched = [] if as_of else evidence.watches(risk)
    duty, due_at = standings.next_duty(risk, standing, plan=answered.plan, acceptance=answered.open_acceptance)
    acceptance = answered.open_acceptance
    return {
        "risk": risk,
        "standing": standing,
        "grades": standings.grades(risk, standing),
        "limits": standings.limits_of(risk),
        "pieces": evidence.pieces(risk, standing.contributions, at=at),
        "watches": watched,
        "coverage": evidence.coverage(watched),
        "ways_down": standings.ways_down(standing, [] if as_of else actions.holding_causes(risk)),
        "answers": answered,
        "step_lines": [{"line": line} for line in answered.steps],
        "approvers": _approvers(acceptance),
        "duty": duty,
        "duty_due_at": None if as_of else due_at,
        "timeline": history.lines(risk, until=at, with_links=bool(can(actor, Permission.AUDIT_READ, on=risk))),
        "now": at,
    }


def _approvers(acceptance: Any) -> list[tuple[str, list[str]]]:
    if acceptance is None or acceptance.approval is None or acceptance.state != "PROPOSED":
        return []
    return answers.approvers(acceptance.approval, policy=acceptance.approval.policy)


def _doing(actor: Account, risk: Risk, standing: standings.Standing, context: Given, bound: DeedForm | None) -> Given:
    """Return the forms of what can be done, with why not where it cannot."""
    answered: answers.Answers = context["answers"]
    judged = {"judged_digest": risk.digest}
    forms: dict[str, DeedForm] = {
        "acknowledge": deed_forms.AcknowledgeForm(initial=judged, key="acknowledge"),
        "evidence": deed_forms.EvidenceForm(initial=judged, key="evidence"),
        "send-back": deed_forms.VerdictForm(initial=judged, key="send-back"),
        "release": deed_forms.VerdictForm(initial=judged, key="release"),
        "settle": deed_forms.SettleForm(key="settle"),
        "assess": deed_forms.AssessForm(
            initial={"likelihood": risk.baseline_likelihood, "impact": risk.baseline_impact}, key="assess"
        ),
    }
    forms |= _step_forms(answered)
    if bound is not None:
        forms[bound.key] = bound
    return {
        "forms": {key.replace("-", "_"): form for key, form in forms.items()},
        "kept": _kept(bound),
        "step_lines": [
            {
                "line": line,
                "complete": forms.get(f"complete-{line.step.pk}"),
                "return": forms.get(f"return-{line.step.pk}"),
                "move": forms.get(f"move-{line.step.pk}"),
            }
            for line in answered.steps
        ],
        "refusals": _refusals(actor, risk, answered),
        "shows": _shows(standing),
        "may_read_sources": bool(can(actor, Permission.SOURCE_READ)),
    }


def _kept(bound: DeedForm | None) -> list[tuple[str, str]]:
    """Return what a person had written into a refused form, so that nothing of it is lost."""
    if bound is None:
        return []
    fields = ((str(field.label), str(field.value() or "")) for field in bound.visible_fields())
    return [(label, value) for label, value in fields if value]


def _step_forms(answered: answers.Answers) -> dict[str, DeedForm]:
    forms: dict[str, DeedForm] = {}
    for line in answered.steps:
        key = line.step.pk
        if line.step.done_at is None:
            forms[f"complete-{key}"] = deed_forms.CompleteForm(key=f"complete-{key}")
            forms[f"move-{key}"] = deed_forms.MoveForm(initial={"due_on": line.step.due_on}, key=f"move-{key}")
        elif line.step.verified_at is None:
            forms[f"return-{key}"] = deed_forms.ReturnForm(key=f"return-{key}")
    return forms


def _refusals(actor: Account, risk: Risk, answered: answers.Answers) -> dict[str, str]:
    """Return, per deed, why this reader may not do it now; empty where they may."""
    may_plan = can(actor, Permission.RISK_MITIGATE, on=risk)
    left = len(answered.steps) - answered.done_count
    holding = actions.holding_causes(risk)
    held = f"This still holds: {', '.join(holding)}. A level is released after its causes end." if holding else ""
    dispute = answered.open_dispute
    own = dispute is not None and dispute.raised_by_id == actor.pk
    may_assess = can(actor, Permission.RISK_ASSESS, on=risk)
    return {
        "acknowledge": can(actor, Permission.RISK_ACKNOWLEDGE, on=risk).reason,
        "respond": _why_not_respond(actor, risk),
        "mitigate": may_plan.reason,
        "evidence": may_plan.reason
        or (f"{left} {'step is' if left == 1 else 'steps are'} still open in the plan." if left else ""),
        "release": actions.why_not_release(risk, actor) or held,
        "send_back": can(actor, Permission.RISK_RELEASE, on=risk).reason,
        "settle": may_assess.reason or ("You raised this dispute. Someone else must settle it." if own else ""),
        "assess": may_assess.reason,
        "rerun": can(actor, Permission.RISK_DISPUTE, on=risk).reason,
    }


def _why_not_respond(actor: Account, risk: Risk) -> str:
    """Return why nothing of the answer page is open to this reader; empty when something is."""
    wanted = (Permission.RISK_MITIGATE, Permission.RISK_ACCEPT, Permission.RISK_DISPUTE)
    replies = [can(actor, one, on=risk) for one in wanted]
    return "" if any(replies) else replies[0].reason


def _shows(standing: standings.Standing) -> dict[str, bool]:
    """Return which deeds belong to the state the risk is in."""
    state = standing.state
    return {
        "acknowledge": state == State.OPEN,
        "respond": state in (State.OPEN, State.ACKNOWLEDGED, State.MITIGATING, State.ACCEPTED),
        "evidence": state in (State.MITIGATING, State.ACCEPTED),
        "verdict": state == State.VERIFYING,
        "release": standing.awaits_release and state != State.VERIFYING,
    }


def _do(request: HttpRequest, risk: Risk, form: DeedForm, said: str, deed: Deed) -> HttpResponse:
    """Do one deed and return to the risk; a refusal keeps what was written and says why, beside its field."""
    if not form.is_valid():
        return shown(request, risk, bound=form, status=422)
    try:
        done = deed(actor_of(request), timezone.now(), form.cleaned_data)
    except planning.PlanNotFit as unfit:
        form.add_error(unfit.part if unfit.part in form.fields else None, str(unfit))
        return shown(request, risk, bound=form, status=422)
    except (RiskConflict, TransitionNotAllowed) as refused:
        return shown(request, found(request, risk.pk), problem=str(refused), bound=form, status=409)
    messages.success(request, said, extra_tags=undo_address([done]) if isinstance(done, Acknowledgement) else "")
    return redirect("risks:detail", pk=risk.pk)


def _acknowledge(pk: int) -> Deed:
    def deed(by: Account, at: datetime, given: Given) -> object:
        digest, note = given["judged_digest"], given["note"]
        return actions.acknowledge(by=by, at=at, risk_id=pk, judged_digest=digest, note_text=note)

    return deed


def _rows() -> QuerySet[Risk]:
    return Risk.objects.select_related("model__unit", "model__owner", "model__deputy", "model__team", "evidence_by")


def _as_of(request: HttpRequest) -> datetime | None:
    as_of: datetime | None = getattr(request, "as_of", None)
    return as_of
