"""The page on which an owner answers a risk: acknowledge, decide, plan or justify, review.

Every button of the page posts the whole form, so that it works without script and loses nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from governance.risks import accepting, actions, answers, drafts, planning, standings
from governance.risks.accepting import quorum_for
from governance.risks.detail_views import found
from governance.risks.drafts import DraftSavedElsewhere
from governance.risks.forms import AnswerForms, Text
from governance.risks.judged import RiskConflict, standing
from governance.risks.lifecycle import AcceptanceEndsTooEarly, AcceptanceTooLong, State, TransitionNotAllowed
from governance.risks.models import ResponseDraft, Risk
from governance.risks.responding import PERMISSIONS, SAID, SUBMITS, Decision, Judged, answer, rehearse
from governance.risks.undo_views import undo_address
from governance.vocabulary import RiskLevel
from models_registry.access.callers import actor_of
from models_registry.access.models import Account
from models_registry.access.pages import page
from models_registry.access.permissions import Permission
from models_registry.access.rights import AccessDenied, can

type Context = dict[str, Any]

DESCRIPTIONS = {
    Decision.MITIGATE: "Fix it. You give steps and dates; the level stays until readings show that it recovered.",
    Decision.ACCEPT: "Live with it until a date. Others must agree, and then it opens again.",
    Decision.DISPUTE: "An input is wrong. The score is held, its clock runs on, and nothing is deleted.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RISK_READ)
def respond(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the answer begun so far, or do what the pressed button says with what was written."""
    risk = found(request, pk)
    _require_some_answer(actor_of(request), risk)
    if getattr(request, "as_of", None):
        messages.info(request, "A risk is answered now, so this is the present.")
        return redirect("risks:respond", pk=pk)
    if request.method != "POST":
        draft = drafts.own(risk, actor_of(request))
        return _shown(request, risk, _begun(risk, draft), draft=draft)
    what, _, place = request.POST.get("do", "review").partition(":")
    return BUTTONS.get(what, _review)(request, risk, Text.of_post(request.POST), place)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.RISK_READ)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the draft; asked by the page every ten seconds. Answers with its line about the draft."""
    risk = found(request, pk)
    if request.method != "POST":
        return redirect("risks:respond", pk=pk)
    _require_some_answer(actor_of(request), risk)
    text = Text.of_post(request.POST)
    if text.is_empty and drafts.own(risk, actor_of(request)) is None:
        return HttpResponse(status=204)
    try:
        stored = _save(request, risk, text)
    except DraftSavedElsewhere as refused:
        context = {"risk": risk, "draft": refused.stored, "read_version": _version(request), "elsewhere": str(refused)}
        return render(request, "governance/risks/_draft.html", context, status=409)
    return render(request, "governance/risks/_draft.html", {"risk": risk, "draft": stored})


@require_safe
@page(Permission.RISK_READ)
def both(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everybody's drafts of an answer beside one another."""
    risk = found(request, pk)
    actor = actor_of(request)
    _require_some_answer(actor, risk)
    own = drafts.own(risk, actor)
    listed = [*([own] if own else []), *drafts.of_others(risk, actor)]
    columns = [{"draft": one, "text": Text.of_body(one.body), "rows": _rows(one)} for one in listed]
    return render(request, "governance/risks/both.html", {"risk": risk, "columns": columns})


# ---- what each button does ----


def _acknowledge(request: HttpRequest, risk: Risk, text: Text, _: str) -> HttpResponse:
    """Acknowledge first, keep what was written, and come back to it."""
    note, digest = request.POST.get("note", "")[:4000], request.POST.get("judged_digest", "")
    try:
        seen = actions.acknowledge(
            by=actor_of(request), at=timezone.now(), risk_id=risk.pk, judged_digest=digest, note_text=note
        )
    except (RiskConflict, TransitionNotAllowed) as refused:
        return _conflict(request, risk, text, str(refused))
    if not text.is_empty:
        drafts.save(by=actor_of(request), at=timezone.now(), risk=risk, body=text.body(), read_version=0, over=True)
    messages.success(request, f"Acknowledged {risk.reference}.", extra_tags=undo_address([seen]))
    return redirect("risks:respond", pk=risk.pk)


