"""The page on which an owner answers a risk: plan, acceptance or dispute."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.risks import accepting, actions, planning
from governance.risks.detail_views import found
from governance.risks.forms import AcceptanceForm, DisputeForm, JudgedForm, PlanForm
from governance.risks.judged import RiskConflict
from governance.risks.lifecycle import AcceptanceEndsTooEarly, AcceptanceTooLong, TransitionNotAllowed
from governance.risks.models import Risk
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import can

type Answer = Callable[[Account, datetime, Risk, Any], object]


def _plan(by: Account, at: datetime, risk: Risk, form: PlanForm) -> object:
    given = form.cleaned_data
    digest = given["judged_digest"]
    return planning.submit_plan(
        by=by, at=at, risk_id=risk.pk, judged_digest=digest, summary=given["summary"], steps=form.steps()
    )


def _accept(by: Account, at: datetime, risk: Risk, form: AcceptanceForm) -> object:
    return accepting.propose_acceptance(by=by, at=at, risk_id=risk.pk, **form.cleaned_data)


def _dispute(by: Account, at: datetime, risk: Risk, form: DisputeForm) -> object:
    return actions.dispute(by=by, at=at, risk_id=risk.pk, **form.cleaned_data)


ANSWERS: dict[str, tuple[str, type[JudgedForm], Permission, Answer, str]] = {
    "plan": ("Mitigate", PlanForm, Permission.RISK_MITIGATE, _plan, "The plan is on record."),
    "accept": ("Accept for a time", AcceptanceForm, Permission.RISK_ACCEPT, _accept, "Asked others to agree."),
    "dispute": ("Dispute the score", DisputeForm, Permission.RISK_DISPUTE, _dispute, "The dispute is on record."),
}


@page(Permission.RISK_READ)
def respond(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the ways to answer; record the one that was sent, or show beside its fields what is wrong."""
    risk = found(request, pk)
    chosen = request.POST.get("answer", "")
    forms = {name: kind(initial={"judged_digest": risk.digest}) for name, (_, kind, *_) in ANSWERS.items()}
    problem, status = "", 200
    if request.method == "POST" and chosen in ANSWERS:
        _, kind, _, answer, said = ANSWERS[chosen]
        forms[chosen] = kind(request.POST)
        problem, status = _record(request, risk, forms[chosen], answer)
        if not problem and forms[chosen].is_valid():
            messages.success(request, said)
            return redirect("risks:detail", pk=pk)
    ways = [
        {"name": name, "title": title, "form": forms[name], "refusal": can(request.user, allowed, on=risk).reason}
        for name, (title, _, allowed, *_) in ANSWERS.items()
    ]
    context = {"risk": risk, "ways": ways, "chosen": chosen or "plan", "problem": problem}
    return render(request, "governance/risks/respond.html", context, status=status)


def _record(request: HttpRequest, risk: Risk, form: JudgedForm, answer: Answer) -> tuple[str, int]:
    """Return the message and status of a refusal, or an empty message."""
    if not form.is_valid():
        return "", 422
    try:
        answer(request.user, timezone.now(), risk, form)
    except (AcceptanceTooLong, AcceptanceEndsTooEarly) as unfit:
        form.add_error("expires_on", str(unfit))
        return str(unfit), 422
    except (RiskConflict, TransitionNotAllowed) as refused:
        return str(refused), 409
    except planning.PlanNotFit as unfit:
        return str(unfit), 422
    return "", 200