def _add_step(request: HttpRequest, risk: Risk, text: Text, _: str) -> HttpResponse:
    return _shown(request, risk, text.with_a_step(), draft=drafts.own(risk, actor_of(request)), fresh=True)


def _remove_step(request: HttpRequest, risk: Risk, text: Text, place: str) -> HttpResponse:
    number = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1
    return _shown(request, risk, text.without_step(number), draft=drafts.own(risk, actor_of(request)))


def _edit(request: HttpRequest, risk: Risk, text: Text, _: str) -> HttpResponse:
    return _shown(request, risk, text, draft=drafts.own(risk, actor_of(request)))


def _keep(request: HttpRequest, risk: Risk, text: Text, how: str) -> HttpResponse:
    """Save the draft; one saved in another window is shown beside this text, and neither is lost."""
    try:
        stored = _save(request, risk, text, over=how == "over")
    except DraftSavedElsewhere as refused:
        return _shown(request, risk, text, draft=refused.stored, elsewhere=refused, status=409)
    messages.success(request, "Saved the draft.")
    return redirect("risks:respond", pk=stored.risk_id)


def _discard(request: HttpRequest, risk: Risk, _: Text, __: str) -> HttpResponse:
    drafts.discard(by=actor_of(request), risk=risk)
    messages.success(request, "Discarded the draft.")
    return redirect("risks:detail", pk=risk.pk)


def _review(request: HttpRequest, risk: Risk, text: Text, _: str) -> HttpResponse:
    """Show the record that will be written."""
    return _judge(request, risk, text, saves=False)


def _submit(request: HttpRequest, risk: Risk, text: Text, _: str) -> HttpResponse:
    """Write it."""
    return _judge(request, risk, text, saves=True)


BUTTONS: dict[str, Callable[[HttpRequest, Risk, Text, str], HttpResponse]] = {
    "acknowledge": _acknowledge,
    "add_step": _add_step,
    "remove_step": _remove_step,
    "edit": _edit,
    "save": _keep,
    "discard": _discard,
    "review": _review,
    "submit": _submit,
}
"""What the page's buttons do, by the first part of their value."""


def _judge(request: HttpRequest, risk: Risk, text: Text, *, saves: bool) -> HttpResponse:
    """Rehearse the answer or give it; what is unfit stands at its field, what is stale beside the text."""
    actor, now = actor_of(request), timezone.now()
    forms = _forms(risk, text, now, judge=True)
    if not forms.is_valid():
        return _shown(request, risk, text, forms=forms, draft=drafts.own(risk, actor), status=422)
    judged = Judged(request.POST.get("judged_digest", "")[:80], request.POST.get("standing", "")[:80])
    record = ""
    try:
        if saves:
            answer(by=actor, at=now, risk=risk, forms=forms, judged=judged)
        else:
            record = rehearse(by=actor, at=now, risk=risk, forms=forms, judged=judged)
    except (RiskConflict, TransitionNotAllowed) as refused:
        return _conflict(request, risk, text, str(refused))
    except (AcceptanceTooLong, AcceptanceEndsTooEarly) as unfit:
        forms.accept.add_error("expires_on", str(unfit))
        return _shown(request, risk, text, forms=forms, draft=drafts.own(risk, actor), status=422)
    except accepting.AcceptanceUnfounded as unfit:
        forms.accept.add_error("justification", str(unfit))
        return _shown(request, risk, text, forms=forms, draft=drafts.own(risk, actor), status=422)
    except planning.PlanNotFit as unfit:
        _place(forms, unfit)
        return _shown(request, risk, text, forms=forms, draft=drafts.own(risk, actor), status=422)
    if not saves:
        return _shown(request, risk, text, forms=forms, draft=drafts.own(risk, actor), record=record)
    drafts.discard(by=actor, risk=risk)
    messages.success(request, SAID[Decision(text.decision)])
    return redirect("risks:detail", pk=risk.pk)


def _conflict(request: HttpRequest, risk: Risk, text: Text, problem: str) -> HttpResponse:
    """Keep the text, say what changed since it was begun, and let it be judged against the present state."""
    present = found(request, risk.pk)
    digest = request.POST.get("judged_digest", "")
    moved = standings.changes_since(present, digest, list(standings.changes_of(present)[:50]))
    draft = drafts.own(risk, actor_of(request))
    return _shown(request, present, text, draft=draft, problem=problem, moved=moved, status=409)


def _place(forms: AnswerForms, unfit: planning.PlanNotFit) -> None:
    if unfit.position and unfit.part:
        forms.steps[unfit.position - 1].add_error(unfit.part, str(unfit))
    else:
        forms.problem = str(unfit)


# ---- the page ----


def _shown(
    request: HttpRequest,
    risk: Risk,
    text: Text,
    *,
    forms: AnswerForms | None = None,
    draft: ResponseDraft | None = None,
    status: int = 200,
    record: str = "",
    **more: Any,
) -> HttpResponse:
    actor, now = actor_of(request), timezone.now()
    stood = standings.now_of(risk, at=now)
    level = RiskLevel(risk.level)
    refusals = {one: can(actor, PERMISSIONS[one], on=risk).reason for one in Decision}
    chosen = Decision(text.decision) if text.decision in set(Decision) else None
    context: Context = {
        "risk": risk,
        "stood": stood,
        "text": text,
        "forms": forms or _forms(risk, text, now, judge=False),
        "draft": draft,
        "read_version": _version(request) if request.method == "POST" else None,
        "others": drafts.of_others(risk, actor),
        "digest": risk.digest,
        "standing": standing(risk),
        "is_open": stood.state == State.OPEN,
        "seen": risk.acknowledgements.standing().select_related("by").order_by("-at", "-pk").first(),
        "acknowledge_refusal": can(actor, Permission.RISK_ACKNOWLEDGE, on=risk).reason,
        "choices": [(one, DESCRIPTIONS[one], refusals[one], one == chosen) for one in Decision],
        "chosen": chosen,
        "verb": SUBMITS[chosen] if chosen else "",
        "record": record,
        "approvers": answers.approvers(None, policy=quorum_for(level)),
        "needs_all": level >= RiskLevel.HIGH,
        "ways_down": standings.ways_down(stood, actions.holding_causes(risk)),
        "if_it_works": standings.if_it_works(stood),
        "pieces": stood.contributions,
        "now": now,
        **more,
    }
    return render(request, "governance/risks/respond.html", context, status=status)


def _forms(risk: Risk, text: Text, now: datetime, *, judge: bool) -> AnswerForms:
    stood = standings.now_of(risk, at=now)
    return AnswerForms(text, risk=risk, contributions=stood.contributions, now=now, judge=judge)


def _begun(risk: Risk, draft: ResponseDraft | None) -> Text:
    """Return the draft, or an empty plan with one step."""
    return Text.of_body(draft.body) if draft else Text("MITIGATE").with_a_step()


def _rows(draft: ResponseDraft) -> list[tuple[str, str]]:
    """Return what a draft says, field by field."""
    text = Text.of_body(draft.body)
    names = {str(one.pk): str(one) for one in Account.objects.filter(pk__in=_owners(text))}
    rows = [(name.replace("_", " ").capitalize(), value) for name, value in text.fields.items() if value]
    steps = [
        (f"Step {place}", f"{one['text']} ({names.get(one['owner'], 'nobody')}, {one['due_on'] or 'no date'})")
        for place, one in enumerate(text.steps, start=1)
        if any(one.values())
    ]
    return [*rows, *steps]


def _owners(text: Text) -> list[str]:
    return [one["owner"] for one in text.steps if one["owner"].isdigit() and len(one["owner"]) < 12]


def _save(request: HttpRequest, risk: Risk, text: Text, *, over: bool = False) -> ResponseDraft:
    at, version = timezone.now(), _version(request)
    return drafts.save(by=actor_of(request), at=at, risk=risk, body=text.body(), read_version=version, over=over)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("draft_version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


def _require_some_answer(actor: Account, risk: Risk) -> None:
    """Raise AccessDenied for people who may give none of the answers."""
    replies = [can(actor, one, on=risk) for one in PERMISSIONS.values()]
    if not any(replies):
        raise AccessDenied(replies[0].reason)
